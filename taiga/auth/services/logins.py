"""The ways to log in. Each is a function that turns the body of a request into a user."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from taiga.auth.services import credentials
from taiga.base import errors
from taiga.base.bodies import Body, FilledText, Text
from taiga.users.models import User

Way = Callable[[dict[str, Any]], User]


class Credentials(Body):
    """A user name, or an address, and the password."""

    username: FilledText
    password: FilledText


class Invited(Body):
    """An invitation that is accepted with the log-in."""

    invitation_token: Text = ""
    token: Text = ""


def user_of(sent: dict[str, Any]) -> User:
    """The user who logs in, in the way that `type` names. Raises BadRequest for an unknown one."""
    kind = sent.get("type")
    way = settings.LOGIN_TYPES.get(kind.lower()) if isinstance(kind, str) else None
    if way is None:
        raise errors.BadRequest(_("invalid login type"))
    function: Way = import_string(way)
    return function(sent)


def normal(sent: dict[str, Any]) -> User:
    """Log in by name and password."""
    body = Credentials.read(sent).body
    return credentials.verified(body.username, body.password)


def invitation_of(sent: dict[str, Any]) -> str:
    """The token of the invitation, which the front sends under one of two names; empty if there is none."""
    body = Invited.read(sent).body
    return body.invitation_token or ("" if str(sent.get("type")).lower() == "normal" else body.token)
