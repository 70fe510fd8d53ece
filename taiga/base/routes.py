"""Addresses: which function answers which method, and who may call it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from taiga.base.requests import Reply

Answer = Callable[..., Reply]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Query:
    """A query parameter: the type of its value in the words of JSON Schema, what it is for, and the values it takes."""

    name: str
    type: str = "string"
    text: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Header:
    """A header that a request may have, named among its `query`, or one that an answer has."""

    name: str
    type: str = "string"
    text: str = ""


@dataclass(frozen=True)
class Endpoint:
    """A function that answers, with what the table of routes and the API's document tell of it.

    `needs` is checked by the endpoint itself through `Request.allow`, since a body is validated before; the
    dispatcher makes sure that it was. `atomic` endpoints run in one transaction when they may write. `accepts` (a body,
    a list of bodies, or a schema), members of `query` and `tells` and `answers` may be functions of what the route
    gives; `tells` are headers of the answer.
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
        """`module.function`, as in the code."""
        return f"{self.function.__module__.removeprefix('taiga.')}.{self.function.__name__}"


class Anybody:
    """No need at all: the address is public."""

    def __str__(self) -> str:
        return "anybody"


class SignedIn:
    """Any authenticated caller; the dispatcher checks it before the endpoint is called."""

    def __str__(self) -> str:
        return "signed in"


class Oneself:
    """The endpoint reaches only rows that belong to the caller."""

    def __str__(self) -> str:
        return "own rows"


ANYBODY = Anybody()
SIGNED_IN = SignedIn()
SIGNED_IN_IF_FOUND = SignedIn()
"""The same, but the endpoint checks it (`Request.ensure_signed_in`): something else has to be looked at first."""
ONESELF = Oneself()


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
    """Declare who may call the function, and what it takes and gives."""

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
    """One address. `given` is handed to its endpoints along with what the address holds."""

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
    """An address below `/api/v1/`: `route("milestones/{id}", GET=read)`; `{id}` is one segment without a dot or a NUL.

    `refused` are methods that exist for such a resource but are switched off here: they answer NotSupported.
    """
    return Route(path, methods, given or {}, name, tuple(refused))


def needed(needs: Any, given: Mapping[str, Any]) -> str:
    """A need in words; one that depends on the kind of thing names the permission of the kind that the route gives."""
    return str(needs.named(given)) if hasattr(needs, "named") else str(needs)


def segments(path: str) -> list[str]:
    """The parts of a path; the API's root has none."""
    return path.split("/") if path else []


class Router:
    """Finds the route of a path: literal segments win over `{…}` ones."""

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
        """The route and the values of its placeholders, in order of the address."""
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
        """Every method of every address."""
        for one in self.routes:
            for method, answer in one.methods.items():
                yield method, one.path, answer
