"""A call of a hook as it arrived, and how its payload is read: whatever is missing or of another type is None."""

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
    """`header` and `query` give "" for what did not come; `address` is that of the caller."""

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
    """What is at a path of names."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text(value: Any, *path: str) -> str | None:
    """A text that is there and not empty; numbers are taken as they are written."""
    found = at(value, *path)
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    return found if isinstance(found, str) and found else None


def listed(value: Any, *path: str) -> list[Any]:
    """The elements of a list, without nulls."""
    found = at(value, *path)
    return [one for one in found if one is not None] if isinstance(found, list) else []


def is_same(given: str, secret: Any) -> bool:
    """Whether somebody knows a secret; an empty one is known to nobody."""
    return isinstance(secret, str) and bool(secret) and hmac.compare_digest(given.encode(), secret.encode())


def is_signed(call: Call, given: str, secret: Any, algorithm: str) -> bool:
    """Whether a signature is that of the body."""
    if not isinstance(secret, str) or not secret:
        return False
    return hmac.compare_digest(given.encode(), hmac.new(secret.encode(), call.body, algorithm).hexdigest().encode())


def has_key(call: Call, config: Config, default: list[str]) -> bool:
    """Whether the address of the call holds the secret, and it comes from where it may come from."""
    networks = config.get("valid_origin_ips", default)
    return is_same(call.query("key"), config.get("secret")) and comes_from(call.address, networks)


def comes_from(address: str, networks: Any) -> bool:
    """Whether an address is in one of the networks; none at all means any, and one that can't be read means nowhere."""
    try:
        allowed = [ipaddress.ip_network(str(network).strip(), strict=False) for network in networks or ()]
    except (ValueError, TypeError):
        return False
    found = peers.read(address)
    return not allowed or (found is not None and any(found in network for network in allowed))
