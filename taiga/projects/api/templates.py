"""/project-templates: templates of new projects, edited by superusers."""

from typing import Annotated, Any

from pydantic import Field

from taiga.base import clock, errors, paging
from taiga.base.answers import Paged
from taiga.base.bodies import UNSET, Body, Boolean, FilledText, Place, Text, longest
from taiga.base.requests import Reply, Request, created, no_content, number, ok
from taiga.base.routes import ANYBODY, endpoint, route
from taiga.projects.api import project_shapes
from taiga.projects.api.project_bodies import Palette, Tags, Videoconferences
from taiga.projects.models import ProjectTemplate
from taiga.projects.permissions import SUPERUSER
from taiga.projects.queries import templates as queries
from taiga.projects.services import templates


class TemplateBody(Body):
    """The fields of a template. Its lists are stored unchecked; unusable ones are refused when a project is created
    from it.
    """

    name: Annotated[FilledText, longest(250)]
    description: FilledText
    default_owner_role: Annotated[FilledText, longest(50)]
    order: Place = Field(default_factory=clock.milliseconds)
    is_contact_activated: Boolean = True
    is_epics_activated: Boolean = False
    is_backlog_activated: Boolean = True
    is_kanban_activated: Boolean = False
    is_wiki_activated: Boolean = True
    is_issues_activated: Boolean = True
    is_looking_for_people: Boolean = False
    looking_for_people_note: Text = ""
    videoconferences: Videoconferences = UNSET
    videoconferences_extra_data: Annotated[Text, longest(250)] = UNSET
    default_options: Any = UNSET
    epic_statuses: Any = UNSET
    us_statuses: Any = UNSET
    us_duedates: Any = UNSET
    points: Any = UNSET
    task_statuses: Any = UNSET
    task_duedates: Any = UNSET
    issue_statuses: Any = UNSET
    issue_types: Any = UNSET
    issue_duedates: Any = UNSET
    priorities: Any = UNSET
    severities: Any = UNSET
    roles: Any = UNSET
    epic_custom_attributes: Any = UNSET
    us_custom_attributes: Any = UNSET
    task_custom_attributes: Any = UNSET
    issue_custom_attributes: Any = UNSET
    tags: Tags = []
    tags_colors: Palette = []


@endpoint(needs=ANYBODY, answers=Paged(project_shapes.TEMPLATE))
def listing(request: Request) -> Reply:
    """All templates."""
    rows = ProjectTemplate.objects.order_by("order", "name", "id")
    return paging.paged_rows(request, rows, lambda page: [queries.serialized(template) for template in page])


@endpoint(needs=ANYBODY, answers=project_shapes.TEMPLATE)
def read(request: Request) -> Reply:
    """One template."""
    found = named(request)
    if found is None:
        raise errors.Missing("No ProjectTemplate matches the given query.")
    return ok(queries.serialized(found))


@endpoint(needs=SUPERUSER, accepts=TemplateBody, answers=project_shapes.TEMPLATE)
def create(request: Request) -> Reply:
    """A new template."""
    values = TemplateBody.read(request.fields).values
    ensure_superuser(request)
    return created(queries.serialized(templates.create(values)))


@endpoint(needs=SUPERUSER, accepts=TemplateBody, answers=project_shapes.TEMPLATE)
def change(request: Request) -> Reply:
    """Edit a template."""
    template = to_change(request)
    values = TemplateBody.read(request.fields, partial=request.method == "PATCH").values
    templates.change(template, values)
    return ok(queries.serialized(template))


@endpoint(needs=SUPERUSER)
def delete(request: Request) -> Reply:
    """Delete a template."""
    templates.delete(to_change(request))
    return no_content()


def ensure_superuser(request: Request) -> None:
    """Refuse everybody but superusers."""
    request.ensure_signed_in()
    if not request.viewer.is_superuser:
        raise errors.PermissionDenied
    request.allowed = True


def named(request: Request) -> ProjectTemplate | None:
    """The template of the address."""
    key = number(request.args["id"])
    return ProjectTemplate.objects.filter(pk=key).first() if key is not None else None


def to_change(request: Request) -> ProjectTemplate:
    """The template of the address, for superusers."""
    ensure_superuser(request)
    found = named(request)
    if found is None:
        raise errors.Missing
    return found


urls = [
    route("project-templates", GET=listing, POST=create),
    route("project-templates/{id}", GET=read, PUT=change, PATCH=change, DELETE=delete),
]
