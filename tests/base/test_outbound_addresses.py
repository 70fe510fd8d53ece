"""Addresses to which no request is sent: this machine, private networks, metadata services, other schemes."""

import ipaddress
from collections.abc import Iterator

import pytest

from taiga.base import outbound
from taiga.base.outbound import Failed, Refused
from tests.base.receiver import Names, Receiver, listening, post


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as made:
        yield made


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hook",
        "/hook",
        "ftp://host/x",
        "ftps://host/x",
        "file:///etc/passwd",
        "http://",
        "http:///x",
        "http://[::1/x",
        "http://a b/",
        "javascript:x",
        "http://x:99999/",
        "http://" + "a" * 64 + ".example/",
        "http://a\0b/",
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises((Refused, Failed)):
        post(url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "0.0.0.0",
        "127.1",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "127.0.0.1.",
        "10.0.0.1",
        "169.254.169.254",
    ],
)
def test_this_machine_and_inner_networks_are_refused_however_they_are_spelled(receiver: Receiver, host: str) -> None:
    with pytest.raises(Refused):
        post(receiver.url(host=host), allow_private=False)
    assert receiver.requests == []


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["93.184.216.34", "127.0.0.1"],
        ["127.0.0.1", "93.184.216.34"],
        ["::1"],
        ["2606:4700::1111", "fe80::1"],
    ],
)
def test_a_name_with_any_inner_address_is_refused(receiver: Receiver, names: Names, addresses: list[str]) -> None:
    names["hooks.example"] = addresses
    with pytest.raises(Refused, match=r"hooks\.example has the private address"):
        post(receiver.url(host="hooks.example"), allow_private=False)
    assert receiver.requests == []


@pytest.mark.parametrize("address", ["169.254.169.254", "fd00:ec2::254", "::ffff:169.254.169.254", "100.100.100.200"])
def test_the_keys_of_a_cloud_are_refused_even_where_private_addresses_are_allowed(names: Names, address: str) -> None:
    names["hooks.example"] = [address]
    with pytest.raises(Refused):
        post("http://hooks.example/", allow_private=True)


def test_the_address_that_was_checked_is_the_one_that_is_called(receiver: Receiver, names: Names) -> None:
    """A name server that answers differently the second time is not asked a second time."""
    names["hooks.example"] = ["127.0.0.1"]
    assert post(receiver.url(host="hooks.example")).status == 200
    assert names.asked == ["hooks.example"]
    assert receiver.requests[0].headers["Host"] == f"hooks.example:{receiver.port}"


def test_an_address_that_is_down_gives_way_to_the_next(receiver: Receiver, names: Names) -> None:
    names["hooks.example"] = ["127.0.0.99", "127.0.0.1"]
    assert post(receiver.url(host="hooks.example")).status == 200


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.9.9.9",
        "168.63.129.16",
        "169.254.1.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_off_the_open_internet_is_not_public(address: str) -> None:
    assert not outbound.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"],
)
def test_an_address_on_the_open_internet_is_public(address: str) -> None:
    assert outbound.is_public(ipaddress.ip_address(address))


def test_a_hook_to_an_inner_host_can_be_refused_when_it_is_saved(names: Names) -> None:
    names["hooks.example"] = ["127.0.0.1"]
    private = [
        "http://127.0.0.1/x",
        "https://[::1]:8/",
        "http://192.168.1.1",
        "http://localhost",
        "http://a.localhost:1/",
        "http://LOCALHOST./",
        "http://2130706433/",
        "http://0x7f.1/",
    ]
    others = [
        "http://hooks.example/",
        "https://1.1.1.1/",
        "http://[2606:4700::1111]/",
        "nonsense",
        "",
        "http://[::1",
        "http://localhost.example/",
    ]
    assert [url for url in private if not outbound.is_literally_private(url)] == []
    assert [url for url in others if outbound.is_literally_private(url)] == []
    assert names.asked == []
