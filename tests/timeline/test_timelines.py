"""Who reads what of the timelines."""

from typing import Any

import pytest

from taiga.projects.models import Membership, Project
from tests.activity import COLLECTIONS, Apollo, counted
from tests.world import Caller, join, person, project_of

pytestmark = pytest.mark.django_db
OF_THE_PROJECT = {"status", "milestone", "swimlane", "user_story", "type", "severity", "priority"}


def told(rows: list[Any]) -> list[str]:
    """The event types."""
    return [row["event_type"] for row in rows]


def test_everything_that_happens_is_a_row_newest_first() -> None:
    apollo = Apollo()
    epic, story = apollo.make("epic"), apollo.make("userstory")
    apollo.make("task", user_story=story)
    apollo.make("issue")
    apollo.make("wiki")
    apollo.alice.post(f"/epics/{epic}/related_userstories", {"epic": epic, "user_story": story})
    assert told(apollo.timeline()) == [
        "epics.relateduserstory.create",
        "wiki.wikipage.create",
        "issues.issue.create",
        "tasks.task.create",
        "userstories.userstory.create",
        "epics.epic.create",
        "projects.project.create",
    ]
    relation, *_, project = apollo.timeline()
    assert relation["data"]["userstory"]["project"]["id"] == apollo.project.pk
    assert relation["data"]["relateduserstory"]["subject"] == relation["data"]["userstory"]["subject"]
    assert project["data"]["project"] == {
        "id": apollo.project.pk,
        "slug": "apollo",
        "name": "Apollo",
        "description": "To the moon",
    }


def test_a_change_is_told_with_its_words_but_a_description_only_by_a_remark() -> None:
    apollo = Apollo()
    story = apollo.make("userstory")
    apollo.change("userstory", story, by=apollo.bob, description="long", subject="New", comment="*So*")
    row = apollo.timeline()[0]
    values = row["data"]["values_diff"]
    assert values["subject"] == ["Build a rocket", "New"]
    assert values["description_diff"] == "Check the history API for the exact diff"
    assert "description_html" not in values
    assert (row["data"]["comment"], row["data"]["comment_html"]) == ("*So*", "<p><em>So</em></p>")
    user = row["data"]["user"]
    assert (user["id"], user["username"], user["is_profile_visible"]) == (apollo.id("bob"), "bob", True)
    assert (row["namespace"], row["object_id"], row["project"]) == (
        f"project:{apollo.project.pk}",
        apollo.project.pk,
        apollo.project.pk,
    )


@pytest.mark.parametrize("kind", ["epic", "userstory", "task", "issue", "wiki"])
def test_what_becomes_of_a_comment_is_told_where_the_object_is_by_now(kind: str) -> None:
    apollo = Apollo()
    key = apollo.make(kind)
    apollo.change(kind, key, comment="First")
    entry = apollo.history(kind, key)[0]["id"]
    other = project_of(apollo.users["alice"], name="Gemini", slug="gemini", is_private=True)
    item = apollo.alice.get(f"/{COLLECTIONS[kind]}/{key}").json()
    apollo.change(kind, key, project=other.pk, **{name: item[name] for name in OF_THE_PROJECT & item.keys()})
    before = apollo.timeline(by=apollo.bob)
    assert apollo.alice.post(f"/history/{kind}/{key}/edit_comment?id={entry}", {"comment": "Secret"}).status_code == 200
    assert apollo.timeline(by=apollo.bob) == before
    rows = apollo.alice.get(f"/timeline/project/{other.pk}").json()
    assert [row["data"]["project"]["id"] for row in rows if row["data"].get("comment") == "Secret"] == [other.pk]


def test_rows_of_a_person_are_of_what_he_did_and_of_what_concerns_him() -> None:
    apollo = Apollo()
    story = apollo.make("userstory", by=apollo.bob)
    apollo.change("userstory", story, by=apollo.alice, subject="New")
    did = apollo.alice.get(f"/timeline/user/{apollo.id('alice')}").json()
    concerns = apollo.alice.get(f"/timeline/profile/{apollo.id('bob')}").json()
    assert told(did)[0] == "userstories.userstory.change"
    assert (did[0]["object_id"], did[0]["namespace"]) == (apollo.id("bob"), f"user:{apollo.id('alice')}")
    assert told(concerns)[:2] == ["userstories.userstory.change", "userstories.userstory.create"]


def test_relevant_rows_are_without_deletions_and_edits_of_the_project() -> None:
    apollo = Apollo()
    task = apollo.make("task")
    apollo.alice.delete(f"/tasks/{task}")
    apollo.alice.patch(f"/projects/{apollo.project.pk}", {"name": "Artemis"})
    assert {"tasks.task.delete", "projects.project.change"} <= set(told(apollo.timeline()))
    assert not {"tasks.task.delete", "projects.project.change"} & set(told(apollo.timeline(query="?only_relevant")))


def test_a_deleted_item_is_told_with_what_it_was_and_to_whom_it_mattered() -> None:
    apollo = Apollo()
    task = apollo.make("task", by=apollo.bob, subject="Gone")
    apollo.alice.delete(f"/tasks/{task}")
    row = apollo.timeline()[0]
    assert (row["event_type"], row["data"]["task"]["subject"]) == ("tasks.task.delete", "Gone")
    assert told(apollo.alice.get(f"/timeline/profile/{apollo.id('bob')}").json())[0] == "tasks.task.delete"


def test_a_role_shows_the_rows_of_what_it_lets_one_see_and_who_is_in_the_project() -> None:
    apollo = Apollo()
    apollo.make("task")
    apollo.make("issue")
    apollo.project.roles.update(permissions=["view_project", "view_tasks"])
    apollo.alice.post(
        "/memberships",
        {
            "project": apollo.project.pk,
            "role": apollo.role(),
            "username": apollo.users["carol"].email,
        },
    )
    everything = ["projects.membership.create", "issues.issue.create", "tasks.task.create", "projects.project.create"]
    assert told(apollo.timeline()) == everything
    for query in ("", "?only_relevant"):
        seen = [event for event in everything if event != "issues.issue.create"]
        assert told(apollo.timeline(apollo.bob, query)) == seen
    mine = apollo.bob.get(f"/timeline/user/{apollo.id('alice')}").json()
    assert "issues.issue.create" not in told(mine)
    assert "tasks.task.create" in told(mine)


def test_private_projects_show_nothing_to_strangers_and_public_ones_everything() -> None:
    apollo = Apollo()
    apollo.make("task")
    assert apollo.carol.get(f"/timeline/project/{apollo.project.pk}").status_code == 403
    assert apollo.nobody.get(f"/timeline/project/{apollo.project.pk}").status_code == 401
    assert "tasks.task.create" not in told(apollo.carol.get(f"/timeline/profile/{apollo.id('alice')}").json())
    Project.objects.filter(pk=apollo.project.pk).update(is_private=False, anon_permissions=["view_project"])
    for caller in (apollo.carol, apollo.nobody):
        assert told(apollo.timeline(caller)) == told(apollo.timeline())
        assert "tasks.task.create" in told(caller.get(f"/timeline/profile/{apollo.id('alice')}").json())


def test_what_anybody_may_see_of_a_private_project_anybody_reads() -> None:
    apollo = Apollo()
    apollo.make("task")
    apollo.make("issue")
    Project.objects.filter(pk=apollo.project.pk).update(anon_permissions=["view_project", "view_tasks"])
    for caller in (apollo.carol, apollo.nobody):
        assert told(apollo.timeline(caller)) == ["tasks.task.create", "projects.project.create"]


def test_who_may_see_a_private_project_that_shows_nothing_to_anybody_reads_no_rows() -> None:
    apollo = Apollo()
    apollo.make("task")
    shown = ["view_project", "view_tasks"]
    Project.objects.filter(pk=apollo.project.pk).update(anon_permissions=[], public_permissions=shown)
    reply = apollo.carol.get(f"/timeline/project/{apollo.project.pk}")
    assert (reply.status_code, reply.json(), reply["x-pagination-count"]) == (200, [], "0")
    assert apollo.timeline(apollo.carol, "?only_relevant") == []
    assert apollo.carol.get(f"/timeline/project/{apollo.project.pk}", x_lazy_pagination="1").json() == []
    assert apollo.nobody.get(f"/timeline/project/{apollo.project.pk}").status_code == 401
    assert told(apollo.timeline()) == ["tasks.task.create", "projects.project.create"]


def test_a_story_of_a_private_project_does_not_show_through_an_epic_of_a_public_one() -> None:
    apollo = Apollo()
    open_ = project_of(apollo.users["alice"], name="Open", is_private=False)
    story = apollo.make("userstory", subject="Secret")
    epic = apollo.alice.post("/epics", {"project": open_.pk, "subject": "Wide"}).json()["id"]
    apollo.alice.post(f"/epics/{epic}/related_userstories", {"epic": epic, "user_story": story})
    apollo.alice.delete(f"/epics/{epic}/related_userstories/{story}")
    hidden = {"epics.relateduserstory.create", "epics.relateduserstory.delete"}
    address = f"/timeline/project/{open_.pk}"
    assert hidden <= set(told(apollo.alice.get(address).json()))
    assert hidden <= set(told(apollo.bob.get(address).json()))
    for caller in (apollo.carol, apollo.nobody):
        assert not hidden & set(told(caller.get(address).json()))
        assert not hidden & set(told(caller.get(f"/timeline/user/{apollo.id('alice')}").json()))


def test_a_membership_whose_number_is_that_of_another_user_is_not_in_his_timeline() -> None:
    apollo = Apollo()
    others = [person(f"other{number}") for number in range(8)]
    for one in others:
        join(one, apollo.project)
    newcomer = person("newcomer")
    role = apollo.role()
    made = apollo.alice.post(
        "/memberships", {"project": apollo.project.pk, "role": role, "username": newcomer.email}
    ).json()["id"]
    namesake = Membership.objects.get(pk=made)
    rows = apollo.alice.get(f"/timeline/profile/{newcomer.pk}").json()
    assert told(rows)[0] == "projects.membership.create"
    assert rows[0]["data"]["user"]["id"] == newcomer.pk
    other = next((one for one in others if one.pk == namesake.pk), others[0])
    assert "projects.membership.create" not in told(apollo.alice.get(f"/timeline/profile/{other.pk}").json())


def test_unknown_people_and_timelines_are_not_found() -> None:
    apollo = Apollo()
    for address in ("user/999999", "profile/abc", "project/999999"):
        assert apollo.alice.get(f"/timeline/{address}").status_code == 404
        assert apollo.nobody.get(f"/timeline/{address}").status_code == 401
    for address in ("user", "profile", "project"):
        reply = apollo.alice.get(f"/timeline/{address}")
        assert (reply.status_code, reply.content) == (404, b"")


def test_who_registers_has_a_first_row() -> None:
    caller = Caller()
    body = {
        "type": "public",
        "username": "erin",
        "password": "correct-horse-9",
        "email": "erin@example.com",
        "full_name": "Erin",
        "accepted_terms": True,
    }
    key = caller.post("/auth/register", body).json()["id"]
    (row,) = caller.get(f"/timeline/profile/{key}").json()
    assert (row["event_type"], row["project"], row["data"]["user"]["username"]) == ("users.user.create", None, "erin")


def test_a_timeline_costs_as_much_for_many_rows_as_for_one() -> None:
    apollo = Apollo()
    apollo.make("task")
    address = f"/timeline/user/{apollo.id('alice')}"
    apollo.bob.get(address)
    with counted() as few:
        apollo.bob.get(address)
    for _ in range(4):
        apollo.make("userstory")
    with counted() as many:
        apollo.bob.get(address)
    assert len(many) == len(few)


def test_a_change_costs_three_statements_more_for_its_rows() -> None:
    apollo = Apollo()
    task = apollo.make("task")
    apollo.change("task", task, subject="Warm")
    with counted() as statements:
        apollo.change("task", task, subject="Hot")
    mine = [text for text in statements if "timeline_" in text or "total_activity" in text]
    assert len([text for text in mine if "INSERT" in text]) == 1
    assert len([text for text in mine if "UPDATE" in text]) == 1
