"""Log-in with an account of GitHub or GitLab."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from taiga.auth.services import credentials, sessions
from taiga.base import errors, outbound
from taiga.base.bodies import Body, FilledText, Text
from taiga.base.database import writing
from taiga.base.slugs import slugify, unique_slug
from taiga.users import queries, rules
from taiga.users.models import AuthData, User
from taiga.users.services import accounts

GITLAB = "gitlab.com"


class Grant(Body):
    """The code that the forge gave to the browser."""

    code: FilledText
    redirectUri: Text = ""  # noqa: N815 - as it is sent


@dataclass(frozen=True)
class Account:
    """An account of a forge. `email` is empty unless the forge has verified it."""

    forge: str
    id: str
    username: str
    email: str
    full_name: str
    bio: str


def github(sent: dict[str, Any]) -> User:
    """The user of a GitHub account. Raises BadRequest if GitHub fails, TokenRefused if it does not accept the code."""
    grant = {"code": Grant.read(sent).body.code, "scope": "user:email"}
    url = f"{settings.GITHUB_URL.rstrip('/')}/login/oauth/access_token"
    token = exchanged(url, grant, settings.GITHUB_API_CLIENT_ID, settings.GITHUB_API_CLIENT_SECRET)
    api, headers = settings.GITHUB_API_URL.rstrip("/"), {"Authorization": f"token {token}"}
    profile = fetched(f"{api}/user", headers)
    emails = fetched(f"{api}/user/emails", headers)
    return user_of(account("github", profile, username="login", email=primary(emails)))


def gitlab(sent: dict[str, Any]) -> User:
    """The user of a GitLab account. Raises as `github` does."""
    ensure_known(settings.GITLAB_URL)
    body = Grant.read(sent).body
    site = settings.GITLAB_URL.rstrip("/")
    grant = {"code": body.code, "grant_type": "authorization_code", "redirect_uri": body.redirectUri}
    token = exchanged(f"{site}/oauth/token", grant, settings.GITLAB_API_CLIENT_ID, settings.GITLAB_API_CLIENT_SECRET)
    profile = fetched(f"{site}/api/v4/user", {"Authorization": f"Bearer {token}"})
    proven = profile.get("email") if profile.get("confirmed_at") else ""
    return user_of(account("gitlab", profile, username="username", email=proven or ""))


def primary(emails: Any) -> str:
    """The primary address, if GitHub has verified it; else ""."""
    rows = [row for row in emails if isinstance(row, dict)] if isinstance(emails, list) else []
    return next((str(row.get("email")) for row in rows if row.get("primary") and row.get("verified")), "")


def ensure_known(site: str) -> None:
    """Refuse a GitLab server that the operator has not listed. Raises BadRequest."""
    host = urlsplit(site).hostname
    listed = {urlsplit(other).hostname or other for other in settings.GITLAB_ALLOWED_SELF_MANAGED_INSTANCES}
    if host != GITLAB and host not in listed:
        raise errors.BadRequest(_("This GitLab instance is not allowed."))


def account(forge: str, profile: Any, *, username: str, email: str) -> Account:
    """The account of a profile. Raises BadRequest if something is missing."""
    try:
        name = str(profile[username])
        return Account(forge, str(profile["id"]), name, email, profile.get("name") or name, profile.get("bio") or "")
    except (KeyError, TypeError, AttributeError) as problem:
        raise failed() from problem


def user_of(found: Account) -> User:
    """The user to whom this account belongs; else an active user who has verified the same address, or a new one.

    Raises BadRequest without a verified address, WrongArguments if an account with the address has not verified it,
    TokenRefused for a user who is not active.
    """
    with writing():
        data = AuthData.objects.filter(key=found.forge, value=found.id).select_related("user").first()
        if data is not None:
            user = data.user
        else:
            if not found.email:
                raise errors.BadRequest(_("Your account has no verified email address."))
            user = owner_of(found.email) or created(found)
            AuthData.objects.create(user=user, key=found.forge, value=found.id, extra={})
    if not user.is_active or user.is_system:
        raise credentials.refused()
    return user


def owner_of(address: str) -> User | None:
    """The active user who has verified this address.

    Otherwise somebody could register with another person's address, wait for that person to log in here, and still know
    a password of the account. The comparison is exact, since a database may take letters for equal (a dotless `ı` and
    an `i`) that make another domain.
    """
    people = queries.reached_at(address).filter(is_active=True, verified_email=True)
    return next((user for user in people if user.email.lower() == address.lower()), None)


def created(found: Account) -> User:
    """A new user without a password, whose address is verified."""
    base = slugify(found.username) or "user"
    user = accounts.create(
        username=unique_slug(base, queries.taken_names, max_length=255),
        email=found.email,
        full_name=found.full_name[:256] if rules.is_fit(found.full_name) else found.username,
        password=make_password(None),
        bio=found.bio,
        verified_email=True,
        new_email=None,
        email_token=None,
    )
    sessions.welcome(user)
    return user


def exchanged(url: str, grant: dict[str, str], client_id: str, client_secret: str) -> str:
    """The access token for a code. Raises BadRequest, TokenRefused."""
    body = urlencode({**grant, "client_id": client_id, "client_secret": client_secret}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    try:
        answer = outbound.post(url, body, headers, allow_private=True, allow_redirects=False)
    except (outbound.Refused, outbound.Failed) as problem:
        raise failed() from problem
    if answer.status in (400, 401):
        raise credentials.refused()
    found = read(answer)
    token = found.get("access_token") if isinstance(found, dict) else None
    if not isinstance(token, str):
        raise failed()
    return token


def fetched(url: str, headers: dict[str, str]) -> Any:
    """The JSON at an address of the forge. Raises BadRequest."""
    try:
        return read(outbound.get(url, {**headers, "Accept": "application/json"}, allow_private=True))
    except (outbound.Refused, outbound.Failed) as problem:
        raise failed() from problem


def read(answer: outbound.Answer) -> Any:
    """The JSON of an answer. Raises BadRequest unless its status is 200."""
    if answer.status != 200:
        raise failed()
    try:
        return json.loads(answer.content)
    except ValueError as problem:
        raise failed() from problem


def failed() -> errors.BadRequest:
    """The failure of a forge. It quotes nothing of the answer, which may contain secrets."""
    return errors.BadRequest(_("There was a problem with the other service. Try again later."))
