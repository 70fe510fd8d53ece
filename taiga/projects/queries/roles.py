"""Roles as the API shows them."""

from typing import Any

from django.db.models import OuterRef, QuerySet

from taiga.base import errors, sql
from taiga.base.prepared import Param, Prepared
from taiga.projects.models import Membership, Role
from taiga.projects.queries.lists import ProjectRows

NAMES = ("id", "name", "slug", "project", "order", "computable", "permissions", "members_count")


def with_columns(rows: "QuerySet[Role]") -> "QuerySet[Role, Any]":
    """The columns; pending invitations count as members."""
    members = Membership.objects.filter(role=OuterRef("pk")).order_by().values("id")
    return rows.annotate(members_count=sql.Count(members)).values_list(*NAMES)


LIST = ProjectRows(Role, with_columns, ("order", "slug", "id"))
ONE = Prepared(lambda: with_columns(Role.objects.filter(pk=Param("id")).order_by()))


def serialized(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row as the API shows it."""
    return dict(zip(NAMES, row, strict=True))


def one(role_id: int) -> dict[str, Any]:
    """One role."""
    return serialized(errors.still_there(ONE.all(id=role_id)))
