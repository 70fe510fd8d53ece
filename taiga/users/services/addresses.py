"""E-mail addresses: a new one replaces the old one when its owner has confirmed it."""

import uuid

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from taiga.base import errors, mail
from taiga.users import rules
from taiga.users.models import StorageEntry, User

ASKED_FOR_NEWS = "dont_ask_premise_newsletter"
"""The storage key by which the web front remembers not to offer its newsletter. It is deleted with a new address."""


def ask_for(user: User, address: str) -> None:
    """Make an address the pending one, and mail its owner; the caller saves the user. Raises WrongArguments."""
    ensure_new(address)
    user.email_token, user.new_email = str(uuid.uuid4()), address
    mail.send("change_email", to=address, lang=user.lang, context=facts(user))


def ensure_new(address: str) -> None:
    """Refuse an address in use (by exact spelling), or that is not valid. Raises WrongArguments."""
    if User.objects.filter(email=address).exists():
        raise errors.WrongArguments(_("Duplicated email"))
    try:
        validate_email(address)
    except ValidationError:
        raise errors.WrongArguments(_("Invalid email")) from None
    if not rules.is_admitted(address) or len(address) > rules.LONGEST_PENDING_ADDRESS:
        raise errors.WrongArguments(_("Invalid email"))


def confirm(token: str) -> None:
    """The pending address, to which the token was mailed, becomes the address. Raises WrongArguments.

    The token of a mail to the former address, which somebody else may read by now, stops working.
    """
    user = User.objects.select_for_update().filter(email_token=token, new_email__isnull=False).first()
    if user is None:
        raise errors.WrongArguments(_("Invalid, are you sure the token is correct and you didn't use it before?"))
    if User.objects.filter(email=user.new_email).exclude(pk=user.pk).exists():
        raise errors.WrongArguments(_("Duplicated email"))
    former, user.email = user.email, str(user.new_email)
    user.new_email = user.email_token = None
    user.verified_email = True
    if user.email != former:
        user.token = None
    user.save(update_fields=["email", "new_email", "email_token", "verified_email", "token"])
    StorageEntry.objects.filter(owner=user, key=ASKED_FOR_NEWS).delete()


def send_verification(user: User) -> None:
    """Mail the link that verifies the address of a new account again. Raises BadRequest."""
    if user.verified_email:
        raise errors.BadRequest(_("Email address already verified"))
    if not user.email_token or user.email != user.new_email:
        raise errors.BadRequest(_("Unable to verify this email address"))
    mail.send("send_verification", to=user.email, lang=user.lang, context=facts(user))


def facts(user: User) -> dict[str, str | None]:
    """The context of these mails."""
    return {"full_name": user.full_name_display, "email_token": user.email_token}
