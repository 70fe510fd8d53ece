"""Copying a project, making a template from it, and leaving it."""

from typing import Annotated

from taiga.base.bodies import Body, Boolean, FilledText, Integer, longest
from taiga.base.requests import Reply, Request, created, done
from taiga.base.routes import endpoint, route
from taiga.projects.api import lookup, project_lookup, project_shapes
from taiga.projects.permissions import SUPERUSER, Can, SignedInAnd
from taiga.projects.queries import projects as queries
from taiga.projects.queries import templates as template_queries
from taiga.projects.services import duplication, memberships, templates


class SelectedMember(Body):
    """A member to include."""

    id: Integer


class CopyBody(Body):
    """A copy."""

    name: Annotated[FilledText, longest(250)]
    description: FilledText
    is_private: Boolean
    users: list[SelectedMember]


@endpoint(needs=SignedInAnd(Can.VIEW_PROJECT), accepts=CopyBody, answers=project_shapes.PROJECT)
def duplicate(request: Request) -> Reply:
    """Copy a project, with some of its members. The caller owns the copy."""
    access = project_lookup.to_act(request)
    access.ensure_open()
    unticked = {"is_private": False} if request.is_form else {}
    body = CopyBody.read({**unticked, **request.fields}).body
    copy = duplication.Copy(body.name, body.description, body.is_private, [user.id for user in body.users])
    source = project_lookup.locked(access)
    project = duplication.duplicate(source, copy, access=access, by=lookup.actor(request))
    return created(queries.detail(project.pk, request.viewer, as_member=True))


class TemplateBody(Body):
    """The fields of a template made from a project."""

    template_name: Annotated[FilledText, longest(250)]
    template_description: FilledText


@endpoint(needs=SUPERUSER, accepts=TemplateBody, answers=project_shapes.TEMPLATE)
def create_template(request: Request) -> Reply:
    """Create a template from a project."""
    access = project_lookup.to_act(request)
    body = TemplateBody.read(request.fields).body
    source = project_lookup.locked(access)
    template = templates.create_from(source, name=body.template_name, description=body.template_description)
    return created(template_queries.serialized(template))


@endpoint(needs=SignedInAnd(Can.VIEW_PROJECT))
def leave(request: Request) -> Reply:
    """Leave a project."""
    access = project_lookup.to_act(request)
    memberships.leave(access, by=lookup.actor(request))
    return done()


urls = [
    route("projects/{id}/duplicate", POST=duplicate),
    route("projects/{id}/create_template", POST=create_template),
    route("projects/{id}/leave", POST=leave),
]
