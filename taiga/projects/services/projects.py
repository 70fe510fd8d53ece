"""Projects: how one comes to be, and how it is edited."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from taiga.base import clock, errors
from taiga.base.slugs import slugify, unique_slug
from taiga.changes.models import ChangeType
from taiga.changes.record import Actor, change_of, publish
from taiga.projects.models import Membership, Project, ProjectTemplate, Role
from taiga.projects.permissions import ANONYMOUS
from taiga.projects.services import limits, memberships, templates

Values = dict[str, Any]


def create(
    *, name: str, description: str, by: Actor, template: ProjectTemplate | None = None, **values: Any
) -> Project:
    """A new project of the caller, with what the template (or the default one) gives it. Raises NotEnoughSlots."""
    project = Project(name=name, description=description, owner=by.user, **values)
    limits.ensure_room_for_project(by.user, is_private=project.is_private)
    template = template or default_template()
    project.creation_template = template
    roles = begin(project, template)
    add_owner(project, templates.owner_role(template, roles))
    publish([change_of(project, ChangeType.CREATE, by=by, context=facts(project))])
    return project


def begin(project: Project, template: ProjectTemplate) -> list[Role]:
    """Store a new project and fill it from a template; returns its roles."""
    project.slug = free_slug(project)
    if project.is_private:
        project.anon_permissions = project.public_permissions = []
    else:
        open_to_all(project)
    project.save(force_insert=True)
    roles = templates.apply(template, project)
    normalise(project)
    project.save(force_update=True)
    return roles


def default_template() -> ProjectTemplate:
    """The template of those who choose none."""
    found = ProjectTemplate.objects.filter(slug=settings.DEFAULT_PROJECT_TEMPLATE).first()
    if found is None:
        raise errors.BadRequest(_("There is no default project template."))
    return found


def free_slug(project: Project) -> str:
    """A slug that no project has; it stays when the project is renamed."""
    prefix = f"{project.owner.username}-" if settings.DEFAULT_PROJECT_SLUG_PREFIX and project.owner else ""
    base = slugify(f"{prefix}{project.name}") or "null"
    return unique_slug(base, lambda slug: Project.objects.filter(slug=slug).exists(), max_length=250)


def open_to_all(project: Project) -> None:
    """Let everybody see what is in a public project."""
    project.anon_permissions = union(project.anon_permissions)
    project.public_permissions = union(project.public_permissions)


def union(permissions: list[str] | None) -> list[str]:
    """Permissions with those of the anonymous added."""
    held = list(permissions or ())
    return [*held, *(code for code in map(str, ANONYMOUS) if code not in held)]


def normalise(project: Project) -> None:
    """What depends on other fields, at each save."""
    if not project.is_backlog_activated:
        project.total_milestones = project.total_story_points = None
    project.videoconferences = project.videoconferences or None
    if project.videoconferences is None:
        project.videoconferences_extra_data = None
    if not project.is_looking_for_people:
        project.looking_for_people_note = ""
    project.tags = [tag.lower() for tag in project.tags or ()]
    project.modified_date = clock.now()


def add_owner(project: Project, role: Role) -> Membership:
    """The membership of the owner of a new project."""
    assert project.owner is not None
    membership = Membership.objects.create(
        project=project, user=project.owner, role=role, is_admin=True, email=project.owner.email
    )
    memberships.welcome(membership)
    return membership


def facts(project: Project) -> Values:
    """What timelines tell of a project."""
    return {
        "project": {
            "id": project.pk,
            "slug": project.slug,
            "name": project.name,
            "description": project.description,
        }
    }
