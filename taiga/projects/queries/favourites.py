"""What a user watches, likes and voted for: first the keys of a page, then the rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value

from taiga.base import clock, sql
from taiga.base.media import signing as media
from taiga.projects.models import Like, Membership, NotifyLevel, NotifyPolicy, Project, Vote, Watch, WorkItem
from taiga.projects.permissions import ITEMS, Can
from taiga.projects.queries.people import searched
from taiga.users import queries as people
from taiga.users.models import User

PROJECT = "project"
NULL_FIELDS = dict.fromkeys(
    (
        *("ref", "slug", "name", "subject", "description", "assigned_to", "status", "status_color", "is_private"),
        *("logo_small_url", "project", "project_name", "project_slug", "project_is_private"),
        *("assigned_to_extra_info", "project_blocked_code"),
    )
)
"""The members that are null in rows of the other kind."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Criteria:
    """The user, the viewer, the type and the search words of a list of favourites."""

    person: User
    viewer: Any
    type: str
    q: str


def watched(criteria: Criteria) -> "QuerySet[Any, Any]":
    """Watched projects and items."""
    policies = NotifyPolicy.objects.filter(user=criteria.person).exclude(notify_level=NotifyLevel.NONE)
    watches = Watch.objects.filter(user=criteria.person, item__isnull=False)
    return merged(projects(criteria, policies, "created_at"), items(criteria, watches))


def liked(criteria: Criteria) -> "QuerySet[Any, Any]":
    """Liked projects."""
    return merged(projects(criteria, Like.objects.filter(user=criteria.person), "created_date"))


def voted(criteria: Criteria) -> "QuerySet[Any, Any]":
    """Items voted for."""
    return merged(items(criteria, Vote.objects.filter(user=criteria.person)))


def merged(first: "QuerySet[Any, Any]", *others: "QuerySet[Any, Any]") -> "QuerySet[Any, Any]":
    """Keys of several kinds as one list, the newest first."""
    return first.union(*others, all=True).order_by("-at", "-key")


def projects(criteria: Criteria, rows: "QuerySet[Any]", moment: str) -> "QuerySet[Any, Any]":
    """The keys of projects."""
    if criteria.type not in ("", PROJECT):
        rows = rows.none()
    rows = searched(rows.filter(visible(criteria.viewer, Can.VIEW_PROJECT, "project")), criteria.q, "project__name")
    return keys(rows, Value(PROJECT, CharField()), "project_id", moment)


def items(criteria: Criteria, rows: "QuerySet[Any]") -> "QuerySet[Any, Any]":
    """The keys of items."""
    seen = Q()
    for kind, can in ITEMS.items():
        seen |= Q(visible(criteria.viewer, can.view, "item__project"), item__kind=kind)
    if criteria.type:
        rows = rows.filter(item__kind=criteria.type)
    return keys(searched(rows.filter(seen), criteria.q, "item__subject", "item__ref"), F("item__kind"), "item_id")


def keys(rows: "QuerySet[Any]", type: Any, key: str, moment: str = "created_date") -> "QuerySet[Any, Any]":
    """Type, id and date of each row."""
    named: QuerySet[Any, Any] = rows.order_by().annotate(type=type, key=F(key), at=F(moment))
    return named.values_list("type", "key", "at")


def visible(viewer: Any, code: str, project: str) -> Q:
    """Public projects, and private ones where the viewer's role (or everybody) holds the permission. Superusers and
    admins see no more than that here.
    """
    seen = Q(**{f"{project}__is_private": False}) | Q(**{f"{project}__anon_permissions__holds_any": [code]})
    if viewer.is_authenticated:
        mine = Membership.objects.filter(user_id=viewer.id, role__permissions__holds_any=[code])
        seen |= Q(Exists(mine.filter(project=OuterRef(f"{project}_id"))))
    return seen


def serialized(found: Iterable[tuple[str, int, Any]], viewer: Any) -> list[Row]:
    """The favourites behind the keys, in their order; a fixed number of queries."""
    page = list(found)
    rows_by_type = {
        PROJECT: projects_by_id([key for kind, key, _at in page if kind == PROJECT], viewer),
        "item": items_by_id([key for kind, key, _at in page if kind != PROJECT], viewer),
    }
    rows = []
    for kind, key, at in page:
        row = rows_by_type[PROJECT if kind == PROJECT else "item"].get(key)
        if row is not None:
            rows.append(
                {"type": kind, "id": key, **NULL_FIELDS, "tags_colors": [], "created_date": clock.stamp(at), **row}
            )
    return rows


def projects_by_id(ids: list[int], viewer: Any) -> dict[int, Row]:
    """Projects as favourites show them."""
    if not ids:
        return {}
    policies = NotifyPolicy.objects.filter(project=OuterRef("pk")).exclude(notify_level=NotifyLevel.NONE).order_by()
    rows: QuerySet[Any, Any] = Project.objects.filter(pk__in=ids).values(
        "id", "slug", "name", "description", "is_private", "logo", "logo_format", "blocked_code", "total_fans",
        is_fan=Exists(Like.objects.filter(project=OuterRef("pk"), user_id=viewer.id)),
        is_watcher=Exists(policies.filter(user_id=viewer.id)),
        total_watchers=sql.Count(policies.values("id")),
    )  # fmt: skip
    return {row.pop("id"): project_row(row) for row in rows.order_by()}


def project_row(row: Row) -> Row:
    """A project."""
    logo, logo_format, blocked = row.pop("logo"), row.pop("logo_format"), row.pop("blocked_code")
    return {
        **row,
        "logo_small_url": media.thumbnail_url(logo, "logo-small", logo_format),
        "project_blocked_code": blocked,
    }


def items_by_id(ids: list[int], viewer: Any) -> dict[int, Row]:
    """Items as favourites show them."""
    if not ids:
        return {}
    watches = Watch.objects.filter(item=OuterRef("pk")).order_by()
    votes = Vote.objects.filter(item=OuterRef("pk")).order_by()
    rows: QuerySet[Any, Any] = WorkItem.objects.filter(pk__in=ids).values(
        "id", "ref", "subject", "assigned_to", "tags", "project",
        status_name=F("status__name"),
        status_color=F("status__color"),
        project_name=F("project__name"),
        project_slug=F("project__slug"),
        project_is_private=F("project__is_private"),
        project_blocked_code=F("project__blocked_code"),
        palette=F("project__tags_colors"),
        is_watcher=Exists(watches.filter(user_id=viewer.id)),
        total_watchers=sql.Count(watches.values("id")),
        is_voter=Exists(votes.filter(user_id=viewer.id)),
        total_voters=sql.Count(votes.values("id")),
    )  # fmt: skip
    found = list(rows.order_by())
    cards = people.cards(row["assigned_to"] for row in found)
    return {row.pop("id"): item_row(row, cards) for row in found}


def item_row(row: Row, cards: dict[int | None, people.Card]) -> Row:
    """An item."""
    colors = dict(row.pop("palette") or ())
    status, tags = row.pop("status_name"), row.pop("tags")
    return {
        **row,
        "status": status,
        "tags_colors": [{"name": tag, "color": colors.get(tag)} for tag in tags or ()],
        "assigned_to_extra_info": cards.get(row["assigned_to"]),
    }
