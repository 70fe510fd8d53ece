"""The bell: who gets which notifications."""

from typing import Any

import pytest

from taiga.notifications.models import NotificationType, WebNotification
from taiga.projects.models import NotifyPolicy, Project
from tests.activity import COLLECTIONS, Apollo, counted, heard, working

pytestmark = pytest.mark.django_db
ASSIGNED, MENTIONED, WATCHER, MEMBER, COMMENT, MENTIONED_IN_COMMENT = (kind.value for kind in NotificationType)
WITH_TEXT = pytest.mark.parametrize("kind", ["userstory", "task", "issue"])
EVERY_KIND = pytest.mark.parametrize("kind", list(COLLECTIONS))


def types(apollo: Apollo, who: str = "bob") -> list[int]:
    """The types of somebody's notifications, the newest first."""
    return [kind for kind, _subject in apollo.rings(getattr(apollo, who))]


@pytest.mark.parametrize("kind", ["task", "issue", "epic"])
def test_who_gets_something_to_do_hears_of_it_once(kind: str) -> None:
    apollo = Apollo()
    key = apollo.make(kind, assigned_to=apollo.id("bob"))
    assert types(apollo) == [ASSIGNED]
    apollo.change(kind, key, assigned_to=apollo.id("bob"), subject="Other")
    apollo.change(kind, key, assigned_to=None)
    assert types(apollo) == [ASSIGNED]
    apollo.change(kind, key, by=apollo.bob, assigned_to=apollo.id("bob"))
    assert types(apollo) == [ASSIGNED]
    apollo.change(kind, key, by=apollo.bob, assigned_to=apollo.id("alice"))
    assert apollo.rings(apollo.alice) == [(ASSIGNED, "Other")]


def test_only_those_who_are_new_on_a_story_hear_of_it() -> None:
    apollo = Apollo()
    story = apollo.make("userstory", assigned_to=apollo.id("alice"))
    apollo.change("userstory", story, assigned_users=[apollo.id("bob")])
    apollo.change("userstory", story, assigned_users=[apollo.id("bob"), apollo.id("alice")])
    assert types(apollo) == [ASSIGNED]
    other = apollo.make("userstory", subject="Other")
    apollo.change("userstory", other, assigned_to=apollo.id("bob"))
    assert types(apollo) == [ASSIGNED, ASSIGNED]


@WITH_TEXT
def test_a_mention_is_heard_when_it_is_new(kind: str) -> None:
    apollo = Apollo()
    key = apollo.make(kind, description="Ask @bob, not `@alice` or @carol")
    assert types(apollo) == [MENTIONED]
    apollo.change(kind, key, description="Ask @bob again")
    assert types(apollo) == [MENTIONED]
    apollo.change(kind, key, description="Ask nobody")
    apollo.change(kind, key, description="Ask @bob after all")
    assert types(apollo) == [MENTIONED, MENTIONED]
    assert types(apollo, "alice") == types(apollo, "carol") == []


def test_what_one_person_was_told_does_not_silence_others() -> None:
    apollo = Apollo()
    apollo.make("issue", description="@bob")
    other = apollo.make("issue", description="old @bob")
    apollo.change("issue", other, description="nobody")
    apollo.make("issue", description="@bob")
    assert types(apollo) == [MENTIONED] * 3


@EVERY_KIND
def test_watchers_hear_comments_and_who_is_mentioned_hears_that_instead(kind: str) -> None:
    apollo = Apollo()
    key = apollo.make(kind)
    apollo.bob.post(f"/{COLLECTIONS[kind]}/{key}/watch")
    apollo.change(kind, key, comment="So it is")
    assert types(apollo) == [COMMENT]
    apollo.change(kind, key, comment="Is it, @bob?")
    assert types(apollo) == [MENTIONED_IN_COMMENT, COMMENT]
    apollo.change(kind, key, by=apollo.bob, comment="Yes")
    assert types(apollo) == [MENTIONED_IN_COMMENT, COMMENT]
    assert types(apollo, "alice") == [COMMENT]


@EVERY_KIND
def test_who_is_taken_off_the_watchers_still_hears_the_comment_of_that_save(kind: str) -> None:
    apollo = Apollo()
    key = apollo.make(kind)
    apollo.change(kind, key, watchers=[apollo.id("bob")])
    apollo.change(kind, key, watchers=[], comment="Not your concern any more")
    assert types(apollo) == [COMMENT, WATCHER]
    apollo.change(kind, key, watchers=[apollo.id("bob")])
    apollo.change(kind, key, watchers=[])
    apollo.change(kind, key, comment="Among us")
    assert types(apollo) == [WATCHER, COMMENT, WATCHER]


@EVERY_KIND
def test_an_empty_comment_is_none(kind: str) -> None:
    apollo = Apollo()
    key = apollo.make(kind)
    apollo.bob.post(f"/{COLLECTIONS[kind]}/{key}/watch")
    words: dict[str, Any] = {"content": "x"} if kind == "wiki" else {"subject": "x"}
    apollo.change(kind, key, comment="", **words)
    assert types(apollo) == []
    assert apollo.history(kind, key)[0]["comment"] == ""


@EVERY_KIND
def test_a_new_watcher_hears_of_it_even_if_nothing_else_changes(kind: str) -> None:
    apollo = Apollo()
    key = apollo.make(kind)
    apollo.change(kind, key, watchers=[apollo.id("bob")])
    assert types(apollo) == [WATCHER]
    apollo.change(kind, key, watchers=[apollo.id("bob"), apollo.id("alice")])
    assert types(apollo) == [WATCHER]
    assert types(apollo, "alice") == []
    assert apollo.history(kind, key) == []


def test_one_save_rings_once_for_each_reason_in_a_fixed_order() -> None:
    apollo = Apollo()
    words: dict[str, Any] = {"description": "@bob", "comment": "@bob", "watchers": [apollo.id("bob")]}
    task = apollo.make("task")
    apollo.change("task", task, assigned_to=apollo.id("bob"), **words)
    assert types(apollo) == [MENTIONED_IN_COMMENT, MENTIONED, WATCHER, ASSIGNED]
    WebNotification.objects.all().delete()
    story = apollo.make("userstory")
    apollo.change("userstory", story, assigned_users=[apollo.id("bob")], **words)
    assert types(apollo) == [ASSIGNED, MENTIONED_IN_COMMENT, MENTIONED, WATCHER]


def test_members_taken_in_together_hear_of_it() -> None:
    apollo = Apollo()
    role = apollo.role()
    wanted = [{"role_id": role, "username": apollo.users["carol"].email}]
    body = {"project_id": apollo.project.pk, "bulk_memberships": wanted}
    assert apollo.alice.post("/memberships/bulk_create", body).status_code == 200
    (ring,) = apollo.carol.get("/web-notifications").json()["objects"]
    assert (ring["event_type"], sorted(ring["data"])) == (MEMBER, ["project", "user"])


def test_a_ring_tells_who_did_what_where() -> None:
    apollo = Apollo()
    task = apollo.make("task", assigned_to=apollo.id("bob"))
    (ring,) = apollo.bob.get("/web-notifications").json()["objects"]
    assert ring["data"]["obj"] == {"id": task, "ref": 1, "subject": "Build a rocket", "content_type": "task"}
    assert ring["data"]["project"] == {"id": apollo.project.pk, "slug": "apollo", "name": "Apollo"}
    user = ring["data"]["user"]
    assert (user["username"], user["name"], user["is_profile_visible"]) == ("alice", "Alice", True)
    assert user["date_joined"].endswith("+0000")
    assert (ring["user"], ring["read"]) == (apollo.id("bob"), None)
    assert ring["created"].endswith("+0000")


def test_who_does_not_want_to_hear_or_may_not_see_it_does_not() -> None:
    apollo = Apollo()
    NotifyPolicy.objects.filter(user=apollo.id("bob")).update(web_notify_level=False)
    apollo.make("task", assigned_to=apollo.id("bob"))
    NotifyPolicy.objects.filter(user=apollo.id("bob")).update(web_notify_level=True)
    apollo.project.roles.update(permissions=["view_project"])
    apollo.make("task", assigned_to=apollo.id("bob"))
    assert types(apollo) == []
    apollo.project.roles.update(permissions=["view_project", "view_tasks"])
    apollo.make("task", assigned_to=apollo.id("bob"))
    assert types(apollo) == [ASSIGNED]


def test_who_left_hears_only_of_what_everybody_may_see() -> None:
    apollo = Apollo()
    issue = apollo.make("issue")
    apollo.bob.post(f"/issues/{issue}/watch")
    apollo.project.memberships.filter(user=apollo.id("bob")).delete()
    apollo.change("issue", issue, comment="Inside")
    assert types(apollo) == []
    Project.objects.filter(pk=apollo.project.pk).update(is_private=False, public_permissions=["view_issues"])
    apollo.change("issue", issue, comment="Outside")
    assert types(apollo) == [COMMENT]


def test_open_pages_hear_it_after_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    apollo = Apollo()
    with heard(monkeypatch) as messages, working():
        apollo.make("task", assigned_to=apollo.id("bob"))
        assert not [data for key, data in messages if key.startswith("web_notifications")]
    ((key, data),) = [one for one in messages if one[0].startswith("web_notifications")]
    assert key == f"web_notifications.{apollo.id('bob')}"
    assert data == WebNotification.objects.get().data


def test_a_change_that_concerns_nobody_costs_nothing() -> None:
    apollo = Apollo()
    task = apollo.make("task")
    apollo.change("task", task, subject="Warm")
    with counted() as statements:
        apollo.change("task", task, subject="Hot")
    assert not [text for text in statements if "notifications_" in text or "notifypolicy" in text.lower()]


def test_unread_rings_come_first_and_are_counted() -> None:
    apollo = Apollo()
    for number in range(3):
        apollo.make("task", subject=f"No. {number}", assigned_to=apollo.id("bob"))
    newest, middle, _oldest = apollo.bob.get("/web-notifications").json()["objects"]
    assert apollo.bob.patch(f"/web-notifications/{newest['id']}/set-as-read", {}).json() == {}
    assert apollo.bob.patch(f"/web-notifications/{middle['id']}/set-as-read", {}).status_code == 200
    assert [subject for _kind, subject in apollo.rings(apollo.bob)] == ["No. 0", "No. 1", "No. 2"]
    unread = apollo.bob.get("/web-notifications?only_unread=true")
    assert (unread.json()["total"], unread.headers["x-pagination-count"]) == (1, "1")
    lazy = apollo.bob.get("/web-notifications?page_size=1", X_Lazy_Pagination="1")
    assert (lazy.json()["total"], len(lazy.json()["objects"])) == (3, 1)
    assert "x-pagination-count" not in lazy.headers
    everything = apollo.bob.get("/web-notifications", X_Disable_Pagination="1").json()
    assert len(everything) == 3


@pytest.mark.parametrize("address", ["/web-notifications/set-as-read", "/web-notifications"])
def test_all_can_be_marked_at_once(address: str) -> None:
    apollo = Apollo()
    apollo.make("task", assigned_to=apollo.id("bob"))
    apollo.change("task", apollo.make("task"), assigned_to=apollo.id("bob"))
    reply = apollo.bob.post(address)
    assert (reply.status_code, reply.content) == (200, b"")
    assert apollo.bob.get("/web-notifications?only_unread=1").json() == {"objects": [], "total": 0}


def test_only_its_owner_can_mark_a_ring() -> None:
    apollo = Apollo()
    apollo.make("task", assigned_to=apollo.id("bob"))
    address = f"/web-notifications/{WebNotification.objects.get().pk}/set-as-read"
    refused: list[Any] = [apollo.alice.patch(address, {}), apollo.nobody.patch(address, {})]
    refused += [apollo.bob.patch("/web-notifications/999999/set-as-read", {}), apollo.nobody.post("/web-notifications")]
    refused += [apollo.nobody.post("/web-notifications/set-as-read"), apollo.bob.delete("/web-notifications")]
    assert [reply.status_code for reply in refused] == [404, 401, 404, 401, 401, 405]
    assert WebNotification.objects.get().read is None
    assert apollo.nobody.get("/web-notifications").json() == {}


@pytest.mark.parametrize("origin", ["task", "issue"])
def test_nobody_is_rung_for_the_comment_that_an_origin_gets_by_itself(origin: str) -> None:
    apollo = Apollo()
    source = apollo.make(origin)
    assert apollo.bob.post(f"/{COLLECTIONS[origin]}/{source}/watch").status_code == 200
    generated: dict[str, Any] = {"subject": "For @bob", f"generated_from_{origin}": source}
    apollo.make("userstory", **generated)
    assert apollo.history(origin, source)[0]["comment"].endswith("For @bob")
    assert types(apollo) == []
