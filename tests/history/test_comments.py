"""What becomes of a comment after it was made."""

from collections.abc import Callable
from typing import Any

import pytest

from taiga.changes.models import Change
from taiga.projects.models import Membership, Project
from taiga.timeline.models import TimelineEntry
from taiga.webhooks.models import Delivery
from tests.activity import COLLECTIONS, Apollo, heard, working
from tests.world import join, person

pytestmark = pytest.mark.django_db
EVERY_KIND = pytest.mark.parametrize("kind", list(COLLECTIONS))
HOOK = {"name": "ear", "url": "http://127.0.0.1:9/", "key": "k"}
EVERY_OPERATION = pytest.mark.parametrize("operation", ["edit_comment", "delete_comment", "undelete_comment"])


def commented(kind: str = "userstory") -> tuple[Apollo, int, str]:
    """A project, an object in it, and the entry of Bob's comment on it."""
    apollo = Apollo()
    key = apollo.make(kind)
    apollo.change(kind, key, by=apollo.bob, comment="First")
    return apollo, key, apollo.history(kind, key)[0]["id"]


@EVERY_KIND
def test_an_author_edits_his_comment_and_the_old_text_is_kept(kind: str) -> None:
    apollo, key, entry = commented(kind)
    version = apollo.alice.get(f"/{COLLECTIONS[kind]}/{key}").json()["version"]
    reply = apollo.bob.post(f"/history/{kind}/{key}/edit_comment?id={entry}", {"comment": "Second *thoughts*"})
    assert (reply.status_code, reply.content) == (200, b"")
    (now,) = apollo.history(kind, key)
    assert (now["comment"], now["comment_html"]) == ("Second *thoughts*", "<p>Second <em>thoughts</em></p>")
    assert now["edit_comment_date"] is not None
    assert now["user"]["username"] == "bob"
    (former,) = apollo.bob.get(f"/history/{kind}/{key}/comment_versions?id={entry}").json()
    assert (former["comment"], former["comment_html"]) == ("First", "<p>First</p>")
    assert (former["user"]["username"], former["date"]) == ("bob", now["created_at"])
    assert apollo.alice.get(f"/{COLLECTIONS[kind]}/{key}").json()["version"] == version


@EVERY_KIND
@EVERY_OPERATION
def test_the_entry_is_named_in_the_query_and_must_be_of_the_object(kind: str, operation: str) -> None:
    apollo, key, entry = commented(kind)
    words: dict[str, Any] = {"slug": "other"} if kind == "wiki" else {}
    other = apollo.make(kind, **words)
    address = f"/history/{kind}/{key}/{operation}"
    refused = [
        apollo.bob.post(address, {"id": entry, "comment": "x"}),
        apollo.bob.post(f"{address}?id=11111111-1111-1111-1111-111111111111", {"comment": "x"}),
        apollo.bob.post(f"/history/{kind}/{other}/{operation}?id={entry}", {"comment": "x"}),
        apollo.nobody.post(address, {"comment": "x"}),
    ]
    assert [(reply.status_code, reply.content) for reply in refused] == [(404, b"")] * 4
    assert apollo.bob.post(f"/history/{kind}/999999/{operation}?id={entry}").status_code == 404


@EVERY_KIND
def test_others_may_not_touch_it_but_administrators_may(kind: str) -> None:
    apollo, key, entry = commented(kind)
    dave = person("dave")
    join(dave, apollo.project)
    for operation in ("edit_comment", "delete_comment", "undelete_comment"):
        address = f"/history/{kind}/{key}/{operation}?id={entry}"
        assert apollo.carol.post(address, {"comment": "x"}).status_code == 403
        assert apollo.nobody.post(address, {"comment": "x"}).status_code == 401
    assert apollo.carol.get(f"/history/{kind}/{key}/comment_versions?id={entry}").status_code == 403
    assert apollo.nobody.get(f"/history/{kind}/{key}/comment_versions?id={entry}").status_code == 401
    assert apollo.history(kind, key)[0]["comment"] == "First"
    assert apollo.alice.post(f"/history/{kind}/{key}/edit_comment?id={entry}", {"comment": "Mine"}).status_code == 200
    assert apollo.history(kind, key)[0]["user"]["username"] == "bob"


def test_an_author_keeps_his_rights_after_leaving() -> None:
    apollo, key, entry = commented()
    Membership.objects.filter(user=apollo.id("bob")).delete()
    assert apollo.bob.post(f"/history/userstory/{key}/edit_comment?id={entry}", {"comment": "x"}).status_code == 200


def test_a_deleted_comment_is_marked_and_can_be_given_back() -> None:
    apollo, key, entry = commented()
    base = f"/history/userstory/{key}"
    assert apollo.bob.post(f"{base}/delete_comment?id={entry}").status_code == 200
    deleted = apollo.history("userstory", key)[0]
    assert deleted["comment"] == "First"
    assert deleted["delete_comment_user"] == {"pk": apollo.id("bob"), "name": "Bob"}
    assert deleted["delete_comment_date"] is not None
    again = apollo.bob.post(f"{base}/delete_comment?id={entry}")
    edited = apollo.bob.post(f"{base}/edit_comment?id={entry}", {"comment": "x"})
    assert [(reply.status_code, list(reply.json())) for reply in (again, edited)] == [(400, ["error"])] * 2
    assert apollo.bob.post(f"{base}/undelete_comment?id={entry}").status_code == 200
    assert apollo.history("userstory", key)[0]["delete_comment_user"] is None
    assert apollo.alice.post(f"{base}/undelete_comment?id={entry}").status_code == 400


def test_who_did_not_delete_it_does_not_give_it_back() -> None:
    apollo, key, entry = commented()
    apollo.alice.post(f"/history/userstory/{key}/delete_comment?id={entry}")
    assert apollo.bob.post(f"/history/userstory/{key}/undelete_comment?id={entry}").status_code == 403


@pytest.mark.parametrize("body", [{}, {"comment": None}, {"comment": 7}, {"comment": ["x"]}])
def test_an_edit_needs_a_text(body: dict[str, Any]) -> None:
    apollo, key, entry = commented()
    reply = apollo.bob.post(f"/history/userstory/{key}/edit_comment?id={entry}", body)
    assert (reply.status_code, list(reply.json())) == (400, ["error"])
    assert apollo.history("userstory", key)[0]["comment"] == "First"


def test_a_comment_may_be_emptied() -> None:
    apollo, key, entry = commented()
    assert apollo.bob.post(f"/history/userstory/{key}/edit_comment?id={entry}", {"comment": ""}).status_code == 200
    assert apollo.alice.get(f"/userstories/{key}").json()["total_comments"] == 0
    assert apollo.history("userstory", key, "?type=comment") == []


def archive(apollo: Apollo) -> None:
    Project.objects.filter(pk=apollo.project.pk).update(archived_code="archived-by-staff")


def freeze(apollo: Apollo) -> None:
    Project.objects.filter(pk=apollo.project.pk).update(blocked_code="blocked-by-staff")


def lose_its_owner(apollo: Apollo) -> None:
    assert apollo.alice.delete(f"/users/{apollo.id('alice')}").status_code == 204


@EVERY_KIND
@EVERY_OPERATION
@pytest.mark.parametrize(("end", "status"), [(freeze, 451), (lose_its_owner, 451), (archive, 403)])
def test_nothing_is_touched_in_a_project_that_is_frozen(
    kind: str, operation: str, end: Callable[[Apollo], None], status: int
) -> None:
    apollo, key, entry = commented(kind)
    assert apollo.alice.post("/webhooks", {"project": apollo.project.pk, **HOOK}).status_code == 201
    if operation == "undelete_comment":
        apollo.bob.post(f"/history/{kind}/{key}/delete_comment?id={entry}")
    with working():
        end(apollo)
    before, changes = apollo.history(kind, key, by=apollo.bob), Change.objects.count()
    rows, sent = TimelineEntry.objects.count(), Delivery.objects.count()
    with working():
        for caller in (apollo.bob, apollo.nobody):
            reply = caller.post(f"/history/{kind}/{key}/{operation}?id={entry}", {"comment": "x"})
            assert reply.status_code == status
    assert apollo.history(kind, key, by=apollo.bob) == before
    assert (Change.objects.count(), TimelineEntry.objects.count()) == (changes, rows)
    assert Delivery.objects.count() == sent
    assert apollo.bob.get(f"/history/{kind}/{key}/comment_versions?id={entry}").status_code == 200


def test_each_operation_is_told_once_more_in_the_feed_but_not_to_boards(monkeypatch: pytest.MonkeyPatch) -> None:
    apollo, key, entry = commented()
    rows = len(apollo.timeline())
    base = f"/history/userstory/{key}"
    with heard(monkeypatch) as messages, working():
        apollo.bob.post(f"{base}/edit_comment?id={entry}", {"comment": "Second"})
        apollo.bob.post(f"{base}/delete_comment?id={entry}")
        apollo.alice.post(f"{base}/undelete_comment?id={entry}")
    told = apollo.timeline()
    assert len(told) == rows + 3
    created = apollo.history("userstory", key)[0]["created_at"]
    newest = [row for row in told if row["created"] == created]
    assert [row["data"]["comment"] for row in newest] == ["Second", "Second", "Second", "First"]
    assert [row["data"].get("comment_edited", False) for row in newest] == [True, True, True, False]
    assert [row["data"].get("comment_deleted", False) for row in newest] == [False, True, False, False]
    assert {row["data"]["user"]["username"] for row in newest} == {"bob"}
    assert not [key for key, _data in messages if key.startswith("changes.")]


def test_who_is_mentioned_first_in_an_edit_hears_of_it() -> None:
    apollo, key, entry = commented()
    apollo.bob.post(f"/history/userstory/{key}/edit_comment?id={entry}", {"comment": "Ask @alice"})
    apollo.bob.post(f"/history/userstory/{key}/edit_comment?id={entry}", {"comment": "Ask @alice and @carol"})
    assert [kind for kind, _subject in apollo.rings(apollo.alice)] == [6]
    assert apollo.rings(apollo.carol) == []
