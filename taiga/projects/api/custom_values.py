"""/…/custom-attributes-values/{id of the item}: the values of an item's custom fields."""

from typing import Annotated, Any, NoReturn

from django.utils.translation import gettext as _
from pydantic import WithJsonSchema

from taiga.base import errors
from taiga.base.bodies import UNSET, Body, Integer, Key, Related
from taiga.base.requests import Reply, Request, ok
from taiga.base.routes import Route, endpoint, route
from taiga.projects.api import item_shapes, lookup
from taiga.projects.api.workitems import Comment
from taiga.projects.models import Kind, WorkItem
from taiga.projects.permissions import ITEMS, TO_MODIFY, TO_VIEW
from taiga.projects.services import custom_values
from taiga.projects.services.kinds import KINDS

NAMES = {Kind.EPIC: "epic", Kind.USERSTORY: "user_story", Kind.TASK: "task", Kind.ISSUE: "issue"}


class ValuesBody(Body):
    """All values of an item; fields that are left out are cleared."""

    attributes_values: Annotated[Any, WithJsonSchema({"type": ["object", "null"]})] = UNSET
    version: Integer = UNSET
    comment: Comment = ""


class EpicValues(ValuesBody):
    """PUT names the epic as well."""

    epic: Annotated[Key, Related(WorkItem, ())]


class StoryValues(ValuesBody):
    """PUT names the story as well."""

    user_story: Annotated[Key, Related(WorkItem, ())]


class TaskValues(ValuesBody):
    """PUT names the task as well."""

    task: Annotated[Key, Related(WorkItem, ())]


class IssueValues(ValuesBody):
    """PUT names the issue as well."""

    issue: Annotated[Key, Related(WorkItem, ())]


def serialized(kind: Kind, item: WorkItem) -> dict[str, Any]:
    """The values as the API shows them."""
    return {
        "attributes_values": item.attributes_values,
        "version": item.attributes_version,
        NAMES[kind]: item.pk,
    }


@endpoint(needs=TO_VIEW, answers=item_shapes.values_of_kind)
def read(request: Request, kind: Kind, **more: Any) -> Reply:
    """The values of one item."""
    model = KINDS[kind].model
    model_name = f"{model.__name__}CustomAttributesValues"
    item = lookup.retrieve(request, model.objects.all(), model_name=model_name, id=request.args["id"])
    return ok(serialized(kind, item))


@endpoint(needs=TO_MODIFY, accepts=ValuesBody, answers=item_shapes.values_of_kind)
def change(request: Request, kind: Kind, body: type[ValuesBody]) -> Reply:
    """Replace all values of one item."""
    return changed(request, kind, body, partial=True)


@endpoint(needs=TO_MODIFY, accepts=ValuesBody, answers=item_shapes.values_of_kind)
def replace(request: Request, kind: Kind, body: type[ValuesBody]) -> Reply:
    """The same, naming the item in the body."""
    return changed(request, kind, body, partial=False)


def changed(request: Request, kind: Kind, body: type[ValuesBody], *, partial: bool) -> Reply:
    """PUT and PATCH."""
    item = lookup.for_change(request, KINDS[kind].model, ITEMS[kind].view, id=request.args["id"])
    fields = body.read(request.fields, partial=partial)
    values = fields.values
    if "attributes_values" in request.fields and values["attributes_values"] is None:
        raise custom_values.invalid_values(_("This field cannot be null."))
    custom_values.replace(
        item,
        values.get("attributes_values"),
        values.get("version", UNSET),
        comment=values.get("comment") or "",
        access=lookup.access_or_404(request, item.project_id),
        by=lookup.actor(request),
    )
    return ok(serialized(kind, item))


@endpoint(needs=TO_VIEW)
def no_list(request: Request, kind: Kind, **more: Any) -> NoReturn:
    """There is no list of values: always 404."""
    raise errors.Missing


def urls_of(path: str, kind: Kind, body: type[ValuesBody]) -> list[Route]:
    """The endpoints of one kind."""
    given = {"kind": kind, "body": body}
    base = f"{path}/custom-attributes-values"
    return [route(base, given, GET=no_list), route(f"{base}/{{id}}", given, GET=read, PUT=replace, PATCH=change)]


urls = [
    *urls_of("epics", Kind.EPIC, EpicValues),
    *urls_of("userstories", Kind.USERSTORY, StoryValues),
    *urls_of("tasks", Kind.TASK, TaskValues),
    *urls_of("issues", Kind.ISSUE, IssueValues),
]
