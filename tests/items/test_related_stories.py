"""The places of stories in an epic."""

import json

from tests.items.conftest import World


def test_a_put_without_an_order_puts_a_story_last_and_a_patch_leaves_it(world: World) -> None:
    epic = world.make("epics")["id"]
    path, story = f"/epics/{epic}/related_userstories", world.make()["id"]
    body = {"epic": epic, "user_story": story}
    assert world.bob.post(path, {**body, "order": 3}).json()["order"] == 3
    kept = world.bob.patch(f"{path}/{story}", {})
    assert (kept.json()["order"], kept.headers["Taiga-Info-Order-Updated"]) == (3, "{}")
    last = world.bob.put(f"{path}/{story}", body)
    assert last.json()["order"] > 1_000_000_000_000
    assert [*json.loads(last.headers["Taiga-Info-Order-Updated"]).values()] == [last.json()["order"]]
