"""Reports as tables: no cell of one is a formula, whoever wrote it and wherever."""

import csv
import io
from typing import Any

import pytest

from taiga.projects.models import (
    CustomAttribute,
    Issue,
    IssueType,
    Milestone,
    Priority,
    Severity,
    Status,
    Swimlane,
    WorkItem,
)
from taiga.users.models import User
from tests.items.conftest import KINDS, World

FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "  @SUM(A1)",
    '=cmd|"/C calc"!A0',
]
FIELD = {"epics": "epic", "userstories": "userstory", "tasks": "task", "issues": "issue"}


def report(world: World, kind: str) -> tuple[list[str], list[list[str]]]:
    """The header of a report and its rows."""
    reply = world.alice.post(f"/projects/{world.project.pk}/regenerate_{kind}_csv_uuid")
    answer = world.nobody.get(f"/{kind}/csv?uuid={reply.json()['uuid']}")
    assert answer.status_code == 200
    header, *rows = list(csv.reader(io.StringIO(b"".join(answer).decode(), newline="")))
    assert {len(row) for row in rows} == {len(header)}
    return header, rows


def field(world: World, kind: str, name: str, type: str = "text") -> int:
    body = {"project": world.project.pk, "name": name, "type": type}
    reply = world.alice.post(f"/{FIELD[kind]}-custom-attributes", body)
    assert reply.status_code == 201, reply.content
    key: int = reply.json()["id"]
    return key


def fill(world: World, kind: str, item: int, values: dict[int, Any]) -> None:
    path = f"/{kind}/custom-attributes-values/{item}"
    body = {"attributes_values": {str(key): value for key, value in values.items()}, "version": 1}
    assert world.alice.patch(path, body).status_code == 200


def full_of(world: World, kind: str, formula: str) -> dict[str, Any]:
    """An item with a formula in every text that its report shows, names of other things included."""
    more: dict[str, Any] = (
        {} if kind == "epics" else {"due_date_reason": formula, "external_reference": ["github", formula]}
    )
    if kind in ("userstories", "tasks", "issues"):
        dates = {"estimated_start": "2031-01-01", "estimated_finish": "2031-01-15"}
        more["milestone"] = Milestone.objects.create(
            project=world.project, name="One", slug=str(len(formula)), **dates
        ).pk
    item = world.make(kind, subject="x", description=f'a "quoted"\n{formula}', assigned_to=world.bob.user.pk, **more)
    key = field(world, kind, "Cost")
    fill(world, kind, item["id"], {key: formula})
    CustomAttribute.objects.filter(pk=key).update(name=formula)
    Milestone.objects.filter(project=world.project).update(name=formula)
    tables: dict[str, Any] = {"status": Status, "priority": Priority, "severity": Severity, "type": IssueType}
    for column, table in tables.items():
        table.objects.filter(pk=item.get(column)).update(name=formula)
    if kind == "userstories":
        lane = Swimlane.objects.create(project=world.project, name=formula)
        WorkItem.objects.filter(pk=item["id"]).update(swimlane=lane)
    WorkItem.objects.filter(pk=item["id"]).update(subject=formula, tags=[formula])
    User.objects.update(full_name=formula)
    User.objects.filter(pk=world.bob.user.pk).update(username=formula)
    return item


def is_formula(cell: str) -> bool:
    return cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("formula", FORMULAS, ids=range(len(FORMULAS)))
def test_no_cell_of_any_report_is_a_formula(world: World, kind: str, formula: str) -> None:
    full_of(world, kind, formula)
    header, rows = report(world, kind)
    assert len(rows) == 1
    assert [cell for cell in [*header, *rows[0]] if is_formula(cell)] == []
    kept = [cell for cell in [*header, *rows[0]] if cell == f"'{formula}"]
    assert len(kept) >= 8
    assert f'a "quoted"\n{formula}' in rows[0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [-3, 3, -2.5, 0, 1e20])
def test_numbers_stay_numbers(world: World, kind: str, number: float) -> None:
    item = world.make(kind)
    fill(world, kind, item["id"], {field(world, kind, "Cost", "number"): number})
    header, rows = report(world, kind)
    assert float(rows[0][header.index("Cost")]) == number


@pytest.mark.parametrize("kind", KINDS)
def test_line_breaks_and_quotes_make_no_more_rows(world: World, kind: str) -> None:
    texts = ["a\nb", "a\r\nb", 'a "b", "c"', '"', '""\n"', "a;b\tc", "\u2028", ","]
    for text in texts:
        world.make(kind, subject=f"s {text}", description=text)
    header, rows = report(world, kind)
    assert [row[header.index("description")] for row in rows] == texts


def test_an_issue_without_type_severity_priority_and_status_has_empty_cells(world: World) -> None:
    item = world.make("issues")
    Issue.objects.filter(pk=item["id"]).update(type=None, severity=None, priority=None, status=None)
    header, rows = report(world, "issues")
    assert [rows[0][header.index(name)] for name in ("type", "severity", "priority", "status")] == [""] * 4
