"""Definitions of custom fields. Deleting one deletes the values that items have for it."""

from typing import Any

from django.db.models import F, Func, JSONField, TextField, Value
from django.db.models.functions import Cast

from taiga.base import clock
from taiga.projects.models import CustomAttribute, WorkItem
from taiga.projects.services import custom_values, unrecorded

BATCH = 500
"""The number of items per statement."""


class Without(Func):
    """A JSON object without one of its members."""

    output_field = JSONField()
    function = "JSON_REMOVE"

    def __init__(self, column: str, member: str) -> None:
        super().__init__(F(column), Value(f'$."{member}"'))
        self.member = member

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        member = Cast(Value(self.member), TextField())
        self.set_source_expressions([self.get_source_expressions()[0], member.resolve_expression(compiler.query)])
        return self.as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" - ")


def set_modified_date(definition: Any) -> None:
    """Before it is saved."""
    definition.modified_date = clock.now()


def delete_values(definition: Any) -> None:
    """Before a field is deleted: delete its values from all items. The versions of the values stay."""
    items = WorkItem.objects.filter(project_id=definition.project_id, kind=definition.kind)
    member = str(definition.pk)
    with_value = items.filter(attributes_values__has_key=member).order_by()
    siblings = CustomAttribute.objects.filter(project_id=definition.project_id, kind=definition.kind)
    fields = list(custom_values.definitions(siblings))
    loaded = list(with_value.only("attributes_values", "unrecorded"))
    for item in loaded:
        unrecorded.add(item, "custom_attributes", custom_values.frozen_values(item.attributes_values, fields))
    WorkItem.objects.bulk_update(loaded, ["unrecorded"], batch_size=BATCH)
    with_value.update(attributes_values=Without("attributes_values", member))
