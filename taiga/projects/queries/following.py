"""The watchers and the voters of an object."""

from typing import Any

from django.db.models import QuerySet

from taiga.users.models import User

COLUMNS = ("id", "username", "full_name", "email")


def people(relation: str, key: int) -> "QuerySet[Any, Any]":
    """The people with a relation (`watches__item`, `votes__item` …) to an object, by user name."""
    return User.objects.filter(**{relation: key}).order_by("username").values_list(*COLUMNS)


def serialized(rows: Any) -> list[dict[str, Any]]:
    """People as the API shows them."""
    return [
        {"id": key, "username": username, "full_name": full_name or username or email}
        for key, username, full_name, email in rows
    ]
