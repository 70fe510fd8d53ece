"""Scopes: whose rows a list shows, in statements that are compiled once for all viewers."""

from collections.abc import Collection
from functools import cache
from typing import Any

from django.db.models import Model, QuerySet

from taiga.base.prepared import Ids, Param, Prepared
from taiga.base.sql import counted
from taiga.projects.permissions import Access, visible
from taiga.projects.queries.workitems import AnyViewer, Scope


def scope_of(viewer: Any, project: int | None, access: Access | None, code: str) -> Scope | None:
    """The rows that the viewer may see; None when there are none."""
    if project is None:
        return Scope("all" if viewer.is_superuser else "mine" if viewer.is_authenticated else "public")
    if access is None or not access.sees(code):
        return None
    return Scope("project", project)


def scoped(rows: "QuerySet[Any]", scope: str, code: str, prefix: str = "project__") -> "QuerySet[Any]":
    """The rows of a scope; `prefix` leads to their project."""
    if scope == "project":
        return rows.filter(**{prefix.removesuffix("__"): Param("project")})
    return rows.filter(visible(AnyViewer(scope), code, prefix))


def count_in_project(model: type[Model], project_id: int, ids: Collection[int]) -> int:
    """The number of these ids that belong to rows of a project."""
    return int(counting(model).all(ids=ids, project=project_id)[0][0])


@cache
def counting(model: type[Model]) -> Prepared:
    """The query that counts them."""
    return Prepared(lambda: counted(model._default_manager.filter(pk__among=Ids("ids"), project=Param("project"))))
