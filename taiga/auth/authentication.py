"""Authenticates a request: by a bearer token, by the token of an application, or by the admin site's session."""

import jwt
from django.conf import settings
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from taiga.auth import tokens
from taiga.auth.models import ApplicationToken
from taiga.auth.session_store import SessionStore
from taiga.base import errors
from taiga.base.prepared import Param, PreparedObjects
from taiga.base.requests import NOBODY, Request, Viewer
from taiga.users.models import User

BY_ID = PreparedObjects(User, lambda people: people.filter(pk=Param("id")))


def authenticate(request: Request) -> Viewer:
    """The caller, or NOBODY without credentials. Raises TokenRefused or NotAuthenticated for credentials that are not
    valid.
    """
    header = request.header("Authorization") or ""
    scheme, _blank, rest = header.partition(" ")
    if scheme == "Bearer":
        return bearer(rest.split())
    if scheme == "Application" and rest.strip():
        return application(rest.strip())
    if settings.SESSION_COOKIE_NAME in request.http.COOKIES and request.method in ("GET", "HEAD", "OPTIONS"):
        return session_user(request) or NOBODY
    return NOBODY


def bearer(words: list[str]) -> User:
    """The user of an access token. Raises TokenRefused."""
    if len(words) != 1:
        raise errors.TokenRefused(
            _("Authorization header must contain two space-delimited values"), "bad_authorization_header"
        )
    try:
        claims = tokens.read(words[0], tokens.ACCESS)
    except jwt.InvalidTokenError as problem:
        is_wrong_type = isinstance(problem, tokens.WrongType)
        text = _("Token has wrong type") if is_wrong_type else _("Token is invalid or expired")
        message = {"token_class": "AccessToken", "token_type": "access", "message": text}
        raise errors.TokenRefused(
            _("Given token not valid for any token type"), "token_not_valid", messages=[message]
        ) from problem
    user = BY_ID.one(id=claims["user_id"])
    if user is None:
        raise errors.TokenRefused(_("User not found"), "user_not_found")
    if not user.is_active or user.is_system:
        raise errors.TokenRefused(_("User is inactive"), "user_inactive")
    return user


def application(token: str) -> User:
    """The user for whom an application may act. Raises NotAuthenticated."""
    found = ApplicationToken.objects.select_related("user").filter(token=token).first()
    if found is None or not found.user.is_active or found.user.is_system:
        raise errors.NotAuthenticated(_("Invalid token"))
    return found.user


def session_user(request: Request) -> User | None:
    """The user of the admin site's session, so that the API can be browsed. It is accepted for reading only."""
    session = SessionStore(request.http.COOKIES[settings.SESSION_COOKIE_NAME])
    key = session.get("_auth_user_id")
    user = BY_ID.one(id=int(key)) if key else None
    same = user is not None and constant_time_compare(session.get("_auth_user_hash", ""), user.get_session_auth_hash())
    return user if user is not None and same and user.is_active else None
