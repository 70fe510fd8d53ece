"""Log-in and registration, which end with a pair of tokens."""

from typing import Any

from django.contrib.auth.hashers import make_password

from taiga.auth import tokens
from taiga.base import clock, mail
from taiga.base.database import writing
from taiga.changes.models import Change, ChangeType
from taiga.changes.record import publish
from taiga.projects.services import memberships
from taiga.users import queries
from taiga.users.models import User
from taiga.users.services import accounts

Session = dict[str, Any]


def enter(user: User, *, invitation: str = "") -> Session:
    """Log in an authenticated user, and accept an invitation. Raises NotFound, IntegrityError."""
    with writing():
        if invitation:
            memberships.accept(invitation, by=user)
        user.last_login = clock.now()
        user.save(update_fields=["last_login"])
        return opened(user)


def register(*, username: str, email: str, full_name: str, password: str, invitation: str | None = None) -> Session:
    """Create an account and accept an invitation, all or nothing. The slow hash is made before anything is locked.

    Raises WrongArguments for a username or address in use, NotFound for an unknown invitation.
    """
    hashed = make_password(password)
    with writing():
        user = accounts.create(username=username, email=email, full_name=full_name, password=hashed)
        if invitation is not None:
            memberships.accept(invitation, by=user)
        welcome(user)
        return opened(user)


def welcome(user: User) -> None:
    """Add a new account to the feed, and mail the links to verify its address and to cancel it."""
    publish(
        [
            Change(
                kind=User.type_key,
                object_id=user.id,
                type=ChangeType.CREATE,
                by=user,
                by_name=user.full_name_display,
                at=user.date_joined,
            )
        ]
    )
    mail.send(
        "registered_user",
        to=user.email,
        lang=user.lang,
        context={
            "full_name": user.full_name_display,
            "username": user.username,
            "email_token": None if user.verified_email else user.email_token,
            "cancel_token": tokens.issue(tokens.CANCEL, user.id),
        },
    )


def opened(user: User) -> Session:
    """The user with a new pair of tokens, as the API shows it."""
    return {**queries.self_of(user), **tokens.pair(user)}
