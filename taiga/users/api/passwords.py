"""/users: passwords and e-mail addresses, which are changed in several steps."""

from typing import Annotated

from django.utils.translation import gettext as _

from taiga.base.bodies import Body, FilledText, Text, longest
from taiga.base.requests import Reply, Request, no_content, ok
from taiga.base.routes import ANYBODY, SIGNED_IN, endpoint, route
from taiga.users.api import shapes
from taiga.users.rules import Password
from taiga.users.services import addresses, passwords

Token = Annotated[FilledText, longest(200)]


class PasswordChange(Body):
    """The present password and the next one; the service says what is missing."""

    current_password: Text = ""
    password: Text = ""


class Recovery(Body):
    """Whose password is lost: a user name or an address."""

    username: Text = ""


class NewPassword(Body):
    """What the mail's token allows to set."""

    token: Token
    password: Password


class Confirmation(Body):
    """The token of the mail to a new address."""

    email_token: Token


@endpoint(needs=SIGNED_IN, accepts=PasswordChange, atomic=False)
def change_password(request: Request) -> Reply:
    """Another password of the caller."""
    body = PasswordChange.read(request.fields).body
    passwords.change(request.viewer, current=body.current_password, new=body.password)
    return no_content()


@endpoint(needs=ANYBODY, accepts=Recovery, answers=shapes.TOLD, throttle="asked-mail")
def password_recovery(request: Request) -> Reply:
    """Send a mail to whoever lost his password."""
    passwords.ask_for_recovery(Recovery.read(request.fields).body.username)
    return ok({"detail": _("Mail sent successfully!")})


@endpoint(needs=ANYBODY, accepts=NewPassword, atomic=False)
def change_password_from_recovery(request: Request) -> Reply:
    """A new password for whoever got that mail."""
    body = NewPassword.read(request.fields).body
    passwords.recover(body.token, body.password)
    return no_content()


@endpoint(needs=ANYBODY, accepts=Confirmation)
def change_email(request: Request) -> Reply:
    """The pending address becomes the address."""
    addresses.confirm(Confirmation.read(request.fields).body.email_token)
    return no_content()


@endpoint(needs=SIGNED_IN, answers=shapes.TOLD, throttle="asked-mail")
def send_verification_email(request: Request) -> Reply:
    """Send the mail that verifies the caller's address once more."""
    addresses.send_verification(request.viewer)
    return ok({"detail": _("Mail sended successful!")})


urls = [
    route("users/change_password", POST=change_password),
    route("users/password_recovery", POST=password_recovery),
    route("users/change_password_from_recovery", POST=change_password_from_recovery),
    route("users/change_email", POST=change_email),
    route("users/send_verification_email", POST=send_verification_email),
]
