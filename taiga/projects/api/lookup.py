"""Finding the object of a request, and refusing callers who may not see or change it.

Whether the refusal is 401, 403 or 404 depends on the operation: `retrieve`, `for_change`, `for_action` and
`for_reading_below` each implement one row of that table.
"""

from functools import cache
from typing import Any, NoReturn, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.prepared import Param, PreparedObjects
from taiga.base.requests import Request, number
from taiga.base.routes import Query
from taiga.changes.record import Actor
from taiga.projects.permissions import Access, access_through, access_to

M = TypeVar("M", bound=Model)
PROJECT = Query("project", "integer", "Only those of this project.")
THE_PROJECT = Query("project", "integer", "The id of the project.", required=True)


def access(request: Request, project_id: int) -> Access | None:
    """The caller's access to a project, queried once per request; None if there is no such project."""
    key = ("access", project_id)
    if key not in request.cache:
        request.cache[key] = access_to(request.viewer, project_id, lock=writes(request))
    found: Access | None = request.cache[key]
    return found


def writes(request: Request) -> bool:
    """Whether the request is a write in a transaction."""
    return request.method not in ("GET", "HEAD") and request.endpoint is not None and request.endpoint.atomic


def access_or_404(request: Request, project_id: int) -> Access:
    """The same for a project that should exist. Raises Missing."""
    found = access(request, project_id)
    if found is None:
        raise errors.Missing
    return found


def lock_project(request: Request, key: Any) -> None:
    """Lock the project that a body names against other writers, before the body is validated against its contents."""
    project_id = number(key) if isinstance(key, (str, int)) else None
    if project_id is not None:
        access(request, project_id)


def allow(request: Request, project_id: int, need: Any = None) -> Access:
    """Refuse the caller unless they satisfy the endpoint's need (or `need`) in this project."""
    found = access_or_404(request, project_id)
    ensure(request, found, need if need is not None else request.endpoint.needs)
    return found


def ensure(request: Request, access: Access, need: Any) -> None:
    """Refuse the caller unless their access satisfies the need."""
    access.ensure(need, request)
    request.allowed = True


def hide(request: Request) -> NoReturn:
    """Refuse an object that the caller may not see: 401 for anonymous callers, else 404."""
    raise errors.Missing if request.viewer.is_authenticated else errors.NotAuthenticated


def retrieve(request: Request, rows: QuerySet[M], *, model_name: str = "", **lookup: Any) -> M:
    """An object to be read: 404 if there is none (the message names the model, or `model_name`), then 401 or 403 (see
    `allow`).
    """
    found = first(rows, lookup)
    if found is None:
        raise missing(model_name or rows.model.__name__, lookup)
    allow(request, project_of(found))
    return found


def missing(model_name: str, lookup: dict[str, Any]) -> errors.Missing:
    """The error for an object that does not exist; without a message if the given id was not a number."""
    is_valid_id = "id" not in lookup or number(lookup["id"]) is not None
    return errors.Missing(f"No {model_name} matches the given query." if is_valid_id else "")


def for_change(request: Request, source: QuerySet[M] | type[M], view: str, **lookup: Any) -> M:
    """An object to be changed or deleted, locked. Unknown and invisible ones are refused alike."""
    found = locked(request, source, lookup)
    project_access = access(request, project_of(found)) if found is not None else None
    if found is None or project_access is None or not project_access.sees(view):
        if not request.viewer.is_authenticated:
            raise errors.NotAuthenticated
        raise errors.Missing if request.viewer.is_superuser else errors.PermissionDenied
    ensure(request, project_access, request.endpoint.needs)
    return found


def locked(request: Request, source: QuerySet[M] | type[M], lookup: dict[str, Any]) -> M | None:
    """The object, locked until the transaction ends, after its project. For a model class the query is prepared."""
    if isinstance(source, type):
        key = number(lookup["id"])
        project_access = access_through(request.viewer, source, key) if key is not None else None
        if project_access is None:
            return None
        request.cache.setdefault(("access", project_access.project.id), project_access)
        return for_update(source).one(id=key)
    found = first(source, lookup)
    if found is None or not access(request, project_of(found)):
        return None
    return first(source.select_for_update(of=("self",)), lookup)


@cache
def for_update(model: type[M]) -> PreparedObjects[M]:
    """The query that locks one row of a model and reads the model's `ANNOTATIONS_FOR_UPDATE` expressions with it."""
    annotations = getattr(model, "ANNOTATIONS_FOR_UPDATE", {})
    return PreparedObjects(
        model,
        lambda rows: rows.filter(pk=Param("id")).order_by().annotate(**annotations).select_for_update(of=("self",)),
    )


def for_action(request: Request, rows: QuerySet[M], view: str, **lookup: Any) -> M:
    """An object for one of its actions. Unknown and invisible ones: 401 or 404."""
    found = first(rows, lookup)
    project_access = access(request, project_of(found)) if found is not None else None
    if found is None or project_access is None or not project_access.sees(view):
        hide(request)
    allow(request, project_of(found))
    return found


def for_reading_below(request: Request, rows: QuerySet[M], **lookup: Any) -> M:
    """An object whose voters, watchers or history are read. Unknown ones: 401 or 404; others: 401 or 403."""
    found = first(rows, lookup)
    if found is None:
        hide(request)
    allow(request, project_of(found))
    return found


def first(rows: QuerySet[M], lookup: dict[str, Any]) -> M | None:
    """The object, or None; also None for an id that is not a number."""
    if "id" in lookup:
        key = number(lookup["id"])
        if key is None:
            return None
        lookup = {**lookup, "id": key}
    return rows.filter(**lookup).first()


def project_of(found: Any) -> int:
    """The id of the project that an object belongs to."""
    key: int = found.project_id if hasattr(found, "project_id") else found.pk
    return key


def project_parameter(request: Request, name: str = "project") -> int | None:
    """The `?project=` of a list; None when absent. Raises BadRequest if it is not an integer."""
    text = request.query.get(name)
    if text is None:
        return None
    word = text.strip()
    key = number(word.removeprefix("-"))
    if key is None:
        raise errors.BadRequest(_("'%s' must be an integer value.") % name)
    return -key if word.startswith("-") else key


def actor(request: Request) -> Actor:
    """The author of the changes that the request makes."""
    return Actor(request.viewer if request.viewer.is_authenticated else None, request.session_id)
