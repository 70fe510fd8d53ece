"""/search: the items and pages of a project that match a text, best first."""

from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet

from taiga.base import sql
from taiga.base.prepared import Param, Prepared
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
    """What the caller may see of what matches, by section; `count` is how much it is."""
    found: dict[str, Any] = {}
    for kind, section in SECTIONS.items():
        if access.may(ITEMS[kind].view):
            names = STORY if kind == Kind.USERSTORY else PLAIN
            found[section] = rows(items(kind, bool(text.strip())), names, access, text)
    if access.may(Can.VIEW_WIKI_PAGES):
        found["wikipages"] = rows(pages(bool(text.strip())), ("id", "slug"), access, text)
    found["count"] = sum(len(part) for part in found.values())
    return found


def rows(query: Prepared, names: tuple[str, ...], access: Access, text: str) -> Found:
    """One section."""
    limit, words = settings.SEARCHES_MAX_RESULTS, fulltext.written(text)
    found = query.all(limit=limit, project=access.project.id, q=words)
    return [dict(zip(names, row, strict=True)) for row in found]


@cache
def items(kind: Kind, worded: bool) -> Prepared:
    """The statement of one kind of item."""

    def build() -> Any:
        found = ranked(
            WorkItem.objects.filter(project=Param("project"), kind=kind), search_index.ITEMS, worded, DEFAULT[kind][2:]
        )
        if kind != Kind.USERSTORY:
            return found.values_list(*PLAIN)
        points = RolePoints.objects.filter(**sql.outer("user_story")).order_by().values(value=F("points__value"))
        return found.annotate(total=sql.Total(points)).values_list(
            "id", "ref", "subject", "status", "total", "milestone__name", "milestone__slug"
        )

    return Prepared(build)


@cache
def pages(worded: bool) -> Prepared:
    """The statement of wiki pages."""
    found = WikiPage.objects.filter(project=Param("project"))
    return Prepared(lambda: ranked(found, search_index.PAGES, worded, ("slug",)).values_list("id", "slug"))


def ranked(
    found: "QuerySet[Any]", index: search_index.Index, worded: bool, default: tuple[str, ...]
) -> "QuerySet[Any]":
    """The rows that match, best first; without a text all rows, in their usual order."""
    if not worded:
        return found.order_by(*default)
    return found.filter(fulltext.matching(index)).order_by(fulltext.Rank(index, "q").desc(), "-id")
