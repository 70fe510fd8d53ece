"""/notify-policies: the caller's notification levels for each project."""

from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BeforeValidator

from taiga.base import errors, paging
from taiga.base.answers import Paged
from taiga.base.bodies import Body, Boolean, Key, wrong
from taiga.base.requests import Reply, Request, no_content, number, ok
from taiga.base.routes import ONESELF, endpoint, route
from taiga.projects.api import project_shapes
from taiga.projects.models import NotifyLevel, NotifyPolicy
from taiga.projects.queries import notify_policies as queries
from taiga.projects.services import notify_policies


def to_level(value: Any) -> int:
    """One of the levels, as a number or its text."""
    for level in NotifyLevel:
        if str(value) == str(level.value) and not isinstance(value, bool):
            return int(level)
    raise wrong(_("Select a valid choice. %s is not one of the available choices.") % value)


Level = Annotated[int, BeforeValidator(to_level)]


class PolicyBody(Body):
    """The levels of a policy; its project cannot be changed."""

    project: Key
    notify_level: Level
    live_notify_level: Level = NotifyLevel.INVOLVED
    web_notify_level: Boolean = True


@endpoint(needs=ONESELF, answers=Paged(project_shapes.POLICY))
def listing(request: Request) -> Reply:
    """The caller's policies; missing ones are created."""
    return paging.paged_rows(
        request, own_policies(request), lambda found: [queries.serialized(policy) for policy in found]
    )


@endpoint(needs=ONESELF, answers=project_shapes.POLICY)
def read(request: Request) -> Reply:
    """One policy."""
    policy = own_policies(request).filter(pk=number(request.args["id"])).first()
    if policy is None:
        raise errors.Missing("No NotifyPolicy matches the given query.")
    return ok(queries.serialized(policy))


@endpoint(needs=ONESELF, accepts=PolicyBody, answers=project_shapes.POLICY)
def change(request: Request) -> Reply:
    """Change notification levels."""
    policy = for_change(request)
    values = PolicyBody.read(request.fields, partial=request.method == "PATCH").values
    values.pop("project", None)
    notify_policies.change(policy, values)
    return ok(queries.serialized(policy))


@endpoint(needs=ONESELF)
def delete(request: Request) -> Reply:
    """Reset a policy to the default."""
    for_change(request).delete()
    return no_content()


def own_policies(request: Request) -> Any:
    """The caller's policies, after creating missing ones."""
    if request.viewer.is_authenticated:
        notify_policies.create_missing(request.viewer)
    return queries.of(request.viewer)


def for_change(request: Request) -> NotifyPolicy:
    """The policy of the address, locked."""
    request.ensure_signed_in()
    key = number(request.args["id"])
    policy: NotifyPolicy | None = own_policies(request).select_for_update(of=("self",)).filter(pk=key).first()
    if policy is None:
        raise errors.Missing
    return policy


urls = [
    route("notify-policies", GET=listing),
    route("notify-policies/{id}", GET=read, PUT=change, PATCH=change, DELETE=delete),
]
