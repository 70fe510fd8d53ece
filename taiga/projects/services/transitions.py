"""Which changes of status are allowed, in projects that list them."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.bodies import column_names
from taiga.base.prepared import Param, Prepared
from taiga.changes.models import ChangeType
from taiga.changes.record import Actor, change_of, difference, publish
from taiga.projects.models import Kind, Role, Status, StatusTransition
from taiga.projects.permissions import Access

Values = dict[str, Any]
Step = tuple[Any, int | None, int | None]
"""An item, the status it has, and the one it is to get."""
COLUMNS = ("kind", "from_status_id", "to_status_id", "roles")
ALLOWED = Prepared(
    lambda: (
        StatusTransition.objects.filter(project=Param("project"), kind=Param("kind", models.CharField()))
        .order_by()
        .values_list("from_status_id", "to_status_id", "roles")
    )
)


def ensure_allowed(access: Access, kind: Kind, steps: Iterable[Step]) -> None:
    """Refuse changes of status that the project does not allow the caller. Superusers may make any.

    As soon as a project lists one change for a kind, no others are allowed for that kind. Items that keep their status,
    and new ones, are not checked. Raises Invalid before anything is done.
    """
    changes = [step for step in steps if step[1] != step[2]]
    if not changes or access.viewer.is_superuser:
        return
    listed = ALLOWED.all(project=access.project.id, kind=str(kind))
    if not listed:
        return
    for item, before, after in changes:
        candidates = [roles for from_id, to_id, roles in listed if to_id == after and from_id in (None, before)]
        if not any(roles is None or access.role_id in roles for roles in candidates):
            raise not_allowed(item, before, after, {role for roles in candidates for role in roles})


def not_allowed(item: Any, before: int | None, after: int | None, roles: set[int]) -> errors.Invalid:
    """The error: both statuses, and which roles may make the change."""
    names: dict[int | None, str] = dict(Status.objects.filter(pk__in=[before, after]).values_list("id", "name"))
    params = {"ref": item.ref, "before": names.get(before, "–"), "after": names.get(after, "–")}
    if not roles:
        message = _("#%(ref)s: nobody may change the status from “%(before)s” to “%(after)s”.")
    else:
        who = Role.objects.filter(pk__in=roles).order_by("order", "slug").values_list("name", flat=True)
        params["who"] = ", ".join(who)
        message = _("#%(ref)s: only these roles may change the status from “%(before)s” to “%(after)s”: %(who)s.")
    return errors.Invalid({"status": [message % params]})


def create(values: Values, *, access: Access, by: Actor) -> StatusTransition:
    """Allow one more change of status."""
    row = StatusTransition(project_id=access.project.id)
    assign(row, values)
    access.ensure_open()
    row.save()
    publish([change_of(row, ChangeType.CREATE, by=by, snapshot=frozen(row))])
    return row


def change(row: StatusTransition, values: Values, *, access: Access, by: Actor) -> None:
    """Edit an allowed change of status."""
    before = frozen(row)
    assign(row, values)
    access.ensure_open()
    row.save()
    diff = difference(before, frozen(row))
    if diff:
        publish([change_of(row, ChangeType.CHANGE, by=by, diff=diff)])


def delete(row: StatusTransition, *, access: Access, by: Actor) -> None:
    """Remove an allowed change of status."""
    access.ensure_open()
    publish([change_of(row, ChangeType.DELETE, by=by, snapshot=frozen(row))])
    row.delete()


def frozen(row: StatusTransition) -> Values:
    """The columns of a row, as its changes record them."""
    return {name: getattr(row, name) for name in COLUMNS}


def assign(row: StatusTransition, values: Values) -> None:
    """Set the columns. Raises Invalid for statuses and roles of other projects or kinds, and for duplicates."""
    for name, value in column_names(StatusTransition, values).items():
        setattr(row, name, value)
    problems: dict[str, list[str]] = {}
    status_ids = set(Status.objects.filter(project_id=row.project_id, kind=row.kind).values_list("id", flat=True))
    for name in ("from_status", "to_status"):
        key = getattr(row, f"{name}_id")
        if key is not None and key not in status_ids:
            problems[name] = [_("The status must belong to the project and be of this kind.")]
    if row.from_status_id == row.to_status_id:
        problems.setdefault("to_status", [_("The two statuses must be different.")])
    if row.roles is not None and not are_roles_of(row.project_id, row.roles):
        problems["roles"] = [_("The roles must belong to the project.")]
    if not problems and is_listed(row):
        problems["non_field_errors"] = [_("This change of status is already in the list.")]
    if problems:
        raise errors.Invalid(problems)


def are_roles_of(project_id: int, keys: list[int]) -> bool:
    """Whether all of them are roles of the project."""
    return Role.objects.filter(project_id=project_id, pk__in=keys).count() == len(set(keys))


def is_listed(row: StatusTransition) -> bool:
    """Whether another row is about the same statuses."""
    same = StatusTransition.objects.filter(project_id=row.project_id, kind=row.kind, to_status=row.to_status_id)
    source = Q(from_status=row.from_status_id) if row.from_status_id else Q(from_status=None)
    return same.filter(source).exclude(pk=row.pk).exists()
