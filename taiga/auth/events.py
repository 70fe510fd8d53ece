"""Authenticates the clients of the live channel."""

import jwt

from taiga.auth import tokens
from taiga.users.models import User


def authenticate(token: str) -> int | None:
    """The id of the user of an access token; None if the token is not valid, or the user not active."""
    try:
        claims = tokens.read(token, tokens.ACCESS)
    except jwt.InvalidTokenError:
        return None
    people = User.objects.filter(id=claims["user_id"], is_active=True, is_system=False)
    return people.values_list("id", flat=True).first()
