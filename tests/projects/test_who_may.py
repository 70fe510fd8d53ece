"""Who may ask each address for what it does: the table beside this file says it, and people of all kinds try."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from taiga.auth.models import Application
from taiga.projects.models import Membership, Project, Role
from taiga.projects.permissions import Can
from taiga.urls import ROUTER
from taiga.webhooks.models import WebhookLog
from tests.everything import Everything
from tests.world import Caller, join, person, project_of

pytestmark = pytest.mark.django_db
LONG = "/stream"
"""Answers that end after a while only."""
REFUSALS = (401, 403, 404)
RIGHTS = [str(code) for code in Can]
WORDS = (
    *("name", "subject", "title", "slug", "content", "comment", "description", "key", "token", "state"),
    *("default_owner_role", "template_name", "template_description"),
)
SINGULAR = {"epics": "epic", "userstories": "userstory", "tasks": "task", "issues": "issue"}
STATUSES = {"epics": "epic", "userstories": "us", "tasks": "task"}
LOGGED: dict[str, Any] = {"url": "https://example.com/", "status": 200, "request_data": {}}
NOT_THERE = "/custom-attributes-values"
"""Addresses that tell nobody anything."""
ALONG = {"tasks/{id}/promote_to_user_story": ["delete_task"]}
"""What one must be allowed besides what is seen and the need itself."""
STATES: tuple[dict[str, Any], ...] = (
    {"blocked_code": None},
    {"blocked_code": "blocked-by-staff"},
    {"blocked_code": None, "archived_code": "archived-by-staff"},
)
VIEWS = [code for code in RIGHTS if code.startswith("view_")]


def table() -> Iterator[tuple[str, str, str]]:
    """Method, address, and what is needed."""
    for line in Path(__file__).with_name("who_may.txt").read_text().splitlines():
        asked, _spaces, need = line.partition("  ")
        method, _space, path = asked.partition(" ")
        yield method, path, need.strip()


TABLE = list(table())


def of_need(*words: str) -> list[Any]:
    """The addresses that need one of these."""
    return [(method, path) for method, path, need in TABLE if need in words and not path.endswith(LONG)]


def right_in(need: str) -> str:
    """The first right that a need names, if it names one."""
    return next((word for word in need.replace(",", "").split() if word in RIGHTS), "")


class World:
    """Erin helps Alice to administrate; Dave's role may do what each question is about; Root runs the server.

    There is an older project of somebody else.
    """

    def __init__(self) -> None:
        project_of(person("zoe"), "Older")
        self.made = Everything()
        self.project = self.made.project
        self.role = Role.objects.create(project=self.project, name="Odd", slug="odd", order=9, permissions=[])
        helper, odd = person("erin"), person("dave")
        join(helper, self.project, is_admin=True)
        join(odd, self.project, self.role.slug)
        self.nobody, self.alice, self.bob = Caller(), self.made.asking, Caller(self.made.bob)
        self.erin, self.dave = Caller(helper), Caller(odd)
        self.root = Caller(person("root", is_superuser=True))
        self.ids = self.made.ids
        self.ids["memberships"] = Membership.objects.get(user=odd).pk
        self.spare = self.alice.post("/userstories", {"project": self.project.pk, "subject": "Spare"}).json()["id"]
        self.ids["importer"] = self.project.pk
        self.ids["applications"] = Application.objects.create(name="Rover", next_url="https://example.com/").pk
        self.ids["webhooklogs"] = WebhookLog.objects.create(**LOGGED, webhook_id=self.ids["webhooks"]).pk
        self.ids["web-notifications"] = self.bob.get("/web-notifications").json()["objects"][0]["id"]

    def allow(self, *codes: str) -> None:
        """Let Dave do this, and nothing else."""
        Role.objects.filter(pk=self.role.pk).update(permissions=list(codes))

    def open_to_all(self) -> None:
        """Let everybody do everything that a project can let strangers do."""
        rights = {"anon_permissions": RIGHTS, "public_permissions": RIGHTS}
        Project.objects.filter(pk=self.project.pk).update(is_private=False, **rights)

    def status(self, caller: Caller, method: str, path: str) -> int:
        """How a caller is answered; what his request did is undone."""
        address, body = f"/{self.address(path)}", None if method == "GET" else self.body(path)
        with transaction.atomic():
            if method == "POST" and path.endswith("/attachments"):
                file = SimpleUploadedFile("notes.txt", b"one small step")
                object_id = self.ids[path.partition("/")[0]]
                reply = caller.upload(address, project=self.project.pk, object_id=object_id, attached_file=file)
            else:
                reply = caller.ask(method, address, body)
            transaction.set_rollback(True)
        return int(reply.status_code)

    def address(self, path: str) -> str:
        """Of something that there is; a value that is deleted is replaced by the last of its list."""
        path = path.replace("{application}", self.ids["applications"])
        filled = self.made.filled(path).replace("importer/0", f"importer/{self.project.pk}")
        head = path.partition("/")[0]
        if not path.endswith("/{id}") or not head.endswith(("statuses", "types", "priorities", "severities", "points")):
            return filled
        return f"{filled}?moveTo={self.alice.get(f'/{head}?project={self.project.pk}').json()[-1]['id']}"

    def body(self, path: str) -> dict[str, Any]:
        """What makes sense to most addresses; each takes of it what it knows."""
        head, ids = path.partition("/")[0], self.ids
        status = getattr(self.project, f"default_{STATUSES.get(head, 'issue')}_status_id")
        lines = "One" if path.endswith("bulk_create") else None
        named = ("epics", "stories", "tasks", "issues", head.replace("-", "_"))
        return {
            **dict.fromkeys(WORDS, "Fresh"),
            **{f"bulk_{name}": lines or [] for name in named},
            "bulk_userstories": lines or [ids["userstories"]],
            "bulk_memberships": [],
            "bulk_attachments": [ids.get(f"{head}/attachments")],
            "object_id": ids.get(head),
            "project": self.project.pk,
            "project_id": self.project.pk,
            "role": self.role.pk,
            "kind": "issue",
            "version": 1,
            "attributes_values": {ids.get(f"{SINGULAR.get(head)}-custom-attributes"): "high"},
            "epic": ids["epics"],
            "user_story": self.spare,
            "task": ids["tasks"],
            "issue": ids["issues"],
            "milestone_id": ids["milestones"],
            "status": status,
            "status_id": status,
            "to_status": self.project.default_issue_status_id,
            "username": "carol@example.com",
            "url": "https://example.com/",
            "application": ids["applications"],
            "estimated_start": "2026-03-01",
            "estimated_finish": "2026-03-08",
        }


@pytest.fixture
def world() -> World:
    return World()


def test_the_table_is_complete() -> None:
    found = [(method, path) for method, path, _endpoint in ROUTER.table()]
    assert [(method, path) for method, path, _need in TABLE] == found


def test_who_holds_all_rights_but_one_is_refused_what_needs_it(world: World) -> None:
    wrong = []
    for method, path, need in TABLE:
        right = right_in(need)
        if right and not path.endswith((LONG, NOT_THERE)):
            world.allow(*(code for code in RIGHTS if code != right))
            without = world.status(world.dave, method, path)
            world.allow(*VIEWS, right, *ALONG.get(path, ()))
            having = world.status(world.dave, method, path)
            if without not in REFUSALS or having in REFUSALS:
                wrong.append((method, path, need, without, having))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize(
    ("need", "refused", "allowed"),
    [("admin", "bob", "erin"), ("owner", "erin", "alice"), ("superuser", "alice", "root")],
)
def test_who_is_less_is_refused_what_needs_more(need: str, refused: str, allowed: str, world: World) -> None:
    callers = [getattr(world, name) for name in (refused, allowed)]
    found = {
        (method, path): [world.status(caller, method, path) for caller in callers] for method, path in of_need(need)
    }
    wrong = {
        asked: statuses for asked, statuses in found.items() if statuses[0] not in REFUSALS or statuses[1] in REFUSALS
    }
    assert found
    assert not wrong, "\n".join(map(str, wrong.items()))


def test_who_runs_the_server_is_refused_nothing(world: World) -> None:
    wrong = []
    for method, path, need in TABLE:
        if (right_in(need) or need in ("admin", "owner", "superuser")) and not path.endswith(
            (LONG, NOT_THERE, "/leave")
        ):
            status = world.status(world.root, method, path)
            if status in REFUSALS:
                wrong.append((method, path, need, status))
    assert not wrong, "\n".join(map(str, wrong))


def test_nobody_is_refused_what_needs_an_account(world: World) -> None:
    world.open_to_all()
    wrong = []
    for method, path, need in TABLE:
        if "signed in" in need:
            statuses = [world.status(caller, method, path) for caller in (world.nobody, world.bob)]
            if statuses[0] != 401 or statuses[1] in REFUSALS:
                wrong.append((method, path, need, statuses))
    assert not wrong, "\n".join(map(str, wrong))


def test_nobody_is_asked_who_he_is_where_all_may_ask(world: World) -> None:
    world.open_to_all()
    wrong = []
    for method, path, need in TABLE:
        if need == "anybody" or (method == "GET" and need in VIEWS and not path.endswith(LONG)):
            status = world.status(world.nobody, method, path)
            if status == 401:
                wrong.append((method, path, need, status))
    assert not wrong, "\n".join(map(str, wrong))


def closings() -> dict[tuple[str, str], tuple[str, str]]:
    """For writing addresses that a closed project refuses: the status if it is blocked, and if it is archived."""
    lines = Path(__file__).with_name("closed.txt").read_text().splitlines()
    return {(method, path): (blocked, archived) for method, path, blocked, archived in map(str.split, lines)}


def test_what_a_closed_project_refuses(world: World) -> None:
    callers = {"superuser": world.root, "owner": world.alice}
    asked = {(method, path): callers.get(need, world.erin) for method, path, need in TABLE if method != "GET"}
    seen = []
    for state in STATES:
        Project.objects.filter(pk=world.project.pk).update(**state)
        seen.append({one: str(world.status(caller, *one)) for one, caller in asked.items()})
    usual, *closed = seen
    found = {one: tuple("-" if state[one] == usual[one] else state[one] for state in closed) for one in usual}
    assert {one: statuses for one, statuses in found.items() if statuses != ("-", "-")} == closings()
