"""/projects: the list, and one project."""

from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BeforeValidator

from taiga.base.bodies import (
    Body,
    Boolean,
    FilledText,
    MaybeFloat,
    MaybeInteger,
    MaybeKey,
    Related,
    Text,
    longest,
    wrong,
)
from taiga.base.requests import Reply, Request, created, ok
from taiga.base.routes import ONESELF, endpoint, route
from taiga.projects.api import lookup, project_lookup
from taiga.projects.models import ProjectTemplate
from taiga.projects.permissions import ANONYMOUS, MEMBERS, Can
from taiga.projects.queries import projects as queries
from taiga.projects.services import projects

VIDEOCONFERENCES = ("whereby-com", "jitsi", "custom", "talky")


def to_permissions(*allowed: str) -> BeforeValidator:
    """A list of these permissions; null is none at all."""

    def read(value: Any) -> list[str]:
        if value is None:
            return []
        if not isinstance(value, list):
            raise wrong(_("Expected a list of permissions."))
        for position, code in enumerate(value, start=1):
            if code not in allowed:
                problem = {"position": position, "code": code}
                raise wrong(
                    _("Item %(position)s in the array did not validate: Value '%(code)s' is not a valid choice.")
                    % problem
                )
        return value

    return BeforeValidator(read)


def to_tags(value: Any) -> list[str]:
    """Texts, in lower case; they are not made unique."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise wrong(_("Expected a list of tags."))
    for tag in value:
        if not isinstance(tag, str):
            raise wrong(_("Invalid tag '%s'. It must be the tag name.") % tag)
    return [tag.lower() for tag in value]


def to_palette(value: Any) -> list[list[str | None]]:
    """`[tag, colour]` pairs, or an object of them."""
    if value is None:
        return []
    pairs = list(value.items()) if isinstance(value, dict) else value
    if not isinstance(pairs, list) or not all(is_pair(pair) for pair in pairs):
        raise wrong(_("Expected a list of pairs of a tag and its colour."))
    return [[name, color] for name, color in pairs]


def is_pair(pair: Any) -> bool:
    """Whether it is a tag with its colour, or with none."""
    return isinstance(pair, (list, tuple)) and len(pair) == 2 and isinstance(pair[0], str) and is_text(pair[1])


def is_text(value: Any) -> bool:
    """Whether it is a text or nothing."""
    return value is None or isinstance(value, str)


def to_videoconferences(value: Any) -> str | None:
    """One of the services that the front knows, or none."""
    if value in (None, ""):
        return None
    if value not in VIDEOCONFERENCES:
        raise wrong(_("Select a valid choice. %s is not one of the available choices.") % value)
    return str(value)


Tags = Annotated[list[str], BeforeValidator(to_tags)]
Palette = Annotated[list[list[str | None]], BeforeValidator(to_palette)]
AnonymousPermissions = Annotated[list[str], to_permissions(*ANONYMOUS)]
MemberPermissions = Annotated[list[str], to_permissions(*MEMBERS)]
Videoconferences = Annotated[str | None, BeforeValidator(to_videoconferences)]


class NewProject(Body):
    """A project to be made. Modules and the like are read only to be refused when they are wrong."""

    name: Annotated[FilledText, longest(250)]
    description: FilledText
    creation_template: Annotated[MaybeKey, Related(ProjectTemplate, ())] = None
    is_private: Boolean = True
    tags: Tags = []
    tags_colors: Palette = []
    total_milestones: MaybeInteger = None
    total_story_points: MaybeFloat = None
    anon_permissions: AnonymousPermissions = []
    public_permissions: MemberPermissions = []
    videoconferences: Videoconferences = None
    videoconferences_extra_data: Annotated[Text, longest(250)] = ""


DECIDED_BY_THE_TEMPLATE = ("videoconferences", "videoconferences_extra_data")


@endpoint(needs=ONESELF, accepts=NewProject)
def create(request: Request) -> Reply:
    """A new project of one's own."""
    values = NewProject.read(request.fields).values
    request.ensure_signed_in()
    for name in DECIDED_BY_THE_TEMPLATE:
        del values[name]
    template = ProjectTemplate.objects.filter(pk=values.pop("creation_template")).first()
    project = projects.create(**values, template=template, by=lookup.actor(request))
    return created(queries.detail(project.pk, request.viewer))


@endpoint(needs=Can.VIEW_PROJECT)
def read(request: Request) -> Reply:
    """One project, with all its lists."""
    access = project_lookup.to_read(request)
    return ok(queries.detail(access.project.id, request.viewer))


@endpoint(needs=Can.VIEW_PROJECT)
def read_by_slug(request: Request) -> Reply:
    """The same by its slug; of an invisible project there is no word."""
    key = queries.id_of(request.query.get("slug", ""))
    access = lookup.access(request, key) if key is not None else None
    if access is None or not access.sees(Can.VIEW_PROJECT):
        lookup.hide(request)
    lookup.allow(request, access.project.id)
    return ok(queries.detail(access.project.id, request.viewer))


urls = [
    route("projects", POST=create),
    route("projects/by_slug", GET=read_by_slug),
    route("projects/{id}", GET=read),
]
