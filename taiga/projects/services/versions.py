"""Optimistic concurrency: of two changes of the same field to the same version the second is refused; different fields
merge.
"""

from typing import Any

from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.bodies import UNSET
from taiga.changes.models import Change


def ensure_no_conflict(item: Any, version: Any, sent: dict[str, Any]) -> None:
    """Refuse a stale version if one of the sent fields was changed since. Raises Invalid."""
    if version is UNSET or version < 0 or version > item.version:
        raise errors.Invalid({"version": _("The version parameter is not valid")})
    if version < item.version and changed_since(item, version) & (sent.keys() - {"version"}):
        raise errors.Invalid({"version": _("The version doesn't match with the current one")})


def changed_since(item: Any, version: int) -> set[str]:
    """The fields, as named in the history, that were changed after the item had that version.

    Taiga looks at as many of the newest entries as there are missed versions. Files, moves on boards and the like have
    entries too but raise no version, so this goes back to the first change known to have raised the version.
    """
    changes = Change.objects.filter(kind=item.type_key, object_id=item.pk, entry=None)
    entries = changes.exclude(diff={}, comment="").order_by("-id").values_list("id", flat=True)
    starts = [*entries[: item.version - version]]
    starts += changes.filter(context__version__gt=version).order_by("id").values_list("id", flat=True)[:1]
    diffs = changes.filter(id__gte=min(starts)).values_list("diff", flat=True) if starts else ()
    return {name for diff in diffs for name in diff}
