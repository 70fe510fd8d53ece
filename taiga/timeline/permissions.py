"""Which rows of a timeline a viewer may read: those about objects that they may see."""

from typing import Any

from django.db.models import Q

from taiga.base.prepared import Ids, Param, Prepared
from taiga.projects.models import Membership, Project
from taiga.projects.permissions import TO_SEE, Access, Can
from taiga.timeline import facts

VIEW_PERMISSIONS = {Project.type_key: Can.VIEW_PROJECT, **TO_SEE}
"""The permission needed for rows of each kind; relations in a private project are for its administrators only."""
ADMIN, MEMBER, STORIES = "admin", "member", "stories"
"""Query parameters: the projects where the viewer is an admin, is a member, or may see stories."""
MEMBERSHIPS = Prepared(
    lambda: (
        Membership.objects.filter(user=Param("viewer"))
        .order_by()
        .values_list("project", "is_admin", "role__permissions")
    )
)


def event_types(kind: str) -> list[str]:
    """The event types of one kind of object."""
    return [f"{kind}.{verb}" for verb in ("create", "change", "delete")]


def in_project(access: Access) -> list[str] | None:
    """The event types of one project that a viewer may read; None for all."""
    if access.viewer.is_superuser or access.is_admin or not access.project.is_private:
        return None
    anonymous = access.project.anon_permissions or ()
    permissions = {*anonymous, *access.role_permissions}
    visible = [event for kind, code in VIEW_PERMISSIONS.items() if code in permissions for event in event_types(kind)]
    knows_people = access.is_member or Can.VIEW_PROJECT in anonymous
    return [*visible, *event_types(facts.MEMBER)] if knows_people else visible


def in_any_project() -> Q:
    """The rows of any project that a viewer may read; the viewer's own projects are parameters (`viewer_projects`)."""
    seen = Q(project=None) | Q(project__is_private=False) | Q(project__among=Ids(ADMIN))
    rules = [(kind, code, code) for kind, code in VIEW_PERMISSIONS.items()]
    for kind, code, param in [*rules, (facts.MEMBER, Can.VIEW_PROJECT, MEMBER)]:
        where = Q(project__anon_permissions__holds_any=[code]) | Q(project__among=Ids(param))
        seen |= Q(event_type__in=event_types(kind)) & where
    return seen


def is_story_visible(*, signed_in: bool) -> Q:
    """Rows without a story of another project, or with one that the viewer may see."""
    open_ = Q(anon_permissions__holds_any=[Can.VIEW_US])
    if signed_in:
        open_ |= Q(public_permissions__holds_any=[Can.VIEW_US]) | Q(pk__among=Ids(STORIES))
    return Q(story_project_id=None) | Q(story_project_id__in=Project.objects.filter(open_).order_by().values("pk"))


def viewer_projects(viewer: Any) -> dict[str, list[int]]:
    """The parameters of the rules above: project ids by the viewer's rights in them. One query."""
    rows = MEMBERSHIPS.all(viewer=viewer.id) if viewer.is_authenticated else []
    permissions_by_project = {project: set(permissions or ()) for project, _is_admin, permissions in rows}
    return {
        **{
            code: [key for key, codes in permissions_by_project.items() if code in codes]
            for code in VIEW_PERMISSIONS.values()
        },
        MEMBER: list(permissions_by_project),
        ADMIN: [project for project, is_admin, _permissions in rows if is_admin],
        STORIES: [project for project, is_admin, codes in rows if is_admin or Can.VIEW_US in (codes or ())],
    }
