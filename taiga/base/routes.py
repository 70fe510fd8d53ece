"""The routes of the API: which function answers which method of which address, and who may call it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from taiga.base.requests import Reply

Answer = Callable[..., Reply]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Query:
    """A query parameter for the API's document: its JSON Schema type, what it is for, and the values it takes.

    A request without a `required` one always fails.
    """

    name: str
    type: str = "string"
    text: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False


def orders(*names: str) -> Query:
    """The parameter that tells the order of a list."""
    directions = (*names, *(f"-{name}" for name in names))
    return Query("order_by", text="The order; with `-` descending.", choices=directions)


@dataclass(frozen=True)
class Header:
    """A header for the API's document: of a request if it is in `query`, of an answer if it is in `tells`."""

    name: str
    type: str = "string"
    text: str = ""


@dataclass(frozen=True)
class Endpoint:
    """A function that answers requests, with its declaration, from which the API's document is made.

    The endpoint itself checks `needs`, since the body is validated first; the dispatcher verifies that it has. An
    `atomic` endpoint runs in one transaction if the method may write.

    `accepts` is a body, a list of bodies, or a schema; `tells` are headers of the answer. `accepts`, `answers`, and
    members of `query` and `tells` may also be functions of what the route gives.
    """

    function: Answer
    needs: Any
    accepts: Any = None
    query: tuple[Any, ...] = ()
    answers: Any = None
    tells: tuple[Any, ...] = ()
    atomic: bool = True
    throttle: str = ""
    uploads: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`module.function`."""
        return f"{self.function.__module__.removeprefix('taiga.')}.{self.function.__name__}"


class Anybody:
    """No permission is needed: the endpoint is public."""

    def __str__(self) -> str:
        return "anybody"


class SignedIn:
    """Any authenticated caller. The dispatcher checks it before it calls the endpoint."""

    def __str__(self) -> str:
        return "signed in"


class Oneself:
    """The endpoint reaches nothing but rows of the caller."""

    def __str__(self) -> str:
        return "own rows"


ANYBODY = Anybody()
SIGNED_IN = SignedIn()
SIGNED_IN_IF_FOUND = SignedIn()
"""Any authenticated caller, but the endpoint checks it (`Request.ensure_signed_in`) after it has found its object."""
ONESELF = Oneself()
OUTSIDE_PROJECTS = (ANYBODY, SIGNED_IN, SIGNED_IN_IF_FOUND, ONESELF)
"""The needs that no permission in a project decides."""


def endpoint(
    *,
    needs: Any,
    accepts: Any = None,
    query: Iterable[Any] = (),
    answers: Any = None,
    tells: Iterable[Any] = (),
    atomic: bool = True,
    throttle: str = "",
    uploads: Iterable[str] = (),
) -> Callable[[Answer], Endpoint]:
    """Declare who may call a function, and what it takes and returns."""

    def declared(function: Answer) -> Endpoint:
        return Endpoint(
            function,
            needs=needs,
            accepts=accepts,
            query=tuple(query),
            answers=answers,
            tells=tuple(tells),
            atomic=atomic,
            throttle=throttle,
            uploads=tuple(uploads),
        )

    return declared


@dataclass(frozen=True)
class Route:
    """An address. `given` are further arguments of its endpoints."""

    path: str
    methods: dict[str, Endpoint]
    given: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    refused: tuple[str, ...] = ()

    @cached_property
    def allow(self) -> str:
        """The value of the header `Allow`."""
        names = [method for method in METHODS if method in self.methods]
        if "GET" in self.methods:
            names.append("HEAD")
        return ", ".join([*names, "OPTIONS"])


def route(
    path: str,
    given: dict[str, Any] | None = None,
    /,
    *,
    name: str = "",
    refused: Iterable[str] = (),
    **methods: Endpoint,
) -> Route:
    """An address below `/api/v1/`: `route("milestones/{id}", GET=read)`. `{id}` is a segment without a dot and without
    NUL.

    `refused` are methods that such a resource could have, but that are disabled: they are answered with NotSupported.
    """
    return Route(path, methods, given or {}, name, tuple(refused))


def needed(needs: Any, given: Mapping[str, Any]) -> str:
    """The name of a need; if it depends on the kind of object, the permission for the kind that the route gives."""
    return str(needs.named(given)) if hasattr(needs, "named") else str(needs)


def segments(path: str) -> list[str]:
    """The segments of a path; the root of the API has none."""
    return path.split("/") if path else []


class Router:
    """Finds the route of a path. A literal segment is preferred to a placeholder."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = list(routes)
        self.root: dict[str, Any] = {}
        for one in self.routes:
            node = self.root
            for segment in segments(one.path):
                node = node.setdefault("{}" if segment.startswith("{") else segment, {})
            if "" in node:
                raise ValueError(f"two routes for {one.path}")
            node[""] = one

    def find(self, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route and the values of its placeholders; None if there is no route."""
        found = self._walk(self.root, segments(path), [])
        if found is None:
            return None
        one, values = found
        names = [segment[1:-1] for segment in one.path.split("/") if segment.startswith("{")]
        return one, dict(zip(names, values, strict=True))

    def _walk(self, node: dict[str, Any], rest: list[str], values: list[str]) -> tuple[Route, list[str]] | None:
        if not rest:
            return (node[""], values) if "" in node else None
        head, tail = rest[0], rest[1:]
        if head and head in node:
            found = self._walk(node[head], tail, values)
            if found:
                return found
        if head and "." not in head and "\0" not in head and "{}" in node:
            return self._walk(node["{}"], tail, [*values, head])
        return None

    def table(self) -> Iterator[tuple[str, str, Endpoint]]:
        """Method, path and endpoint of every route."""
        for one in self.routes:
            for method, answer in one.methods.items():
                yield method, one.path, answer
