"""Authentication by name and password."""

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.users import queries
from taiga.users.models import User


def verified(name: str, password: str) -> User:
    """The active user with this username or e-mail address and this password. Raises TokenRefused.

    It takes as long for an unknown name as for a wrong password, so that names cannot be probed.
    """
    user = queries.by_name_or_address(name)
    if user is None:
        make_password(password)
        raise refused()
    if not user.check_password(password) or not user.is_active or user.is_system:
        raise refused()
    return user


def refused() -> errors.TokenRefused:
    """The refusal of a log-in, which does not say what was wrong."""
    return errors.TokenRefused(_("No active account found with the given credentials"), "invalid_credentials")
