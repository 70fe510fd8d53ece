"""What all addresses of the API have in common: formats, method overrides, media types of bodies."""

from typing import Any

import pytest
from django.test import Client

from taiga.users.models import User
from tests.world import Caller, person

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=b"


@pytest.fixture
def alice(db: None) -> User:
    return person("alice")


def send(caller: Caller, method: str, path: str, body: str | bytes, kind: str, **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else body.encode()
    return Client().generic(method, f"/api/v1{path}", raw, kind, headers={**caller.headers, **headers})


def part(name: str, value: str) -> bytes:
    """A form of one field, as PARTS."""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n--b--\r\n'.encode()


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/locales.json", 200, "application/json"),
        ("/locales?format=json", 200, "application/json"),
        ("/locales.xml", 404, "application/json"),
        ("/locales?format=xml", 404, "application/json"),
        ("/locales/", 404, "text/html"),
        ("/locales.json/", 404, "text/html"),
        ("/nothing", 404, "text/html"),
        ("/nothing.json", 404, "text/html"),
        ("", 404, "text/html"),
        ("/", 200, "application/json"),
    ],
)
def test_an_address_may_end_with_the_suffix_json_and_no_other(db: None, path: str, status: int, kind: str) -> None:
    answer = Caller().get(path)
    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (status, kind)


def test_a_post_may_mean_another_verb(alice: User) -> None:
    caller = Caller(alice)
    caller.post("/user-storage", {"key": "k", "value": 1})
    answer = send(
        caller, "POST", "/user-storage/k", '{"value": 2}', "application/json", **{"X-HTTP-Method-Override": "patch"}
    )
    assert (answer.status_code, answer.json()["value"]) == (200, 2)
    answer = send(caller, "POST", "/user-storage/k", "_method=PATCH&key=l", FORM)
    assert (answer.status_code, answer.json()["key"]) == (200, "l")
    answer = send(caller, "POST", "/user-storage/l", "_method=ERASE", FORM)
    assert answer.status_code == 405
    answer = send(caller, "GET", "/user-storage/l", "", FORM, **{"X-HTTP-Method-Override": "DELETE"})
    assert answer.json()["key"] == "l"
    answer = send(caller, "POST", "/user-storage", "", "application/json", **{"X-HTTP-Method-Override": "OPTIONS"})
    assert (answer.status_code, answer.json()["renders"]) == (200, ["application/json"])
    answer = send(caller, "POST", "/user-storage/l", part("_method", "DELETE"), PARTS)
    assert answer.status_code == 204


def test_a_form_that_names_a_verb_and_is_none_is_refused(alice: User) -> None:
    answer = send(Caller(alice), "POST", "/user-storage/k", b"--b\r\nContent-Disposition: _method", PARTS)
    assert answer.status_code == 405


@pytest.mark.parametrize(("asked", "width"), [("0", 0), ("2", 2), ("20", 8), ("wide", None)])
def test_answers_are_indented_as_far_as_one_asks_for(alice: User, asked: str, width: int | None) -> None:
    kind = f"application/json; indent={asked}"
    answer = Caller(alice).get("/users/me", Accept=kind)
    plain = Caller(alice).get("/users/me")
    assert answer.json() == plain.json()
    assert answer.headers["Content-Type"] == ("application/json" if width is None else kind)
    if width:
        assert answer.content.startswith(b"{\n" + b" " * width + b'"id"')


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_forms_of_every_verb_are_read(alice: User, method: str) -> None:
    caller = Caller(alice)
    caller.post("/user-storage", {"key": "k", "value": 1})
    assert send(caller, method, "/user-storage/k", "key=k&value=2", FORM).json()["value"] == "2"
    assert send(caller, method, "/user-storage/k", part("key", "l"), PARTS).json()["key"] == "l"


def test_json_may_travel_inside_a_form(alice: User) -> None:
    body = "_content=%7B%22key%22%3A%22k%22%2C%22value%22%3A%5B1%5D%7D&_content_type=application%2Fjson"
    assert send(Caller(alice), "POST", "/user-storage", body, FORM).json()["value"] == [1]


@pytest.mark.parametrize(
    ("kind", "body", "status", "answer"),
    [
        ("multipart/form-data", b"no boundary", 400, "text/html"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: nonsense", 400, "application/json"),
        (FORM, b"key=" + b"x" * 2_700_000, 400, "text/html"),
        ("application/json", b'{"key": "\\u0000"}', 400, "application/json"),
        ("application/json", b'{"key": NaN}', 400, "application/json"),
        ("application/json", b"\xff", 400, "application/json"),
        ("text/plain", b"x", 415, "application/json"),
        ("", b"x", 415, "application/json"),
    ],
)
def test_bodies_that_cannot_be_read(alice: User, kind: str, body: bytes, status: int, answer: str) -> None:
    found = send(Caller(alice), "POST", "/user-storage", body, kind)
    assert (found.status_code, found["Content-Type"].partition(";")[0]) == (status, answer)
    assert not alice.storage_entries.exists()


@pytest.mark.parametrize(
    "path",
    ["/projects/by_slug?slug=a%00b", "/search?project=1&text=%00", "/users?project=1&q=a&q=%00", "/user-storage?%00=1"],
)
def test_no_parameter_holds_a_nul_and_the_database_is_not_asked(
    alice: User, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    for caller in (Caller(alice), Caller()):
        answer = caller.get(path)
        assert (answer.status_code, answer.json()["_error_message"]) == (400, "Null characters are not allowed.")
    assert caplog.messages == []


@pytest.mark.parametrize(("path", "status"), [("/api/v1/locales", 200), ("/admin/", 302), ("/dev/mails", 404)])
def test_a_cookie_with_a_nul_is_none(db: None, path: str, status: int, caplog: pytest.LogCaptureFixture) -> None:
    answer = Client().get(path, headers={"Cookie": r'sessionid="\000aaaaaaaaaaaa"'})
    assert (answer.status_code, [one for one in caplog.messages if "database" in one]) == (status, [])


def test_nothing_is_called_by_a_nul(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert Caller(alice).ask(method, "/user-storage/a%00b", {"value": 1}).status_code == 404
    assert Caller(alice).get("/user-storage/a%2500b").status_code == 404
    assert Caller(alice).get("/projects?q=%2500").status_code == 200
    assert caplog.messages == []
