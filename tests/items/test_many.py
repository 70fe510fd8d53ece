"""Many items: pages that add up to the whole, and moves in a column of items that were made at once."""

from typing import Any

import pytest

from taiga.base import clock
from taiga.projects.models import AssignedUser, Attachment, Project, RelatedUserStory, UserStory, WorkItem
from tests.activity import counted
from tests.items.conftest import KINDS, World

MANY = 2_071
FULL = 500
MOMENT = clock.now()
ORDERS = {
    "epics": ("epics_order",),
    "userstories": ("backlog_order", "kanban_order", "sprint_order"),
    "tasks": ("us_order", "taskboard_order"),
    "issues": (),
}


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


@pytest.mark.parametrize("kind", KINDS)
def test_pages_that_are_read_while_items_are_made_miss_none_that_was_there(world: World, kind: str) -> None:
    """Whoever reads page after page finds each item that was there at the start once, or twice, but not never."""
    there = {world.make(kind)["id"] for _number in range(120)}
    seen: list[int] = []
    path: str | None = f"/{kind}?project={world.project.pk}&page_size=25&order_by=-created_date&status__is_closed=false"
    while path:
        reply = world.bob.get(path)
        seen += [row["id"] for row in reply.json()]
        following = reply.headers.get("X-Pagination-Next")
        path = following.partition("/api/v1")[2] if following else None
        for _number in range(10):
            world.make(kind)
        assert path is None or "order_by=-created_date&status__is_closed=false" in path.replace("%3D", "=")
    assert there <= {*seen}


@pytest.mark.parametrize("order", ["", "created_date", "-modified_date", "status", "-assigned_to", "total_voters"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_order_has_ties(world: World, kind: str, order: str) -> None:
    """Items that are alike in what they are ordered by still have one order, on every page."""
    made = {world.make(kind)["id"] for _number in range(23)}
    alike = {"created_date": MOMENT, "modified_date": MOMENT, **dict.fromkeys(ORDERS[kind], 1)}
    WorkItem.objects.filter(project=world.project).update(**alike)
    path = f"/{kind}?project={world.project.pk}&page_size=5" + (f"&order_by={order}" if order else "")
    pages = [world.alice.get(f"{path}&page={page}").json() for page in range(1, 6)]
    seen = [row["id"] for page in pages for row in page]
    assert (len(seen), {*seen}) == (23, made)
    whole = world.alice.get(path, x_disable_pagination="1").json()
    assert [row["id"] for row in whole] == seen


@pytest.fixture
def full_column(world: World) -> World:
    """Cards with everything that a card can show, all in one column."""
    epics = [world.make("epics")["id"] for _number in range(2)]
    lines = "\n".join(f"Story {number}" for number in range(FULL))
    body = {"project_id": world.project.pk, "bulk_stories": lines, "status_id": world.status("new")}
    assert world.alice.post("/userstories/bulk_create", body).status_code == 200
    decorate(world, list(UserStory.objects.filter(project=world.project)), epics)
    return world


def decorate(world: World, stories: list[Any], epics: list[int]) -> None:
    """Tags, two epics, three people and a file for each story."""
    people = [world.alice.user.pk, world.bob.user.pk, world.carol.user.pk]
    WorkItem.objects.filter(pk__in=[one.pk for one in stories]).update(tags=["red", "blue"], assigned_to=people[0])
    assigned = [AssignedUser(user_story=one, user_id=key) for one in stories for key in people]
    related = [RelatedUserStory(user_story=one, epic_id=key, order=one.pk) for one in stories for key in epics]
    files = [
        Attachment(
            project=world.project, owner_id=people[0], item_id=one.pk, name="a.png", attached_file="a/a.png", size=1
        )
        for one in stories
    ]
    Project.objects.filter(pk=world.project.pk).update(tags_colors=[["red", None], ["blue", "#0000ff"]])
    AssignedUser.objects.bulk_create(assigned)
    RelatedUserStory.objects.bulk_create(related)
    Attachment.objects.bulk_create(files)


def calls_of_the_board(project: int) -> list[str]:
    """What the page of the kanban asks for."""
    shown = "status__is_archived=false&include_attachments=1&include_tasks=1"
    return [
        f"/userstories?project={project}&{shown}",
        f"/userstories/filters_data?project={project}",
        f"/epics?project={project}",
        f"/milestones?project={project}&closed=false",
        f"/swimlanes?project={project}",
    ]


def test_a_column_of_many_cards_costs_as_many_statements_as_one_of_few(full_column: World) -> None:
    world = full_column
    paths = calls_of_the_board(world.project.pk)
    many = [cost(world, path) for path in paths]
    ids = list(UserStory.objects.filter(project=world.project).values_list("id", flat=True))
    WorkItem.objects.filter(pk__in=ids[2:]).delete()
    assert [cost(world, path) for path in paths] == many
    assert max(many) <= 20


def cost(world: World, path: str) -> int:
    """How many statements an answer without pages takes."""
    with counted() as statements:
        assert world.bob.get(path, x_disable_pagination="1").status_code == 200
    return len(statements)


def test_pages_of_a_full_column_add_up_to_the_whole(full_column: World) -> None:
    path = calls_of_the_board(full_column.project.pk)[0]
    whole = full_column.bob.get(path, x_disable_pagination="1").json()
    assert len(whole) == FULL
    pages = [full_column.bob.get(f"{path}&page_size=100&page={number + 1}").json() for number in range(FULL // 100)]
    assert [row for page in pages for row in page] == whole
    card = whole[0]
    assert (len(card["tags"]), len(card["epics"]), len(card["assigned_users"]), len(card["attachments"])) == (
        2,
        2,
        3,
        1,
    )
    facets = full_column.bob.get(calls_of_the_board(full_column.project.pk)[1]).json()
    assert {one["name"]: one["count"] for one in facets["statuses"]}["New"] == FULL
    assert {one["name"]: one["count"] for one in facets["tags"]} == {"red": FULL, "blue": FULL}


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
