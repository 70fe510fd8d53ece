"""The list of projects, with its filters and orders."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet

from taiga.base import clock, sql
from taiga.base.prepared import Param, Prepared
from taiga.projects import search_index
from taiga.projects.models import Membership, Project
from taiga.projects.permissions import Can
from taiga.projects.queries import fulltext, projects, scopes
from taiga.projects.queries.filter_kinds import Filter, Flag, Parsed, bad_parameter, parse_ids

TOTALS = ("total_fans", "total_activity")
PERIODS = {
    "_last_week": relativedelta(weeks=1),
    "_last_month": relativedelta(months=1),
    "_last_year": relativedelta(years=1),
}
ORDERS = (*TOTALS, *(f"{total}{period}" for total in TOTALS for period in PERIODS))
SEARCH = fulltext.Search(search_index.PROJECTS)
DISCOVER = "discover"
"""The scope of project discovery: public projects, the same for every caller."""


@dataclass(frozen=True)
class Member(Filter):
    """The projects of a member; `null` stands for projects with pending invitations."""

    def read(self, text: str) -> Parsed | None:
        ids, null = parse_ids(text)
        if null == bool(ids) or len(ids) > 1:
            raise bad_parameter()
        return ("null", {}) if null else ("one", {self.name: ids[0]})

    def condition(self, variant: str) -> Q:
        members = Membership.objects.filter(project=OuterRef("pk")).order_by()
        return Q(Exists(members.filter(user=None if variant == "null" else Param(self.name))))


FILTERS: dict[str, Filter] = {
    one.name: one
    for one in (
        Member("member"),
        Flag("is_looking_for_people", "is_looking_for_people"),
        Flag("is_featured", "is_featured"),
        Flag("is_backlog_activated", "is_backlog_activated"),
        Flag("is_kanban_activated", "is_kanban_activated"),
    )
}


@dataclass(frozen=True)
class Spec:
    """The properties that decide the statements of a list."""

    scope: str
    variants: tuple[tuple[str, str], ...]
    order_by: str
    searched: bool


@dataclass(frozen=True)
class Listing:
    """A list as requested."""

    spec: Spec
    viewer: Any
    values: dict[str, Any]
    slight: bool

    def count(self) -> int:
        """How many projects there are."""
        found = statements(self.spec).count.one(**self.values)
        return int(found[0]) if found else 0

    def page(self, limit: int | None, offset: int) -> list[projects.Row]:
        """A page: first the ids, then the rows of these ids."""
        found = statements(self.spec).ids.all(limit=limit, offset=offset, **self.values)
        return projects.by_ids([row[0] for row in found], self.viewer, slight=self.slight)

    def contains(self, project_id: int) -> bool:
        """Whether the list contains a project."""
        query = Prepared(lambda: matching(self.spec).filter(pk=Param("project")).values_list("id"))
        return query.one(**self.values, project=project_id) is not None


PARAMETERS = (*FILTERS, "q", "discover_mode")
"""The parameters that decide which projects are in a list; `slight` and `order_by` only decide how they are shown."""


def listing(viewer: Any, query: dict[str, str]) -> Listing:
    """The list that the parameters request. Raises BadRequest."""
    variants: list[tuple[str, str]] = []
    values: dict[str, Any] = {}
    for name, one in FILTERS.items():
        parsed = one.read(query[name]) if name in query else None
        if parsed:
            variants.append((name, parsed[0]))
            values |= parsed[1]
    discover = query.get("discover_mode", "") not in ("", "false")
    own = "all" if viewer.is_superuser else "mine" if viewer.is_authenticated else "public"
    order_by = order_of(viewer, query, discover=discover)
    spec = Spec(DISCOVER if discover else own, tuple(variants), order_by, bool(query.get("q")))
    values |= {"viewer": viewer.id, "since": since(order_by), "q": fulltext.to_query(query.get("q", ""))}
    return Listing(spec, viewer, values, slight=bool(query.get("slight")))


def order_of(viewer: Any, query: dict[str, str], *, discover: bool) -> str:
    """The requested order; "" is the default."""
    requested = query.get("order_by", "")
    name = requested.removeprefix("-")
    if name in ORDERS or (name == "user_order" and viewer.is_authenticated):
        return requested
    return "?" if discover and query.get("is_featured") == "true" else ""


def since(order_by: str) -> str | None:
    """Orders by recent counters only consider projects whose counters were updated in that period."""
    period = next((span for ending, span in PERIODS.items() if order_by.endswith(ending)), None)
    if period is None or not order_by.startswith("-"):
        return None
    return str((clock.now() - period).replace(tzinfo=None))


@dataclass(frozen=True)
class Statements:
    """The statements of one kind of list."""

    ids: Prepared
    count: Prepared


@lru_cache(maxsize=256)
def statements(spec: Spec) -> Statements:
    """The statements, compiled once."""
    return Statements(
        Prepared(lambda: ordered(matching(spec), spec).values_list("id")),
        Prepared(lambda: sql.counted(matching(spec))),
    )


def matching(spec: Spec) -> "QuerySet[Project]":
    """The projects that match the filters."""
    rows = Project.objects.order_by()
    if spec.scope == DISCOVER:
        rows = rows.filter(anon_permissions__holds_any=[Can.VIEW_PROJECT], blocked_code=None)
    else:
        rows = scopes.scoped(rows, spec.scope, Can.VIEW_PROJECT, "")
    for name, variant in spec.variants:
        rows = rows.filter(FILTERS[name].condition(variant))
    if spec.order_by.startswith("-") and spec.order_by.endswith(tuple(PERIODS)):
        rows = rows.filter(totals_updated_datetime__gte=Param("since", DateTimeField()))
    return rows.filter(fulltext.matching(SEARCH)) if spec.searched else rows


def ordered(rows: "QuerySet[Project]", spec: Spec) -> "QuerySet[Project]":
    """The projects in the requested order; else by relevance, or by name."""
    name, down = spec.order_by.removeprefix("-"), spec.order_by.startswith("-")
    if name == "user_order":
        mine = rows.alias(mine=projects.of_viewer("memberships"))
        place = F("mine__user_order")
        return mine.order_by(place.desc(nulls_first=True) if down else place.asc(nulls_last=True), "-id")
    if name == "?":
        return rows.order_by("?")
    if name:
        return rows.order_by(spec.order_by, "-id")
    best = [fulltext.Rank(SEARCH).desc()] if spec.searched else []
    return rows.order_by(*best, "name", "id")
