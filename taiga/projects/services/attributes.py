"""The lists of values that classify a project's items: creating, changing, replacing and deleting values."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.bodies import column_names
from taiga.changes.models import ChangeType
from taiga.changes.record import Actor, Announcement, announce, change_of, difference, publish
from taiga.projects.models import CustomAttribute, Project, WorkItem
from taiga.projects.permissions import Access
from taiga.projects.services import unrecorded

Values = dict[str, Any]


def no_op(*_: Any, **__: Any) -> None:
    """The default hook: nothing follows."""


@dataclass(frozen=True)
class AttributeList:
    """One of the lists that every project has.

    `columns` are what the API shows of a value. `referring_model` is the model that refers to it by `referring_column`;
    such a value can only be deleted by replacing it with another. `default` is the project's field for the value of new
    items.

    Hooks: `prepare(value)` before a value is saved, `created(value)`, `edited(value, diff, by)`; `replacing(value, to,
    by)` before a value is replaced and `replaced(value, to, ids, by)` after, with the ids of the rows that refer to
    `to` now; `deleting(value)` before a value without references is deleted.
    """

    model: Any
    columns: tuple[str, ...]
    referring_model: Any = None
    referring_column: str = "status"
    default: str = ""
    prepare: Callable[[Any], None] = no_op
    created: Callable[[Any], None] = no_op
    edited: Callable[[Any, Values, Actor], None] = no_op
    replacing: Callable[[Any, Any, Actor], None] = no_op
    replaced: Callable[[Any, Any, list[int], Actor], None] = no_op
    deleting: Callable[[Any], None] = no_op


def create(spec: AttributeList, values: Values, *, access: Access, by: Actor) -> Any:
    """A new value."""
    row = new_row(spec.model, access.project.id)
    assign(row, values, sent=("name", "project"))
    access.ensure_open()
    spec.prepare(row)
    row.save(force_insert=True)
    spec.created(row)
    publish([change_of(row, ChangeType.CREATE, by=by, snapshot=frozen(row))])
    return row


def new_row(model: Any, project_id: int) -> Any:
    """A new value, not saved. In tables that several kinds of item share it has the model's kind."""
    own = {"kind": model.kind_of} if hasattr(model, "kind_of") else {}
    return model(project_id=project_id, **own)


def change(spec: AttributeList, row: Any, values: Values, *, access: Access, by: Actor) -> None:
    """Change a value."""
    before = frozen(row)
    assign(row, values, sent=values)
    access.ensure_open()
    spec.prepare(row)
    row.save(force_update=True)
    diff = difference(before, frozen(row))
    if diff:
        spec.edited(row, diff, by)
        publish([change_of(row, ChangeType.CHANGE, by=by, diff=diff)])


def assign(row: Any, values: Values, sent: Collection[str]) -> None:
    """Set the columns. Raises Invalid for another project or a name that is taken."""
    ensure_same_project(row, values)
    for name, value in column_names(type(row), values).items():
        setattr(row, name, value)
    ensure_name_is_free(row, sent)


def ensure_name_fits(row: Any, values: Values, sent: Collection[str]) -> None:
    """Make the checks of `assign` for values that may be incomplete."""
    assign(row, {name: values[name] for name in ("project", "name") if name in values}, sent)


def ensure_same_project(row: Any, values: Values) -> None:
    """Refuse to move a row into another project."""
    if values.get("project", row.project_id) != row.project_id:
        raise errors.Invalid({"project": [_("This cannot be moved to another project.")]})


def ensure_name_is_free(row: Any, sent: Collection[str]) -> None:
    """Refuse a name that another row of the project's list has; only the sent fields are named in the error."""
    others = type(row)._default_manager.filter(project_id=row.project_id, name=row.name).exclude(pk=row.pk)
    if others.exists():
        fields = [name for name in ("name", "project") if name in sent] or ["name"]
        custom = isinstance(row, CustomAttribute)
        refusal = _("Already exists one with the same name.") if custom else _("Duplicated name")
        raise errors.Invalid({name: [refusal] for name in fields})


def replace(spec: AttributeList, row: Any, to: Any, *, access: Access, by: Actor) -> None:
    """Delete a value; rows that refer to it get another one of the same project."""
    access.ensure_open()
    if to.pk == row.pk or to.project_id != row.project_id:
        raise errors.BadRequest(_("The replacement must be a different one, of the same project."))
    spec.replacing(row, to, by)
    referring = spec.referring_model._default_manager.filter(**{spec.referring_column: row.pk})
    ids = list(referring.order_by().values_list("pk", flat=True))
    is_item = issubclass(spec.referring_model, WorkItem)
    unrecorded_column = {"unrecorded": unrecorded.plus(spec.referring_column)} if is_item else {}
    spec.referring_model._default_manager.filter(pk__among=ids).update(
        **unrecorded_column, **{spec.referring_column: to.pk}
    )
    Project.objects.filter(**{spec.default: row.pk}).update(**{spec.default: to.pk})
    spec.replaced(row, to, ids, by)
    if is_item:
        announce_items(spec.referring_model, row.project_id, ids, by)
    delete_row(row, by)


def delete(spec: AttributeList, row: Any, *, access: Access, by: Actor) -> None:
    """Delete a value without references. One that must stay is refused before a blocked or archived project is."""
    spec.deleting(row)
    access.ensure_open()
    delete_row(row, by)


def delete_row(row: Any, by: Actor) -> None:
    """Delete a row and publish the change."""
    publish([change_of(row, ChangeType.DELETE, by=by, snapshot=frozen(row))])
    row.delete()


def announce_items(model: Any, project_id: int, ids: Iterable[int], by: Actor) -> None:
    """Let open boards reload items that were changed along with something else."""
    keys = list(ids)
    if keys:
        subject = model.type_key.partition(".")[0]
        announce(Announcement(project_id, subject, model.type_key, keys, by.session_id))


def reorder(model: Any, project_id: int, orders: Iterable[tuple[int, int]]) -> list[int]:
    """Set the order of some values of a project. Returns the ids of those that exist."""
    wanted = dict(orders)
    rows = list(model._default_manager.filter(project_id=project_id, pk__in=wanted).order_by("pk"))
    for row in rows:
        row.order = wanted[row.pk]
    model._default_manager.bulk_update(rows, ["order"])
    return [row.pk for row in rows]


def frozen(row: Any) -> Values:
    """The columns of a row, as its changes record them."""
    columns = {column.name: getattr(row, column.attname) for column in row._meta.concrete_fields}
    return {name: value for name, value in columns.items() if not isinstance(value, datetime)}
