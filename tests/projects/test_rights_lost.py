"""Whatever may take rights away has those who listen asked again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import TestCase

from taiga.projects.models import Membership, Project, Role
from tests.projects.apollo import Apollo

pytestmark = pytest.mark.django_db
Action = Callable[[Apollo], Any]


def at(apollo: Apollo, rest: str = "") -> str:
    return f"/projects/{apollo.project.pk}{rest}"


def bobs(apollo: Apollo) -> str:
    return f"/memberships/{Membership.objects.get(user=apollo.bob.user).pk}"


def back(apollo: Apollo) -> str:
    return f"/roles/{Role.objects.get(project=apollo.project, slug='back').pk}"


def front(apollo: Apollo) -> int:
    return Role.objects.get(project=apollo.project, slug="front").pk


def accept(apollo: Apollo) -> Any:
    apollo.alice.post(at(apollo, "/transfer_start"), {"user": apollo.bob.user.pk})
    token = Project.objects.get(pk=apollo.project.pk).transfer_token
    return apollo.bob.post(at(apollo, "/transfer_accept"), {"token": token})


BOB, EVERYBODY = "bob", "everybody"
ACTIONS: dict[str, tuple[Action, str]] = {
    "another role": (lambda it: it.alice.patch(bobs(it), {"role": front(it)}), BOB),
    "no admin": (lambda it: it.alice.patch(bobs(it), {"is_admin": False}), BOB),
    "removed": (lambda it: it.alice.delete(bobs(it)), BOB),
    "left": (lambda it: it.bob.post(at(it, "/leave")), BOB),
    "role edited": (lambda it: it.alice.patch(back(it), {"permissions": []}), BOB),
    "role deleted": (lambda it: it.alice.delete(f"{back(it)}?moveTo={front(it)}"), BOB),
    "permissions": (lambda it: it.alice.patch(at(it), {"public_permissions": ["view_us"]}), EVERYBODY),
    "privacy": (lambda it: it.alice.patch(at(it), {"is_private": False}), EVERYBODY),
    "deleted": (lambda it: it.alice.delete(at(it)), EVERYBODY),
    "handed over": (accept, EVERYBODY),
}


@pytest.mark.parametrize(("action", "who"), ACTIONS.values(), ids=ACTIONS.keys())
def test_listeners_are_asked_again(action: Action, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    apollo = Apollo()
    asked: list[Any] = []
    monkeypatch.setattr("taiga.events.broadcast.permissions_changed", lambda *given: asked.append(given))
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert action(apollo).status_code in (200, 204)
    assert asked == [(apollo.project.pk, [apollo.bob.user.pk] if who == BOB else None)]


def test_what_takes_no_rights_away_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    apollo = Apollo()
    asked: list[Any] = []
    monkeypatch.setattr("taiga.events.broadcast.permissions_changed", lambda *given: asked.append(given))
    with TestCase.captureOnCommitCallbacks(execute=True):
        apollo.alice.patch(at(apollo), {"name": "Gemini"})
        apollo.alice.patch(back(apollo), {"name": "Behind"})
        apollo.alice.post("/memberships", {"project": apollo.project.pk, "role": front(apollo), "username": "x@y.org"})
    assert asked == []
