"""Values of custom fields: only of the item's own fields, and gone with the field."""

import json
from typing import Any

import pytest

from taiga.base import jobs
from taiga.projects.models import Project
from tests.base.receiver import Receiver
from tests.items.conftest import KINDS, World
from tests.items.test_reports import FIELD, field, fill, report
from tests.items.test_rules import CLOSED
from tests.transfer.conftest import dumped
from tests.transfer.test_api import load
from tests.webhooks.conftest import receiver, sent_by_the_test  # noqa: F401
from tests.world import project_of

TYPES = ("text", "multiline", "richtext", "date", "url", "dropdown", "number", "checkbox")
TEXTUAL = TYPES[:6]
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)
HISTORY = {"epics": "epic", "userstories": "userstory", "tasks": "task", "issues": "issue"}


def path_of(kind: str, item: int) -> str:
    return f"/{kind}/custom-attributes-values/{item}"


def give(world: World, kind: str, item: int, values: Any) -> Any:
    path = path_of(kind, item)
    version = world.alice.get(path).json()["version"]
    return world.alice.patch(path, {"attributes_values": values, "version": version})


@EVERY_KIND
def test_a_field_is_found_by_its_number_and_others_are_refused(world: World, kind: str) -> None:
    cost = field(world, kind, "Cost")
    others = [field(world, other, "Foreign") for other in KINDS if other != kind]
    elsewhere = World(project_of(world.alice.user, "Soyuz"), world.alice, world.bob, world.carol, world.nobody)
    item = world.make(kind)["id"]
    assert give(world, kind, item, {str(cost): "ten"}).json()["attributes_values"] == {str(cost): "ten"}
    for foreign in (*others, field(elsewhere, kind, "Cost"), 999_999, "cost", "", "-1", f"{cost}.0", "²", "9" * 30):
        assert give(world, kind, item, {str(cost): "two", str(foreign): "ten"}).status_code == 400, foreign
    wrong: list[Any] = [None, [], "text", 3, True]
    assert [give(world, kind, item, one).status_code for one in wrong] == [400] * 5
    assert world.alice.get(path_of(kind, item)).json()["attributes_values"] == {str(cost): "ten"}
    assert give(world, kind, item, {}).json()["attributes_values"] == {}


@EVERY_KIND
def test_foreign_fields_are_told_before_versions_and_closed_projects(world: World, kind: str) -> None:
    path = path_of(kind, world.make(kind)["id"])
    Project.objects.filter(pk=world.project.pk).update(archived_code="archived-by-staff")
    for body in ({"attributes_values": {"0": "x"}}, {"attributes_values": {"0": "x"}, "version": 1}):
        reply = world.alice.patch(path, body)
        assert (reply.status_code, list(reply.json())) == (400, ["attributes_values"])
    assert list(world.alice.patch(path, {}).json()) == ["version"]
    assert world.alice.patch(path, {"version": 1}).status_code == 403


@EVERY_KIND
@pytest.mark.parametrize(("closed", "status"), CLOSED)
def test_to_empty_all_fields_of_a_closed_project_is_refused_for_its_body(
    world: World, kind: str, closed: dict[str, str], status: int
) -> None:
    cost, item = field(world, kind, "Cost"), world.make(kind)["id"]
    Project.objects.filter(pk=world.project.pk).update(**closed)
    refused = give(world, kind, item, {})
    assert (refused.status_code, refused.json()) == (400, {"attributes_values": ["This field cannot be blank."]})
    assert give(world, kind, item, {str(cost): "ten"}).status_code == status


@EVERY_KIND
def test_values_are_put_and_patched_with_a_version(world: World, kind: str) -> None:
    cost, item = field(world, kind, "Cost"), world.make(kind)["id"]
    path, values = path_of(kind, item), {str(cost): "ten"}
    whole = {"epics": "epic", "userstories": "user_story", "tasks": "task", "issues": "issue"}[kind]
    for wrong in ({}, {"version": 99}, {"version": -1}, {"version": "x"}):
        for method in ("PATCH", "PUT"):
            refused = world.alice.ask(method, path, {whole: item, "attributes_values": values, **wrong})
            assert (refused.status_code, [*refused.json()]) == (400, ["version"]), (method, wrong)
    put = world.bob.put(path, {whole: item, "attributes_values": values, "version": 1})
    assert (put.status_code, put.json()["attributes_values"], put.json()["version"]) == (200, values, 2)
    stale = world.bob.patch(path, {"attributes_values": {str(cost): "two"}, "version": 1})
    assert (stale.status_code, stale.json()["version"]) == (200, 3)
    assert world.alice.get(path).json()["attributes_values"] == {str(cost): "two"}
    nothing = world.bob.patch(path, {"version": 3, "attributes_values": {str(cost): "two"}})
    assert nothing.status_code == 200
    told = world.alice.get(f"/history/{HISTORY[kind]}/{item}?type=activity").json()
    assert [one["user"]["username"] for one in told] == ["bob", "bob"]


@EVERY_KIND
def test_what_a_value_may_be_follows_from_the_type_of_the_field(world: World, kind: str) -> None:
    item = world.make(kind)["id"]
    fields = {sort: field(world, kind, sort, sort) for sort in TYPES}
    for sort, key in fields.items():
        for wrong in (3, 0, True, False, 2.5, {"a": 1}, ["x"], []):
            status = give(world, kind, item, {str(key): wrong}).status_code
            assert status in ((400,) if sort in TEXTUAL else (200, 400)), (sort, wrong)
        for text in ("text", "", None):
            status = give(world, kind, item, {str(key): text}).status_code
            assert status in ((200,) if sort in TEXTUAL else (200, 400)), (sort, text)
    right = {"number": -3, "checkbox": True}
    for sort, value in right.items():
        kept = give(world, kind, item, {str(fields[sort]): value}).json()["attributes_values"]
        assert kept == {str(fields[sort]): value}


@EVERY_KIND
def test_values_go_with_their_field_and_nothing_that_tells_of_items_breaks(
    world: World,
    kind: str,
    receiver: Receiver,  # noqa: F811
) -> None:
    cost, color = field(world, kind, "Cost"), field(world, kind, "Color")
    items = [world.make(kind)["id"] for _number in range(20)]
    for item in items:
        fill(world, kind, item, {cost: "ten", color: "red"})
    assert world.alice.delete(f"/{FIELD[kind]}-custom-attributes/{cost}").status_code == 204
    assert len(world.alice.get(f"/{kind}?project={world.project.pk}").json()) == 20
    for item in items:
        assert world.alice.get(path_of(kind, item)).json()["attributes_values"] == {str(color): "red"}
    told = world.alice.get(f"/history/{HISTORY[kind]}/{items[0]}").json()
    named = {one["name"]: one["value"] for one in told[0]["values_diff"]["custom_attributes"]["new"]}
    assert named == {"Cost": "ten", "Color": "red"}
    assert world.alice.get(f"/{kind}/{items[0]}").status_code == 200
    header, rows = report(world, kind)
    assert (len(rows), "Cost" in header, header[-1]) == (20, False, "Color")
    hook = {"project": world.project.pk, "name": "ear", "url": receiver.url(), "key": "k"}
    assert world.alice.post("/webhooks", hook).status_code == 201
    assert world.alice.patch(f"/{kind}/{items[0]}", {"version": 1, "subject": "Next"}).status_code == 200
    jobs.work_off()
    sent = json.loads(receiver.requests[-1].body)["data"]["custom_attributes_values"]
    assert sent == {"Color": "red"}


@EVERY_KIND
def test_a_project_whose_fields_are_gone_is_exported_and_loaded_again(world: World, kind: str) -> None:
    cost, color = field(world, kind, "Cost"), field(world, kind, "Color")
    item = world.make(kind)["id"]
    fill(world, kind, item, {cost: "ten", color: "red"})
    assert world.alice.delete(f"/{FIELD[kind]}-custom-attributes/{cost}").status_code == 204
    reply = load(world.alice, dumped(world.project))
    assert reply.status_code == 201, reply.content
    project = reply.json()["id"]
    copy = world.alice.get(f"/{kind}?project={project}").json()[0]["id"]
    assert list(world.alice.get(path_of(kind, copy)).json()["attributes_values"].values()) == ["red"]
