"""What processes remember together, in Redis. It may be away: nothing of it is worth a failed request."""

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis import RedisError


class TolerantRedisCache(RedisCache):
    """Finds nothing and keeps nothing while Redis does not answer. The event bus logs the outage."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except RedisError:
            return default

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        try:
            super().set(key, value, timeout, version)
        except RedisError:
            return

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """False, too: whoever wanted to be the only one to do something does not do it now."""
        try:
            return super().add(key, value, timeout, version)
        except RedisError:
            return False
