"""Changes and recovers passwords. Hashing is slow, so it is done before anything is locked."""

import uuid

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from taiga.base import errors, mail
from taiga.base.database import writing
from taiga.users import queries
from taiga.users.models import User
from taiga.users.rules import SHORTEST_PASSWORD


def change(user: User, *, current: str, new: str) -> None:
    """Change a password, if the present one is right. Raises WrongArguments.

    The token of a recovery mail stops working.
    """
    if not current and user.has_password:
        raise errors.WrongArguments(_("Current password parameter needed"))
    if not new:
        raise errors.WrongArguments(_("New password parameter needed"))
    if len(new) < SHORTEST_PASSWORD:
        raise errors.WrongArguments(
            _("Invalid password length at least %(length)s characters needed") % {"length": SHORTEST_PASSWORD}
        )
    if user.has_password and not user.check_password(current):
        raise errors.WrongArguments(_("Invalid current password"))
    password = make_password(new)
    with writing():
        User.objects.filter(pk=user.pk).update(password=password, token=None)


def ask_for_recovery(name: str) -> None:
    """Mail a recovery link to the user with this name or address, even if the account is not active. Raises
    WrongArguments.
    """
    if not name:
        raise errors.WrongArguments(_("Invalid username or email"))
    user = queries.by_name_or_address(name)
    if user is None or user.is_system:
        raise errors.WrongArguments(_("Username or password does not matches user."))
    user.token = str(uuid.uuid4())
    user.save(update_fields=["token"])
    context = {"full_name": user.full_name_display, "token": user.token}
    mail.send("password_recovery", to=user.email, lang=user.lang, context=context)


def recover(token: str, new: str) -> None:
    """Set a new password with the token of a recovery mail. An account that an import has made becomes active by it.

    Raises WrongArguments for an unknown token.
    """
    password = make_password(new)
    with writing():
        user = User.objects.select_for_update().filter(token=token).first()
        if user is None:
            raise errors.WrongArguments(_("Token is invalid"))
        if queries.is_placeholder(user):
            user.is_active = user.verified_email = True
        user.password, user.token = password, None
        user.save(update_fields=["password", "token", "is_active", "verified_email"])
