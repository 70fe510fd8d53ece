"""Applications that act for users: a user authorizes one, and it exchanges the code it gets for a token."""

import uuid

from django.core import signing

from taiga.auth.models import Application, ApplicationToken
from taiga.base import errors
from taiga.users.models import User


def authorize(application: Application, state: str | None, *, by: User) -> ApplicationToken:
    """Authorize an application; returns its right with a new code."""
    right, _new = ApplicationToken.objects.get_or_create(user=by, application=application)
    return renew(right, state)


def renew(right: ApplicationToken, state: str | None) -> ApplicationToken:
    """Replace the code of an application that was authorized before. A code works once."""
    right.auth_code, right.state = str(uuid.uuid4()), state
    right.save(update_fields=["auth_code", "state"])
    return right


def validate(application_id: str, auth_code: str, state: str | None) -> str:
    """The token for a code; an application that has one keeps it. Raises Missing unless code, application and state
    match.
    """
    right = (
        ApplicationToken.objects.select_for_update()
        .filter(application_id=application_id, auth_code=auth_code, state=state)
        .first()
        if auth_code
        else None
    )
    if right is None:
        raise errors.Missing("No ApplicationToken matches the given query.")
    right.auth_code = None
    right.token = right.token or signing.dumps({"app_token_id": right.pk})
    right.save(update_fields=["auth_code", "token"])
    return right.token
