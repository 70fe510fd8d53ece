"""The palette of a project's tags."""

from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BeforeValidator

from taiga.base.bodies import UNSET, Body, FilledText, Text, wrong
from taiga.base.requests import Reply, Request, done, ok
from taiga.base.routes import endpoint, route
from taiga.projects.api import project_lookup, project_shapes
from taiga.projects.permissions import ADMIN, Access, Can
from taiga.projects.queries import projects as queries
from taiga.projects.services import project_tags


class NewTag(Body):
    """A new tag."""

    tag: FilledText
    color: Text = UNSET


class EditedTag(Body):
    """A tag with another name, another colour, or both."""

    from_tag: FilledText
    to_tag: FilledText = UNSET
    color: Text = UNSET


class DeletedTag(Body):
    """A tag to be deleted."""

    tag: FilledText


def to_names(value: Any) -> list[str]:
    """A list of texts."""
    if not isinstance(value, list) or not value or not all(isinstance(tag, str) for tag in value):
        raise wrong(_("Expected a list of tags."))
    return value


class MixedTags(Body):
    """Tags to be merged, and the tag they become."""

    from_tags: Annotated[list[str], BeforeValidator(to_names)]
    to_tag: FilledText


@endpoint(needs=ADMIN, accepts=NewTag)
def create(request: Request) -> Reply:
    """A new tag."""
    access = to_act(request)
    project_tags.create(access, **NewTag.read(request.fields).values)
    return done()


@endpoint(needs=ADMIN, accepts=EditedTag)
def change(request: Request) -> Reply:
    """Rename a tag or change its colour, in all items."""
    access = to_act(request)
    project_tags.change(access, **EditedTag.read(request.fields).values)
    return done()


@endpoint(needs=ADMIN, accepts=DeletedTag)
def delete(request: Request) -> Reply:
    """Delete a tag, also from all items."""
    access = to_act(request)
    project_tags.delete(access, **DeletedTag.read(request.fields).values)
    return done()


@endpoint(needs=ADMIN, accepts=MixedTags)
def mix(request: Request) -> Reply:
    """Merge tags, in all items."""
    access = to_act(request)
    project_tags.mix(access, **MixedTags.read(request.fields).values)
    return done()


def to_act(request: Request) -> Access:
    """The project of the address, unless it is blocked."""
    access = project_lookup.to_act(request)
    access.ensure_unblocked()
    return access


@endpoint(needs=Can.VIEW_PROJECT, answers=project_shapes.PALETTE)
def colors(request: Request) -> Reply:
    """The tags of the project's items with their colours."""
    access = project_lookup.to_act(request)
    return ok(queries.palette(access.project.id))


urls = [
    route("projects/{id}/tags_colors", GET=colors),
    route("projects/{id}/create_tag", POST=create),
    route("projects/{id}/edit_tag", POST=change),
    route("projects/{id}/delete_tag", POST=delete),
    route("projects/{id}/mix_tags", POST=mix),
]
