"""Who is at the other end of a websocket."""

import jwt

from taiga.auth import tokens
from taiga.users.models import User


def authenticate(token: str) -> int | None:
    """The id of the active user of a good access token."""
    try:
        claims = tokens.read(token, tokens.ACCESS)
    except jwt.InvalidTokenError:
        return None
    people = User.objects.filter(id=claims["user_id"], is_active=True, is_system=False)
    return people.values_list("id", flat=True).first()
