"""/epics/{epic}/related_userstories: the stories that belong to an epic, found by the story's id."""

import json
from typing import Annotated, Any

from pydantic import Field

from taiga.base import clock, errors
from taiga.base.answers import Paged, Several
from taiga.base.bodies import Body, FilledText, Key, Place, Related
from taiga.base.paging import paged_rows
from taiga.base.requests import Reply, Request, created, no_content, number, ok
from taiga.base.routes import endpoint, route
from taiga.projects.api import item_shapes, lookup, shapes
from taiga.projects.api.in_project import ProjectId
from taiga.projects.api.workitems import requested_orders
from taiga.projects.models import Epic, RelatedUserStory, UserStory, WorkItem
from taiga.projects.permissions import Can
from taiga.projects.services import bulk, related


class RelationBody(Body):
    """A story for an epic."""

    epic: Annotated[Key, Related(Epic, ())]
    user_story: Annotated[Key, Related(UserStory, ())]
    order: Place = Field(default_factory=clock.milliseconds)


class BulkBody(Body):
    """New stories for an epic, one per line."""

    project_id: ProjectId
    bulk_userstories: FilledText


def serialized(relation: RelatedUserStory) -> dict[str, Any]:
    """A relation as the API shows it."""
    return {"epic": relation.epic_id, "user_story": relation.user_story_id, "order": relation.order}


def ordered(epic: int) -> Any:
    """The relations of an epic, in the default order of their stories."""
    order = ("user_story__project__name", "user_story__project", "user_story__backlog_order", "user_story__ref")
    return RelatedUserStory.objects.filter(epic=epic).order_by(*order, "order", "id")


def relation_of(request: Request) -> RelatedUserStory | None:
    """The relation that the address names."""
    epic, story = number(request.args["epic"]), number(request.args["id"])
    if epic is None or story is None:
        return None
    return RelatedUserStory.objects.select_related("epic", "user_story").filter(epic=epic, user_story=story).first()


def epic_for_change(request: Request) -> WorkItem:
    """The epic of the address, if the caller may change it."""
    epic = related.epic_of(number(request.args["epic"]))
    if epic is None:
        lookup.hide(request)
    lookup.allow(request, epic.project_id)
    return epic


def relation_for_change(request: Request) -> RelatedUserStory:
    """The relation of the address, if the caller may change it."""
    relation = relation_of(request)
    if relation is None:
        if not request.viewer.is_authenticated:
            raise errors.NotAuthenticated
        raise errors.Missing if request.viewer.is_superuser else errors.PermissionDenied
    lookup.allow(request, relation.epic.project_id)
    return relation


@endpoint(needs=Can.VIEW_EPICS, answers=Paged(shapes.RELATION))
def listing(request: Request) -> Reply:
    """The stories of an epic; an empty list for an unknown epic."""
    epic = related.epic_of(number(request.args["epic"]))
    if epic is None:
        request.allowed = True
        return paged_rows(request, RelatedUserStory.objects.none())
    lookup.allow(request, epic.project_id)
    return paged_rows(request, ordered(epic.pk), lambda rows: [serialized(one) for one in rows])


@endpoint(needs=Can.MODIFY_EPIC, accepts=RelationBody, answers=shapes.RELATION)
def create(request: Request) -> Reply:
    """Relate a story to the epic of the address."""
    fields = RelationBody.read(request.fields)
    epic = epic_for_change(request)
    values, access = fields.values, lookup.access_or_404(request, epic.project_id)
    relation = related.relate(epic, values["user_story"], values["order"], access=access, by=lookup.actor(request))
    return created(serialized(relation))


@endpoint(needs=Can.VIEW_EPICS, answers=shapes.RELATION)
def read(request: Request) -> Reply:
    """One story of an epic."""
    relation = relation_of(request)
    if relation is None:
        raise errors.Missing("No RelatedUserStory matches the given query.")
    lookup.allow(request, relation.epic.project_id)
    return ok(serialized(relation))


CHANGED: dict[str, Any] = {
    "accepts": RelationBody,
    "query": (item_shapes.SET_ORDERS,),
    "answers": shapes.RELATION,
    "tells": (item_shapes.MOVED,),
}
"""The declarations that PUT and PATCH share."""


@endpoint(needs=Can.MODIFY_EPIC, **CHANGED)
def change(request: Request) -> Reply:
    """Change the order of a story in the epic."""
    return changed(request, partial=True)


@endpoint(needs=Can.MODIFY_EPIC, **CHANGED)
def replace(request: Request) -> Reply:
    """The same, with all fields."""
    return changed(request, partial=False)


def changed(request: Request, *, partial: bool) -> Reply:
    """PUT and PATCH."""
    relation = relation_for_change(request)
    fields = RelationBody.read(request.fields, partial=partial)
    lookup.access_or_404(request, relation.epic.project_id).ensure_open()
    order = fields.values.get("order", relation.order)
    moved = related.reorder(relation, order, lambda: requested_orders(request), by=lookup.actor(request))
    reply = ok(serialized(relation))
    reply.headers["Taiga-Info-Order-Updated"] = json.dumps({str(key): place for key, place in moved.items()})
    return reply


@endpoint(needs=Can.MODIFY_EPIC)
def delete(request: Request) -> Reply:
    """Take a story out of the epic."""
    relation = relation_for_change(request)
    lookup.access_or_404(request, relation.epic.project_id).ensure_open()
    related.unrelate(relation, by=lookup.actor(request))
    return no_content()


@endpoint(needs=Can.MODIFY_EPIC, accepts=BulkBody, answers=Several(shapes.RELATION))
def bulk_create(request: Request) -> Reply:
    """Create stories and relate them to the epic. Needs permissions in the epic's project and in that of the
    stories.
    """
    fields = BulkBody.read(request.fields)
    epic = epic_for_change(request)
    lookup.access_or_404(request, epic.project_id).ensure_unblocked()
    access = lookup.access_or_404(request, fields.values["project_id"])
    access.ensure(Can.MODIFY_EPIC)
    access.ensure_unblocked()
    subjects = bulk.lines(fields.values["bulk_userstories"])
    related.create_stories(epic, subjects, access=access, by=lookup.actor(request))
    return ok([serialized(one) for one in ordered(epic.pk)])


urls = [
    route("epics/{epic}/related_userstories", GET=listing, POST=create),
    route("epics/{epic}/related_userstories/bulk_create", POST=bulk_create),
    route("epics/{epic}/related_userstories/{id}", GET=read, PUT=replace, PATCH=change, DELETE=delete),
]
