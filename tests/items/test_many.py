"""Many items: pages that add up to the whole, and moves in a column of items that were made at once."""

import pytest

from taiga.projects.models import UserStory
from tests.items.conftest import World

MANY = 2_071


@pytest.fixture
def crowded(world: World) -> World:
    """More stories than three pages of the largest size can show, all in the same column."""
    for first in range(0, MANY, 1_000):
        lines = "\n".join(f"Story {number}" for number in range(first, min(first + 1_000, MANY)))
        body = {"project_id": world.project.pk, "bulk_stories": lines, "status_id": world.status("new")}
        assert world.alice.post("/userstories/bulk_create", body).status_code == 200
    return world


def test_pages_are_disjoint_and_complete(crowded: World) -> None:
    path = f"/userstories?project={crowded.project.pk}&order_by=subject"
    seen = [row["id"] for page in range(1, 22) for row in crowded.alice.get(f"{path}&page_size=100&page={page}").json()]
    assert (len(seen), len(set(seen))) == (MANY, MANY)
    assert len(crowded.alice.get(f"{path}&page_size=100&page=last").json()) == 71
    assert crowded.alice.get(f"{path}&page_size=100&page=22").status_code == 404
    assert crowded.alice.get(f"{path}&page_size=100&page=0").status_code == 404
    capped = crowded.alice.get(f"{path}&page_size=5000")
    assert (len(capped.json()), capped.headers["X-Paginated-By"]) == (1_000, "1000")
    assert "order_by=subject" in capped.headers["X-Pagination-Next"]
    assert len(crowded.alice.get(path, x_disable_pagination="1").json()) == MANY
    lazy = crowded.alice.get(path, x_lazy_pagination="1")
    assert "X-Pagination-Count" not in lazy.headers
    assert "X-Pagination-Next" in lazy.headers


def column(world: World) -> list[int]:
    rows = UserStory.objects.filter(project=world.project).order_by("kanban_order", "id")
    return list(rows.values_list("id", flat=True))


def test_cards_that_were_made_at_once_can_be_moved(crowded: World) -> None:
    before = column(crowded)
    body = {"project_id": crowded.project.pk, "status_id": crowded.status("new")}
    path = "/userstories/bulk_update_kanban_order"
    last = {**body, "bulk_userstories": [before[-1]], "before_userstory_id": before[0]}
    assert crowded.alice.post(path, last).status_code == 200
    assert column(crowded) == [before[-1], *before[:-1]]
    now = column(crowded)
    many = {**body, "bulk_userstories": now[1_000:1_050], "after_userstory_id": now[9]}
    assert crowded.bob.post(path, many).status_code == 200
    assert column(crowded) == [*now[:10], *now[1_000:1_050], *now[10:1_000], *now[1_050:]]
    orders = UserStory.objects.filter(project=crowded.project).values_list("kanban_order", flat=True)
    assert len(set(orders)) == MANY
