"""The requests that are measured, each with the floor's statement for the same answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.places import Place
from bench.rounds import Ask
from bench.statements import items, overviews, projects
from bench.statements.dialect import Dialect, Postgres, Sqlite

Facts = dict[str, Any]
ALL = {"x-disable-pagination": "1"}


@dataclass(frozen=True)
class Case:
    """A request: its path (with what `ids` puts in its place), and who writes the statement."""

    name: str
    path: Callable[[Facts], str]
    statement: Callable[[items.Items, Dialect, Facts], str]
    batch: int
    ids: Callable[[Facts], Sequence[int]] = lambda facts: (facts["id"],)
    headers: dict[str, str] = field(default_factory=dict)
    project: str = "big"

    @property
    def key(self) -> str:
        """The statement's name in the floor's addresses."""
        return "".join(letter for letter in self.name if letter.isalnum()) + self.project

    def of(self, place: Place) -> Facts:
        facts: Facts = place.facts[self.project]
        return facts

    def ask(self, place: Place) -> Ask:
        """What the API is asked."""
        facts = self.of(place)
        headers = {"Authorization": f"Bearer {place.facts['token']}", **self.headers}
        return Ask(f"/api/v1/{self.path(facts)}", headers=headers, ids=self.ids(facts))

    def ask_floor(self, place: Place) -> Ask:
        return Ask(f"/{self.key}/{{id}}", ids=self.ids(self.of(place)))

    def sql(self, place: Place) -> str:
        facts = self.of(place)
        say = Postgres() if place.is_postgres else Sqlite()
        return self.statement(
            items.Items(say, facts["id"], place.facts["user"]), say, {**facts, "user": place.facts["user"]}
        )


READS = (
    Case(
        "list of 100 stories",
        lambda f: f"userstories?project={f['id']}&page_size=100",
        lambda i, s, f: i.stories(100),
        8,
    ),
    Case("list of 30 stories", lambda f: f"userstories?project={f['id']}", lambda i, s, f: i.stories(30), 16),
    Case("one story", lambda f: "userstories/{id}", lambda i, s, f: i.detail(), 40, lambda f: f["stories"][100:200]),
    Case("one project", lambda f: "projects/{id}", lambda i, s, f: projects.detail(s, f["user"]), 20),
)
BOARD = "&status__is_archived=false&include_attachments=1&include_tasks=1"
BOARDS = (
    Case(
        "kanban, 1,000 stories",
        lambda f: f"userstories?project={f['id']}{BOARD}",
        lambda i, s, f: i.kanban(),
        1,
        headers=ALL,
        project="small",
    ),
    Case(
        "kanban, 5,000 stories",
        lambda f: f"userstories?project={f['id']}{BOARD}",
        lambda i, s, f: i.kanban(),
        1,
        headers=ALL,
    ),
    Case(
        "backlog page",
        lambda f: f"userstories?project={f['id']}&milestone=null&page=1",
        lambda i, s, f: i.backlog(30),
        12,
    ),
    Case(
        "filters_data of stories",
        lambda f: f"userstories/filters_data?project={f['id']}",
        lambda i, s, f: overviews.facets(s, f["id"]),
        3,
    ),
    Case(
        "issues, filtered and sorted",
        lambda f: f"issues?project={f['id']}&order_by=-modified_date&status={comma(f['statuses']['issue'][:3])}",
        lambda i, s, f: i.issues(f["statuses"]["issue"][:3], 30),
        8,
    ),
    Case(
        "taskboard: tasks",
        lambda f: f"tasks?project={f['id']}&milestone={{id}}&include_attachments=1",
        lambda i, s, f: i.tasks(),
        4,
        lambda f: f["sprints"][3:13],
        headers=ALL,
    ),
    Case(
        "taskboard: sprint, stories",
        lambda f: "milestones/{id}",
        lambda i, s, f: i.sprint(),
        6,
        lambda f: f["sprints"][3:13],
    ),
    Case(
        "search",
        lambda f: f"search?project={f['id']}&text=login",
        lambda i, s, f: overviews.search(s, f["id"]),
        1,
    ),
)


def comma(keys: Sequence[int]) -> str:
    return ",".join(map(str, keys))
