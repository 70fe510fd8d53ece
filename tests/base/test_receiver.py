"""The receiver that other tests use: what a killed sender leaves behind."""

import socket

from tests.base.receiver import listening, post


def test_a_request_whose_sender_is_gone_before_its_body_has_arrived_is_ignored() -> None:
    with listening() as receiver:
        with socket.create_connection(("127.0.0.1", receiver.port)) as killed:
            killed.sendall(b"POST /hook HTTP/1.1\r\nHost: hook\r\nContent-Length: 4\r\n\r\nha")
            killed.shutdown(socket.SHUT_WR)
            assert killed.recv(1) == b""
        post(receiver.url(), b"whole")
        assert [request.body for request in receiver.requests] == [b"whole"]
