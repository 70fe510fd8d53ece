"""Names and passwords: is it who he says he is?"""

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.users import queries
from taiga.users.models import User


def verified(name: str, password: str) -> User:
    """The active user with this name or address and password. Raises TokenRefused.

    It takes as long for an unknown name as for a wrong password, so that nobody learns which names exist.
    """
    user = queries.by_name_or_address(name)
    if user is None:
        make_password(password)
        raise refused()
    if not user.check_password(password) or not user.is_active or user.is_system:
        raise refused()
    return user


def refused() -> errors.TokenRefused:
    """The one refusal of a log-in, whatever was wrong."""
    return errors.TokenRefused(_("No active account found with the given credentials"), "invalid_credentials")
