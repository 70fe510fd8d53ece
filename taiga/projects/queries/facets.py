"""The counts beside the filters of a list: how many items each value of each filter would show."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet

from taiga.base.database import is_postgres
from taiga.base.prepared import Param, Placeholder, Prepared
from taiga.projects.models import (
    AssignedUser,
    Epic,
    IssueType,
    Kind,
    Membership,
    Priority,
    Project,
    RelatedUserStory,
    Role,
    Severity,
    Status,
    WorkItem,
)
from taiga.projects.queries import filters
from taiga.projects.queries.rows import translated
from taiga.projects.queries.workitems import scoped
from taiga.users import queries as people
from taiga.users.models import User

Facet = dict[str, Any]
Counts = dict[Any, int]
Variants = tuple[tuple[str, str], ...]


class Counter:
    """Counts the items of one list by different criteria. A viewer who may see no items gets zeros."""

    def __init__(self, chosen: filters.Chosen, project_id: int, viewer: Any, may_view: bool) -> None:
        self.chosen = chosen
        self.project_id = project_id
        self.viewer = viewer
        self.may_view = may_view

    def by(self, criterion: str, *own: str) -> Counts:
        """Counts by one of the criteria below, with all filters except the facet's own."""
        if not self.may_view:
            return {}
        chosen = self.chosen.without(*own, *(f"exclude_{name}" for name in own))
        query = counting(chosen.kind, chosen.variants, criterion)
        given = {**chosen.values, "project": self.project_id, "viewer": self.viewer.id}
        return {row[0]: row[1] for row in query.all(**given)}


def matching(kind: Kind, variants: Variants) -> "QuerySet[WorkItem]":
    """The items to count."""
    found = filters.applied(scoped(kind, "project"), kind, variants)
    return found.filter(status__isnull=False) if kind == Kind.USERSTORY else found


@lru_cache(maxsize=1024)
def counting(kind: Kind, variants: Variants, criterion: str) -> Prepared:
    """The statement for one criterion."""
    if criterion in CRITERIA:
        return CRITERIA[criterion](kind, variants)
    return Prepared(lambda: grouped(matching(kind, variants), criterion, repeated=repeated(variants)))


def repeated(variants: Variants) -> bool:
    """Whether a filter lists items more than once: those that are in several of the wanted epics."""
    return any(name == "epic" and "ids" in variant for name, variant in variants)


def grouped(rows: "QuerySet[Any]", column: str, *, repeated: bool = False) -> Any:
    """Rows by the value of a column."""
    number = Count("id", distinct=True) if repeated else Count("*")
    return rows.order_by().values(column).annotate(n=number).values_list(column, "n")


def by_assigned_users(kind: Kind, variants: Variants) -> Prepared:
    """Stories by their `assigned_users`."""
    return Prepared(
        lambda: (
            AssignedUser.objects.filter(user_story__in=matching(kind, variants).values("id"))
            .order_by()
            .values("user")
            .annotate(n=Count("*"))
            .values_list("user", "n")
        )
    )


def by_assigned_to_only(kind: Kind, variants: Variants) -> Prepared:
    """Stories without `assigned_users` by `assigned_to`."""
    given = AssignedUser.objects.filter(user_story=OuterRef("pk"))
    rows = matching(kind, variants).filter(~Exists(given))
    return Prepared(lambda: grouped(rows, "assigned_to", repeated=repeated(variants)))


def by_epic(kind: Kind, variants: Variants) -> Prepared:
    """Stories by their epics."""
    return Prepared(
        lambda: grouped(RelatedUserStory.objects.filter(user_story__in=matching(kind, variants).values("id")), "epic")
    )


def without_epic(kind: Kind, variants: Variants) -> Prepared:
    """Stories that are in no epic, all under null."""
    related = RelatedUserStory.objects.filter(user_story=OuterRef("pk"))
    return Prepared(lambda: grouped(matching(kind, variants).filter(~Exists(related)), "user_story"))


def by_tag(kind: Kind, variants: Variants) -> Prepared:
    """Items by their tags."""

    def wrapped(sql: str) -> tuple[str, list[Any]]:
        if is_postgres():
            return f"SELECT tag, COUNT(*) FROM ({sql}) AS held, unnest(held.tags) AS tag GROUP BY tag", []
        return f"SELECT tag.value, COUNT(*) FROM ({sql}) AS held, json_each(held.tags) AS tag GROUP BY tag.value", []

    def tagged() -> "QuerySet[Any, Any]":
        rows = matching(kind, variants)
        once = WorkItem.objects.filter(pk__in=rows.values("id")) if repeated(variants) else rows
        return once.values_list("tags")

    return Prepared(tagged, wrapped)


def by_role(kind: Kind, variants: Variants) -> Prepared:
    """Items by the roles of their assignees."""
    table = Membership._meta.db_table

    def wrapped(sql: str) -> tuple[str, list[Any]]:
        statement = (
            f"SELECT held.role_id, COUNT(DISTINCT given.item) FROM {table} AS held JOIN ({sql}) AS given"
            " ON given.person = held.user_id WHERE held.project_id = %s GROUP BY held.role_id"
        )
        return statement, [Placeholder("project")]

    def assignments() -> "QuerySet[Any, Any]":
        rows = matching(kind, variants).order_by()
        pairs = rows.annotate(item=F("id"), person=F("assigned_to")).values_list("item", "person")
        if kind != Kind.USERSTORY:
            return pairs
        more = AssignedUser.objects.filter(user_story__in=rows.values("id")).order_by()
        return pairs.union(more.annotate(item=F("user_story"), person=F("user")).values_list("item", "person"))

    return Prepared(assignments, wrapped)


CRITERIA: dict[str, Callable[[Kind, Variants], Prepared]] = {
    "assigned_users": by_assigned_users,
    "assigned_to_only": by_assigned_to_only,
    "epics": by_epic,
    "no_epic": without_epic,
    "tags": by_tag,
    "roles": by_role,
}

MEMBERS = Prepared(
    lambda: User.objects.filter(memberships__project=Param("project")).order_by().values_list(*people.CARD)
)


def facets(kind: Kind, counter: Counter) -> Facet:
    """All facets of a kind; a constant number of queries."""
    members = [person(row) for row in MEMBERS.all(project=counter.project_id)]
    found: Facet = {}
    if kind == Kind.ISSUE:
        found["types"] = values(IssueType, counter, "type")
    found["statuses"] = values(Status, counter, "status", kind=kind)
    if kind == Kind.ISSUE:
        found["priorities"] = values(Priority, counter, "priority")
        found["severities"] = values(Severity, counter, "severity")
    found["assigned_to"] = assigned_to(counter, members)
    if kind == Kind.USERSTORY:
        found["assigned_users"] = assigned_users(counter, members)
    found["owners"] = owners(kind, counter, members)
    found["tags"] = tags(kind, counter)
    if kind == Kind.USERSTORY:
        found["epics"] = epics(counter)
    if kind != Kind.EPIC:
        found["roles"] = roles(kind, counter)
    return found


def person(row: Sequence[Any]) -> Facet:
    """A member as facets show them."""
    card = people.card(tuple(row))
    return {
        "id": card["id"],
        "full_name": card["full_name_display"],
        "photo": card["photo"],
        "big_photo": card["big_photo"],
        "gravatar_id": card["gravatar_id"],
    }


def values(model: Any, counter: Counter, name: str, **only: Any) -> list[Facet]:
    """Statuses, types, priorities or severities."""
    counts = counter.by(name, name)
    listed = model._default_manager.filter(project_id=counter.project_id, **only).order_by("order", "name", "id")
    return [
        {"id": key, "name": translated(label), "color": color, "order": order, "count": counts.get(key, 0)}
        for key, label, color, order in listed.values_list("id", "name", "color", "order")
    ]


def by_name(rows: Iterable[Facet]) -> list[Facet]:
    """People by name; the entry for nobody comes first."""
    return sorted(rows, key=lambda row: (row["id"] is not None, row["full_name"].lower(), row["id"] or 0))


def assigned_to(counter: Counter, members: list[Facet]) -> list[Facet]:
    """Members by `assigned_to`, and nobody."""
    counts = counter.by("assigned_to", "assigned_to")
    people_ = [{"id": one["id"], "full_name": one["full_name"], "count": counts.get(one["id"], 0)} for one in members]
    return by_name([{"id": None, "full_name": "", "count": counts.get(None, 0)}, *people_])


NOBODY = {"id": None, "full_name": "", "photo": None, "big_photo": None, "gravatar_id": None}


def assigned_users(counter: Counter, members: list[Facet]) -> list[Facet]:
    """Members by the stories assigned to them (by `assigned_to` or `assigned_users`), and nobody."""
    counts = counter.by("assigned_users", "assigned_users")
    only_assigned_to = counter.by("assigned_to_only", "assigned_users")
    both = {key: counts.get(key, 0) + only_assigned_to.get(key, 0) for key in {*counts, *only_assigned_to}}
    return by_name({**one, "count": both.get(one["id"], 0)} for one in [NOBODY, *members])


def owners(kind: Kind, counter: Counter, members: list[Facet]) -> list[Facet]:
    """Members, and users of integrations, who own something."""
    counts = counter.by("owner", "owner")
    known = {one["id"] for one in members}
    integrations = User.objects.filter(pk__in=[key for key in counts if key not in known], is_system=True)
    everybody = [*members, *(person(row) for row in integrations.values_list(*people.CARD))]
    owners_by_name = by_name({**one, "count": counts[one["id"]]} for one in everybody if counts.get(one["id"]))
    if kind == Kind.USERSTORY:
        return owners_by_name
    return [{name: one[name] for name in ("id", "full_name", "count")} for one in owners_by_name]


def tags(kind: Kind, counter: Counter) -> list[Facet]:
    """The project's palette, by name."""
    counts = counter.by("tags", *(() if kind == Kind.EPIC else ("tags",)))
    palette = Project.objects.filter(pk=counter.project_id).values_list("tags_colors", flat=True).first() or []
    return [
        {"name": name, "color": color, "count": counts.get(name, 0)}
        for name, color in sorted(palette, key=lambda pair: pair[0])
    ]


def epics(counter: Counter) -> list[Facet]:
    """The project's epics, and none."""
    counts, none = counter.by("epics", "epic"), counter.by("no_epic", "epic")
    listed = Epic.objects.filter(project_id=counter.project_id).order_by("epics_order", "id")
    first = {"id": None, "ref": None, "subject": None, "order": 0, "count": none.get(None, 0)}
    return [
        first,
        *(
            {"id": key, "ref": ref, "subject": subject, "order": order, "count": counts.get(key, 0)}
            for key, ref, subject, order in listed.values_list("id", "ref", "subject", "epics_order")
        ),
    ]


def roles(kind: Kind, counter: Counter) -> list[Facet]:
    """The project's roles."""
    counts = counter.by("roles", *(() if kind == Kind.USERSTORY else ("role",)))
    listed = Role.objects.filter(project_id=counter.project_id).order_by("order", "slug")
    return [
        {"id": key, "name": translated(name), "color": None, "order": order, "count": counts.get(key, 0)}
        for key, name, order in listed.values_list("id", "name", "order")
    ]
