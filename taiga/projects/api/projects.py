"""/projects: the list, and one project."""

from typing import Any

from django.utils.translation import gettext as _

from taiga.base import errors, paging
from taiga.base.answers import Paged
from taiga.base.bodies import Body, Fields, Integer, column_names
from taiga.base.requests import Reply, Request, created, no_content, ok
from taiga.base.routes import ANYBODY, ONESELF, SIGNED_IN, Query, endpoint, orders, route
from taiga.projects.api import lookup, project_lookup, project_shapes
from taiga.projects.api.project_bodies import EditedProject, NewProject
from taiga.projects.models import Project, ProjectTemplate
from taiga.projects.permissions import ADMIN, Can
from taiga.projects.queries import project_listing
from taiga.projects.queries import projects as queries
from taiga.projects.services import deletion, logos, memberships, projects

PARAMETERS = (
    *project_listing.FILTERS.values(),
    Query("q", "string", "Only projects with these words, by relevance."),
    Query("discover_mode", "boolean", "What everybody may see, for those who look for projects to join."),
    Query("slight", text="With any value: leave out the members that only boards need."),
    orders("user_order", *project_listing.ORDERS),
)
DECIDED_BY_THE_TEMPLATE = ("videoconferences", "videoconferences_extra_data")


@endpoint(needs=ANYBODY, query=PARAMETERS, answers=Paged(project_shapes.PROJECT_OF_LIST))
def listing(request: Request) -> Reply:
    """The projects that the caller sees."""
    found = project_listing.listing(request.viewer, request.query)
    return paging.paged(request, found.count, found.page)


@endpoint(needs=ONESELF, accepts=NewProject, answers=project_shapes.PROJECT)
def create(request: Request) -> Reply:
    """Create a project; the caller owns it."""
    values = NewProject.read(request.fields, also=lambda right: ensure_logo_is_file(request)).values
    ensure_logo_is_file(request)
    request.ensure_signed_in()
    for name in DECIDED_BY_THE_TEMPLATE:
        values.pop(name, None)
    chosen = values.pop("creation_template")
    template = ProjectTemplate.objects.get(pk=chosen) if chosen is not None else None
    project = projects.create(**values, template=template, by=lookup.actor(request))
    return created(queries.detail(project.pk, request.viewer))


@endpoint(needs=Can.VIEW_PROJECT, answers=project_shapes.PROJECT)
def read(request: Request) -> Reply:
    """One project, with all its lists."""
    access = project_lookup.to_read(request)
    return ok(queries.detail(access.project.id, request.viewer))


@endpoint(
    needs=Can.VIEW_PROJECT,
    query=(Query("slug", "string", "The slug of the project.", required=True),),
    answers=project_shapes.PROJECT,
)
def read_by_slug(request: Request) -> Reply:
    """One project by its slug. Invisible projects are refused like unknown ones."""
    key = queries.id_of(request.query.get("slug", ""))
    access = lookup.access(request, key) if key is not None else None
    if access is None or not access.sees(Can.VIEW_PROJECT):
        lookup.hide(request)
    lookup.allow(request, access.project.id)
    return ok(queries.detail(access.project.id, request.viewer))


@endpoint(needs=ADMIN, accepts=EditedProject, answers=project_shapes.PROJECT, uploads=("logo",))
def change(request: Request) -> Reply:
    """Edit part of a project."""
    access = project_lookup.to_change(request)
    project = project_lookup.locked(access)
    if access.project.archived_code is not None and request.fields == {"archived_code": None}:
        projects.unarchive(project, access=access, by=lookup.actor(request))
    else:
        store(request, project, partial=True)
    return ok(queries.detail(project.pk, request.viewer))


@endpoint(needs=ADMIN, accepts=EditedProject, answers=project_shapes.PROJECT, uploads=("logo",))
def replace(request: Request) -> Reply:
    """Edit a whole project. Fields that are left out get their defaults; the reference to its template is dropped."""
    access = project_lookup.to_change(request)
    project = project_lookup.locked(access)
    store(request, project, partial=False, creation_template=None)
    return ok(queries.detail(project.pk, request.viewer))


def store(request: Request, project: Project, *, partial: bool, **more: Any) -> None:
    """Store edited fields, and a logo if one was sent."""

    def check(fields: Fields[EditedProject]) -> None:
        ensure_fits(request, project, fields)

    fields = EditedProject.read(request.fields, partial=partial, also=check)
    if request.fields.get("archived_code") is not None:
        raise errors.Archived
    access = lookup.access_or_404(request, project.pk)
    check(fields)
    logo = request.file("logo")
    comment = fields.values.pop("comment", "")
    values = column_names(Project, {**fields.values, **more})
    projects.change(project, values, comment=comment, access=access, by=lookup.actor(request))
    if logo is not None:
        logos.change(access, logo)


def ensure_fits(request: Request, project: Project, fields: Fields[EditedProject]) -> None:
    """Refuse a logo that is not a file, and default values of another project."""
    problems = {**wrong_logo(request), **projects.foreign_defaults(project.pk, fields.found)}
    if problems:
        raise errors.Invalid(problems)


def ensure_logo_is_file(request: Request) -> None:
    """Refuse a logo that is not an uploaded file. Raises Invalid."""
    problems = wrong_logo(request)
    if problems:
        raise errors.Invalid(problems)


def wrong_logo(request: Request) -> dict[str, list[str]]:
    """The error for a logo that is not an uploaded file."""
    if request.fields.get("logo") and request.file("logo") is None:
        return {"logo": [_("No file was submitted. Check the encoding type on the form.")]}
    return {}


@endpoint(needs=ADMIN)
def delete(request: Request) -> Reply:
    """Delete a project."""
    access = project_lookup.to_change(request)
    deletion.delete(project_lookup.locked(access), access=access)
    return no_content()


@endpoint(needs=SIGNED_IN)
def delete_owned(request: Request) -> Reply:
    """Delete all private projects that the caller owns."""
    deletion.delete_owned(request.viewer)
    return no_content()


class Place(Body):
    """A project, and its order in the caller's list."""

    project_id: Integer
    order: Integer


@endpoint(needs=ONESELF, accepts=list[Place])
def reorder(request: Request) -> Reply:
    """Reorder the caller's list of projects."""
    if not request.viewer.is_authenticated:
        raise errors.Bare(401)
    if not isinstance(request.data, list):
        raise errors.Invalid({"non_field_errors": [_("Expected a list of items.")]})
    memberships.reorder(request.viewer, places(request.data))
    return no_content()


def places(rows: list[Any]) -> list[tuple[int, int]]:
    """The rows of the body. Raises Invalid, with one error object per row."""
    found: list[tuple[int, int]] = []
    problems: list[Any] = []
    for row in rows:
        try:
            body = Place.read(row if isinstance(row, dict) else {}).body
            found.append((body.project_id, body.order))
            problems.append({})
        except errors.Invalid as refusal:
            problems.append(refusal.fields)
    if any(problems):
        raise errors.Invalid(problems)
    known = set(Project.objects.filter(pk__in=[key for key, _order in found]).values_list("pk", flat=True))
    unknown = {"project_id": [_("There's no project with that id")]}
    if any(key not in known for key, _order in found):
        raise errors.Invalid([{} if key in known else unknown for key, _order in found])
    return found


urls = [
    route("projects", GET=listing, POST=create),
    route("projects/by_slug", GET=read_by_slug),
    route("projects/bulk_update_order", POST=reorder),
    route("projects/{id}", GET=read, PUT=replace, PATCH=change, DELETE=delete),
    route("delete-owned-projects", POST=delete_owned),
]
