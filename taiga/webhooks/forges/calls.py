"""A request of a forge, and how its payload is read: a value that is missing or of an unexpected type is None."""

import hmac
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from taiga.base import errors, peers
from taiga.base.requests import parse_json

Config = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """The request. `header` and `query` return "" for what is missing; `address` is that of the client."""

    body: bytes
    header: Callable[[str], str]
    query: Callable[[str], str]
    address: str

    @cached_property
    def payload(self) -> Any:
        """The JSON of the body. Raises BadRequest."""
        try:
            return parse_json(self.body)
        except errors.ParseError as problem:
            raise errors.BadRequest(_("The payload is not valid json")) from problem


def at(value: Any, *path: str) -> Any:
    """The value at a path of names."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text(value: Any, *path: str) -> str | None:
    """The text at a path of names, if it is not empty; an integer becomes text."""
    found = at(value, *path)
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    return found if isinstance(found, str) and found else None


def listed(value: Any, *path: str) -> list[Any]:
    """The elements of the list at a path of names, without nulls."""
    found = at(value, *path)
    return [one for one in found if one is not None] if isinstance(found, list) else []


def is_same(given: str, secret: Any) -> bool:
    """Whether the given text is the secret, in constant time. Without a secret nothing is."""
    return isinstance(secret, str) and bool(secret) and hmac.compare_digest(given.encode(), secret.encode())


def is_signed(call: Call, given: str, secret: Any, algorithm: str) -> bool:
    """Whether the given text is the HMAC of the body, in hexadecimal digits. Without a secret nothing is."""
    if not isinstance(secret, str) or not secret:
        return False
    return hmac.compare_digest(given.encode(), hmac.new(secret.encode(), call.body, algorithm).hexdigest().encode())


def has_key(call: Call, config: Config, default: list[str]) -> bool:
    """Whether the address contains the secret and the client's address is allowed."""
    networks = config.get("valid_origin_ips", default)
    return is_same(call.query("key"), config.get("secret")) and comes_from(call.address, networks)


def comes_from(address: str, networks: Any) -> bool:
    """Whether an address is in one of the networks. Without networks any address is; if one of them is invalid, none
    is.
    """
    try:
        allowed = [ipaddress.ip_network(str(network).strip(), strict=False) for network in networks or ()]
    except (ValueError, TypeError):
        return False
    found = peers.read(address)
    return not allowed or (found is not None and any(found in network for network in allowed))
