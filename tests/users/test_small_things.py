"""/user-storage, /feedback, /locales, /stats."""

import pytest
from pytest_django import Settings

from taiga.notifications.models import Mail
from taiga.projects.models import Project
from taiga.users.models import FeedbackEntry, User
from tests.world import Caller, project_of


@pytest.mark.parametrize("value", [{"a": [1, {"b": None}]}, "text", 42.5, False, [], None])
def test_any_value_is_kept(alice: User, value: object) -> None:
    assert Caller(alice).post("/user-storage", {"key": "k", "value": value}).status_code == 201
    entry = Caller(alice).get("/user-storage/k").json()
    assert list(entry) == ["key", "value", "created_date", "modified_date"]
    assert entry["value"] == value


def test_entries_are_their_owners_alone(nobody: Caller, alice: User, bob: User) -> None:
    Caller(alice).post("/user-storage", {"key": "k", "value": 1})
    assert Caller(bob).post("/user-storage", {"key": "k", "value": 2}).status_code == 201
    for caller, refused in ((nobody, 401), (Caller(User.objects.create_user("dave", "d@example.com")), 404)):
        assert caller.get("/user-storage").json() == []
        assert caller.get("/user-storage/k").status_code == 404
        for method in ("PUT", "PATCH", "DELETE"):
            assert caller.ask(method, "/user-storage/k", {"key": "k", "value": 3}).status_code == refused
    assert nobody.post("/user-storage", {"key": "k"}).status_code == 401
    assert Caller(alice).get("/user-storage/k").json()["value"] == 1


def test_a_key_is_there_once(alice: User) -> None:
    for key in ("a", "b"):
        Caller(alice).post("/user-storage", {"key": key})
    assert Caller(alice).post("/user-storage", {"key": "a"}).json()["_error_type"].endswith("BadRequest")
    assert Caller(alice).patch("/user-storage/b", {"key": "a"}).status_code == 400
    assert Caller(alice).patch("/user-storage/b", {"key": "c"}).status_code == 200
    assert [entry["key"] for entry in Caller(alice).get("/user-storage").json()] == ["a", "c"]
    assert [entry["key"] for entry in Caller(alice).get("/user-storage?keys=c,x").json()] == ["c"]


def test_a_value_that_is_not_sent_stays(alice: User) -> None:
    Caller(alice).post("/user-storage", {"key": "k", "value": 1})
    assert Caller(alice).put("/user-storage/k", {"key": "k"}).json()["value"] == 1
    assert list(Caller(alice).put("/user-storage/k", {"value": 2}).json()) == ["key"]
    assert Caller(alice).patch("/user-storage/k", {"value": None}).json()["value"] is None
    assert Caller(alice).delete("/user-storage/k").status_code == 204


def test_feedback_is_kept_and_mailed(nobody: Caller, alice: User, settings: Settings) -> None:
    settings.FEEDBACK_EMAIL = "help@example.com"
    answer = Caller(alice).post("/feedback", {"comment": "Nice", "email": "x@example.com"}, User_Agent="Browser")
    assert answer.status_code == 200
    assert answer.json()["email"] == "alice@example.com"
    assert answer.json()["created_date"].endswith("+0000")
    mail = Mail.objects.get()
    assert (mail.to, mail.headers) == ("help@example.com", {"Reply-To": "alice@example.com, help@example.com"})
    assert mail.context["extra"]["HTTP_USER_AGENT"] == "Browser"
    assert nobody.post("/feedback", {}).status_code == 401
    assert list(Caller(alice).post("/feedback", {}).json()) == ["comment"]


def test_feedback_goes_nowhere_without_an_address(alice: User, settings: Settings) -> None:
    settings.FEEDBACK_EMAIL = ""
    Caller(alice).post("/feedback", {"comment": "Nice"})
    assert (FeedbackEntry.objects.count(), Mail.objects.count()) == (1, 0)


def test_feedback_can_be_switched_off(alice: User, settings: Settings) -> None:
    settings.FEEDBACK_ENABLED = False
    assert Caller(alice).post("/feedback", {"comment": "Nice"}).status_code == 404


def test_languages_are_listed(nobody: Caller, db: None) -> None:
    found = nobody.get("/locales").json()
    assert len(found) == 27
    assert found[0]["bidi"] is True
    assert found[4] == {"code": "en", "name": "English (US)", "bidi": False}


def test_open_projects_are_counted(nobody: Caller, project: Project, alice: User, settings: Settings) -> None:
    settings.STATS_CACHE_TIMEOUT = 0
    assert nobody.get("/stats/discover").json() == {"projects": {"total": 0}}
    project_of(alice, "Open", is_private=False)
    Project.objects.filter(pk=project.pk).update(anon_permissions=["view_project"])
    answer = nobody.get("/stats/discover")
    assert answer.json() == {"projects": {"total": 2}}
    assert answer.headers["Cache-Control"] == "max-age=0"


def test_the_statistics_of_the_server_are_shown_where_they_are_enabled(
    nobody: Caller, project: Project, settings: Settings
) -> None:
    settings.STATS_CACHE_TIMEOUT = 60
    settings.STATS_ENABLED = False
    assert nobody.get("/stats/system").status_code == 404
    settings.STATS_ENABLED = True
    answer = nobody.get("/stats/system")
    assert answer.headers["Cache-Control"] == "max-age=60"
    assert "Expires" in answer.headers
    facts = answer.json()
    assert (facts["users"]["total"], facts["users"]["today"]) == (2, 2)
    assert (facts["projects"]["total"], facts["projects"]["percent_with_backlog"]) == (1, 100.0)
    assert facts["userstories"] == {
        "total": 0,
        "today": 0,
        "average_last_seven_days": 0.0,
        "average_last_five_working_days": 0.0,
    }
    weeks = list(facts["users"]["counts_last_year_per_week"].values())
    assert (weeks[0], weeks[-1]) == (0, 2)


def test_an_empty_server_has_numbers_too(nobody: Caller, db: None, settings: Settings) -> None:
    settings.STATS_ENABLED = True
    facts = nobody.get("/stats/system").json()
    assert facts["projects"]["percent_with_kanban"] == 0.0


def test_the_root_names_the_resources(nobody: Caller, db: None) -> None:
    found = nobody.get("/").json()
    assert found["users"].endswith("/api/v1/users")
    assert "user-storage" in found
    assert not {"", "stats", "feedback", "stats/system", "users/me"} & set(found)
