"""The cache without its server: it finds nothing, and no request fails."""

from django.core.cache.backends.base import BaseCache

from taiga.base.cache import TolerantRedisCache
from tests.ports import free_port


def test_nothing_is_found_and_nothing_fails_while_redis_is_away() -> None:
    away: BaseCache = TolerantRedisCache(f"redis://127.0.0.1:{free_port()}/0", {})
    away.set("key", "value", 10)
    assert away.get("key", "nothing") == "nothing"
    assert away.add("key", "value", 10) is False
    assert away.get_or_set("key", lambda: "counted", 10) == "counted"
