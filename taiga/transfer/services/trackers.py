"""OAuth with other trackers: the address at which a user authorizes us, and the token for the code."""

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _

from taiga.base import errors, outbound

GITHUB_ADDRESS = "https://github.com/login/oauth/authorize"
GITHUB_TOKEN = "https://github.com/login/oauth/access_token"  # noqa: S105 (an address)
ASANA_ADDRESS = "https://app.asana.com/-/oauth_authorize"
ASANA_TOKEN = "https://app.asana.com/-/oauth_token"  # noqa: S105 (an address)
HEADERS = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}


def github_address(back_to: str | None) -> str:
    """The address at which a user authorizes us at GitHub."""
    address = f"{GITHUB_ADDRESS}?client_id={settings.IMPORTERS['github']['client_id']}&scope=user,repo"
    return f"{address}&redirect_uri={back_to}" if back_to else address


def asana_address() -> str:
    """The address at which a user authorizes us at Asana."""
    mine = settings.IMPORTERS["asana"]
    query = {"client_id": mine["app_id"], "redirect_uri": mine["callback_url"], "state": secrets.token_urlsafe(24)}
    return f"{ASANA_ADDRESS}?{urlencode({'response_type': 'code', **query})}"


def github_token(code: str) -> str:
    """The token for a code of GitHub. Raises WrongArguments."""
    mine = settings.IMPORTERS["github"]
    reply = posted(GITHUB_TOKEN, client_id=mine["client_id"], client_secret=mine["client_secret"], code=code)
    token = reply.get("access_token")
    if not isinstance(token, str) or not token:
        raise refused()
    return token


def asana_token(code: str) -> dict[str, Any]:
    """Asana's answer for a code, with the token. Raises WrongArguments."""
    mine = settings.IMPORTERS["asana"]
    reply = posted(
        ASANA_TOKEN,
        grant_type="authorization_code",
        client_id=mine["app_id"],
        client_secret=mine["app_secret"],
        redirect_uri=mine["callback_url"],
        code=code,
    )
    if not reply.get("access_token"):
        raise refused()
    return dict(reply)


def posted(url: str, **fields: object) -> Mapping[str, Any]:
    """The JSON object with which a form is answered. Raises WrongArguments."""
    try:
        answer = outbound.post(
            url, urlencode(fields).encode(), HEADERS, allow_private=False, allow_redirects=False, timeout=10
        )
        reply = msgspec.json.decode(answer.content)
    except (outbound.Refused, outbound.Failed, msgspec.DecodeError) as failure:
        raise refused() from failure
    if answer.status != 200 or not isinstance(reply, dict):
        raise refused()
    return reply


def refused() -> errors.WrongArguments:
    """The refusal if the tracker does not accept the code, or cannot be reached."""
    return errors.WrongArguments(_("Invalid or expired auth token"))
