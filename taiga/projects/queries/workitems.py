"""Lists of work items, and the neighbours of an item."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Count, F, OrderBy, OuterRef, Q, QuerySet

from taiga.base.prepared import Param, Prepared
from taiga.base.sql import First, counted
from taiga.projects.models import Kind, RelatedUserStory, WorkItem
from taiga.projects.permissions import ITEMS, Access, visible
from taiga.projects.queries import filters, rows
from taiga.projects.queries.filter_kinds import Variants

Terms = tuple[OrderBy | str, ...]
DEFAULT: dict[Kind, tuple[str, ...]] = {
    Kind.EPIC: ("project__name", "project", "epics_order", "ref"),
    Kind.USERSTORY: ("project__name", "project", "backlog_order", "ref"),
    Kind.TASK: ("project__name", "project", "created_date", "ref"),
    Kind.ISSUE: ("project__name", "project", "-id"),
}
"""The default order; within one project its first two terms are constant and left out."""
PLAIN = ("created_date", "modified_date", "subject", "ref")


def by_project(name: str, *columns: str) -> tuple[str, ...]:
    """An order by a sprint or value, grouped by project."""
    return tuple(f"{name}__{column}" for column in ("project__name", "project", *columns))


ORDERS: dict[Kind, dict[str, tuple[str, ...]]] = {
    Kind.EPIC: {},
    Kind.USERSTORY: {
        **{name: (name,) for name in (*PLAIN[:3], "backlog_order", "sprint_order", "kanban_order")},
        "epic_order": ("epic_order",),
        "project": ("project__name", "project"),
        "milestone": by_project("milestone", "created_date"),
        "status": by_project("status", "order", "name"),
        "assigned_to": ("assigned_to__full_name",),
        "total_voters": ("total_voters",),
    },
    Kind.TASK: {
        **{name: (name,) for name in (*PLAIN[:3], "us_order")},
        "project": ("project__name", "project"),
        "milestone": by_project("milestone", "created_date"),
        "status": by_project("status", "order", "name"),
        "assigned_to": ("assigned_to__full_name",),
        "total_voters": ("total_voters",),
    },
    Kind.ISSUE: {
        **{name: (name,) for name in PLAIN},
        "project": ("project__name", "project"),
        **{name: by_project(name, "order", "name") for name in ("status", "type", "severity", "priority")},
        "owner": ("owner__full_name",),
        "assigned_to": ("assigned_to__full_name",),
        "total_voters": ("total_voters",),
    },
}


@dataclass(frozen=True)
class Scope:
    """Whose rows: those of one project (`"project"`), or all that a superuser, a user or an anonymous viewer sees."""

    name: str
    project: int | None = None


def scope_of(viewer: Any, project: int | None, access: Access | None, kind: Kind) -> Scope | None:
    """The rows that the viewer may see; None when there are none."""
    if project is None:
        return Scope("all" if viewer.is_superuser else "mine" if viewer.is_authenticated else "public")
    if access is None or not access.sees(ITEMS[kind].view):
        return None
    return Scope("project", project)


class AnyViewer:
    """A viewer whose id is a parameter, for statements that are compiled once for all."""

    def __init__(self, name: str) -> None:
        self.id = Param("viewer")
        self.is_superuser = name == "all"
        self.is_authenticated = name != "public"


def scoped(kind: Kind, scope: str) -> "QuerySet[WorkItem]":
    """The rows of a scope."""
    items = WorkItem.objects.filter(kind=kind).order_by()
    if scope == "project":
        return items.filter(project=Param("project"))
    return items.filter(visible(AnyViewer(scope), ITEMS[kind].view, "project__"))


@dataclass(frozen=True)
class Listing:
    """A list as requested."""

    kind: Kind
    scope: Scope
    chosen: filters.Chosen
    order_by: str
    viewer: Any

    def values(self) -> dict[str, Any]:
        """The parameters of the statements."""
        return {
            **self.chosen.values,
            "project": self.scope.project if self.scope.project is not None else self.chosen.values.get("project"),
            "viewer": self.viewer.id,
            "shown_epic": self.epic,
        }

    @property
    def epic(self) -> int | None:
        """The first epic of the filter `epic`, whose order of stories is shown and used for sorting."""
        ids: Sequence[int] = self.chosen.values.get("epic") or ()
        return ids[0] if ids else None

    def count(self) -> int:
        """How many rows there are."""
        row = compiled(self.kind, self.scope.name, self.chosen.variants, "").count.one(**self.values())
        assert row is not None
        return int(row[0])

    def ids(self, limit: int | None = None, offset: int = 0) -> list[int]:
        """The ids of the rows, in order."""
        query = compiled(self.kind, self.scope.name, self.chosen.variants, self.order_by).ids
        return [row[0] for row in query.all(limit=limit, offset=offset, **self.values())]


@dataclass(frozen=True)
class Compiled:
    """The statements of one combination of filters and order."""

    ids: Prepared
    count: Prepared


@lru_cache(maxsize=1024)
def compiled(kind: Kind, scope: str, variants: tuple[tuple[str, str], ...], order_by: str) -> Compiled:
    """The statements, made once for each combination."""
    return Compiled(
        ids=Prepared(lambda: ordered(matching(kind, scope, variants), kind, scope, order_by).values_list("id")),
        count=Prepared(lambda: counted(matching(kind, scope, variants))),
    )


def matching(kind: Kind, scope: str, variants: Variants) -> "QuerySet[WorkItem]":
    """The rows of a scope that match the filters. Lists of one project leave out stories without a status."""
    found = filters.applied(scoped(kind, scope), kind, variants, anywhere=scope != "project")
    if kind == Kind.USERSTORY and any(name == "project" for name, _variant in variants):
        return found.filter(status__isnull=False)
    return found


def ordered(items: "QuerySet[WorkItem]", kind: Kind, scope: str, order_by: str) -> "QuerySet[WorkItem]":
    """The rows in the requested order, else in that of their kind; ties by descending id."""
    name = order_by.removeprefix("-")
    paths = ORDERS[kind].get(name)
    if not paths:
        default = DEFAULT[kind][2 if scope == "project" else 0 :]
        return items.order_by(*default) if default else items.order_by("-id")
    if name == "total_voters":
        items = items.annotate(total_voters=Count("votes"))
    if name == "epic_order":
        place = RelatedUserStory.objects.filter(user_story=OuterRef("pk"), epic=Param("shown_epic")).values(
            value=F("order")
        )
        items = items.annotate(epic_order=First(place))
    if scope == "project":
        paths = tuple(path for path in paths if "project" not in path.split("__"))
    terms = [F(path).desc(nulls_first=True) if order_by[0] == "-" else F(path).asc(nulls_last=True) for path in paths]
    return items.order_by(*terms, "-id")


def fetched(listing: Listing, shape: rows.Shape, limit: int | None, offset: int) -> list[rows.Row]:
    """A page of a list: first the ids, then the rows of these ids."""
    ids = listing.ids(limit, offset)
    return rows.by_ids(listing.kind, ids, viewer=listing.viewer, shape=shape, epic=listing.epic)


NO_NEIGHBORS = {"previous": None, "next": None}


def refs(listing: Listing, limit: int | None, offset: int) -> list[rows.Row]:
    """A page of a list, with #numbers only."""
    ids = listing.ids(limit, offset)
    found = rows.minimal_rows(ids)
    return [{"id": key, "ref": found[key]["ref"]} for key in ids]


def neighbors(item: rows.Row, listing: Listing) -> dict[str, Any]:
    """The previous and the next item in a list of its project; null if the item is not in that list."""
    plan = neighbor_statements(listing.kind, listing.chosen.variants) if not listing.order_by else None
    if plan is not None:
        params = {**listing.values(), "here": position(listing.kind, item), "ref": item["ref"], "id": item["id"]}
        if listing.chosen.variants and not plan.present.all(**params):
            return NO_NEIGHBORS
        return {
            "previous": minimal(plan.before.all(limit=1, **params)),
            "next": minimal(plan.after.all(limit=1, **params)),
        }
    return neighbors_in(item["id"], listing.ids())


def neighbors_in(key: int, ids: list[int]) -> dict[str, Any]:
    """The neighbours of an item in a sequence of ids."""
    if key not in ids:
        return NO_NEIGHBORS
    at = ids.index(key)
    found = rows.minimal_rows(ids[place] for place in (at - 1, at + 1) if 0 <= place < len(ids))
    return {
        "previous": found.get(ids[at - 1]) if at > 0 else None,
        "next": found.get(ids[at + 1]) if at + 1 < len(ids) else None,
    }


def minimal(found: list[Any]) -> dict[str, Any] | None:
    """`{id, ref, subject}` of the first row."""
    return dict(zip(("id", "ref", "subject"), found[0], strict=True)) if found else None


@dataclass(frozen=True)
class NeighborStatements:
    """The statements that find the neighbours of an item in the default order."""

    present: Prepared
    before: Prepared
    after: Prepared


COLUMN = {Kind.EPIC: "epics_order", Kind.USERSTORY: "backlog_order", Kind.TASK: "created_date", Kind.ISSUE: "id"}


def position(kind: Kind, item: rows.Row) -> Any:
    """The position of the item in the default order."""
    return item[COLUMN[kind]]


@lru_cache(maxsize=512)
def neighbor_statements(kind: Kind, variants: tuple[tuple[str, str], ...]) -> NeighborStatements | None:
    """Find the neighbours by index instead of walking through the list; None if its order does not allow that."""
    if kind == Kind.TASK:
        return None
    column = COLUMN[kind]
    same = Q(**{column: Param("here")})
    greater, smaller = Q(**{f"{column}__gt": Param("here")}), Q(**{f"{column}__lt": Param("here")})
    if kind == Kind.ISSUE:
        after, before = smaller, greater
        forward: tuple[str, ...] = ("-id",)
        backward: tuple[str, ...] = ("id",)
    else:
        # that it is not before (or behind) the item follows from the rest, but bounds the walk through the index
        after = Q(**{f"{column}__gte": Param("here")}) & (greater | (same & Q(ref__gt=Param("ref"))))
        before = Q(**{f"{column}__lte": Param("here")}) & (smaller | (same & Q(ref__lt=Param("ref"))))
        forward, backward = (column, "ref"), (f"-{column}", "-ref")

    def found(condition: Q, order: tuple[str, ...]) -> Prepared:
        items = matching(kind, "project", variants).filter(condition)
        return Prepared(lambda: items.order_by(*order).values_list("id", "ref", "subject"))

    return NeighborStatements(
        present=found(Q(pk=Param("id")), ("id",)), before=found(before, backward), after=found(after, forward)
    )


def has_stories_without_swimlane(project_id: int) -> bool:
    """Whether a story of the project has no swimlane."""
    return bool(WITHOUT_SWIMLANE.all(limit=1, project=project_id))


def backlog_size(project_id: int) -> int:
    """The number of stories of the project without a sprint."""
    return int(BACKLOG.all(project=project_id)[0][0])


STORIES = WorkItem.objects.filter(kind=Kind.USERSTORY, project=Param("project"))
BACKLOG = Prepared(lambda: counted(STORIES.filter(milestone=None)))
WITHOUT_SWIMLANE = Prepared(lambda: STORIES.filter(swimlane=None).order_by().values_list("id"))
