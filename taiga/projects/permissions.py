"""Every permission, who holds it, and the needs that endpoints declare."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from django.db.models import FilteredRelation, Model, Q, QuerySet

from taiga.base import errors
from taiga.base.prepared import Param, Prepared
from taiga.base.requests import Request, Viewer
from taiga.projects.models import Epic, Issue, Kind, Membership, Milestone, Project, Task, UserStory, WikiPage


class Can(StrEnum):
    """The permissions that a role can hold, in Taiga's names and order."""

    VIEW_PROJECT = "view_project"
    VIEW_MILESTONES = "view_milestones"
    ADD_MILESTONE = "add_milestone"
    MODIFY_MILESTONE = "modify_milestone"
    DELETE_MILESTONE = "delete_milestone"
    VIEW_EPICS = "view_epics"
    ADD_EPIC = "add_epic"
    MODIFY_EPIC = "modify_epic"
    COMMENT_EPIC = "comment_epic"
    DELETE_EPIC = "delete_epic"
    VIEW_US = "view_us"
    ADD_US = "add_us"
    MODIFY_US = "modify_us"
    COMMENT_US = "comment_us"
    DELETE_US = "delete_us"
    VIEW_TASKS = "view_tasks"
    ADD_TASK = "add_task"
    MODIFY_TASK = "modify_task"
    COMMENT_TASK = "comment_task"
    DELETE_TASK = "delete_task"
    VIEW_ISSUES = "view_issues"
    ADD_ISSUE = "add_issue"
    MODIFY_ISSUE = "modify_issue"
    COMMENT_ISSUE = "comment_issue"
    DELETE_ISSUE = "delete_issue"
    VIEW_WIKI_PAGES = "view_wiki_pages"
    ADD_WIKI_PAGE = "add_wiki_page"
    MODIFY_WIKI_PAGE = "modify_wiki_page"
    COMMENT_WIKI_PAGE = "comment_wiki_page"
    DELETE_WIKI_PAGE = "delete_wiki_page"
    VIEW_WIKI_LINKS = "view_wiki_links"
    ADD_WIKI_LINK = "add_wiki_link"
    MODIFY_WIKI_LINK = "modify_wiki_link"
    DELETE_WIKI_LINK = "delete_wiki_link"


MEMBER_PERMISSIONS: tuple[str, ...] = tuple(Can)
ANONYMOUS_PERMISSIONS: tuple[str, ...] = (
    Can.VIEW_PROJECT,
    Can.VIEW_MILESTONES,
    Can.VIEW_EPICS,
    Can.VIEW_US,
    Can.VIEW_TASKS,
    Can.VIEW_ISSUES,
    Can.VIEW_WIKI_PAGES,
    Can.VIEW_WIKI_LINKS,
)
ADMIN_PERMISSIONS: tuple[str, ...] = (
    "modify_project",
    "delete_project",
    "add_member",
    "remove_member",
    "admin_project_values",
    "admin_roles",
)


@dataclass(frozen=True)
class ItemPermissions:
    """The five permissions of one kind of thing."""

    view: Can
    add: Can
    modify: Can
    comment: Can
    delete: Can


ITEMS = {
    Kind.EPIC: ItemPermissions(Can.VIEW_EPICS, Can.ADD_EPIC, Can.MODIFY_EPIC, Can.COMMENT_EPIC, Can.DELETE_EPIC),
    Kind.USERSTORY: ItemPermissions(Can.VIEW_US, Can.ADD_US, Can.MODIFY_US, Can.COMMENT_US, Can.DELETE_US),
    Kind.TASK: ItemPermissions(Can.VIEW_TASKS, Can.ADD_TASK, Can.MODIFY_TASK, Can.COMMENT_TASK, Can.DELETE_TASK),
    Kind.ISSUE: ItemPermissions(Can.VIEW_ISSUES, Can.ADD_ISSUE, Can.MODIFY_ISSUE, Can.COMMENT_ISSUE, Can.DELETE_ISSUE),
}
WIKI = ItemPermissions(
    Can.VIEW_WIKI_PAGES, Can.ADD_WIKI_PAGE, Can.MODIFY_WIKI_PAGE, Can.COMMENT_WIKI_PAGE, Can.DELETE_WIKI_PAGE
)

TO_SEE: dict[str, Can] = {
    **{model.type_key: ITEMS[model.kind_of].view for model in (Epic, UserStory, Task, Issue)},
    Milestone.type_key: Can.VIEW_MILESTONES,
    WikiPage.type_key: WIKI.view,
}
"""The permission to see an object of each kind."""


def effective(
    viewer: Viewer,
    *,
    is_admin: bool,
    role: Iterable[str] | None,
    public: Iterable[str] | None,
    anonymous: Iterable[str] | None,
) -> frozenset[str]:
    """The permissions of a viewer in a project; `role` is None for non-members."""
    if viewer.is_superuser:
        return frozenset((*ADMIN_PERMISSIONS, *MEMBER_PERMISSIONS, *ANONYMOUS_PERMISSIONS))
    permissions = set(anonymous or ())
    if viewer.is_authenticated:
        permissions.update(public or ())
        permissions.update(role or ())
    if is_admin:
        permissions.update(ADMIN_PERMISSIONS, MEMBER_PERMISSIONS)
    return frozenset(permissions)


PROJECT_COLUMNS = (
    "id",
    "name",
    "slug",
    "owner_id",
    "is_private",
    "anon_permissions",
    "public_permissions",
    "blocked_code",
    "archived_code",
    "logo",
    "logo_format",
    "default_epic_status_id",
    "default_us_status_id",
    "default_task_status_id",
    "default_issue_status_id",
    "default_issue_type_id",
    "default_priority_id",
    "default_severity_id",
    "default_points_id",
    "default_swimlane_id",
    "is_kanban_activated",
    "is_contact_activated",
    "wip_limit_mode",
)


def with_access_columns(projects: "QuerySet[Project]") -> "QuerySet[Any, Any]":
    """Projects with the columns that decide what `viewer` may do in them."""
    mine = FilteredRelation("memberships", condition=Q(memberships__user=Param("viewer")))
    columns = ("mine__id", "mine__is_admin", "mine__role_id", "mine__role__permissions")
    return projects.annotate(mine=mine).order_by().values_list(*PROJECT_COLUMNS, *columns)


def locked(projects: "QuerySet[Project]") -> "QuerySet[Project]":
    """The projects, locked against other writers until the commit."""
    return projects.select_for_update(of=("self",), no_key=True)


BY_ID = Prepared(lambda: with_access_columns(Project.objects.filter(pk=Param("project"))))
BY_ID_LOCKED = Prepared(lambda: with_access_columns(locked(Project.objects.filter(pk=Param("project")))))


@cache
def locked_through(model: type[Model]) -> Prepared:
    """The query for the project of a row of this model, by the row's id."""
    rows = model._default_manager.filter(pk=Param("key")).order_by().values("project_id")
    return Prepared(lambda: with_access_columns(locked(Project.objects.filter(pk__in=rows))))


@dataclass(frozen=True)
class ProjectFacts:
    """The facts of a project that are read together with the viewer's permissions."""

    id: int
    name: str
    slug: str
    owner_id: int | None
    is_private: bool
    anon_permissions: list[str]
    public_permissions: list[str]
    blocked_code: str | None
    archived_code: str | None
    logo: str | None
    logo_format: str
    default_epic_status_id: int | None
    default_us_status_id: int | None
    default_task_status_id: int | None
    default_issue_status_id: int | None
    default_issue_type_id: int | None
    default_priority_id: int | None
    default_severity_id: int | None
    default_points_id: int | None
    default_swimlane_id: int | None
    is_kanban_activated: bool
    is_contact_activated: bool
    wip_limit_mode: str


@dataclass(frozen=True)
class Access:
    """What one viewer may do in one project."""

    project: ProjectFacts
    viewer: Any
    membership_id: int | None
    is_admin: bool
    role_id: int | None
    role_permissions: list[str]
    permissions: frozenset[str] = field(repr=False)

    @property
    def is_member(self) -> bool:
        """Whether the viewer has a membership."""
        return self.membership_id is not None

    def may(self, code: str) -> bool:
        """Whether the viewer holds a permission."""
        return code in self.permissions

    def sees(self, code: str) -> bool:
        """Whether the viewer's lists include the project's rows. Unlike in `may`, anonymous permissions count for
        anonymous viewers only.
        """
        if self.viewer.is_superuser or self.is_admin:
            return True
        if not self.viewer.is_authenticated:
            return code in (self.project.anon_permissions or ())
        return code in self.role_permissions or code in (self.project.public_permissions or ())

    def ensure(self, need: "Need | str", request: Request | None = None) -> None:
        """Refuse a viewer who lacks the need: NotAuthenticated (401) for anonymous viewers, PermissionDenied (403) for
        others.
        """
        if not is_met(need, self, request):
            raise errors.PermissionDenied if self.viewer.is_authenticated else errors.NotAuthenticated

    def ensure_unblocked(self) -> None:
        """Refuse to write in a blocked project. Raises Blocked."""
        if self.project.blocked_code is not None:
            raise errors.Blocked

    def ensure_open(self) -> None:
        """Refuse to write in an archived or blocked project. Raises Archived or Blocked."""
        if self.project.archived_code is not None:
            raise errors.Archived
        self.ensure_unblocked()


class Need:
    """A need that is not simply one permission."""

    def met(self, access: Access, request: Request | None) -> bool:
        """Whether the caller satisfies the need."""
        raise NotImplementedError

    def named(self, given: Mapping[str, Any]) -> str:
        """The need in words, for a route whose `given` values are known."""
        return str(self)


def is_met(need: Need | str, access: Access, request: Request | None) -> bool:
    """Whether a need is satisfied: a permission by its name, or a rule."""
    return need.met(access, request) if isinstance(need, Need) else access.may(need)


class Admin(Need):
    """An administrator of the project."""

    def met(self, access: Access, request: Request | None) -> bool:
        return access.is_admin or access.viewer.is_superuser

    def __str__(self) -> str:
        return "admin"


class Owner(Need):
    """The owner of the project."""

    def met(self, access: Access, request: Request | None) -> bool:
        viewer = access.viewer
        return bool(viewer.is_superuser or (viewer.is_authenticated and access.project.owner_id == viewer.id))

    def __str__(self) -> str:
        return "owner"


class Superuser(Need):
    """A superuser of the server."""

    def met(self, access: Access, request: Request | None) -> bool:
        return bool(access.viewer.is_superuser)

    def __str__(self) -> str:
        return "superuser"


class SignedInAnd(Need):
    """An account, and a permission."""

    def __init__(self, need: Need | str) -> None:
        self.need = need

    def met(self, access: Access, request: Request | None) -> bool:
        return bool(access.viewer.is_authenticated) and is_met(self.need, access, request)

    def __str__(self) -> str:
        return f"signed in & {self.need}"


class ToItem(Need):
    """One of the five permissions of the route's kind (`given["kind"]`)."""

    def __init__(self, action: str) -> None:
        self.action = action

    def met(self, access: Access, request: Request | None) -> bool:
        assert request is not None
        return access.may(getattr(item_permissions(request.given), self.action))

    def named(self, given: Mapping[str, Any]) -> str:
        return str(getattr(item_permissions(given), self.action))

    def __str__(self) -> str:
        return self.action


class ToModifyOrJustComment(Need):
    """Permission to modify; a body with nothing but a comment only needs permission to comment."""

    def met(self, access: Access, request: Request | None) -> bool:
        assert request is not None
        can = item_permissions(request.given)
        sent = request.fields.keys() - {"version"}
        return access.may(can.modify) or (sent == {"comment"} and access.may(can.comment))

    def named(self, given: Mapping[str, Any]) -> str:
        can = item_permissions(given)
        return f"{can.modify}, or {can.comment} if that is all"

    def __str__(self) -> str:
        return "modify, or comment if that is all"


def item_permissions(given: Mapping[str, Any]) -> ItemPermissions:
    """The permissions of a route's kind; those of the wiki if it has none."""
    kind = given.get("kind")
    return ITEMS[kind] if kind is not None else WIKI


TO_VIEW, TO_ADD, TO_MODIFY, TO_DELETE = ToItem("view"), ToItem("add"), ToItem("modify"), ToItem("delete")
TO_MODIFY_OR_JUST_COMMENT = ToModifyOrJustComment()
ADMIN, OWNER, SUPERUSER = Admin(), Owner(), Superuser()


def access_to(viewer: Viewer, project_id: int, *, lock: bool = False) -> Access | None:
    """The viewer's access to a project; None if there is no such project. One query.

    With `lock` the project's row is locked until the commit. Every writer takes this lock first, which rules out
    deadlocks (decision 0015).
    """
    query = BY_ID_LOCKED if lock else BY_ID
    return access_of(viewer, query.one(project=project_id, viewer=viewer.id))


def access_through(viewer: Viewer, model: type[Model], key: int) -> Access | None:
    """The same with the lock, for the project of a row; None if there is no such row."""
    return access_of(viewer, locked_through(model).one(key=key, viewer=viewer.id))


def access_of(viewer: Viewer, row: Any) -> Access | None:
    """The access that a row of `with_access_columns` describes."""
    if row is None:
        return None
    facts = ProjectFacts(*row[: len(PROJECT_COLUMNS)])
    membership_id, is_admin, role_id, role = row[len(PROJECT_COLUMNS) :]
    codes = effective(
        viewer,
        is_admin=bool(is_admin),
        role=(role or ()) if membership_id is not None else None,
        public=facts.public_permissions,
        anonymous=facts.anon_permissions,
    )
    return Access(facts, viewer, membership_id, bool(is_admin), role_id, role or [], codes)


def visible(viewer: Any, code: str, prefix: str = "") -> Q:
    """The condition on the rows that the viewer's lists show: those of projects where the viewer holds `code`.

    `prefix` leads from the row to its project (`"project__"`); it is empty for projects themselves.
    """
    if viewer.is_superuser:
        return Q()
    if not viewer.is_authenticated:
        return Q(**{f"{prefix}anon_permissions__holds_any": [code]})
    has_permission = Q(is_admin=True) | Q(role__permissions__holds_any=[code])
    mine = Membership.objects.filter(has_permission, user=viewer.id).order_by().values("project")
    in_own_project = Q(**{f"{prefix.removesuffix('__') or 'id'}__in": mine})
    return in_own_project | Q(**{f"{prefix}public_permissions__holds_any": [code]})
