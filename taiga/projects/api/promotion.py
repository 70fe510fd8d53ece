"""`promote_to_user_story`: promoting a task or an issue to a story."""

from typing import Any

from taiga.base.answers import INTEGER, Several
from taiga.base.bodies import Body
from taiga.base.requests import Reply, Request, ok
from taiga.base.routes import endpoint, route
from taiga.projects.api import lookup
from taiga.projects.api.in_project import ProjectId
from taiga.projects.models import Kind
from taiga.projects.permissions import ITEMS, Can, SignedInAnd
from taiga.projects.services import promotion
from taiga.projects.services.kinds import KINDS


class PromotionBody(Body):
    """The project of the new story, which must be that of the item."""

    project_id: ProjectId


@endpoint(needs=SignedInAnd(Can.ADD_US), accepts=PromotionBody, answers=Several(INTEGER))
def promote(request: Request, kind: Kind, **more: Any) -> Reply:
    """Promote an item to a story; the response is the story's #number. The caller must be allowed to delete a task."""
    fields = PromotionBody.read(request.fields)
    lookup.allow(request, fields.values["project_id"])
    item = lookup.for_action(request, KINDS[kind].model.objects, ITEMS[kind].view, id=request.args["id"])
    access = lookup.access_or_404(request, item.project_id)
    if kind == Kind.TASK:
        access.ensure(Can.DELETE_TASK)
    story = promotion.promote(item, access=access, by=lookup.actor(request))
    return ok([story.ref])


urls = [
    route("tasks/{id}/promote_to_user_story", {"kind": Kind.TASK}, POST=promote),
    route("issues/{id}/promote_to_user_story", {"kind": Kind.ISSUE}, POST=promote),
]
