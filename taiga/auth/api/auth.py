"""/auth: logging in, registering, and fresh tokens for old ones."""

from typing import Annotated

import jwt
from django.conf import settings
from django.utils.translation import gettext as _

from taiga.auth import tokens
from taiga.auth.services import logins, sessions
from taiga.base import errors
from taiga.base.answers import BOOLEAN, OBJECT, TEXT, object_of
from taiga.base.bodies import Body, FilledText, longest
from taiga.base.requests import Reply, Request, created, ok
from taiga.base.routes import ANYBODY, endpoint, route
from taiga.users.api import shapes
from taiga.users.rules import Account


class Refresh(Body):
    """A refresh token to be spent."""

    refresh: FilledText


class InvitedAccount(Account):
    """A new account for somebody who was invited."""

    token: Annotated[FilledText, longest(255)]


LOG_IN = object_of(
    "type",
    type={**TEXT, "description": "`normal`, or a way that this server offers beside it, such as `github`."},
    username={**TEXT, "description": "For `normal`: the user name or the e-mail address."},
    password={**TEXT, "description": "For `normal`."},
    code={**TEXT, "description": "For the others: the code from the OAuth redirect."},
    redirectUri={**TEXT, "description": "For `gitlab`: the redirect URI."},
    invitation_token={**TEXT, "description": "The token of an invitation to accept."},
)
REGISTRATION = {
    "allOf": [
        Account,
        object_of(
            *("type", "accepted_terms"),
            type={**TEXT, "enum": ["public", "private"]},
            accepted_terms=BOOLEAN,
            token={**TEXT, "description": "The invitation, for `private`."},
        ),
    ]
}


@endpoint(needs=ANYBODY, accepts=LOG_IN, answers=shapes.SESSION, atomic=False, throttle="login-fail")
def log_in(request: Request) -> Reply:
    """Who comes with a name and password, or by an account elsewhere, gets tokens."""
    fields = request.fields
    user = logins.user_of(fields)
    return ok(sessions.enter(user, invitation=logins.invitation_of(fields)))


@endpoint(needs=ANYBODY, accepts=Refresh, answers=shapes.TOKENS, throttle="login-fail")
def refresh(request: Request) -> Reply:
    """A new pair of tokens for a refresh token, which works once."""
    return ok(tokens.rotate(Refresh.read(request.fields).body.refresh))


@endpoint(needs=ANYBODY, accepts=object_of("token", token=TEXT), answers=OBJECT, throttle="login-fail")
def verify(request: Request) -> Reply:
    """Whether a token is good; only where errors are shown anyway."""
    if not settings.DEBUG:
        raise errors.Bare(403)
    try:
        tokens.read(str(request.fields.get("token", "")), tokens.ACCESS)
    except jwt.InvalidTokenError as problem:
        raise tokens.refused() from problem
    return ok({})


@endpoint(needs=ANYBODY, accepts=REGISTRATION, answers=shapes.SESSION, atomic=False, throttle="register-success")
def register(request: Request) -> Reply:
    """Make an account: for anybody where the server allows it, for the invited everywhere."""
    sent = request.fields
    if sent.get("accepted_terms") in (None, False):
        raise errors.BadRequest(_("You must accept our terms of service and privacy policy"))
    kind = sent.get("type")
    if kind == "public" and settings.PUBLIC_REGISTER_ENABLED:
        return created(sessions.register(**Account.read(sent).values))
    if kind == "private":
        values = InvitedAccount.read(sent).values
        return created(sessions.register(invitation=values.pop("token"), **values))
    raise errors.BadRequest(
        _("Public registration is disabled.") if kind == "public" else _("invalid registration type")
    )


urls = [
    route("auth", POST=log_in),
    route("auth/refresh", POST=refresh),
    route("auth/verify", POST=verify),
    route("auth/register", POST=register),
]
