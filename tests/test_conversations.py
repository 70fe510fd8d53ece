"""Whatever people ask for, one after the other: what the API tells in many places is everywhere the same."""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from taiga.changes.models import Change
from taiga.projects.models import Kind, Milestone, Project, RolePoints, Status, Task, UserStory, WorkItem
from taiga.projects.services.freezing import freeze
from taiga.timeline.models import TimelineEntry
from tests.conversation import MODELS, PATHS, Conversation, Said
from tests.world import Caller

pytestmark = pytest.mark.django_db

SEEDS = range(5, 5 + int(os.environ.get("TAIGA_TEST_CONVERSATIONS", "2")))
"""Each is another conversation, always the same."""
LENGTH = 80
"""Requests of one conversation."""
VERSIONED = ("PATCH", "PUT")
ALL = {"x_disable_pagination": "1"}


def stored() -> dict[str, list[str]]:
    """All rows of all tables."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True):
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = sorted(map(repr, cursor.fetchall()))
    return found


class State:
    """All items, sprints and projects at one moment, and which of them should be closed."""

    def __init__(self) -> None:
        self.items = {item.pk: item for item in WorkItem.objects.all()}
        self.sprints = list(Milestone.objects.all())
        self.projects = list(Project.objects.all())
        self.closing = set(Status.objects.filter(is_closed=True).values_list("pk", flat=True))
        self.done = {sprint.pk: self.is_done(sprint) for sprint in self.sprints}

    def is_closed(self, story: WorkItem) -> bool:
        """A story is closed with its tasks, or, if it has none, with its status."""
        tasks = [item.status_id for item in self.items.values() if item.user_story_id == story.pk]
        return story.status_id is not None and {*(tasks or [story.status_id])} <= self.closing

    def is_done(self, sprint: Milestone) -> bool:
        """A sprint is done with all that is in it, if there is anything."""
        inside = [item for item in self.items.values() if item.milestone_id == sprint.pk and not item.user_story_id]
        return bool(inside) and all(
            item.is_closed if item.kind == Kind.USERSTORY else item.status_id in self.closing for item in inside
        )


def wrong_items(said: Said, before: State, now: State) -> Iterator[str]:
    """Versions, numbers and stories that one request left as they should not be."""
    for key, item in now.items.items():
        old = before.items.get(key)
        named = said.method in VERSIONED and said.path == f"/{PATHS[item.kind]}/{key}" and not said.refused
        if old is not None and item.version != old.version + named:
            yield f"the version of {key} went from {old.version} to {item.version}"
        if old is None and item.ref <= max(
            one.ref for one in before.items.values() if one.project_id == item.project_id
        ):
            yield f"the number of {key} was there before"
        finished = item.finished_date is not None
        if item.kind == Kind.USERSTORY and {item.is_closed, finished} != {now.is_closed(item)}:
            yield f"story {key} is closed: {item.is_closed}, since {item.finished_date}"


def wrong_projects(now: State) -> Iterator[str]:
    """Counters that count something else, and tags without a place in the palette."""
    for project in now.projects:
        rows = TimelineEntry.objects.filter(namespace=f"project:{project.pk}").count()
        if project.total_activity != rows:
            yield f"{project} has {rows} rows in its timeline, but tells {project.total_activity}"
        used = {tag for item in now.items.values() if item.project_id == project.pk for tag in item.tags or ()}
        palette = [tag for tag, _color in project.tags_colors or ()]
        if used - set(palette) or len(set(palette)) < len(palette):
            yield f"the palette of {project} is {palette}, its tags {used}"


def wrong_sprints(said: Said, before: State, now: State) -> Iterator[str]:
    """Sprints that became done, or not done any more, and do not tell so.

    A deletion only closes them; of a status that is edited they do not hear but by their stories.
    """
    for sprint in now.sprints:
        done = now.done[sprint.pk]
        unheard = (said.method == "DELETE" and not done) or (said.method == "PATCH" and "-statuses/" in said.path)
        if done != before.done.get(sprint.pk, done) and sprint.closed != done and not unheard:
            yield f"sprint {sprint.pk} is closed: {sprint.closed}"


@pytest.mark.parametrize("seed", SEEDS)
def test_each_request_does_what_it_should_or_nothing_at_all(seed: int) -> None:
    conversation = Conversation(seed)
    found: list[Any] = []
    rows, now, refused = stored(), State(), 0
    for _number in range(LENGTH):
        before, known = rows, now
        said = conversation.go_on()
        rows, now = stored(), State()
        assert said.answer.status_code < 500, said
        if said.refused and rows != before:
            found.append((said, "it was refused, and something changed"))
        wrong = (*wrong_items(said, known, now), *wrong_projects(now), *wrong_sprints(said, known, now))
        found += [(said, one) for one in wrong]
        refused += said.refused
    assert found == []
    assert LENGTH / 5 < refused < LENGTH * 4 / 5


@pytest.mark.parametrize("seed", SEEDS)
def test_what_came_of_it_is_told_everywhere_alike(seed: int) -> None:
    conversation = Conversation(seed)
    for _number in range(LENGTH):
        conversation.go_on()
    project = conversation.project
    for name, caller in conversation.callers.items():
        for path in MODELS:
            assert list(differing(caller, path, project)) == [], name
    alice = conversation.callers["alice"]
    for path in MODELS:
        assert list(miscounted(alice, path, project)) == []
        assert list(out_of_line(alice, path, project)) == []
    assert list(wrong_points(alice, project)) == []
    assert list(broken_histories()) == []


def listed(caller: Caller, path: str, project: Project, query: str = "") -> list[Any]:
    reply = caller.get(f"/{path}?project={project.pk}{query}", **ALL)
    assert reply.status_code == 200, reply.content
    rows: list[Any] = reply.json()
    return rows


def alike(one: Any, other: Any) -> bool:
    """Whether two values are the same; lists of ids have no order."""
    lists = isinstance(one, list) and isinstance(other, list)
    return sorted(map(str, one)) == sorted(map(str, other)) if lists else one == other


def differing(caller: Caller, path: str, project: Project) -> Iterator[Any]:
    """Where a list, a detail and what is found by number disagree."""
    extras = "&include_attachments=1&include_tasks=1"
    rows = listed(caller, path, project, extras)
    for row in rows:
        detail = caller.get(f"/{path}/{row['id']}?{extras}").json()
        found = caller.get(f"/{path}/by_ref?project={project.pk}&ref={row['ref']}{extras}").json()
        yield from ((row["id"], key) for key in detail if not alike(detail[key], found.get(key)))
        yield from ((row["id"], key) for key in row if not alike(row[key], detail.get(key)))
    if not rows:
        hidden = MODELS[path].objects.filter(project=project).values_list("pk", flat=True)
        yield from (key for key in hidden if caller.get(f"/{path}/{key}").status_code == 200)


def miscounted(caller: Caller, path: str, project: Project) -> Iterator[Any]:
    """Facets that count other items than the list shows with the same filters."""
    facets = caller.get(f"/{path}/filters_data?project={project.pk}").json()
    names = {"statuses": "status", "assigned_to": "assigned_to", "types": "type", "priorities": "priority"}
    for facet, name in names.items():
        for value in facets.get(facet, ()):
            key = "null" if value["id"] is None else value["id"]
            for query, expected in ((name, value["count"]), (f"exclude_{name}", None)):
                rows = listed(caller, path, project, f"&{query}={key}")
                total = len(listed(caller, path, project))
                if len(rows) != (total - value["count"] if expected is None else expected):
                    yield query, key, len(rows), value["count"]
    for tag in facets["tags"]:
        if tag["count"] != sum(tag["name"] in dict(row["tags"]) for row in listed(caller, path, project)):
            yield tag


def out_of_line(caller: Caller, path: str, project: Project) -> Iterator[Any]:
    """Pages and neighbours that are not those of the whole list."""
    order = "&order_by=-modified_date"
    whole = [row["id"] for row in listed(caller, path, project, order)]
    pages: list[int] = []
    for number in range(1, len(whole) // 2 + 2):
        reply = caller.get(f"/{path}?project={project.pk}{order}&page_size=2&page={number}")
        if reply.status_code == 200:
            pages += [row["id"] for row in reply.json()]
            if int(reply.headers["x-pagination-count"]) != len(whole):
                yield "count", number
    if pages != whole:
        yield pages, whole
    for place, key in enumerate(whole):
        around = caller.get(f"/{path}/{key}?{order}").json()["neighbors"]
        expected = [*whole[max(0, place - 1) : place], *whole[place + 1 : place + 2]]
        if [one["id"] for one in (around["previous"], around["next"]) if one] != expected:
            yield key, around, expected


def wrong_points(caller: Caller, project: Project) -> Iterator[Any]:
    """Sprints and statistics whose sums are not those of the stories."""
    total: Counter[Any] = Counter()
    closed: Counter[Any] = Counter()
    estimates = RolePoints.objects.filter(user_story__project=project).exclude(points__value=None)
    columns: Any = ("user_story__milestone", "user_story__is_closed", "points__value")
    for sprint, is_closed, value in estimates.values_list(*columns):
        total[sprint] += value
        closed[sprint] += value if is_closed else 0
    stats = caller.get(f"/projects/{project.pk}/stats").json()
    if (stats["defined_points"], stats["closed_points"]) != (total.total(), closed.total()):
        yield stats
    for row in listed(caller, "milestones", project):
        if (row["total_points"] or 0, row["closed_points"] or 0) != (total[row["id"]], closed[row["id"]]):
            yield row
        stories = UserStory.objects.filter(milestone=row["id"]).order_by("backlog_order", "ref")
        if [story["id"] for story in row["user_stories"]] != [story.pk for story in stories]:
            yield row


UNTOLD = {"attachments", "promoted_to"}
"""Fields that change along with others, and are told late or not at all."""


def is_told(field: str, kind: str) -> bool:
    """Whether the history has every change of a field; a task follows its story into a sprint without an entry."""
    return field not in UNTOLD and (field, kind) != ("milestone", Task.type_key)


def state_of(item: WorkItem) -> dict[str, Any]:
    """An item as its history should have it."""
    points = RolePoints.objects.filter(user_story=item.pk).values_list("role_id", "points_id")
    return freeze(item) | ({"points": {str(role): key for role, key in points}} if points else {})


def own_changes() -> Iterator[Change]:
    """The changes of all items, without the comments that a promoted item brought along: those are older than it."""
    born: dict[tuple[str, int], Any] = {}
    for change in Change.objects.filter(entry=None, kind__in=[model.type_key for model in MODELS.values()]):
        key = change.kind, change.object_id
        if change.at >= born.setdefault(key, change.at):
            yield change


def broken_histories() -> Iterator[Any]:
    """Entries that tell of another past than those before them, and items that are as nobody told."""
    told: dict[tuple[str, int], dict[str, Any]] = {}
    for change in own_changes():
        known = told.setdefault((change.kind, change.object_id), {})
        for field, (before, after) in change.diff.items():
            if is_told(field, change.kind) and known.get(field, before) != before:
                yield change.pk, field, known[field], before
            known[field] = after
        known.update(change.snapshot or {})
    for item in (item for model in MODELS.values() for item in model.objects.all()):
        known = told[item.type_key, item.pk]
        for field, value in (state_of(item) | (item.unrecorded or {})).items():
            if is_told(field, item.type_key) and known[field] != value:
                yield item.pk, field, known[field], value
