"""Values of custom fields: only of the item's own fields, and gone with the field."""

from typing import Any

import pytest

from tests.items.conftest import World
from tests.world import project_of


def field_of(world: World, name: str = "Cost", kind: str = "userstory", **more: Any) -> int:
    body = {"project": world.project.pk, "name": name, "type": "text", **more}
    reply = world.alice.post(f"/{kind}-custom-attributes", body)
    assert reply.status_code == 201, reply.content
    key: int = reply.json()["id"]
    return key


def give(world: World, story: int, values: Any) -> Any:
    path = f"/userstories/custom-attributes-values/{story}"
    version = world.alice.get(path).json()["version"]
    return world.alice.patch(path, {"attributes_values": values, "version": version})


def test_a_field_is_found_by_its_number_and_others_are_refused(world: World) -> None:
    cost, of_tasks = field_of(world), field_of(world, "Task cost", "task")
    other = World(project_of(world.carol.user, "Soyuz"), world.carol, world.bob, world.alice, world.nobody)
    story = world.make()["id"]
    assert give(world, story, {str(cost): "ten"}).json()["attributes_values"] == {str(cost): "ten"}
    for foreign in (of_tasks, field_of(other), "cost"):
        assert give(world, story, {str(foreign): "ten"}).status_code == 400
    wrong: list[Any] = [None, [], "text", 3]
    assert [give(world, story, one).status_code for one in wrong] == [400] * 4
    kept = world.alice.get(f"/userstories/custom-attributes-values/{story}").json()
    assert kept["attributes_values"] == {str(cost): "ten"}
    assert give(world, story, {}).json()["attributes_values"] == {}


@pytest.mark.parametrize("value", [3, True, {"a": 1}, ["x"]])
def test_a_text_field_takes_texts(world: World, value: Any) -> None:
    assert give(world, world.make()["id"], {str(field_of(world)): value}).status_code == 400


def test_values_go_with_their_field_and_the_history_still_tells_of_them(world: World) -> None:
    cost, color = field_of(world), field_of(world, "Color")
    stories = [world.make()["id"] for _number in range(10)]
    for story in stories:
        assert give(world, story, {str(cost): "ten", str(color): "red"}).status_code == 200
    assert world.alice.delete(f"/userstory-custom-attributes/{cost}").status_code == 204
    assert len(world.alice.get(f"/userstories?project={world.project.pk}").json()) == 10
    for story in stories:
        path = f"/userstories/custom-attributes-values/{story}"
        assert world.alice.get(path).json()["attributes_values"] == {str(color): "red"}
    told = world.alice.get(f"/history/userstory/{stories[0]}").json()
    named = {one["name"]: one["value"] for one in told[0]["values_diff"]["custom_attributes"]["new"]}
    assert named == {"Cost": "ten", "Color": "red"}
    assert world.alice.get(f"/userstories/{stories[0]}").status_code == 200
