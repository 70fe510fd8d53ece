"""What a receiver gets, and what the log contains."""

import hashlib
import hmac
import json

import pytest
from pytest_django import Settings

from taiga.webhooks.models import Delivery
from tests.base.receiver import Arrived, Receiver, line
from tests.webhooks.rocket import Json, Rocket

SUBJECT = "Подпись 😊 / <b> \u2028 é"


def ensure_signed(arrived: Arrived, log: Json, key: str) -> None:
    """The bytes that arrived carry the signature of those bytes, and the log shows them."""
    signature = hmac.new(key.encode(), arrived.body, hashlib.sha1).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(arrived.body)),
        "X-TAIGA-WEBHOOK-SIGNATURE": signature,
        "X-Hub-Signature": f"sha1={signature}",
    }
    if delivery := arrived.headers.get("X-Taiga-Delivery"):
        headers["X-Taiga-Delivery"] = delivery
    assert headers.items() <= arrived.headers.items()
    assert log["request_headers"] == headers
    assert log["request_data"] == json.loads(arrived.body)


@pytest.mark.parametrize("key", ["123", "schlüssel"])
def test_the_signature_is_that_of_exactly_the_bytes_that_arrive(rocket: Rocket, receiver: Receiver, key: str) -> None:
    hook = rocket.hook(receiver.url(), key=key)
    rocket.make("userstory", subject=SUBJECT)
    log = rocket.logs(hook)[0]
    ensure_signed(receiver.requests[0], log, key)
    assert SUBJECT.encode() in receiver.requests[0].body
    assert b'{"action": "create", "type": "userstory", "by": {"id": ' in receiver.requests[0].body
    tested = rocket.alice.post(f"/webhooks/{hook}/test").json()
    ensure_signed(receiver.requests[-1], tested, key)
    resent = rocket.alice.post(f"/webhooklogs/{log['id']}/resend").json()
    ensure_signed(receiver.requests[-1], resent, key)
    assert resent["request_data"] == log["request_data"]
    assert (len(receiver.requests), resent["id"] > log["id"]) == (3, True)


def test_a_delivery_has_a_name_that_it_keeps_and_that_no_other_has(rocket: Rocket, receiver: Receiver) -> None:
    receiver.reply = lambda path: (200, {}, b"")
    hooks = [rocket.hook(receiver.url(path)) for path in ("/one", "/two")]
    rocket.make("userstory")
    rocket.make("task")
    rocket.logs(hooks[0])
    names = [one.headers["X-Taiga-Delivery"] for one in receiver.requests]
    assert (len(names), len(set(names))) == (4, 4)
    Delivery.objects.update(sent_at=None)  # as after a crash before the answer was noted
    rocket.logs(hooks[0])
    again = [one.headers["X-Taiga-Delivery"] for one in receiver.requests[4:]]
    assert sorted(again) == sorted(names)
    assert sorted(one.body for one in receiver.requests[4:]) == sorted(one.body for one in receiver.requests[:4])


def test_a_resend_goes_to_the_present_address_with_the_present_key(rocket: Rocket, receiver: Receiver) -> None:
    hook = rocket.hook(receiver.url("/old"))
    log = rocket.alice.post(f"/webhooks/{hook}/test").json()
    rocket.alice.patch(f"/webhooks/{hook}", {"url": receiver.url("/new"), "key": "renewed"})
    resent = rocket.alice.post(f"/webhooklogs/{log['id']}/resend").json()
    assert (resent["url"], receiver.requests[-1].path) == (receiver.url("/new"), "/new")
    ensure_signed(receiver.requests[-1], resent, "renewed")


def test_a_test_says_who_sent_it_and_nothing_else(rocket: Rocket, receiver: Receiver) -> None:
    log = rocket.alice.post(f"/webhooks/{rocket.hook(receiver.url())}/test").json()
    told = log["request_data"]
    assert list(json.loads(receiver.requests[0].body)) == ["action", "type", "by", "date", "data"]
    assert (told["action"], told["type"], told["data"]) == ("test", "test", {"test": "test"})
    assert list(json.loads(receiver.requests[0].body)["by"]) == [
        *("id", "permalink", "username", "full_name", "photo", "gravatar_id"),
    ]
    assert told["by"]["permalink"].endswith("/profile/alice")


@pytest.mark.parametrize("status", [200, 204, 400, 404, 500, 503])
def test_every_answer_is_logged_with_its_status_and_text(rocket: Rocket, receiver: Receiver, status: int) -> None:
    receiver.status, receiver.answer = status, b"" if status == 204 else "schön".encode()
    log = rocket.alice.post(f"/webhooks/{rocket.hook(receiver.url())}/test").json()
    assert log["status"] == status
    assert json.loads(log["response_data"]) == {"content": receiver.answer.decode()}
    assert log["response_headers"]["Content-Type"] == "text/plain; charset=utf-8"
    assert log["duration"] > 0


def test_a_redirect_is_followed_only_where_that_is_allowed(
    rocket: Rocket, receiver: Receiver, settings: Settings
) -> None:
    receiver.reply = lambda path: (200, {}, b"there") if path == "/there" else (302, {"Location": "/there"}, b"")
    hook = rocket.hook(receiver.url())
    log = rocket.alice.post(f"/webhooks/{hook}/test").json()
    assert (log["status"], log["response_headers"], log["duration"], len(receiver.requests)) == (302, {}, 0, 1)
    assert log["response_data"].startswith("error-in-request: ")
    settings.WEBHOOKS_ALLOW_REDIRECTS = True
    assert rocket.alice.post(f"/webhooks/{hook}/test").json()["status"] == 200


def test_a_line_that_closes_is_no_answer(rocket: Rocket) -> None:
    with line(lambda caller, _over: caller.recv(65_536)) as url:
        log = rocket.alice.post(f"/webhooks/{rocket.hook(url)}/test").json()
    assert (log["status"], log["response_headers"], log["duration"]) == (0, {}, 0)
    assert log["response_data"].startswith("error-in-request: ")
    assert log["request_headers"]["Content-Type"] == "application/json"


def test_private_addresses_are_not_called_unless_they_are_allowed(
    rocket: Rocket, receiver: Receiver, settings: Settings
) -> None:
    hook = rocket.hook(receiver.url())
    settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESS = False
    rocket.make("userstory")
    [log] = rocket.logs(hook)
    assert (log["status"], log["request_headers"], receiver.requests) == (0, {}, [])
    assert log["response_data"].startswith("error-in-request: ")
    assert Delivery.objects.get().sent_at is not None


def test_ten_logs_are_kept(rocket: Rocket, receiver: Receiver) -> None:
    hook = rocket.hook(receiver.url())
    made = [rocket.alice.post(f"/webhooks/{hook}/test").json()["id"] for _ in range(12)]
    assert [one["id"] for one in rocket.logs(hook)] == made[:1:-1]
    assert rocket.alice.get(f"/webhooks/{hook}").json()["logs_counter"] == 10
    assert rocket.alice.get(f"/webhooklogs/{made[0]}").status_code == 404


def test_when_webhooks_are_off_only_tests_and_resends_are_sent(
    rocket: Rocket, receiver: Receiver, settings: Settings
) -> None:
    hook = rocket.hook(receiver.url())
    settings.WEBHOOKS_ENABLED = False
    story = rocket.make("userstory")
    rocket.alice.delete(f"/userstories/{story}")
    assert rocket.logs(hook) == []
    assert not Delivery.objects.exists()
    log = rocket.alice.post(f"/webhooks/{hook}/test").json()
    assert rocket.alice.post(f"/webhooklogs/{log['id']}/resend").json()["status"] == 200
    assert len(receiver.requests) == 2
