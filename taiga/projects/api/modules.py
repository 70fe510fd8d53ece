"""The settings of a project's integrations, and the keys of its CSV reports."""

from typing import Any

from django.conf import settings

from taiga.base.answers import OBJECT, mapping
from taiga.base.requests import Reply, Request, no_content, ok
from taiga.base.routes import endpoint, route
from taiga.projects.api import project_lookup, project_shapes
from taiga.projects.permissions import ADMIN
from taiga.projects.services import csv_keys, integrations

KINDS = ("epics", "userstories", "tasks", "issues")
WITH_KEY = ("gitlab", "bitbucket")
"""The integrations whose secret is part of the hook's URL."""


@endpoint(needs=ADMIN, answers=mapping({}))
def read(request: Request) -> Reply:
    """The settings of all integrations, with the URLs of their hooks."""
    project_id = project_lookup.to_act(request).project.id
    config = integrations.config(project_id)
    return ok({name: with_hook_url(name, value, project_id) for name, value in config.items()})


def with_hook_url(name: str, value: Any, project_id: int) -> Any:
    """The settings of one integration with the URL of its hook. Unknown keys that clients store are kept."""
    if name not in integrations.DEFAULTS:
        return value
    address = f"{settings.TAIGA_URL}/api/v1/{name}-hook?project={project_id}"
    return {**value, "webhooks_url": f"{address}&key={value['secret']}" if name in WITH_KEY else address}


@endpoint(needs=ADMIN, accepts=mapping(OBJECT))
def change(request: Request) -> Reply:
    """Replace the settings of some integrations."""
    access = project_lookup.to_act(request)
    integrations.change(access, request.fields)
    return no_content()


@endpoint(needs=ADMIN, answers=project_shapes.KEY)
def change_key(request: Request, column: str) -> Reply:
    """Set a new key."""
    access = project_lookup.to_act(request)
    return ok({"uuid": csv_keys.change(access, column)})


@endpoint(needs=ADMIN, answers=project_shapes.KEY)
def remove_key(request: Request, column: str) -> Reply:
    """Remove the key of a report."""
    access = project_lookup.to_act(request)
    csv_keys.remove(access, column)
    return ok({"uuid": None})


def keys(kind: str) -> list[Any]:
    """The two endpoints of one report."""
    given = {"column": f"{kind}_csv_uuid"}
    return [
        route(f"projects/{{id}}/regenerate_{kind}_csv_uuid", given, POST=change_key),
        route(f"projects/{{id}}/delete_{kind}_csv_uuid", given, POST=remove_key),
    ]


urls = [
    route("projects/{id}/modules", GET=read, PATCH=change),
    *(one for kind in KINDS for one in keys(kind)),
]
