"""Fans, followers, the logo, tags, keys and integrations of projects."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase
from PIL import Image

from taiga.projects.models import Like, NotifyPolicy, Project, WorkItem
from tests.projects.apollo import Apollo

pytestmark = pytest.mark.django_db


def test_fans_are_counted_once_each() -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}"
    for caller in (apollo.alice, apollo.bob, apollo.bob):
        assert (caller.post(f"{at}/like").status_code, caller.post(f"{at}/like").content) == (200, b"")
    shown = apollo.bob.get(at).json()
    assert (shown["is_fan"], shown["total_fans"], shown["total_fans_last_week"]) == (True, 2, 2)
    assert [fan["username"] for fan in apollo.bob.get(f"{at}/fans").json()] == ["alice", "bob"]
    assert apollo.alice.get(f"{at}/fans/{apollo.bob.user.pk}").json()["username"] == "bob"
    for _again in range(2):
        assert apollo.bob.post(f"{at}/unlike").status_code == 200
    gone = apollo.alice.get(f"{at}/fans/{apollo.bob.user.pk}")
    assert (gone.status_code, gone.content) == (404, b"")
    assert apollo.bob.get(at).json()["total_fans"] == 1


def test_fans_and_followers_are_those_who_see_the_project() -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}"
    for action in ("like", "unlike", "watch", "unwatch"):
        assert apollo.nobody.post(f"{at}/{action}").status_code == 401
        assert apollo.carol.post(f"{at}/{action}").status_code == 404
    for people in ("fans", "watchers"):
        assert apollo.nobody.get(f"{at}/{people}").status_code == 401
        assert apollo.carol.get(f"{at}/{people}").status_code == 403
        assert apollo.carol.get(f"/projects/999999/{people}").status_code == 404
    apollo.block()
    assert apollo.bob.post(f"{at}/like").status_code == 451
    assert apollo.bob.post(f"{at}/watch").status_code == 451
    assert not Like.objects.exists()


def test_a_list_that_would_not_show_the_project_hides_it_from_actions() -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}"
    assert apollo.bob.post(f"{at}/like?is_featured=true").status_code == 404
    assert apollo.bob.post(f"{at}/like?is_featured=false&slight=true").status_code == 200
    assert apollo.alice.patch(f"{at}?is_featured=true", {"name": "New"}).status_code == 403
    assert apollo.bob.get(f"{at}?is_featured=true&discover_mode=true&slight=true").status_code == 200


def test_followers_choose_how_much_they_hear() -> None:
    apollo = Apollo(is_private=False)
    at = f"/projects/{apollo.project.pk}"
    assert apollo.carol.post(f"{at}/watch", {"notify_level": 2}).status_code == 200
    assert apollo.carol.get(at).json()["notify_level"] == 2
    assert apollo.carol.post(f"{at}/watch").status_code == 200
    assert apollo.carol.get(at).json()["notify_level"] == 1
    assert [one["username"] for one in apollo.nobody.get(f"{at}/watchers").json()] == ["alice", "bob", "carol"]
    assert apollo.bob.post(f"{at}/unwatch").status_code == 200
    shown = apollo.bob.get(at).json()
    assert (shown["is_watcher"], shown["notify_level"], shown["total_watchers"]) == (False, 3, 2)


@pytest.mark.parametrize("level", [333, 0, "1", None, True])
def test_what_is_no_level_is_refused(level: Any) -> None:
    apollo = Apollo()
    reply = apollo.bob.post(f"/projects/{apollo.project.pk}/watch", {"notify_level": level})
    assert (reply.status_code, reply.json()["_error_type"]) == (400, "taiga.base.exceptions.IntegrityError")
    assert NotifyPolicy.objects.get(user=apollo.bob.user).notify_level == 1


def picture(name: str = "My Logo.png") -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", (600, 400), "navy").save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue(), "image/png")


def stored() -> set[str]:
    """The names of the files that are in the store of logos."""
    return {path.name for path in Path(default_storage.path("project")).rglob("*") if path.is_file()}


def test_a_logo_comes_is_replaced_and_goes_with_its_file() -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}"
    shown = apollo.alice.upload(f"{at}/change_logo", logo=picture()).json()
    assert shown["logo_small_url"].endswith("/my-logo.png.80x80_q85_crop.jpg")
    assert shown["logo_big_url"].endswith("/my-logo.png.300x300_q85_crop.jpg")
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert apollo.alice.upload(f"{at}/change_logo", logo=picture("other.png")).status_code == 200
    assert stored() & {"my-logo.png", "other.png"} == {"other.png"}
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert apollo.alice.post(f"{at}/remove_logo").json()["logo_small_url"] is None
    assert "other.png" not in stored()


def test_what_is_no_logo_is_refused() -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}/change_logo"
    text = SimpleUploadedFile("logo.png", b"not a picture")
    assert [apollo.alice.post(at).status_code, apollo.alice.upload(at, logo=text).status_code] == [400, 400]
    assert apollo.bob.upload(at, logo=picture()).status_code == 403
    assert apollo.alice.patch(f"/projects/{apollo.project.pk}", {"logo": "x.png"}).json().keys() == {"logo"}
    new = apollo.alice.post("/projects", {"name": "New", "description": "d", "logo": "x.png"})
    assert (new.status_code, new.json().keys()) == (400, {"logo"})
    apollo.block()
    assert apollo.alice.upload(at, logo=text).status_code == 400
    assert apollo.alice.upload(at, logo=picture("wrong.png")).status_code == 451
    apollo.archive()
    assert apollo.carol.upload(at, logo=picture("late.png")).status_code == 403
    assert not {"logo.png", "wrong.png", "late.png"} & stored()


def tagged(apollo: Apollo, *tags: str) -> int:
    key: int = apollo.story(tags=list(tags))["id"]
    return key


def tags_of(key: int) -> list[str]:
    found: list[str] = WorkItem.objects.get(pk=key).tags
    return found


def test_a_tag_is_renamed_and_recoloured_in_all_items() -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}"
    story, issue = tagged(apollo, 'it\'s "ñ"', "b", "c"), apollo.issue(tags=["b"])["id"]
    before = WorkItem.objects.get(pk=story)
    assert apollo.alice.post(f"{at}/edit_tag", {"from_tag": 'it\'s "ñ"', "to_tag": "New"}).content == b""
    assert tags_of(story) == ["new", "b", "c"]
    assert apollo.alice.post(f"{at}/edit_tag", {"from_tag": "b", "color": "#0000ff"}).status_code == 200
    assert (tags_of(issue), apollo.shown(f"{at}/tags_colors")) == (["b"], {"c": None, "new": None, "b": "#0000ff"})
    after = WorkItem.objects.get(pk=story)
    assert (after.version, after.modified_date) == (before.version, before.modified_date)


def test_tags_are_mixed_and_deleted_in_all_items_of_the_project_alone() -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}"
    apollo.alice.post(f"{at}/create_tag", {"tag": "Red", "color": "#f00"})
    story, other = tagged(apollo, "a", "x", "b", "red"), tagged(apollo, "x")
    hers = apollo.carol.post("/userstories", {"project": apollo.other.pk, "subject": "S", "tags": ["a"]}).json()["id"]
    assert apollo.alice.post(f"{at}/mix_tags", {"from_tags": ["a", "b", "red"], "to_tag": "red"}).status_code == 200
    assert (tags_of(story), tags_of(other), tags_of(hers)) == (["red", "x"], ["x"], ["a"])
    assert apollo.shown(f"{at}/tags_colors") == {"red": "#f00", "x": None}
    assert apollo.alice.post(f"{at}/delete_tag", {"tag": "x"}).status_code == 200
    assert (tags_of(story), tags_of(other)) == (["red"], [])


@pytest.mark.parametrize(
    ("action", "body", "fields"),
    [
        ("create_tag", {"tag": "RED"}, "tag"),
        ("create_tag", {"color": "#fff"}, "tag"),
        ("create_tag", {"tag": "new", "color": "red"}, "color"),
        ("create_tag", {"tag": "red", "color": "red"}, "tag color"),
        ("edit_tag", {"from_tag": "gone"}, "from_tag"),
        ("edit_tag", {"from_tag": "Red"}, "from_tag"),
        ("edit_tag", {"from_tag": "red", "to_tag": "red"}, "to_tag"),
        ("edit_tag", {"from_tag": "red", "color": "#12"}, "color"),
        ("edit_tag", {"from_tag": "gone", "to_tag": "red", "color": "#12"}, "from_tag to_tag color"),
        ("delete_tag", {"tag": "gone"}, "tag"),
        ("delete_tag", {"tag": "RED"}, "tag"),
        ("mix_tags", {"from_tags": ["gone"], "to_tag": "red"}, "from_tags"),
        ("mix_tags", {"from_tags": [], "to_tag": "red"}, "from_tags"),
        ("mix_tags", {"from_tags": ["red"], "to_tag": "gone"}, "to_tag"),
        ("mix_tags", {"from_tags": ["Red"], "to_tag": "Gone"}, "from_tags to_tag"),
    ],
)
def test_tags_that_cannot_be_are_refused(action: str, body: dict[str, Any], fields: str) -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}"
    apollo.alice.post(f"{at}/create_tag", {"tag": "red", "color": ""})
    reply = apollo.alice.post(f"{at}/{action}", body)
    assert (reply.status_code, list(reply.json())) == (400, fields.split())
    assert apollo.shown(f"{at}/tags_colors") == {"red": None}


def test_a_tag_named_as_before_in_another_case_stays_as_it_is() -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}"
    apollo.alice.post(f"{at}/create_tag", {"tag": "red", "color": "#f00"})
    assert apollo.alice.post(f"{at}/edit_tag", {"from_tag": "red", "to_tag": "Red"}).status_code == 200
    assert apollo.shown(f"{at}/tags_colors") == {"red": "#f00"}


def test_the_settings_of_integrations_are_made_once_and_completed() -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}/modules"
    made = apollo.shown(at)
    assert made.keys() == {"github", "gitlab", "bitbucket", "gogs"}
    assert made == apollo.shown(at)
    secret = made["gitlab"]["secret"]
    assert made["gitlab"]["webhooks_url"].endswith(f"/api/v1/gitlab-hook?project={apollo.project.pk}&key={secret}")
    sent = {"github": {"secret": "s", "webhooks_url": "http://evil.example"}, "gogs": {}, "mine": 1}
    assert apollo.alice.patch(at, sent).status_code == 204
    told = apollo.shown(at)
    assert (told["github"]["secret"], told["github"]["close_status"]) == ("s", made["github"]["close_status"])
    assert (told["github"]["webhooks_url"], told["gitlab"]) == (made["github"]["webhooks_url"], made["gitlab"])
    assert (told["mine"], "secret" in told["gogs"]) == (1, False)
    assert apollo.alice.patch(at, ["x"]).status_code == 400
    assert [apollo.bob.get(at).status_code, apollo.carol.get(at).status_code] == [403, 404]


@pytest.mark.parametrize("kind", ["epics", "userstories", "tasks", "issues"])
def test_the_key_of_a_report_is_made_anew_and_taken_away(kind: str) -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}"
    keys = [apollo.alice.post(f"{at}/regenerate_{kind}_csv_uuid").json()["uuid"] for _again in range(2)]
    assert len(set(keys)) == 2
    assert apollo.shown(at)[f"{kind}_csv_uuid"] == keys[1]
    assert apollo.alice.post(f"{at}/delete_{kind}_csv_uuid").json() == {"uuid": None}
    assert getattr(Project.objects.get(pk=apollo.project.pk), f"{kind}_csv_uuid") is None
    assert apollo.bob.post(f"{at}/regenerate_{kind}_csv_uuid").status_code == 403
