"""The network address that a request comes from."""

import ipaddress
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def client_address(http: HttpRequest) -> str:
    """The address of the client: that of the peer, or what trusted proxies report.

    `X-Forwarded-For` is read from its end for as long as a trusted proxy wrote it: what stands before the first other
    address could be forged.
    """
    nearest = peer_address(http)
    for hop in reversed(http.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        if not is_trusted(nearest) or read(hop) is None:
            break
        nearest = hop.strip()
    return nearest


def peer_address(http: HttpRequest) -> str:
    """The address at the other end of the connection, which may be a proxy; empty for a Unix socket."""
    return http.META.get("REMOTE_ADDR") or ""


def is_trusted(address: str) -> bool:
    """Whether an address is that of a trusted proxy; a peer on a Unix socket, which has none, is trusted."""
    return not address or is_among(address, settings.TAIGA_TRUSTED_PROXIES)


def is_among(address: str, networks: list[str]) -> bool:
    """Whether an address is one of these addresses, or in one of these networks."""
    found = read(address)
    return found is not None and any(found in network for network in networks_of(tuple(networks)))


def read(address: str) -> Address | None:
    """The parsed address, or None; an IPv4 address in IPv6 notation is an IPv4 address."""
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped or found


@lru_cache(maxsize=32)
def networks_of(texts: tuple[str, ...]) -> list[Network]:
    """The parsed networks. Other words (a user id in a whitelist) are ignored."""
    found = []
    for text in texts:
        try:
            found.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            continue
    return found
