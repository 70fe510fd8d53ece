"""/users/cancel: an account taken back by the link in its welcome mail."""

import jwt
from django.utils.translation import gettext as _

from taiga.auth import tokens
from taiga.base import errors
from taiga.base.bodies import Body, Text
from taiga.base.requests import Reply, Request, no_content
from taiga.base.routes import ANYBODY, endpoint, route
from taiga.changes.record import Actor
from taiga.projects.services import people
from taiga.users.models import User


class Cancellation(Body):
    """The token of the link."""

    cancel_token: Text = ""


@endpoint(needs=ANYBODY, accepts=Cancellation)
def cancel(request: Request) -> Reply:
    """End the account for which the token was made."""
    token = Cancellation.read(request.fields).body.cancel_token
    try:
        claims = tokens.read(token, tokens.CANCEL)
    except jwt.InvalidTokenError as problem:
        raise refused() from problem
    user = User.objects.select_for_update().filter(pk=claims["user_id"], is_active=True, is_system=False).first()
    if user is None:
        raise refused()
    people.close_account(user, by=Actor(user, request.session_id))
    return no_content()


def refused() -> errors.WrongArguments:
    """The refusal of a token that is not valid, or whose account was cancelled before."""
    return errors.WrongArguments(_("Invalid, are you sure the token is correct?"))


urls = [route("users/cancel", POST=cancel)]
