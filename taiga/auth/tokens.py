"""JSON web tokens: access (short, not stored), refresh (used once, stored) and account cancelling."""

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


def lifetime(kind: str) -> timedelta:
    """How long a token of this kind is good."""
    lifetimes: dict[str, timedelta] = {
        ACCESS: settings.ACCESS_TOKEN_LIFETIME,
        REFRESH: settings.REFRESH_TOKEN_LIFETIME,
        CANCEL: settings.CANCEL_TOKEN_LIFETIME,
    }
    return lifetimes[kind]


def issue(kind: str, user_id: int) -> str:
    """A new token; refresh tokens are remembered, so that each works once."""
    expires = clock.now() + lifetime(kind)
    jti = uuid.uuid4().hex
    if kind == REFRESH:
        OutstandingToken.objects.create(user_id=user_id, jti=jti, expires_at=expires)
    claims = {"token_type": kind, "exp": int(expires.timestamp()), "jti": jti, "user_id": user_id}
    return jwt.encode(claims, settings.SECRET_KEY, ALGORITHM)


def pair(user: User) -> dict[str, str]:
    """What a login answers beside the user."""
    return {"refresh": issue(REFRESH, user.id), "auth_token": issue(ACCESS, user.id)}


class WrongType(jwt.InvalidTokenError):
    """A token that is good for something else."""


def read(token: str, kind: str) -> dict[str, Any]:
    """The claims of a good token of this kind. Raises jwt.InvalidTokenError."""
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
    """The claims of a token that was signed with this key. That will be so forever; only the time runs out."""
    claims: dict[str, Any] = jwt.decode(
        token, key, [ALGORITHM], options={"require": ["exp", "jti", "user_id"], "verify_exp": False}
    )
    return claims


def rotate(token: str) -> dict[str, str]:
    """A new pair for a refresh token, which is spent by it. Raises TokenRefused."""
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


def delete_expired() -> int:
    """Delete remembered tokens that are expired; returns how many."""
    with writing():
        return OutstandingToken.objects.filter(expires_at__lt=clock.now()).delete()[0]


def delete_expired_periodically() -> int:
    """The same in a worker: when it starts, and every few days from then on."""
    is_due = cache.add(CLEANED, True, settings.FLUSH_REFRESHED_TOKENS_PERIODICITY)
    return delete_expired() if is_due else 0
