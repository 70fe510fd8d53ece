"""/user-project-settings and /sections: the section in which a project opens."""

from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BeforeValidator

from taiga.base import errors
from taiga.base.answers import Several
from taiga.base.bodies import Body, Key, wrong
from taiga.base.requests import Reply, Request, no_content, number, ok
from taiga.base.routes import ANYBODY, ONESELF, endpoint, route
from taiga.projects.api import lookup, project_shapes
from taiga.projects.models import Section
from taiga.projects.queries import project_settings as queries
from taiga.projects.services import project_settings


def to_section(value: Any) -> int:
    """A section, by its number (not as text)."""
    if not isinstance(value, int) or isinstance(value, bool) or value not in Section.values:
        raise wrong(_("Select a valid choice. %s is not one of the available choices.") % value)
    return value


class SettingsBody(Body):
    """The home page of a project."""

    project: Key
    homepage: Annotated[int, BeforeValidator(to_section)] = Section.TIMELINE


@endpoint(needs=ONESELF, query=(lookup.PROJECT,), answers=Several(project_shapes.SETTINGS))
def listing(request: Request) -> Reply:
    """The caller's settings for all projects, not paged; missing ones are created."""
    project = lookup.project_parameter(request)
    if not request.viewer.is_authenticated:
        return ok([])
    project_settings.create_missing(request.viewer)
    return ok(queries.of(request.viewer, **({"project_id": project} if project is not None else {})))


@endpoint(needs=ONESELF, answers=project_shapes.SETTINGS)
def read(request: Request) -> Reply:
    """The settings of one project."""
    return ok(own_settings(request, "No UserProjectSettings matches the given query."))


@endpoint(needs=ONESELF, accepts=SettingsBody, answers=project_shapes.SETTINGS)
def change(request: Request) -> Reply:
    """Set the home page of a project."""
    request.ensure_signed_in()
    settings = own_settings(request)
    values = SettingsBody.read(request.fields, partial=request.method == "PATCH").values
    if "homepage" in values:
        project_settings.set_homepage(settings["id"], values["homepage"], allowed=settings["allowed_sections"])
    return ok({**settings, "homepage": values.get("homepage", settings["homepage"])})


@endpoint(needs=ONESELF)
def delete(request: Request) -> Reply:
    """Reset to the defaults."""
    request.ensure_signed_in()
    project_settings.reset(own_settings(request)["id"])
    return no_content()


@endpoint(needs=ANYBODY, answers=project_shapes.SECTIONS)
def sections(request: Request) -> Reply:
    """All sections, by number and name."""
    return ok(
        [
            [Section.TIMELINE.value, _("Timeline")],
            [Section.EPICS.value, _("Epics")],
            [Section.BACKLOG.value, _("Backlog")],
            [Section.KANBAN.value, _("Kanban")],
            [Section.ISSUES.value, _("Issues")],
            [Section.WIKI.value, _("TeamWiki")],
        ]
    )


def own_settings(request: Request, missing: str = "") -> queries.Row:
    """The caller's settings of the address."""
    found = queries.of(request.viewer, pk=number(request.args["id"])) if request.viewer.is_authenticated else []
    if not found:
        raise errors.Missing(missing)
    return found[0]


urls = [
    route("user-project-settings", GET=listing),
    route("user-project-settings/{id}", GET=read, PUT=change, PATCH=change, DELETE=delete),
    route("sections", GET=sections),
]
