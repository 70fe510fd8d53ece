"""The network address of a client."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from taiga.base import peers

CASES = [
    ("203.0.113.7", None, "203.0.113.7"),
    ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
    ("127.0.0.1", None, "127.0.0.1"),
    ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
    ("127.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),
    ("127.0.0.1", "1.2.3.4, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
    ("127.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
    ("127.0.0.1", "198.51.100.1, rubbish", "127.0.0.1"),
    ("127.0.0.1", "rubbish, 10.0.0.2", "10.0.0.2"),
    ("::1", "2001:db8::1", "2001:db8::1"),
    ("::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"),
    ("", "198.51.100.1", "198.51.100.1"),
]


@pytest.mark.parametrize(("peer", "told", "client"), CASES)
def test_only_trusted_proxies_are_believed(peer: str, told: str | None, client: str) -> None:
    headers = {"X-Forwarded-For": told} if told else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer)
    assert peers.client_address(request) == client
    assert peers.peer_address(request) == peer


def test_trust_can_be_taken_away(settings: Settings) -> None:
    settings.TAIGA_TRUSTED_PROXIES = ["192.0.2.1"]
    trusted = RequestFactory().get("/", headers={"X-Forwarded-For": "198.51.100.1"}, REMOTE_ADDR="192.0.2.1")
    assert peers.client_address(trusted) == "198.51.100.1"
    other = RequestFactory().get("/", headers={"X-Forwarded-For": "198.51.100.1"}, REMOTE_ADDR="127.0.0.1")
    assert peers.client_address(other) == "127.0.0.1"


@pytest.mark.parametrize(
    ("address", "networks", "inside"),
    [
        ("10.1.2.3", ["10.0.0.0/8"], True),
        ("10.1.2.3", ["7", "10.1.2.3"], True),
        ("10.1.2.3", ["7", "nonsense"], False),
        ("11.1.2.3", ["10.0.0.0/8", "::/0"], False),
        ("rubbish", ["0.0.0.0/0"], False),
    ],
)
def test_addresses_belong_to_networks(address: str, networks: list[str], inside: bool) -> None:
    assert peers.is_among(address, networks) is inside
