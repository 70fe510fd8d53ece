"""The bus over Redis or Valkey: PUBLISH and SUBSCRIBE."""

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

CONNECTION_OPTIONS: dict[str, Any] = {
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 30,
    "decode_responses": True,
}
"""A server that vanished silently is noticed within a minute."""


class RedisBus:
    """A bus over one channel of Redis. The client's own retries are off, since callers have to know of an outage."""

    joins_processes = True

    def __init__(self, url: str, channel: str) -> None:
        self._url = url
        self._channel = channel
        self._sending = redis.Redis.from_url(url, socket_timeout=5, retry=Retry(NoBackoff(), 0), **CONNECTION_OPTIONS)

    def send(self, texts: Sequence[str]) -> None:
        with self._sending.pipeline(transaction=False) as pipeline:
            for text in texts:
                pipeline.publish(self._channel, text)
            pipeline.execute()

    async def receive(self, connected: Callable[[], None]) -> AsyncGenerator[str]:
        client = redis.asyncio.Redis.from_url(self._url, retry=AsyncRetry(NoBackoff(), 0), **CONNECTION_OPTIONS)
        async with client, client.pubsub(ignore_subscribe_messages=True) as listening:
            await listening.subscribe(self._channel)
            connected()
            async for event in listening.listen():
                yield event["data"]

    def close(self) -> None:
        self._sending.close()
