"""How `/events` answers requests that are not websockets."""

import http.client

import pytest

from tests.events.conftest import Tab


@pytest.mark.parametrize(
    "headers",
    [{}, {"Upgrade": "h2c", "Connection": "Upgrade"}, {"Upgrade": "websocket"}, {"Sec-WebSocket-Version": "13"}],
)
def test_without_an_upgrade_it_says_what_is_missing(port: int, headers: dict[str, str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/events", headers=headers)
    answer = connection.getresponse()
    assert answer.status == 426
    assert answer.headers["Upgrade"] == "websocket"
    assert "Upgrade and Connection" in answer.read().decode()


def test_a_head_request_has_the_same_answer_without_a_body(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("HEAD", "/events")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (426, b"")


def test_an_upgrade_that_is_incomplete_is_a_bad_request(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/events", headers={"Upgrade": "websocket", "Connection": "Upgrade"})
    assert connection.getresponse().status == 400


def test_any_origin_may_connect_since_tokens_are_no_cookies(port: int) -> None:
    tab = Tab(port, origin="http://elsewhere.example")
    assert tab.socket.getstatus() == 101
    assert tab.hears() == []
    tab.close()
