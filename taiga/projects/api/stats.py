"""/stats: statistics of this server."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import Http404
from django.utils.http import http_date

from taiga.base import clock
from taiga.base.requests import Reply, Request
from taiga.base.routes import ANYBODY, endpoint, route
from taiga.projects.api import project_shapes
from taiga.projects.queries import statistics


@endpoint(needs=ANYBODY, answers=project_shapes.SERVER_STATISTICS)
def discover(request: Request) -> Reply:
    """The number of public projects."""
    return cached("stats:discover", statistics.discover)


@endpoint(needs=ANYBODY, answers=project_shapes.SERVER_STATISTICS)
def system(request: Request) -> Reply:
    """Statistics of this server, if its operator publishes them."""
    if not settings.STATS_ENABLED:
        raise Http404
    return cached("stats:system", statistics.system)


def cached(key: str, count: Callable[[], Any]) -> Reply:
    """Statistics, cached for a while."""
    age = settings.STATS_CACHE_TIMEOUT
    facts = cache.get_or_set(key, count, age) if age else count()
    expires = http_date(clock.now().timestamp() + age)
    return Reply(facts, headers={"Cache-Control": f"max-age={age}", "Expires": expires})


urls = [
    route("stats/discover", GET=discover),
    route("stats/system", GET=system),
]
