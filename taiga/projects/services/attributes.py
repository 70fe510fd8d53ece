"""The lists of values by which a project sorts its items: how a value comes, changes, is replaced and goes."""

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
from taiga.projects.services import silence

Values = dict[str, Any]


def nothing(*_: Any, **__: Any) -> None:
    """What follows for most lists."""


@dataclass(frozen=True)
class AttributeList:
    """One list of every project.

    `columns` are what is shown of a value. `holder` is what refers to it, by `column`; then a value is only deleted by
    putting another one in its place. `default` is the project's field for the value that new items get.

    What follows, by the list's own rules: `prepare(value)` before it is saved, `created(value)`, `edited(value, diff,
    by)`; `replacing(value, to, by)` before another one takes its place; `replaced(value, to, ids, by)` after, with the
    ids of what refers to `to` now; `removing(value)` before a value goes that nothing refers to.
    """

    model: Any
    columns: tuple[str, ...]
    holder: Any = None
    column: str = "status"
    default: str = ""
    prepare: Callable[[Any], None] = nothing
    created: Callable[[Any], None] = nothing
    edited: Callable[[Any, Values, Actor], None] = nothing
    replacing: Callable[[Any, Any, Actor], None] = nothing
    replaced: Callable[[Any, Any, list[int], Actor], None] = nothing
    removing: Callable[[Any], None] = nothing


def create(one: AttributeList, values: Values, *, access: Access, by: Actor) -> Any:
    """A new value."""
    row = blank(one.model, access.project.id)
    assign(row, values, sent=("name", "project"))
    access.ensure_open()
    one.prepare(row)
    row.save(force_insert=True)
    one.created(row)
    publish([change_of(row, ChangeType.CREATE, by=by, snapshot=frozen(row))])
    return row


def blank(model: Any, project_id: int) -> Any:
    """A value that is not saved yet; those of tables that several kinds of item share are of the model's own kind."""
    own = {"kind": model.kind_of} if hasattr(model, "kind_of") else {}
    return model(project_id=project_id, **own)


def change(one: AttributeList, row: Any, values: Values, *, access: Access, by: Actor) -> None:
    """Change a value."""
    before = frozen(row)
    assign(row, values, sent=values)
    access.ensure_open()
    one.prepare(row)
    row.save(force_update=True)
    diff = difference(before, frozen(row))
    if diff:
        one.edited(row, diff, by)
        publish([change_of(row, ChangeType.CHANGE, by=by, diff=diff)])


def assign(row: Any, values: Values, sent: Collection[str]) -> None:
    """Set the columns. A value stays in its project, and its name is the only one there."""
    ensure_same_project(row, values)
    for name, value in column_names(type(row), values).items():
        setattr(row, name, value)
    ensure_name_is_free(row, sent)


def ensure_name_fits(row: Any, values: Values, sent: Collection[str]) -> None:
    """Refuse what `assign` would, of values that need not be whole."""
    assign(row, {name: values[name] for name in ("project", "name") if name in values}, sent)


def ensure_same_project(row: Any, values: Values) -> None:
    """Refuse to move something into another project, where the caller may have no rights."""
    if values.get("project", row.project_id) != row.project_id:
        raise errors.Invalid({"project": [_("This cannot be moved to another project.")]})


def ensure_name_is_free(row: Any, sent: Collection[str]) -> None:
    """Refuse a name that another row of the project's list has, on those fields that were sent."""
    others = type(row)._default_manager.filter(project_id=row.project_id, name=row.name).exclude(pk=row.pk)
    if others.exists():
        fields = [name for name in ("name", "project") if name in sent] or ["name"]
        custom = isinstance(row, CustomAttribute)
        refusal = _("Already exists one with the same name.") if custom else _("Duplicated name")
        raise errors.Invalid({name: [refusal] for name in fields})


def replace(one: AttributeList, row: Any, to: Any, *, access: Access, by: Actor) -> None:
    """Delete a value; what had it gets another one of the same project."""
    access.ensure_open()
    if to.pk == row.pk or to.project_id != row.project_id:
        raise errors.BadRequest(_("The replacement must be another one of the same project."))
    one.replacing(row, to, by)
    holders = one.holder._default_manager.filter(**{one.column: row.pk})
    ids = list(holders.order_by().values_list("pk", flat=True))
    is_item = issubclass(one.holder, WorkItem)
    silent = {"unrecorded": silence.kept(one.column)} if is_item else {}
    one.holder._default_manager.filter(pk__among=ids).update(**silent, **{one.column: to.pk})
    Project.objects.filter(**{one.default: row.pk}).update(**{one.default: to.pk})
    one.replaced(row, to, ids, by)
    if is_item:
        announce_items(one.holder, row.project_id, ids, by)
    drop(row, by)


def remove(one: AttributeList, row: Any, *, access: Access, by: Actor) -> None:
    """Delete a value that nothing refers to. A value that has to stay is refused before a closed project is."""
    one.removing(row)
    access.ensure_open()
    drop(row, by)


def drop(row: Any, by: Actor) -> None:
    """Delete a row and tell of it."""
    publish([change_of(row, ChangeType.DELETE, by=by, snapshot=frozen(row))])
    row.delete()


def announce_items(model: Any, project_id: int, ids: Iterable[int], by: Actor) -> None:
    """Let open boards look again at items that were changed along with something else."""
    keys = list(ids)
    if keys:
        subject = model.type_key.partition(".")[0]
        announce(Announcement(project_id, subject, model.type_key, keys, by.session_id))


def reorder(model: Any, project_id: int, orders: Iterable[tuple[int, int]]) -> list[int]:
    """Give values of a project these places; others stay where they are. Returns the ids of those that there are."""
    wanted = dict(orders)
    rows = list(model._default_manager.filter(project_id=project_id, pk__in=wanted).order_by("pk"))
    for row in rows:
        row.order = wanted[row.pk]
    model._default_manager.bulk_update(rows, ["order"])
    return [row.pk for row in rows]


def frozen(row: Any) -> Values:
    """The columns of a row, as its changes tell of them."""
    columns = {column.name: getattr(row, column.attname) for column in row._meta.concrete_fields}
    return {name: value for name, value in columns.items() if not isinstance(value, datetime)}
