"""Creates, changes and cancels accounts."""

import uuid
from typing import Any

from django.utils.translation import gettext as _

from taiga.base import clock, errors, slugs
from taiga.base.database import one_at_a_time
from taiga.base.media import storage
from taiga.users import queries
from taiga.users.models import User
from taiga.users.services import addresses


def create(*, username: str, email: str, full_name: str, password: str, **more: Any) -> User:
    """Create an account whose address is not verified; `password` is a hash. Raises WrongArguments.

    If an import has made an account for this address, it becomes that of the new user.
    """
    one_at_a_time(*(f"account: {name.upper()}" for name in (username, email)))
    placeholder = queries.placeholder_of(email)
    ensure_free(username, email, besides=placeholder)
    user = placeholder or User()
    user.username, user.email, user.full_name, user.password = username, email, full_name, password
    user.is_active = user.accepted_terms = user.read_new_terms = True
    user.verified_email = False
    user.new_email, user.email_token = email, str(uuid.uuid4())
    for name, value in more.items():
        setattr(user, name, value)
    user.save()
    return user


def ensure_free(username: str, email: str, besides: User | None = None) -> None:
    """Refuse a username or an address in use, ignoring case. Raises WrongArguments."""
    if any(user != besides for user in queries.named(username)):
        raise errors.WrongArguments(_("Username is already in use."))
    if any(user != besides for user in queries.reached_at(email)):
        raise errors.WrongArguments(_("Email is already in use."))


def ensure_nobody_else_has(user: User, *, username: str | None = None, email: str | None = None) -> None:
    """Refuse a username or an address, by exact spelling, that another account has. Raises Invalid."""
    problems = {}
    others = User.objects.exclude(pk=user.pk)
    if username is not None and others.filter(username=username).exists():
        problems["username"] = [_("Invalid username. Try with a different one.")]
    if email is not None and others.filter(email=email).exists():
        problems["email"] = [_("Duplicated email")]
    if problems:
        raise errors.Invalid(problems)


def change(user: User, values: dict[str, Any], *, email: str | None = None) -> None:
    """Store changed fields. A new address is pending until it is confirmed. Raises Invalid, WrongArguments."""
    ensure_nobody_else_has(user, username=values.get("username"))
    for name, value in values.items():
        setattr(user, name, value)
    if email is not None:
        addresses.ask_for(user, email)
    user.save()


def deactivate(user: User) -> None:
    """Cancel an account: the row stays, without personal data."""
    name = slugs.slugify(f"deleted-user-{clock.milliseconds()}")
    user.username = slugs.unique_slug(name, queries.taken_names, max_length=255)
    user.email = user.new_email = f"{user.username}@taiga.io"
    user.full_name = "Deleted user"
    user.color = user.bio = user.lang = user.theme = user.timezone = ""
    user.colorize_tags = True
    user.token = user.email_token = None
    user.set_unusable_password()
    storage.delete_after_commit(user.photo)
    user.photo, user.photo_format = None, ""
    user.is_active = False
    user.date_cancelled = clock.now()
    user.save()
    user.auth_data.all().delete()
