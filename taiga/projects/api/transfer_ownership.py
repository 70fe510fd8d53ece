"""Transfer of ownership to another member; also possible for blocked and archived projects."""

from typing import Any

from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.answers import TEXT, object_of
from taiga.base.bodies import Body, Integer, Text
from taiga.base.requests import Reply, Request, done
from taiga.base.routes import endpoint, route
from taiga.projects.api import project_lookup
from taiga.projects.permissions import ADMIN, OWNER, Can, SignedInAnd
from taiga.projects.services import transfer_ownership
from taiga.users.models import User

TO_ANSWER = SignedInAnd(Can.VIEW_PROJECT)
ANSWER = object_of("token", token=TEXT, reason=TEXT)


class OfferBody(Body):
    """The recipient of an offer, and the reason."""

    user: Integer
    reason: Text = ""


@endpoint(needs=ADMIN)
def request_transfer(request: Request) -> Reply:
    """Ask the owner to transfer the project."""
    project = project_lookup.locked(project_lookup.to_act(request))
    transfer_ownership.request(project, by=request.viewer)
    return done()


@endpoint(needs=OWNER, accepts=OfferBody)
def start(request: Request) -> Reply:
    """Offer the project to a member."""
    project = project_lookup.locked(project_lookup.to_act(request))
    body = OfferBody.read(request.fields).body
    user = User.objects.filter(pk=body.user).first()
    transfer_ownership.start(project, user, reason=body.reason)
    return done()


@endpoint(needs=TO_ANSWER, accepts=ANSWER)
def validate(request: Request) -> Reply:
    """Check the token of an offer."""
    project = project_lookup.locked(project_lookup.to_act(request))
    transfer_ownership.ensure_valid(project, request.fields.get("token"), by=request.viewer)
    return done()


@endpoint(needs=TO_ANSWER, accepts=ANSWER)
def accept(request: Request) -> Reply:
    """Accept the offer and become the owner."""
    token, reason = answer(request)
    project = project_lookup.locked(project_lookup.to_act(request))
    transfer_ownership.accept(project, token, reason=reason, by=request.viewer)
    return done()


@endpoint(needs=TO_ANSWER, accepts=ANSWER)
def reject(request: Request) -> Reply:
    """Reject the offer."""
    token, reason = answer(request)
    project = project_lookup.locked(project_lookup.to_act(request))
    transfer_ownership.reject(project, token, reason=reason, by=request.viewer)
    return done()


def answer(request: Request) -> tuple[Any, str]:
    """The token and the reason of the body. A missing token is refused before any permission check."""
    token = request.fields.get("token")
    if token is None:
        raise errors.WrongArguments(_("Invalid token"))
    return token, str(request.fields.get("reason") or "")


urls = [
    route("projects/{id}/transfer_request", POST=request_transfer),
    route("projects/{id}/transfer_start", POST=start),
    route("projects/{id}/transfer_validate_token", POST=validate),
    route("projects/{id}/transfer_accept", POST=accept),
    route("projects/{id}/transfer_reject", POST=reject),
]
