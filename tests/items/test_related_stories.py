"""Stories in an epic: their places, and who makes new ones there."""

import json

import pytest

from tests.items.conftest import World
from tests.world import join, project_of


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


EDITOR, WRITER = ["view_project", "view_epics", "modify_epic"], ["view_project", "view_epics", "add_us", "modify_us"]


@pytest.mark.parametrize(
    ("here", "there", "status"), [(EDITOR, EDITOR, 200), (EDITOR, WRITER, 403), (WRITER, EDITOR, 403)]
)
def test_who_may_change_epics_in_both_projects_makes_stories_of_one_for_an_epic_of_the_other(
    world: World, here: list[str], there: list[str], status: int
) -> None:
    other = project_of(world.alice.user, "Gemini")
    join(world.bob.user, other)
    world.project.roles.update(permissions=here)
    other.roles.update(permissions=there)
    epic = world.make("epics")["id"]
    path, body = (
        f"/epics/{epic}/related_userstories/bulk_create",
        {"project_id": other.pk, "bulk_userstories": "a\n\nb"},
    )
    assert world.nobody.post(path, body).status_code == 401
    assert world.carol.post(path, body).status_code == 403
    assert world.bob.post(path, body).status_code == status
    assert len(world.alice.get(f"/userstories?project={other.pk}").json()) == (2 if status == 200 else 0)
    same = world.bob.post(path, {**body, "project_id": world.project.pk})
    assert same.status_code == (200 if here == EDITOR else 403)
