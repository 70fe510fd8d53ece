"""The values of custom fields: a JSON object on each item, by the id of the field."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from taiga.base import errors, writes
from taiga.base.bodies import UNSET
from taiga.base.requests import number
from taiga.changes.models import ChangeType
from taiga.changes.record import Actor, change_of, publish
from taiga.projects.models import CustomAttribute, CustomAttributeType, WorkItem
from taiga.projects.permissions import Access
from taiga.projects.queries import texts
from taiga.projects.services import unrecorded, watching

Values = dict[str, Any]
TEXTUAL = (
    CustomAttributeType.TEXT,
    CustomAttributeType.MULTILINE,
    CustomAttributeType.RICHTEXT,
    CustomAttributeType.URL,
    CustomAttributeType.DROPDOWN,
    CustomAttributeType.DATE,
)


def replace(item: WorkItem, values: Any, version: Any, *, comment: str, access: Access, by: Actor) -> None:
    """Replace all values of the item. Raises Invalid for fields that are not the item's.

    Values have a version of their own. A stale version is accepted, since values are always replaced as a whole.
    """
    wanted = checked(item, values) if values is not None else item.attributes_values
    if version is UNSET or version < 0 or version > item.attributes_version:
        raise errors.Invalid({"version": _("The version parameter is not valid")})
    try:
        access.ensure_open()
    except errors.ApiError as refusal:
        raise (invalid_values(_("This field cannot be blank.")) if values == {} else refusal) from None
    before = (item.unrecorded or {}).pop("custom_attributes", None) or frozen(item)
    item.attributes_values = wanted
    item.attributes_version += 1
    writes.update(item, ["attributes_values", "attributes_version", "unrecorded"])
    record(item, before, comment, access, by)


def record(item: WorkItem, before: list[Values], comment: str, access: Access, by: Actor) -> None:
    """Record the change of values in the item's history."""
    after = frozen(item)
    if before == after and not comment:
        return
    diff = {**unrecorded.take(item), **({"custom_attributes": [before, after]} if before != after else {})}
    context = watching.involve(item, access.project.slug, text="", comment=comment, by=by)
    commented = texts.comment_fields(comment, access.project.id, access.project.slug)
    publish([change_of(item, ChangeType.CHANGE, by=by, diff=diff, context=context, **commented)])


def checked(item: WorkItem, values: Any) -> Values:
    """The values, checked to belong to fields of the item's kind and project. Raises Invalid."""
    if not isinstance(values, dict):
        raise invalid_values(_('Invalid content. It must be {"key": "value",...}'))
    keys = {number(key) for key in values}
    if None in keys or len(keys) < len(values):
        raise invalid_values(_("It contains invalid custom fields."))
    types = dict(fields(item).filter(pk__in=keys).values_list("pk", "type"))
    if keys - types.keys():
        raise invalid_values(_("It contains invalid custom fields."))
    for key, value in values.items():
        if types[int(key)] in TEXTUAL and value is not None and not isinstance(value, str):
            raise invalid_values(_("The value of a text field must be a text."))
    return {str(int(key)): value for key, value in values.items()}


def invalid_values(message: str) -> errors.Invalid:
    """The refusal of values."""
    return errors.Invalid({"attributes_values": [message]})


def fields(item: WorkItem) -> Any:
    """The custom fields of the item's kind in its project."""
    return CustomAttribute.objects.filter(project_id=item.project_id, kind=item.kind)


def frozen(item: WorkItem) -> list[Values]:
    """The present values as the history remembers them, with the names of their fields."""
    return frozen_values(item.attributes_values, definitions(fields(item))) if item.attributes_values else []


def definitions(rows: "QuerySet[CustomAttribute]") -> "QuerySet[Any, Any]":
    """Values with the names and types of their fields, in the order of the fields."""
    return rows.order_by("order", "name").values_list("id", "name", "type")


def frozen_values(values: Values, rows: Iterable[Any]) -> list[Values]:
    """The values of an item that belong to these fields."""
    return [
        {"id": key, "name": name, "value": values[str(key)], "type": kind}
        for key, name, kind in rows
        if str(key) in values
    ]
