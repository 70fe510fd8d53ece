"""JSON web tokens: access (short-lived, not stored), refresh (stored, works once), and to cancel an account."""

import uuid
from datetime import timedelta
from functools import lru_cache
from typing import Any

import jwt
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from taiga.auth.models import OutstandingToken
from taiga.base import clock, errors
from taiga.base.database import writing
from taiga.users.models import User

ALGORITHM = "HS256"
ACCESS, REFRESH, CANCEL = "access", "refresh", "cancel_account"
CLEANED = "auth:expired-tokens-forgotten"


def pair(user: User) -> dict[str, str]:
    """A refresh token and an access token, as they are in an answer."""
    return {"refresh": issue(REFRESH, user.id), "auth_token": issue(ACCESS, user.id)}


def rotate(token: str) -> dict[str, str]:
    """A new pair of tokens for a refresh token, which is spent. Raises TokenRefused."""
    try:
        claims = read(token, REFRESH)
    except jwt.InvalidTokenError as problem:
        raise refused() from problem
    spent = OutstandingToken.objects.filter(jti=claims["jti"], denied_at=None).update(denied_at=clock.now())
    if not spent:
        raise refused()
    return {"auth_token": issue(ACCESS, claims["user_id"]), "refresh": issue(REFRESH, claims["user_id"])}


def refused() -> errors.TokenRefused:
    """The refusal of a token that is invalid, expired or spent."""
    return errors.TokenRefused(_("Token is invalid or expired"), "token_not_valid")


def issue(kind: str, user_id: int) -> str:
    """A new token; a refresh token is stored, so that it works once."""
    expires = clock.now() + lifetime(kind)
    jti = uuid.uuid4().hex
    if kind == REFRESH:
        OutstandingToken.objects.create(user_id=user_id, jti=jti, expires_at=expires)
    claims = {"token_type": kind, "exp": int(expires.timestamp()), "jti": jti, "user_id": user_id}
    return jwt.encode(claims, settings.SECRET_KEY, ALGORITHM)


def lifetime(kind: str) -> timedelta:
    """How long a token of this kind is valid."""
    lifetimes: dict[str, timedelta] = {
        ACCESS: settings.ACCESS_TOKEN_LIFETIME,
        REFRESH: settings.REFRESH_TOKEN_LIFETIME,
        CANCEL: settings.CANCEL_TOKEN_LIFETIME,
    }
    return lifetimes[kind]


class WrongType(jwt.InvalidTokenError):
    """A valid token of another kind."""


def read(token: str, kind: str) -> dict[str, Any]:
    """The claims of a valid token of this kind. Raises jwt.InvalidTokenError."""
    claims = signed(token, settings.SECRET_KEY)
    if claims.get("token_type") != kind:
        raise WrongType
    if not isinstance(claims["user_id"], int):
        raise jwt.InvalidTokenError("nobody's")
    if not isinstance(claims["exp"], (int, float)) or claims["exp"] <= clock.now().timestamp():
        raise jwt.ExpiredSignatureError
    return claims


@lru_cache(maxsize=10_000)
def signed(token: str, key: str) -> dict[str, Any]:
    """The claims of a token that was signed with this key, cached since they never change. `read` checks whether it has
    expired.
    """
    claims: dict[str, Any] = jwt.decode(
        token, key, [ALGORITHM], options={"require": ["exp", "jti", "user_id"], "verify_exp": False}
    )
    return claims


def delete_expired_periodically() -> int:
    """In a worker, at the start and every few days: delete stored tokens that have expired; returns how many."""
    is_due = cache.add(CLEANED, True, settings.FLUSH_REFRESHED_TOKENS_PERIODICITY)
    return delete_expired() if is_due else 0


def delete_expired() -> int:
    """Delete stored tokens that have expired; returns how many."""
    with writing():
        return OutstandingToken.objects.filter(expires_at__lt=clock.now()).delete()[0]
