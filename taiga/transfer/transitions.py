"""Allowed changes of status, with statuses and roles by name."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from taiga.projects.models import Kind, Role, StatusTransition
from taiga.transfer import forms
from taiga.transfer.loading import Loading
from taiga.transfer.sections import Row

STATUSES = {
    Kind.EPIC: forms.named("epic_statuses"),
    Kind.USERSTORY: forms.named("us_statuses"),
    Kind.TASK: forms.named("task_statuses"),
    Kind.ISSUE: forms.named("issue_statuses"),
}
ROLE = forms.named("roles")


class StatusOfKind:
    """A status of the row's kind; `to_status` is required."""

    def __init__(self, key: str) -> None:
        self.key = key

    def read(self, value: Any, row: Row, loading: Loading) -> None:
        """By its name."""
        form = STATUSES.get(row.instance.kind)
        if value is None and self.key == "to_status":
            row.refuse(self.key, _("This field is required."))
        elif value is not None and form is not None:
            setattr(row.instance, f"{self.key}_id", row.attempt(self.key, form.read, value, loading))

    def write(self, ids: Sequence[int], dumping: Any) -> Mapping[int, Any]:
        """Its name."""
        return dict(StatusTransition.objects.filter(pk__in=ids).order_by().values_list("pk", f"{self.key}__name"))


class Roles:
    """The roles that may make the change; null for everybody who may modify the item."""

    key = "roles"

    def read(self, value: Any, row: Row, loading: Loading) -> None:
        """By their names."""
        if value is not None:
            names = row.attempt(self.key, forms.texts, value) or ()
            row.instance.roles = [row.attempt(self.key, ROLE.read, name, loading) for name in names]

    def write(self, ids: Sequence[int], dumping: Any) -> Mapping[int, Any]:
        """Their names."""
        names = dumping.once("roles", role_names)
        rows = StatusTransition.objects.filter(pk__in=ids).order_by().values_list("pk", "roles")
        return {key: roles and [names[role] for role in roles if role in names] for key, roles in rows}


def role_names(project_id: int) -> dict[int, str]:
    """The names of a project's roles."""
    return dict(Role.objects.filter(project_id=project_id).values_list("id", "name"))
