"""Rate limits for callers.

An endpoint may name its scopes (`throttle="login-fail"`; several are separated by blanks); all others share the four
common scopes. A scope has rates such as `10/minute` (`settings.THROTTLE_RATES`), which limit any period of that length:
the times of the latest requests are kept in the cache, which the processes share if Redis is configured.
"""

import ipaddress
import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache, partial
from threading import Lock
from time import time

from django.conf import settings
from django.core.cache import cache

from taiga.base import errors, peers
from taiga.base.requests import Request
from taiga.base.routes import Endpoint

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
READING = ("GET", "HEAD", "OPTIONS")
SKEW = 60
"""Seconds by which the clocks of several machines may differ. A later time was noted before the clock was set back."""

_locks = tuple(Lock() for _ in range(16))


def by_address(request: Request) -> str:
    """One counter for each client address."""
    return f"address:{network(peers.client_address(request.http))}"


def by_person(request: Request) -> str:
    """One counter for each user, and for each peer address of anonymous callers."""
    if request.viewer.is_authenticated:
        return f"user:{request.viewer.id}"
    return f"address:{network(peers.peer_address(request.http))}"


def by_person_or_client(request: Request) -> str:
    """One counter for each user, and for each client address of anonymous callers."""
    return by_person(request) if request.viewer.is_authenticated else by_address(request)


@dataclass(frozen=True)
class Scope:
    """Which requests are counted together, and which of them count: all, or those with one of these statuses."""

    key: Callable[[Request], str]
    counts: Collection[int] = ()


SCOPES = {
    "anon-read": Scope(by_person_or_client),
    "anon-write": Scope(by_person_or_client),
    "user-read": Scope(by_person_or_client),
    "user-write": Scope(by_person_or_client),
    "login-fail": Scope(by_address, counts=(400, 401)),
    "register-success": Scope(by_address, counts=(201,)),
    "user-detail": Scope(by_address),
    "user-update": Scope(by_person),
    "create-memberships": Scope(by_person),
    "asked-mail": Scope(by_person_or_client),
    "import-mode": Scope(by_person),
    "import-dump-mode": Scope(by_person),
}


def throttle(request: Request, endpoint: Endpoint | None) -> None:
    """Refuse a caller who asks too often. Raises Throttled."""
    if not settings.TAIGA_THROTTLE:
        return
    for name in scopes_of(request, endpoint):
        if SCOPES[name].counts:
            take(request, name, amount=0)
            request.when_answered.append(partial(count_answer, request, name))
        else:
            take(request, name)


def scopes_of(request: Request, endpoint: Endpoint | None) -> list[str]:
    """The scopes of the endpoint, or the common one."""
    if endpoint is not None and endpoint.throttle:
        return endpoint.throttle.split()
    if is_whitelisted(request):
        return []
    who = "user" if request.viewer.is_authenticated else "anon"
    return [f"{who}-read" if request.method in READING else f"{who}-write"]


def is_whitelisted(request: Request) -> bool:
    """Whether the common limits do not apply to this user or address."""
    listed = settings.THROTTLE_WHITELIST
    return bool(listed) and (
        str(request.viewer.id) in listed or peers.is_among(peers.client_address(request.http), listed)
    )


def take(request: Request, name: str, amount: int = 1) -> None:
    """Count `amount` requests of a scope, or none if they exceed a limit; 0 only checks for one more. Raises Throttled.

    Endpoints whose cost depends on their body call it themselves.
    """
    rates = settings.THROTTLE_RATES.get(name, ()) if settings.TAIGA_THROTTLE else ()
    if not rates:
        return
    key = f"throttle:{name}:{SCOPES[name].key(request)}"
    with _locks[hash(key) % len(_locks)]:
        now = time()
        longest = max(period for _limit, period in map(parsed, rates))
        moments = [moment for moment in cache.get(key, ()) if now - longest < moment < now + SKEW]
        waits = [wait(moments, now, max(amount, 1), *parsed(rate)) for rate in rates]
        if max(waits) > 0:
            raise errors.Throttled(math.ceil(max(waits)))
        if amount:
            cache.set(key, moments + [now] * amount, longest)


def wait(moments: list[float], now: float, amount: int, limit: int, period: int) -> float:
    """Seconds until `amount` more requests are allowed; 0 if they are now."""
    recent = [moment for moment in moments if moment > now - period]
    excess = len(recent) + amount - limit
    if excess <= 0:
        return 0.0
    return recent[min(excess, len(recent)) - 1] + period - now if recent else float(period)


def count_answer(request: Request, name: str, status: int) -> None:
    """Count a request after its answer, if the scope counts this status."""
    if status in SCOPES[name].counts:
        try:
            take(request, name)
        except errors.Throttled:
            return  # concurrent requests have reached the limit; the next request is refused


@lru_cache(maxsize=64)
def parsed(rate: str) -> tuple[int, int]:
    """`10/minute` as 10 and 60."""
    limit, _slash, period = rate.partition("/")
    return int(limit), SECONDS[period[0].lower()]


def network(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 network of an IPv6 address, which is what a customer
    gets.
    """
    found = peers.read(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found or address)
