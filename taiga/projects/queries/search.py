"""/search: the items and pages of a project that match a text, by relevance."""

from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from taiga.base import sql
from taiga.base.prepared import Ids, Param, Prepared, Row
from taiga.projects import search_index
from taiga.projects.models import Kind, RolePoints, WikiPage, WorkItem
from taiga.projects.permissions import ITEMS, Access, Can
from taiga.projects.queries import fulltext
from taiga.projects.queries.workitems import DEFAULT

Found = list[dict[str, Any]]
SECTIONS = {
    Kind.EPIC: "epics",
    Kind.USERSTORY: "userstories",
    Kind.TASK: "tasks",
    Kind.ISSUE: "issues",
}
PLAIN = ("id", "ref", "subject", "status", "assigned_to")
STORY = ("id", "ref", "subject", "status", "total_points", "milestone_name", "milestone_slug")


def search(access: Access, text: str) -> dict[str, Any]:
    """The matching objects that the caller may see, by section, and their `count`."""
    has_text = bool(text)
    best = best_items(access, text) if has_text else None
    found: dict[str, Any] = {}
    for kind, section in SECTIONS.items():
        if access.may(ITEMS[kind].view):
            found[section] = all_items(kind, access) if best is None else items_by_ids(kind, best[kind])
    if access.may(Can.VIEW_WIKI_PAGES):
        found["wikipages"] = wiki_pages(has_text, access, text)
    found["count"] = sum(len(part) for part in found.values())
    return found


def best_items(access: Access, text: str) -> dict[Kind, list[int]]:
    """The ids of matching items, the best of each kind first, from one query of the index."""
    found: dict[Kind, list[int]] = {kind: [] for kind in SECTIONS}
    limit, words = settings.SEARCHES_MAX_RESULTS, fulltext.to_query(text)
    for kind, _place, key in sorted(BEST.all(project=access.project.id, q=words, most=limit)):
        found[kind].append(key)
    return found


def best() -> Any:
    """The best of each kind."""
    words = fulltext.Search(search_index.ITEMS, project="project")
    order = [fulltext.Rank(words).desc(), F("id").desc()]
    found = WorkItem.objects.filter(project=Param("project")).filter(fulltext.matching(words))
    placed = found.annotate(place=Window(RowNumber(), partition_by=F("kind"), order_by=order))
    return placed.filter(place__lte=Param("most")).order_by().values_list("kind", "place", "id")


BEST = Prepared(best)


def items_by_ids(kind: Kind, ids: list[int]) -> Found:
    """The items with these ids, in their order."""
    rows = {row[0]: row for row in items(kind, has_text=True).all(ids=ids)} if ids else {}
    return as_dicts(columns_of(kind), [rows[key] for key in ids if key in rows])


def all_items(kind: Kind, access: Access) -> Found:
    """All items of a kind, up to the limit."""
    found = items(kind, has_text=False).all(limit=settings.SEARCHES_MAX_RESULTS, project=access.project.id)
    return as_dicts(columns_of(kind), found)


def columns_of(kind: Kind) -> tuple[str, ...]:
    """The columns of an item in search results."""
    return STORY if kind == Kind.USERSTORY else PLAIN


def as_dicts(names: tuple[str, ...], rows: list[Row]) -> Found:
    """Rows with their names."""
    return [dict(zip(names, row, strict=True)) for row in rows]


@cache
def items(kind: Kind, has_text: bool) -> Prepared:
    """The statement for one kind of item: the matching ones, or all in their usual order."""

    def build() -> Any:
        if has_text:
            found = WorkItem.objects.filter(pk__among=Ids("ids")).order_by()
        else:
            found = WorkItem.objects.filter(project=Param("project"), kind=kind).order_by(*DEFAULT[kind][2:])
        if kind != Kind.USERSTORY:
            return found.values_list(*PLAIN)
        points = RolePoints.objects.filter(**sql.outer("user_story")).order_by().values(value=F("points__value"))
        return found.annotate(total=sql.Total(points)).values_list(
            "id", "ref", "subject", "status", "total", "milestone__name", "milestone__slug"
        )

    return Prepared(build)


def wiki_pages(has_text: bool, access: Access, text: str) -> Found:
    """The matching pages, by relevance."""
    limit, words = settings.SEARCHES_MAX_RESULTS, fulltext.to_query(text)
    return as_dicts(("id", "slug"), pages(has_text).all(limit=limit, project=access.project.id, q=words))


@cache
def pages(has_text: bool) -> Prepared:
    """The statement of wiki pages."""
    found = WikiPage.objects.filter(project=Param("project"))
    if not has_text:
        return Prepared(lambda: found.order_by("slug").values_list("id", "slug"))
    words = fulltext.Search(search_index.PAGES, project="project")
    best = found.filter(fulltext.matching(words)).order_by(fulltext.Rank(words).desc(), "-id")
    return Prepared(lambda: best.values_list("id", "slug"))
