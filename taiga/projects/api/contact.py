"""/contact: messages to the admins of a project."""

from typing import Annotated

from taiga.base import clock
from taiga.base.bodies import Body, FilledText, Key, Related
from taiga.base.requests import Reply, Request, created
from taiga.base.routes import endpoint, route
from taiga.projects.api import lookup, project_shapes
from taiga.projects.models import Project
from taiga.projects.permissions import Access, Need
from taiga.projects.services import contact


class MayContact(Need):
    """Any signed-in user, if the project accepts messages; only members, if it is private."""

    def met(self, access: Access, request: Request | None) -> bool:
        asked_for = access.project.is_contact_activated and (not access.project.is_private or access.is_member)
        return bool(access.viewer.is_superuser or (access.viewer.is_authenticated and asked_for))

    def __str__(self) -> str:
        return "signed in & contact wanted"


class ContactBody(Body):
    """A message, and its project."""

    project: Annotated[Key, Related(Project, ("id",))]
    comment: FilledText


@endpoint(needs=MayContact(), accepts=ContactBody, answers=project_shapes.CONTACT, throttle="asked-mail")
def send(request: Request) -> Reply:
    """Send a message to the admins of a project."""
    body = ContactBody.read(request.fields).body
    access = lookup.allow(request, body.project)
    entry = contact.send(body.comment, access=access, by=request.viewer)
    return created(
        {
            "id": entry.pk,
            "user": entry.user_id,
            "project": entry.project_id,
            "comment": entry.comment,
            "created_date": clock.plain_stamp(entry.created_date),
        }
    )


urls = [route("contact", POST=send)]
