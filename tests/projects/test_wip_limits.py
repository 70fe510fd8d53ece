"""Limits of work in progress that hold."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections

from taiga.base.database import writing
from taiga.projects.models import Project, Swimlane, SwimlaneUserStoryStatus, UserStory, UserStoryStatus
from taiga.projects.permissions import ProjectFacts, access_to
from taiga.projects.services import wip_limits
from taiga.projects.services.wip_limits import Cell
from taiga.users.models import User
from tests.projects.apollo import Apollo, counted
from tests.world import person, project_of


class Board:
    """A project whose column Ready holds at most two stories."""

    def __init__(self, mode: str = "block", limit: int | None = 2) -> None:
        self.alice: User = person("alice")
        self.project: Project = project_of(self.alice)
        Project.objects.filter(pk=self.project.pk).update(wip_limit_mode=mode)
        self.new = UserStoryStatus.objects.get(project=self.project, slug="new").pk
        self.ready = UserStoryStatus.objects.get(project=self.project, slug="ready").pk
        UserStoryStatus.objects.filter(pk=self.ready).update(wip_limit=limit)
        self.refs = iter(range(1, 1000))

    @property
    def facts(self) -> ProjectFacts:
        found = access_to(self.alice, self.project.pk)
        assert found is not None
        return found.project

    def stories(self, count: int, status: int, lane: int | None = None) -> list[int]:
        return [
            UserStory.objects.create(
                project=self.project,
                kind="userstory",
                ref=next(self.refs),
                subject="S",
                status_id=status,
                swimlane_id=lane,
            ).pk
            for _number in range(count)
        ]

    def lane(self, name: str, limit: int | None) -> int:
        """A lane with a limit of its own for Ready."""
        lane = Swimlane.objects.create(project=self.project, name=name)
        SwimlaneUserStoryStatus.objects.create(swimlane=lane, status_id=self.ready, wip_limit=limit)
        return lane.pk

    def move(self, story: int, status: int, lane: int | None = None) -> list[wip_limits.Excess]:
        """Move one story, as a service does it."""
        with writing():
            UserStory.objects.select_for_update().get(pk=story)
            found = wip_limits.check(self.facts, {story: Cell(status, lane)})
            UserStory.objects.filter(pk=story).update(status_id=status, swimlane_id=lane)
        return found


@pytest.fixture
def board(db: None) -> Board:
    return Board()


def refused(board: Board, *stories: int, lane: int | None = None) -> wip_limits.Excess:
    """What is told of stories that may not go into Ready."""
    with pytest.raises(wip_limits.WipLimitExceeded) as refusal:
        wip_limits.check(board.facts, {story: Cell(board.ready, lane) for story in stories})
    told: wip_limits.Excess = refusal.value.body()
    return told


def test_a_cell_is_filled_up_to_its_limit_and_no_further(board: Board) -> None:
    one, two, three = board.stories(3, board.new)
    assert board.move(one, board.ready) == []
    assert board.move(two, board.ready) == []
    told = refused(board, three)
    assert told.pop("_error_message")
    assert told == {
        "_error_type": "taiga.projects.exceptions.WipLimitExceeded",
        "status": board.ready,
        "swimlane": None,
        "limit": 2,
        "count": 3,
    }


def test_several_stories_are_counted_together(board: Board) -> None:
    stories = board.stories(3, board.new)
    assert wip_limits.check(board.facts, {story: Cell(board.ready, None) for story in stories[:2]}) == []
    assert refused(board, *stories)["count"] == 3


def test_new_stories_are_counted_too(board: Board) -> None:
    (held,) = board.stories(1, board.ready)
    cell = Cell(board.ready, None)
    assert wip_limits.check(board.facts, new=[cell]) == []
    with pytest.raises(wip_limits.WipLimitExceeded):
        wip_limits.check(board.facts, {held: cell}, [cell, cell])


def test_a_cell_that_was_over_its_limit_may_do_all_but_grow(board: Board) -> None:
    inside = board.stories(4, board.ready)
    (outside,) = board.stories(1, board.new)
    cell = Cell(board.ready, None)
    assert wip_limits.check(board.facts, dict.fromkeys(inside, cell)) == []
    assert wip_limits.check(board.facts, {inside[0]: Cell(board.new, None)}) == []
    assert wip_limits.check(board.facts, {inside[0]: Cell(board.new, None), outside: cell}) == []
    assert refused(board, outside)["count"] == 5


def test_each_lane_has_its_own_cell_and_its_own_limit_wins(board: Board) -> None:
    wide, plain, narrow = board.lane("wide", 3), board.lane("plain", None), board.lane("narrow", 0)
    board.stories(2, board.ready, wide)
    board.stories(2, board.ready, plain)
    (story,) = board.stories(1, board.new)
    assert wip_limits.check(board.facts, {story: Cell(board.ready, wide)}) == []
    assert refused(board, story, lane=plain)["limit"] == 2
    assert refused(board, story, lane=narrow) | {"_error_message": ""} == {
        "_error_message": "",
        "_error_type": "taiga.projects.exceptions.WipLimitExceeded",
        "status": board.ready,
        "swimlane": narrow,
        "limit": 0,
        "count": 1,
    }
    assert wip_limits.check(board.facts, {story: Cell(board.ready, None)}) == []


@pytest.mark.django_db
def test_a_project_that_only_warns_is_told_in_a_header() -> None:
    board = Board("warn")
    board.stories(2, board.ready)
    (story,) = board.stories(1, board.new)
    found = board.move(story, board.ready)
    assert UserStory.objects.get(pk=story).status_id == board.ready
    told = [{"status": board.ready, "swimlane": None, "limit": 2, "count": 3}]
    assert {name: json.loads(value) for name, value in wip_limits.headers(found).items()} == {
        "Taiga-Info-Wip-Limit-Exceeded": told
    }
    assert wip_limits.headers([]) == {}


@pytest.mark.django_db
@pytest.mark.parametrize(("mode", "limit"), [("off", 0), ("block", None)])
def test_without_a_mode_or_a_limit_everything_goes(mode: str, limit: int | None) -> None:
    board = Board(mode, limit)
    facts, stories = board.facts, board.stories(5, board.new)
    with counted() as queries:
        assert wip_limits.check(facts, {story: Cell(board.ready, None) for story in stories}) == []
    assert queries == [0 if mode == "off" else 1]


def test_a_check_costs_the_same_for_any_number_of_stories(board: Board) -> None:
    UserStoryStatus.objects.filter(pk=board.ready).update(wip_limit=100)
    facts, stories = board.facts, board.stories(50, board.new)
    counts = []
    for some in (stories[:1], stories):
        with counted() as queries:
            wip_limits.check(facts, dict.fromkeys(some, Cell(board.ready, None)))
        counts += queries
    assert counts[0] == counts[1] <= 4


@pytest.fixture
def closed_connections() -> Iterator[None]:
    yield
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_do_not_exceed_a_limit(closed_connections: None) -> None:
    board = Board(limit=3)
    stories = board.stories(50, board.new)
    start = Barrier(len(stories))

    def attempt(story: int) -> bool:
        connection.ensure_connection()
        start.wait()
        try:
            board.move(story, board.ready)
        except wip_limits.WipLimitExceeded:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(50) as threads:
        outcomes = list(threads.map(attempt, stories))
    assert sum(outcomes) == 3
    assert UserStory.objects.filter(status=board.ready).count() == 3


def api(mode: str) -> tuple[Apollo, int, int]:
    """A project over HTTP whose column Ready holds one story; the statuses New and Ready."""
    apollo = Apollo()
    assert apollo.alice.patch(f"/projects/{apollo.project.pk}", {"wip_limit_mode": mode}).status_code == 200
    new, ready = apollo.named("/userstory-statuses", "New"), apollo.named("/userstory-statuses", "Ready")
    apollo.alice.patch(f"/userstory-statuses/{ready}", {"wip_limit": 1})
    apollo.story("there", status=ready)
    return apollo, new, ready


@pytest.mark.django_db
def test_creating_editing_and_moving_are_all_refused_whole() -> None:
    apollo, new, ready = api("block")
    story = apollo.story("here", status=new)
    bulk = {"project_id": apollo.project.pk, "status_id": ready}
    for reply in (
        apollo.alice.post("/userstories", {"project": apollo.project.pk, "subject": "new", "status": ready}),
        apollo.alice.patch(f"/userstories/{story['id']}", {"version": 1, "status": ready, "subject": "changed"}),
        apollo.alice.post("/userstories/bulk_update_kanban_order", {**bulk, "bulk_userstories": [story["id"]]}),
        apollo.alice.post("/userstories/bulk_create", {**bulk, "bulk_stories": "a\nb"}),
    ):
        assert reply.status_code == 400, reply.content
        assert reply.json()["_error_type"] == "taiga.projects.exceptions.WipLimitExceeded"
        assert (reply.json()["status"], reply.json()["swimlane"], reply.json()["limit"]) == (ready, None, 1)
    assert apollo.shown(f"/userstories/{story['id']}")["subject"] == "here"
    assert UserStory.objects.filter(project=apollo.project).count() == 2


@pytest.mark.django_db
def test_creating_editing_and_moving_are_done_with_a_warning() -> None:
    apollo, new, ready = api("warn")
    edited, moved = apollo.story("edited", status=new), apollo.story("moved", status=new)
    bulk = {"project_id": apollo.project.pk, "status_id": ready, "bulk_userstories": [moved["id"]]}
    counts = []
    for reply in (
        apollo.alice.post("/userstories", {"project": apollo.project.pk, "subject": "new", "status": ready}),
        apollo.alice.patch(f"/userstories/{edited['id']}", {"version": 1, "status": ready}),
        apollo.alice.post("/userstories/bulk_update_kanban_order", bulk),
    ):
        assert reply.status_code in (200, 201), reply.content
        (told,) = json.loads(reply.headers["Taiga-Info-Wip-Limit-Exceeded"])
        counts.append(told["count"])
    assert counts == [2, 3, 4]
