"""Finding what a request is about, and refusing those who may not know of it or touch it.

Which of 401, 403 and 404 a refusal is depends on the operation; the three functions are the three rows of that table.
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


def access(request: Request, project_id: int) -> Access | None:
    """What the caller may do in a project; asked once per request."""
    key = ("access", project_id)
    if key not in request.cache:
        request.cache[key] = access_to(request.viewer, project_id, hold=writes(request))
    found: Access | None = request.cache[key]
    return found


def writes(request: Request) -> bool:
    """Whether the request may change something, in a transaction."""
    return request.method not in ("GET", "HEAD") and request.endpoint is not None and request.endpoint.atomic


def known(request: Request, project_id: int) -> Access:
    """The same for a project that is known to exist."""
    found = access(request, project_id)
    if found is None:
        raise errors.Missing
    return found


def hold(request: Request, key: Any) -> None:
    """Keep other writers off the project that a body names, before the body is held against what is in it."""
    project_id = number(key) if isinstance(key, (str, int)) else None
    if project_id is not None:
        access(request, project_id)


def allow(request: Request, project_id: int, need: Any = None) -> Access:
    """Refuse the caller unless he has what the endpoint (or `need`) asks for in this project."""
    found = known(request, project_id)
    ensure(request, found, need if need is not None else request.endpoint.needs)
    return found


def ensure(request: Request, found: Access, need: Any) -> None:
    """Refuse the caller unless his rights in a project are those that are needed."""
    found.ensure(need, request)
    request.allowed = True


def hide(request: Request) -> NoReturn:
    """An object that the caller may not know of: 401 to the anonymous, else 404."""
    raise errors.Missing if request.viewer.is_authenticated else errors.NotAuthenticated


def retrieve(request: Request, rows: QuerySet[M], *, called: str = "", **lookup: Any) -> M:
    """An object to be read: 404 if there is none, which tells what it is `called` if not as its model; then 401 or 403
    (in `allow`).
    """
    found = first(rows, lookup)
    if found is None:
        raise missing(called or rows.model.__name__, lookup)
    allow(request, project_of(found))
    return found


def missing(called: str, lookup: dict[str, Any]) -> errors.Missing:
    """What is said of something that is not there; nothing if it was asked for by what is no id."""
    is_looked_for = "id" not in lookup or number(lookup["id"]) is not None
    return errors.Missing(f"No {called} matches the given query." if is_looked_for else "")


def for_change(request: Request, source: QuerySet[M] | type[M], sees: str, **lookup: Any) -> M:
    """An object to be changed or deleted, locked; unknown and invisible ones look the same."""
    found = locked(request, source, lookup)
    mine = access(request, project_of(found)) if found is not None else None
    if found is None or mine is None or not mine.sees(sees):
        if not request.viewer.is_authenticated:
            raise errors.NotAuthenticated
        raise errors.Missing if request.viewer.is_superuser else errors.PermissionDenied
    ensure(request, mine, request.endpoint.needs)
    return found


def locked(request: Request, source: QuerySet[M] | type[M], lookup: dict[str, Any]) -> M | None:
    """The object, locked until the transaction ends, after its project; rows of a model by a prepared query."""
    if isinstance(source, type):
        key = number(lookup["id"])
        mine = access_through(request.viewer, source, key) if key is not None else None
        if mine is None:
            return None
        request.cache.setdefault(("access", mine.project.id), mine)
        return for_update(source).one(id=key)
    found = first(source, lookup)
    if found is None or not access(request, project_of(found)):
        return None
    return first(source.select_for_update(of=("self",)), lookup)


@cache
def for_update(model: type[M]) -> PreparedObjects[M]:
    """The query that locks one row of a model, and reads what it wants to know beside its columns."""
    along = getattr(model, "ALONG", {})
    return PreparedObjects(
        model,
        lambda rows: rows.filter(pk=Param("id")).order_by().annotate(**along).select_for_update(of=("self",)),
    )


def for_action(request: Request, rows: QuerySet[M], sees: str, **lookup: Any) -> M:
    """An object for one of its actions: unknown and invisible ones are 401 or 404."""
    found = first(rows, lookup)
    mine = access(request, project_of(found)) if found is not None else None
    if found is None or mine is None or not mine.sees(sees):
        hide(request)
    allow(request, project_of(found))
    return found


def for_reading_below(request: Request, rows: QuerySet[M], **lookup: Any) -> M:
    """An object whose voters, watchers or history are read: unknown ones are 401 or 404, others 401 or 403."""
    found = first(rows, lookup)
    if found is None:
        hide(request)
    allow(request, project_of(found))
    return found


def first(rows: QuerySet[M], lookup: dict[str, Any]) -> M | None:
    """The object; an id that is no number finds nothing."""
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
    """The `?project=` of a list: None when absent. Raises BadRequest for what is no integer."""
    text = request.query.get(name)
    if text is None:
        return None
    word = text.strip()
    key = number(word.removeprefix("-"))
    if key is None:
        raise errors.BadRequest(_("'%s' must be an integer value.") % name)
    return -key if word.startswith("-") else key


def actor(request: Request) -> Actor:
    """Who makes the change that the request asks for."""
    return Actor(request.viewer if request.viewer.is_authenticated else None, request.session_id)
