"""/: the resources that there are, each with its address."""

from collections.abc import Iterable

from taiga.base.answers import TEXT, mapping
from taiga.base.requests import Reply, Request, ok
from taiga.base.routes import ANYBODY, Route, endpoint, route

UNLISTED = ("stats", "feedback")


def index(routes: Iterable[Route]) -> Route:
    """The route of the API's root, which lists the resources of these routes."""
    names = resources(routes)

    @endpoint(needs=ANYBODY, answers=mapping(TEXT))
    def read(request: Request) -> Reply:
        """Every resource by name."""
        return ok({name: request.url(request.http.path + name) for name in names})

    return route("", GET=read, name="api root")


def resources(routes: Iterable[Route]) -> list[str]:
    """The names of the addresses that have one segment, or single objects below them."""
    paths = [one.path for one in routes]
    holders = {head for head, _slash, tail in (path.rpartition("/") for path in paths) if tail.startswith("{")}
    words = {path for path in paths if "/" not in path}
    return sorted((words | holders) - {"", *UNLISTED})
