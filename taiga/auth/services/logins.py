"""The ways to log in: each turns what was sent into a user."""

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
    """Whoever logs in can take an invitation in the same breath."""

    invitation_token: Text = ""
    token: Text = ""


def user_of(sent: dict[str, Any]) -> User:
    """Who comes, in the way that `type` names. Raises BadRequest for a way that there is not."""
    kind = sent.get("type")
    way = settings.LOGIN_TYPES.get(kind.lower()) if isinstance(kind, str) else None
    if way is None:
        raise errors.BadRequest(_("invalid login type"))
    function: Way = import_string(way)
    return function(sent)


def normal(sent: dict[str, Any]) -> User:
    """By name and password."""
    body = Credentials.read(sent).body
    return credentials.verified(body.username, body.password)


def invitation_of(sent: dict[str, Any]) -> str:
    """The invitation that came along, under the name that the front gives it; empty is none."""
    body = Invited.read(sent).body
    return body.invitation_token or ("" if str(sent.get("type")).lower() == "normal" else body.token)
