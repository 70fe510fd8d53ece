"""Creating and editing projects."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from taiga.base import clock, errors
from taiga.base.database import one_at_a_time
from taiga.base.prepared import Row
from taiga.base.slugs import among, slugify, unique_slug
from taiga.changes.models import ChangeType
from taiga.changes.record import Actor, change_of, difference, is_first, permissions_changed, publish
from taiga.projects.models import Membership, NotifyLevel, NotifyPolicy, Project, ProjectTemplate, Role
from taiga.projects.permissions import ANONYMOUS_PERMISSIONS, Access
from taiga.projects.queries import texts
from taiga.projects.services import limits, memberships, templates

Values = dict[str, Any]
LONGEST_SLUG = 250
TRACKED = (
    *("name", "slug", "is_private", "anon_permissions", "public_permissions", "total_milestones"),
    *("total_story_points", "tags", "is_epics_activated", "is_backlog_activated", "is_kanban_activated"),
    *("is_wiki_activated", "is_issues_activated"),
)
"""The fields that the history remembers, besides the owner."""
DERIVED = (
    *("total_milestones", "total_story_points", "videoconferences", "videoconferences_extra_data"),
    *("looking_for_people_note", "tags", "anon_permissions", "public_permissions", "modified_date"),
)
"""Fields that follow from other fields."""


def create(
    *, name: str, description: str, by: Actor, template: ProjectTemplate | None = None, **values: Any
) -> Project:
    """Create a project of the caller from a template (or the default one). Raises NotEnoughSlots."""
    project = Project(name=name, description=description, owner=by.user, **values)
    limits.ensure_room_for_project(by.user, is_private=project.is_private)
    template = template or default_template()
    project.creation_template = template
    roles = create_from_template(project, template)
    add_owner(project, templates.owner_role(template, roles), email=by.user.email)
    publish([change_of(project, ChangeType.CREATE, by=by, context=facts(project))])
    return project


def create_from_template(project: Project, template: ProjectTemplate) -> list[Role]:
    """Store a new project and fill it from a template; returns its roles."""
    project.slug = free_slug(project)
    set_base_permissions(project)
    project.save(force_insert=True)
    roles = templates.apply(template, project)
    normalise(project)
    project.save(force_update=True)
    return roles


def change(project: Project, values: Values, *, comment: str, access: Access, by: Actor) -> None:
    """Edit a project, leave a comment, or both. Raises PermissionDenied, Blocked, NotEnoughSlots."""
    access.ensure_open()
    before = freeze(project)
    was_private, rights = project.is_private, (project.anon_permissions, project.public_permissions)
    for name, value in values.items():
        setattr(project, name, value)
    if project.is_private != was_private:
        limits.ensure_room_for_project(project.owner, is_private=project.is_private, including=project.pk)
        set_base_permissions(project)
    normalise(project)
    project.save(update_fields=[*values, *DERIVED])
    diff = difference(before, freeze(project))
    record(project, diff, comment, by)
    if rights != (project.anon_permissions, project.public_permissions):
        permissions_changed(project.pk)


def record(project: Project, diff: Values, comment: str, by: Actor) -> None:
    """Publish the change of a project; the first one of an imported project stands for its creation."""
    is_new = is_first(project)
    if diff or comment or is_new:
        change_type = ChangeType.CREATE if is_new else ChangeType.CHANGE
        commented = texts.comment_fields(comment, project.pk, project.slug)
        recorded = {} if is_new else diff
        publish([change_of(project, change_type, by=by, diff=recorded, context=facts(project), **commented)])


def foreign_defaults(project_id: int, found: Mapping[str, Row]) -> dict[str, list[str]]:
    """The errors for default values of another project; `found` has the project of each."""
    foreign = [name for name, row in found.items() if name.startswith("default_") and row[0] != project_id]
    return {name: [_("The value does not belong to this project.")] for name in foreign}


def freeze(project: Project) -> Values:
    """What the history remembers of a project."""
    return {name: getattr(project, name) for name in TRACKED} | {"owner": project.owner_id}


def set_privacy(project: Project, *, is_private: bool) -> None:
    """Make a project private or public, regardless of its owner's limits."""
    project.is_private = is_private
    set_base_permissions(project)
    project.save(update_fields=["is_private", "anon_permissions", "public_permissions"])
    permissions_changed(project.pk)


def unarchive(project: Project, *, access: Access, by: Actor) -> None:
    """Restore an archived project."""
    access.ensure_unblocked()
    project.archived_code = None
    project.modified_date = clock.now()
    project.save(update_fields=["archived_code", "modified_date"])
    record(project, {}, "", by)


def default_template() -> ProjectTemplate:
    """The template that is used when none is chosen."""
    found = ProjectTemplate.objects.filter(slug=settings.DEFAULT_PROJECT_TEMPLATE).first()
    if found is None:
        raise errors.BadRequest(_("There is no default project template."))
    return found


def free_slug(project: Project) -> str:
    """A slug that no project has; it stays when the project is renamed."""
    prefix = f"{project.owner.username}-" if settings.DEFAULT_PROJECT_SLUG_PREFIX and project.owner else ""
    base = slugify(f"{prefix}{project.name}") or "null"
    lock_slug(base)
    return unique_slug(base, among(Project.objects.all()), max_length=LONGEST_SLUG)


def lock_slug(slug: str) -> None:
    """Lock a slug until the transaction ends, so that nobody else takes it."""
    one_at_a_time(f"slug of a project: {slug[:LONGEST_SLUG]}")


def set_base_permissions(project: Project) -> None:
    """Set the anonymous and public permissions: view everything in a public project, nothing in a private one."""
    if project.is_private:
        project.anon_permissions = project.public_permissions = []
    else:
        project.anon_permissions = with_anonymous(project.anon_permissions)
        project.public_permissions = with_anonymous(project.public_permissions)


def with_anonymous(permissions: list[str] | None) -> list[str]:
    """The permissions, plus those of anonymous viewers."""
    codes = list(permissions or ())
    return [*codes, *(code for code in map(str, ANONYMOUS_PERMISSIONS) if code not in codes)]


def normalise(project: Project) -> None:
    """Set the fields that depend on others; called for each save."""
    if not project.is_backlog_activated:
        project.total_milestones = project.total_story_points = None
    project.videoconferences = project.videoconferences or None
    if project.videoconferences is None:
        project.videoconferences_extra_data = None
    if not project.is_looking_for_people:
        project.looking_for_people_note = ""
    project.tags = [tag.lower() for tag in project.tags or ()]
    project.modified_date = clock.now()


def add_owner(project: Project, role: Role, *, email: str | None) -> Membership:
    """The membership of the owner of a new project."""
    membership = Membership.objects.create(project=project, user=project.owner, role=role, is_admin=True, email=email)
    memberships.set_up_members([membership])
    return membership


def facts(project: Project) -> Values:
    """The facts of a project for timelines, and whom its changes concern: the owner and the watchers."""
    policies = NotifyPolicy.objects.filter(project=project).exclude(notify_level=NotifyLevel.NONE)
    followers = set(policies.values_list("user_id", flat=True))
    return {
        "project": {
            "id": project.pk,
            "slug": project.slug,
            "name": project.name,
            "description": project.description,
        },
        "people": sorted(followers | ({project.owner_id} if project.owner_id is not None else set())),
    }
