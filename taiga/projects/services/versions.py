"""Of two who change the same field of the same version, one wins; different fields are merged."""

from typing import Any

from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.bodies import UNSET
from taiga.changes.models import Change


def ensure_not_overtaken(item: Any, version: Any, sent: dict[str, Any]) -> None:
    """Refuse a stale version, if somebody else changed one of the fields that were sent."""
    if version is UNSET or version < 0 or version > item.version:
        raise errors.Invalid({"version": _("The version parameter is not valid")})
    missed = item.version - version
    if missed:
        latest = Change.objects.filter(kind=item.type_key, object_id=item.pk, entry=None).order_by("-id")[:missed]
        touched = {name for diff in latest.values_list("diff", flat=True) for name in diff}
        if touched & (sent.keys() - {"version"}):
            raise errors.Invalid({"version": _("The version doesn't match with the current one")})
