"""A comment that comes along with a change of something else than an item or a page."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.activity import Apollo

pytestmark = pytest.mark.django_db
SPRINT = {"name": "One", "estimated_start": "2031-01-01", "estimated_finish": "2031-01-15"}


def test_a_comment_on_a_sprint_is_told_and_its_watchers_hear_of_it() -> None:
    apollo = Apollo()
    made = apollo.alice.post("/milestones", {"project": apollo.project.pk, **SPRINT, "comment": "We begin"})
    address = f"/milestones/{made.json()['id']}"
    for comment in ("", "Well *done*", "Ask @bob"):
        assert apollo.bob.patch(address, {"comment": comment}).status_code == 200
    assert apollo.carol.patch(address, {"comment": "Me too"}).status_code == 403
    told = [row["data"] for row in apollo.timeline() if row["event_type"].startswith("milestones.")]
    assert [data["comment"] for data in told] == ["Ask @bob", "Well *done*", "We begin"]
    assert told[1]["comment_html"] == "<p>Well <em>done</em></p>"
    assert apollo.rings(apollo.alice) == [(5, None), (5, None)]
    watchers = [row["username"] for row in apollo.alice.get(f"{address}/watchers").json()]
    assert watchers == ["alice", "bob"]


@pytest.mark.parametrize("comment", [None, 7])
def test_a_comment_is_a_text(comment: object) -> None:
    apollo = Apollo()
    sprint = apollo.alice.post("/milestones", {"project": apollo.project.pk, **SPRINT}).json()["id"]
    for address in (f"/milestones/{sprint}", f"/projects/{apollo.project.pk}"):
        refused = apollo.alice.patch(address, {"comment": comment})
        assert (refused.status_code, list(refused.json())) == (400, ["comment"])


def test_a_comment_on_a_project_is_a_row_of_its_timeline() -> None:
    apollo = Apollo()
    address = f"/projects/{apollo.project.pk}"
    assert apollo.alice.patch(address, {"description": "To Mars", "comment": "Farther!"}).status_code == 200
    assert apollo.bob.patch(address, {"comment": "No"}).status_code == 403
    newest = apollo.timeline()[0]
    assert newest["event_type"] == "projects.project.change"
    assert (newest["data"]["comment"], newest["data"]["values_diff"]) == ("Farther!", {})


def test_what_is_said_along_with_a_file_is_a_comment() -> None:
    apollo = Apollo()
    story = apollo.make("userstory")
    file = SimpleUploadedFile("notes.txt", b"one small step")
    fields = {"project": apollo.project.pk, "object_id": story, "attached_file": file, "comment": "Read this"}
    added = apollo.alice.upload("/userstories/attachments", **fields)
    assert added.status_code == 201
    address = f"/userstories/attachments/{added.json()['id']}"
    assert apollo.alice.patch(address, {"name": "log.txt", "comment": "Renamed"}).status_code == 200
    assert [entry["comment"] for entry in apollo.history("userstory", story)] == ["Renamed", "Read this"]
