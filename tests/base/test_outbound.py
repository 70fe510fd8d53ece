"""Requests to addresses that users have entered, with real servers on this machine."""

import gzip
import hashlib
import hmac
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from taiga.base import outbound
from taiga.base.outbound import Failed, Refused
from tests.base.receiver import BODY, Names, Receiver, Talk, line, listening, post

# A certificate for hooks.example that is good until 2126, made for this test alone.
CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMawqT/A95DnI72cq
Q+aiqM8OhkhCNBLLKaiDjKLrqOuhRANCAAQd+BNRuk+9nYXrfLBOgsbzxqaFH/J2
Ia1Gy9zvjGM2LATPa5pp6PwF9ouwjo4oQIeowM3GPlbXOWx6iiD6l+If
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBoTCCAUegAwIBAgIUURlbHfuAV1cS4XmNKjfenNbKI+kwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNaG9va3MuZXhhbXBsZTAgFw0yNjExMjYwMzQ3MDJaGA8yMTI2
MTEwMjAzNDcwMlowGDEWMBQGA1UEAwwNaG9va3MuZXhhbXBsZTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABB34E1G6T72dhet8sE6CxvPGpoUf8nYhrUbL3O+MYzYs
BM9rmmno/AX2i7COjihAh6jAzcY+Vtc5bHqKIPqX4h+jbTBrMB0GA1UdDgQWBBQx
VDds9PSiHbr1DWT/aUKaTJg/4TAfBgNVHSMEGDAWgBQxVDds9PSiHbr1DWT/aUKa
TJg/4TAPBgNVHRMBAf8EBTADAQH/MBgGA1UdEQQRMA+CDWhvb2tzLmV4YW1wbGUw
CgYIKoZIzj0EAwIDSAAwRQIgFhpEC1f3TByoAPrU+Dn11vjf/gSJ5mbU0cGftRv5
zAQCIQCnp9bCGYApdhSaqF9W+5KO/B2MkkY4CSduf+ZQSxpdwQ==
-----END CERTIFICATE-----
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as made:
        yield made


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


# ── what is sent and what comes back ──


def test_the_very_bytes_and_headers_arrive(receiver: Receiver) -> None:
    signature = hmac.new("schlüssel".encode(), BODY, hashlib.sha1).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-TAIGA-WEBHOOK-SIGNATURE": signature,
        "X-Hub-Signature": f"sha1={signature}",
    }
    answer = post(receiver.url(), headers=headers)
    arrived = receiver.requests[0]
    assert (arrived.method, arrived.path, arrived.body) == ("POST", "/hook", BODY)
    assert headers.items() <= arrived.headers.items()
    assert answer.sent_headers == headers | {"Content-Length": str(len(BODY))}
    assert (answer.status, answer.text) == (200, "thanks")
    assert answer.duration > 0


def test_the_headers_of_the_answer_keep_their_spelling_and_are_found_in_any(receiver: Receiver) -> None:
    receiver.headers = {"X-Odd-Name": "v", "content-TYPE": "text/plain"}
    answer = post(receiver.url())
    assert answer.headers["X-Odd-Name"] == "v"
    assert (answer.header("x-odd-name"), answer.header("Content-Type"), answer.header("none")) == (
        "v",
        "text/plain",
        "",
    )


@pytest.mark.parametrize("status", [201, 204, 302, 400, 404, 500, 503])
def test_an_answer_of_any_status_is_an_answer(receiver: Receiver, status: int) -> None:
    receiver.status, receiver.answer = status, b"" if status == 204 else b"why"
    receiver.headers = {"Location": receiver.url("/elsewhere")}
    answer = post(receiver.url())
    assert (answer.status, answer.content) == (status, receiver.answer)
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    ("content_type", "content", "text"),
    [
        ("text/plain; charset=latin-1", b"\xe9", "é"),
        ("text/plain; charset=nonsense", "é".encode(), "é"),
        ("text/plain; charset=idna", "é".encode(), "é"),
        ("application/json", '{"a": "é"}'.encode(), '{"a": "é"}'),
        ("text/plain", b"broken \xff", "broken \ufffd"),
        ("text/plain", b"nul \0 byte", "nul \ufffd byte"),
    ],
)
def test_the_text_of_an_answer_fits_into_any_database(
    receiver: Receiver, content_type: str, content: bytes, text: str
) -> None:
    receiver.headers, receiver.answer = {"Content-Type": content_type}, content
    assert post(receiver.url()).text == text


def test_a_long_answer_to_a_post_is_cut(receiver: Receiver) -> None:
    receiver.answer = b"x" * 100_000
    answer = post(receiver.url(), max_response_bytes=1000)
    assert (answer.content, answer.truncated) == (b"x" * 1000, True)


def test_a_document_that_is_too_long_is_not_half_read(receiver: Receiver) -> None:
    receiver.answer = b"x" * 1001
    with pytest.raises(Failed, match="longer than 1000 bytes"):
        outbound.get(receiver.url(), allow_private=True, max_response_bytes=1000)
    assert outbound.get(receiver.url(), allow_private=True, max_response_bytes=1001).content == receiver.answer


def test_nothing_packed_is_asked_for_or_unpacked(receiver: Receiver) -> None:
    receiver.answer = gzip.compress(b"0" * 50_000_000)
    receiver.headers = {"Content-Encoding": "gzip"}
    answer = post(receiver.url())
    assert receiver.requests[0].headers["Accept-Encoding"] == "identity"
    assert answer.content == receiver.answer


def test_the_environment_has_no_say(receiver: Receiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login alice password secret")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert post(receiver.url()).status == 200
    assert "Authorization" not in receiver.requests[0].headers


def test_a_proxy_is_used_when_the_settings_name_one(receiver: Receiver, settings: Settings) -> None:
    settings.OUTBOUND_PROXY = receiver.url("")
    assert post("http://hooks.example/x", allow_private=False).status == 200
    assert receiver.requests[0].path == "http://hooks.example/x"
    with pytest.raises(Refused):
        post("http://127.0.0.1/x", allow_private=False)


def test_a_header_cannot_carry_another(receiver: Receiver) -> None:
    with pytest.raises(Failed):
        post(receiver.url(), headers={"X-A": "1\r\nX-B: 2"})
    assert receiver.requests == []


# ── redirects ──


def test_redirects_are_followed_when_allowed(receiver: Receiver) -> None:
    receiver.reply = lambda path: (307, {"Location": "/there"}, b"") if path == "/hook" else (200, {}, b"here")
    answer = post(receiver.url(), allow_redirects=True)
    assert (answer.status, answer.content) == (200, b"here")
    assert [(each.method, each.path, each.body) for each in receiver.requests] == [
        ("POST", "/hook", BODY),
        ("POST", "/there", BODY),
    ]


def test_redirects_do_not_go_round_for_ever(receiver: Receiver) -> None:
    receiver.status, receiver.headers = 302, {"Location": "/hook"}
    assert post(receiver.url(), allow_redirects=True).status == 302
    assert len(receiver.requests) == outbound.MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://x/",
        "h:t#-:9",
        "http://[::1",
    ],
)
def test_a_redirect_leads_nowhere_that_is_not_allowed(receiver: Receiver, target: str) -> None:
    receiver.status, receiver.headers = 302, {"Location": target}
    with pytest.raises((Refused, Failed)):
        post(receiver.url(), allow_redirects=True)
    assert len(receiver.requests) == 1


# ── when no answer comes ──


def test_a_refused_connection_fails_and_tells_what_was_meant_to_be_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Failed, match="Connection refused") as failure:
        post(f"http://127.0.0.1:{port}/", headers={"X-Hub-Signature": "sha1=0"})
    assert failure.value.sent_headers == {"X-Hub-Signature": "sha1=0", "Content-Length": str(len(BODY))}


def test_an_unknown_name_fails(names: Names) -> None:
    names["hooks.example"] = []
    with pytest.raises(Failed, match=r"the name hooks\.example is not known"):
        post("http://hooks.example/")


@pytest.mark.parametrize(
    "talk",
    [
        lambda caller, over: None,
        lambda caller, over: caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
        lambda caller, over: caller.sendall(b"SSH-2.0-OpenSSH\r\n\r\n"),
        lambda caller, over: caller.sendall(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000),
    ],
)
def test_a_line_that_breaks_or_talks_nonsense_fails(talk: Talk) -> None:
    def hear_and(caller: socket.socket, over: threading.Event) -> None:
        caller.recv(65536)
        talk(caller, over)

    with line(hear_and) as url, pytest.raises(Failed):
        post(url)


def drip(caller: socket.socket, over: threading.Event) -> None:
    caller.recv(65536)
    caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not over.wait(0.02):
        caller.sendall(b".")


def say_nothing(caller: socket.socket, over: threading.Event) -> None:
    over.wait()


@pytest.mark.parametrize("talk", [drip, say_nothing])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_time_limit_is_for_all_together(talk: Talk, scheme: str) -> None:
    with (
        line(talk) as url,
        pytest.raises(Failed, match=r"no answer within 0\.3 seconds|record layer|WRONG_VERSION|UNEXPECTED"),
    ):
        post(url.replace("http", scheme), timeout=0.3)


@pytest.mark.parametrize("talk", [drip, say_nothing])
def test_the_time_limit_holds_for_a_proxy_too(talk: Talk, settings: Settings) -> None:
    with line(talk) as settings.OUTBOUND_PROXY, pytest.raises(Failed, match=r"within 0\.3 seconds"):
        post("http://hooks.example/x", timeout=0.3)


def test_a_receiver_that_does_not_read_fails_in_time() -> None:
    with line(say_nothing) as url, pytest.raises(Failed, match=r"within 0\.3 seconds"):
        post(url, body=b"x" * 50_000_000, timeout=0.3)


def test_a_resolver_that_does_not_answer_fails_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait() and [])
    with pytest.raises(Failed, match=r"within 0\.2 seconds"):
        post("http://hooks.example/", timeout=0.2)
    over.set()


# ── certificates ──


@pytest.fixture
def secure(receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """The receiver behind TLS as hooks.example, with a certificate that is trusted."""
    file = tmp_path / "hooks.pem"
    file.write_text(CERTIFICATE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    outbound._tls.cache_clear()
    yield receiver
    outbound._tls.cache_clear()


def test_a_certificate_is_checked_for_the_name_not_the_address(secure: Receiver, names: Names) -> None:
    names["hooks.example"] = names["other.example"] = ["127.0.0.1"]
    assert post(secure.url(host="hooks.example", scheme="https")).status == 200
    for host in ("other.example", "127.0.0.1"):
        with pytest.raises(Failed, match="certificate"):
            post(secure.url(host=host, scheme="https"))
    assert len(secure.requests) == 1


def test_a_certificate_of_nobody_is_refused(secure: Receiver, names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    names["hooks.example"] = ["127.0.0.1"]
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Failed, match="certificate"):
        post(secure.url(host="hooks.example", scheme="https"))
