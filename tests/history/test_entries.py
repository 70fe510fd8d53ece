"""What the history tells, and whom."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from taiga.base import clock
from taiga.changes.models import Change
from taiga.projects.models import Project, WikiPage
from tests.activity import COLLECTIONS, Apollo, counted
from tests.world import Caller, person

pytestmark = pytest.mark.django_db
EVERY_KIND = pytest.mark.parametrize("kind", list(COLLECTIONS))


@EVERY_KIND
def test_a_comment_is_an_entry_and_a_creation_is_none(kind: str) -> None:
    apollo = Apollo()
    key = apollo.make(kind)
    assert apollo.history(kind, key) == []
    apollo.change(kind, key, by=apollo.bob, comment="Well *done*")
    (entry,) = apollo.history(kind, key)
    assert (entry["comment"], entry["comment_html"]) == ("Well *done*", "<p>Well <em>done</em></p>")
    assert (entry["type"], entry["diff"], entry["values_diff"]) == (1, {}, {})
    assert entry["key"].endswith(f":{key}")
    assert (entry["user"]["pk"], entry["user"]["username"]) == (apollo.id("bob"), "bob")


def test_each_object_has_a_history_of_its_own() -> None:
    apollo = Apollo()
    task, other = apollo.make("task"), apollo.make("task")
    page = WikiPage.objects.create(pk=task, project=apollo.project, slug="home", content="").pk
    told = [("task", task, "One"), ("task", other, "Two"), ("wiki", page, "Three")]
    for kind, key, text in told:
        apollo.change(kind, key, comment=text)
    for kind, key, text in told:
        reply = apollo.bob.get(f"/history/{kind}/{key}")
        assert [entry["comment"] for entry in reply.json()] == [text]
        paged = apollo.bob.get(f"/history/{kind}/{key}?page=1")
        assert paged.headers["X-Pagination-Count"] == "1"


def test_ids_are_told_by_their_names() -> None:
    apollo = Apollo()
    story = apollo.make("userstory")
    apollo.change("userstory", story, status=apollo.status("us", "ready"), assigned_users=[apollo.id("bob")])
    (entry,) = apollo.history("userstory", story)
    assert entry["values_diff"]["status"] == ["New", "Ready"]
    assert entry["values_diff"]["assigned_users"] == [None, "Bob"]
    assert entry["values"]["users"] == {str(apollo.id("bob")): "Bob"}


def test_a_rewritten_description_is_told_as_html_and_not_as_text() -> None:
    apollo = Apollo()
    task = apollo.make("task", description="one two")
    apollo.change("task", task, description="one <b>three</b>")
    told = apollo.history("task", task)[0]["values_diff"]
    assert "description" not in told
    assert told["description_diff"][0] is None
    assert '<ins style="background:#e6ffe6;">' in told["description_diff"][1]
    assert "&lt;b&gt;" in told["description_diff"][1]
    assert set(told) == {"description_diff", "description_html"}


def test_activity_and_comments_can_be_told_apart() -> None:
    apollo = Apollo()
    issue = apollo.make("issue")
    apollo.change("issue", issue, subject="Another")
    apollo.change("issue", issue, comment="Why?")
    apollo.change("issue", issue, subject="A third", comment="Because.")
    assert [entry["comment"] for entry in apollo.history("issue", issue, "?type=comment")] == ["Because.", "Why?"]
    assert [entry["diff"] for entry in apollo.history("issue", issue, "?type=activity")] == [
        {"subject": ["Build a rocket", "Another"]}
    ]
    assert len(apollo.history("issue", issue, "?type=nonsense")) == 3


def test_mere_reordering_is_no_entry() -> None:
    apollo = Apollo()
    story = apollo.make("userstory")
    apollo.change("userstory", story, backlog_order=5)
    assert apollo.history("userstory", story) == []
    assert Change.objects.filter(object_id=story, is_hidden=True).exists()


def test_a_story_that_its_tasks_closed_or_opened_tells_so_by_its_next_entry() -> None:
    apollo = Apollo()
    story = apollo.make("userstory")
    task = apollo.make("task", user_story=story)
    apollo.change("task", task, status=apollo.status("task", "closed"))
    assert apollo.history("userstory", story) == []
    apollo.change("userstory", story, subject="Built")
    closed = apollo.history("userstory", story)[0]["diff"]
    assert closed["is_closed"] == [False, True]
    was, day = closed["finish_date"]
    assert (was, day[:19]) == (
        "None",
        apollo.alice.get(f"/userstories/{story}").json()["finish_date"][:19].replace("T", " "),
    )
    apollo.change("task", task, status=apollo.status("task", "new"))
    apollo.change("userstory", story, comment="Not quite")
    assert apollo.history("userstory", story)[0]["diff"] == {"is_closed": [True, False], "finish_date": [day, "None"]}
    apollo.change("userstory", story, subject="Build it")
    assert apollo.history("userstory", story)[0]["diff"] == {"subject": ["Built", "Build it"]}


def test_pages_are_told_in_headers_and_all_may_come_at_once() -> None:
    apollo = Apollo()
    task = apollo.make("task")
    for number in range(3):
        apollo.change("task", task, comment=f"No. {number}")
    page = apollo.alice.get(f"/history/task/{task}?page_size=2&page=2")
    assert [entry["comment"] for entry in page.json()] == ["No. 0"]
    assert page.headers["x-pagination-count"] == "3"
    everything = apollo.alice.get(f"/history/task/{task}?page_size=2&page=2", X_Disable_Pagination="1")
    assert len(everything.json()) == 3


@EVERY_KIND
def test_who_may_not_see_the_object_does_not_read_its_history(kind: str) -> None:
    apollo = Apollo()
    key = apollo.make(kind)
    assert apollo.carol.get(f"/history/{kind}/{key}").status_code == 403
    assert apollo.nobody.get(f"/history/{kind}/{key}").status_code == 401
    assert apollo.carol.get(f"/history/{kind}/999999").status_code == 404
    assert apollo.nobody.get(f"/history/{kind}/999999").status_code == 401
    assert apollo.alice.get(f"/history/{kind}").status_code == 404
    apollo.project.roles.update(permissions=["view_project"])
    assert apollo.bob.get(f"/history/{kind}/{key}").status_code == 403


def test_the_name_of_somebody_who_is_gone_stays() -> None:
    apollo = Apollo()
    task = apollo.make("task")
    apollo.change("task", task, by=apollo.bob, comment="Bye")
    assert apollo.bob.delete(f"/users/{apollo.id('bob')}").status_code == 204
    user = apollo.history("task", task)[0]["user"]
    assert (user["name"], user["username"], user["is_active"]) == ("Bob", None, False)


def test_the_history_costs_as_much_for_many_entries_as_for_one() -> None:
    apollo = Apollo()
    task = apollo.make("task")
    apollo.change("task", task, comment="One")
    apollo.history("task", task)
    with counted() as few:
        apollo.history("task", task)
    helpers = [person(f"helper{number}") for number in range(4)]
    for helper in helpers:
        Project.objects.get(pk=apollo.project.pk).memberships.create(
            user=helper, role=apollo.project.roles.get(slug="back"), email=helper.email
        )
        apollo.change("task", task, by=Caller(helper), comment="More", description=f"By {helper.username}")
    with counted() as many:
        assert len(apollo.history("task", task)) == 5
    assert len(many) == len(few)


def test_a_file_of_long_ago_can_still_be_opened_from_the_history() -> None:
    apollo = Apollo()
    story = apollo.make("userstory")
    fields = {"project": apollo.project.pk, "object_id": story, "attached_file": SimpleUploadedFile("a.txt", b"small")}
    assert apollo.alice.upload("/userstories/attachments", **fields).status_code == 201

    def opened(url: str) -> int:
        address = urlsplit(url)
        status: int = Client().get(f"{address.path}?{address.query}").status_code
        return status

    with time_machine.travel(clock.now() + timedelta(days=400)):
        (entry,) = apollo.history("userstory", story, by=Caller(apollo.users["alice"]))
        (told,) = entry["values_diff"]["attachments"]["new"]
        ((file,),) = filter(None, entry["diff"]["attachments"])
        assert [opened(one["url"]) for one in (told, file)] == [200, 200]
        stored = Change.objects.get(uuid=entry["id"]).diff["attachments"][1][0]["url"]
        assert opened(stored) == 403


@EVERY_KIND
def test_another_file_in_its_place_is_told_but_another_name_is_not(kind: str) -> None:
    apollo = Apollo()
    key = apollo.make(kind)
    path = f"/{COLLECTIONS[kind]}/attachments"
    fields = {"project": apollo.project.pk, "object_id": key, "attached_file": SimpleUploadedFile("a.txt", b"a")}
    file = apollo.alice.upload(path, **fields).json()["id"]
    assert apollo.alice.patch(f"{path}/{file}", {"name": "b.txt", "order": 7}).status_code == 200
    assert len(apollo.history(kind, key)) == 1
    body = encode_multipart(BOUNDARY, {"attached_file": SimpleUploadedFile("c.txt", b"c")})
    replaced = Client().patch(
        f"/api/v1{path}/{file}", body, content_type=MULTIPART_CONTENT, headers=apollo.alice.headers
    )
    assert replaced.status_code == 200
    told = apollo.history(kind, key)
    assert len(told) == 2
    (changed,) = told[0]["values_diff"]["attachments"]["changed"]
    assert changed["filename"] == "c.txt"
    assert list(changed["changes"]) == ["attached_file"]
    assert apollo.timeline()[0]["data"]["values_diff"]["attachments"]["changed"][0]["changes"] == changed["changes"]
