"""Projects as the API shows them: one query for the rows of a list, a fixed few for one project in detail."""

from collections.abc import Sequence
from typing import Any

from django.db.models import CharField, F, FilteredRelation, OuterRef, Q, QuerySet

from taiga.base import errors, sql
from taiga.base.media import signing as media
from taiga.base.prepared import Ids, Param, Prepared
from taiga.projects.models import Membership, Milestone, NotifyLevel, NotifyPolicy, Project
from taiga.projects.permissions import effective
from taiga.projects.queries import limits, project_lists
from taiga.users import queries as people

Row = dict[str, Any]

FOR_ADMINS = ("epics_csv_uuid", "userstories_csv_uuid", "tasks_csv_uuid", "issues_csv_uuid", "transfer_token")
EXCLUDED = ("owner", "logo", "logo_format", "last_ref", "last_change", *FOR_ADMINS)
STORED = [column.name for column in Project._meta.concrete_fields if column.name not in EXCLUDED]
NOT_SLIGHT = ("notify_level", "total_closed_milestones", "logo_big_url")
QUOTA = (
    "max_private_projects",
    "max_public_projects",
    "max_memberships_private_projects",
    "max_memberships_public_projects",
)
OWNER = {f"owner_{name}": F(f"owner__{name}") for name in people.CARD}


def of_viewer(relation: str) -> FilteredRelation:
    """The viewer's own row of a relation, if there is one."""
    return FilteredRelation(relation, condition=Q(**{f"{relation}__user": Param("viewer")}))


def relations() -> dict[str, FilteredRelation]:
    """The viewer's relations to a project. Created for each query, since queries modify them."""
    return {
        "mine": of_viewer("memberships"),
        "policy": of_viewer("notify_policies"),
        "settings": of_viewer("user_settings"),
        "my_like": of_viewer("likes"),
    }


def of_project(model: Any, **more: Any) -> Any:
    """The rows of a project, for a subquery."""
    return model.objects.filter(project=OuterRef("pk"), **more).order_by()


def columns() -> dict[str, Any]:
    """The computed columns of a project, including those that `add_computed` combines into other members."""
    followers = of_project(NotifyPolicy).exclude(notify_level=NotifyLevel.NONE)
    members = of_project(Membership, user__isnull=False).order_by("user__full_name", "user__username")
    return {
        **OWNER,
        "logo": F("logo"),
        "logo_format": F("logo_format"),
        "membership": F("mine__id"),
        "is_admin": F("mine__is_admin"),
        "role_permissions": F("mine__role__permissions"),
        "notify_level": F("policy__notify_level"),
        "my_homepage": F("settings__homepage"),
        "my_like": F("my_like__id"),
        "total_watchers": sql.Count(followers.values("id")),
        "total_closed_milestones": sql.Count(of_project(Milestone, closed=True).values("id")),
        "members": sql.IdList(members.values(value=F("user_id"))),
    }


def in_detail() -> dict[str, Any]:
    """The columns of the detail only."""
    return {
        **{name: F(name) for name in FOR_ADMINS},
        **{name: F(f"owner__{name}") for name in QUOTA},
        "total_memberships": sql.Count(of_project(Membership).values("id")),
    }


class Table:
    """The compiled query of rows by their ids, and the names of its columns."""

    def __init__(self, extra: dict[str, Any]) -> None:
        self.names = [*STORED, *extra]
        aliased = {f"x_{name}": expression for name, expression in extra.items()}

        def rows() -> "QuerySet[Any, Any]":
            projects = Project.objects.filter(pk__among=Ids("ids")).order_by().annotate(**relations())
            return projects.annotate(**aliased).values_list(*STORED, *aliased)

        self.query = Prepared(rows)

    def rows(self, ids: Sequence[int], viewer: Any) -> list[Row]:
        """The rows with these ids, in their order."""
        position = {key: index for index, key in enumerate(ids)}
        found = self.query.all(ids=ids, viewer=viewer.id)
        found.sort(key=lambda row: position[row[0]])
        return [dict(zip(self.names, row, strict=True)) for row in found]


LIST, DETAIL = Table(columns()), Table({**columns(), **in_detail()})


def by_ids(ids: Sequence[int], viewer: Any, *, slight: bool = False) -> list[Row]:
    """Projects of a list."""
    rows = LIST.rows(ids, viewer) if ids else []
    for row in rows:
        add_computed(row, viewer)
        if slight:
            for name in NOT_SLIGHT:
                del row[name]
    return rows


def detail(project_id: int, viewer: Any, *, as_member: bool = False) -> Row:
    """One project with all its lists; `as_member` shows an admin what an ordinary member would see."""
    row = errors.still_there(DETAIL.rows([project_id], viewer))
    if as_member:
        row["is_admin"] = False
    quota = {name: row.pop(name) for name in QUOTA}
    secrets = {name: row.pop(name) for name in FOR_ADMINS}
    add_computed(row, viewer)
    owner = row["owner"]["id"] if row["owner"] else None
    row.update(project_lists.of(project_id))
    row["is_out_of_owner_limits"] = limits.is_out_of(owner, quota, is_private=row["is_private"])
    if row["i_am_admin"]:
        row |= secrets
        row["is_private_extra_info"] = limits.privacy_change(project_id, owner, quota, is_private=row["is_private"])
        row["max_memberships"] = limits.max_people(quota, is_private=row["is_private"]) if owner else None
    return row


def add_computed(row: Row, viewer: Any) -> None:
    """Compute the members of the API from the columns, for the viewer."""
    owner = tuple(row.pop(name) for name in OWNER)
    row["owner"] = people.card(owner) if owner[0] is not None else None
    row["tags_colors"] = dict(row["tags_colors"] or ())
    membership, is_admin, role = row.pop("membership"), bool(row.pop("is_admin")), row.pop("role_permissions")
    row["my_permissions"] = list(
        effective(
            viewer,
            is_admin=is_admin,
            role=(role or ()) if membership is not None else None,
            public=row["public_permissions"],
            anonymous=row["anon_permissions"],
        )
    )
    row["i_am_owner"] = owner[0] is not None and owner[0] == viewer.id
    row["i_am_admin"] = is_admin or viewer.is_superuser
    row["i_am_member"] = membership is not None
    row["is_watcher"] = row["notify_level"] is not None and row["notify_level"] != NotifyLevel.NONE
    row["is_fan"] = row.pop("my_like") is not None
    row["my_homepage"] = (row["my_homepage"] or False) if viewer.is_authenticated else "{}"
    logo, picture = row.pop("logo"), row.pop("logo_format")
    row["logo_small_url"] = media.thumbnail_url(logo, "logo-small", picture)
    row["logo_big_url"] = media.thumbnail_url(logo, "logo-big", picture)


BY_SLUG = Prepared(lambda: Project.objects.filter(slug=Param("slug", CharField())).order_by().values_list("id"))


def id_of(slug: str) -> int | None:
    """The project with this slug."""
    found = BY_SLUG.one(slug=slug)
    return found[0] if found else None


def palette(project_id: int) -> dict[str, str | None]:
    """The tags of a project's items with their colours."""
    return dict(errors.still_there(Project.objects.values_list("tags_colors", flat=True).filter(pk=project_id)) or ())
