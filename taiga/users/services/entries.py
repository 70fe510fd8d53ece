"""The storage that clients have for their users."""

from typing import Any

from django.utils.translation import gettext as _

from taiga.base import clock, errors
from taiga.users.models import StorageEntry, User


def create(*, key: str, value: Any, by: User) -> StorageEntry:
    """Store a value. Raises BadRequest for a key in use."""
    ensure_free(key, by)
    now = clock.now()
    return StorageEntry.objects.create(owner=by, key=key, value=value, created_date=now, modified_date=now)


def change(entry: StorageEntry, values: dict[str, Any], *, by: User) -> None:
    """Change the value, the key, or both. Raises BadRequest for a key in use."""
    if values.get("key", entry.key) != entry.key:
        ensure_free(values["key"], by)
    for name, value in values.items():
        setattr(entry, name, value)
    entry.modified_date = clock.now()
    entry.save()


def ensure_free(key: str, owner: User) -> None:
    """Refuse a key in use. Raises BadRequest."""
    if StorageEntry.objects.filter(owner=owner, key=key).exists():
        raise errors.BadRequest(
            _("Duplicate key value violates unique constraint. Key '%(key)s' already exists.") % {"key": key}
        )
