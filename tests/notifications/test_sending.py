"""Sending mails: each once, whatever the server does."""

import smtplib
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend as Kept
from django.core.management import call_command
from django.db import IntegrityError
from pytest_django import Settings

from taiga.base import jobs
from taiga.base.database import writing
from taiga.notifications import mails, samples
from taiga.notifications.models import Mail
from taiga.notifications.services import outgoing
from tests.activity import working
from tests.ports import free_port

pytestmark = pytest.mark.django_db
TROUBLE: dict[str, Exception] = {}


class Fussy(Kept):
    """A mail server that is down, or refuses some recipients."""

    def open(self) -> bool:
        if "*" in TROUBLE:
            raise TROUBLE["*"]
        return False

    def send_messages(self, messages: Any) -> int:
        for message in messages:
            if message.to[0] in TROUBLE:
                raise TROUBLE[message.to[0]]
        sent: int = super().send_messages(messages)
        return sent


@pytest.fixture(autouse=True)
def fussy(settings: Settings) -> Any:
    settings.EMAIL_BACKEND = f"{__name__}.Fussy"
    TROUBLE.clear()
    outgoing.backoff.reset()
    yield
    outgoing.backoff.reset()


def queue(to: str) -> Mail:
    return mails.queue("password_recovery", to, "", {"full_name": "Alice", "token": "t"})


def sent() -> list[str]:
    return [one.to[0] for one in mail.outbox]


def test_a_mail_is_sent_once_and_forgotten() -> None:
    with working():
        queue("a@example.com")
    assert sent() == ["a@example.com"]
    assert not Mail.objects.exists()
    assert outgoing.send_due() == 0


def test_a_mail_of_a_transaction_that_fails_is_never_sent() -> None:
    with pytest.raises(IntegrityError), writing():  # noqa: PT012
        queue("a@example.com")
        Mail.objects.create(to=None)  # type: ignore[misc]
    jobs.work_off()
    assert sent() == []


def test_a_refused_recipient_is_given_up_and_does_not_hold_up_others() -> None:
    TROUBLE["bad@example.com"] = smtplib.SMTPRecipientsRefused({"bad@example.com": (550, b"no such user")})
    with working():
        queue("bad@example.com")
        queue("good@example.com")
    assert sent() == ["good@example.com"]
    left = Mail.objects.get()
    assert left.failed_at is not None
    assert left.error.startswith("SMTPRecipientsRefused")


def test_a_mail_that_can_wait_is_tried_again_later_each_time_later() -> None:
    TROUBLE["slow@example.com"] = smtplib.SMTPRecipientsRefused({"slow@example.com": (450, b"try later")})
    with working():
        waiting = queue("slow@example.com")
    waits = []
    for _ in range(3):
        row = Mail.objects.get()
        waits.append(row.next_attempt - waiting.created_at)
        assert outgoing.send_due() == 0
        Mail.objects.update(next_attempt=waiting.created_at)
        assert outgoing.send_due() == 1
    assert waits == sorted(waits)
    assert waits[2] > waits[0] * 3
    TROUBLE.clear()
    Mail.objects.update(next_attempt=waiting.created_at)
    outgoing.send_due()
    assert sent() == ["slow@example.com"]


def test_after_the_last_attempt_a_mail_stays_for_somebody_to_look_at() -> None:
    TROUBLE["slow@example.com"] = smtplib.SMTPDataError(451, b"try later")
    row = queue("slow@example.com")
    for _ in range(outgoing.ATTEMPTS):
        Mail.objects.update(next_attempt=row.created_at)
        outgoing.send_due()
    assert Mail.objects.get().failed_at is not None
    Mail.objects.update(next_attempt=row.created_at)
    assert outgoing.send_due() == 0


@pytest.mark.parametrize(
    "trouble", [ConnectionRefusedError(), TimeoutError(), smtplib.SMTPAuthenticationError(535, b"who are you?")]
)
def test_a_dead_server_costs_no_attempts_and_is_left_alone_for_a_while(trouble: Exception) -> None:
    TROUBLE["*"] = trouble
    with working():
        queue("a@example.com")
    assert not outgoing.backoff.is_over
    row = Mail.objects.get()
    assert (row.attempts, row.failed_at) == (0, None)
    TROUBLE.clear()
    assert outgoing.send_due() == 0
    outgoing.backoff.until = 0.0
    assert outgoing.send_due() == 1
    assert sent() == ["a@example.com"]


@pytest.mark.parametrize("code", [451, 530, 553])
def test_a_server_that_does_not_like_our_sender_loses_no_mail(code: int) -> None:
    refused = smtplib.SMTPSenderRefused(code, b"not from you", "taiga@example.com")
    TROUBLE.update({"a@example.com": refused, "b@example.com": refused})
    with working():
        queue("a@example.com")
        queue("b@example.com")
    first = Mail.objects.earliest("id").created_at
    for _ in range(outgoing.ATTEMPTS + 1):
        assert not outgoing.backoff.is_over
        outgoing.backoff.reset()
        Mail.objects.update(next_attempt=first)
        outgoing.send_due()
    assert set(Mail.objects.values_list("failed_at", flat=True)) == {None}
    TROUBLE.clear()
    outgoing.backoff.reset()
    Mail.objects.update(next_attempt=first)
    outgoing.send_due()
    assert sent() == ["a@example.com", "b@example.com"]


def test_a_mail_that_is_too_large_for_the_server_is_given_up_and_does_not_hold_up_others() -> None:
    TROUBLE["big@example.com"] = smtplib.SMTPSenderRefused(552, b"too large", "taiga@example.com")
    with working():
        queue("big@example.com")
        queue("good@example.com")
    assert sent() == ["good@example.com"]
    assert Mail.objects.get().failed_at is not None


def test_a_server_that_goes_in_between_gets_the_rest_when_it_is_back() -> None:
    TROUBLE["a@example.com"] = smtplib.SMTPServerDisconnected("gone")
    with working():
        queue("a@example.com")
        queue("b@example.com")
    assert sent() == []
    assert not outgoing.backoff.is_over
    TROUBLE.clear()
    outgoing.backoff.reset()
    Mail.objects.update(next_attempt=Mail.objects.earliest("id").created_at)
    outgoing.send_due()
    assert sorted(sent()) == ["a@example.com", "b@example.com"]


def test_a_mail_that_cannot_be_written_does_not_hold_up_others() -> None:
    with working():
        mails.queue("password_recovery", "a@example.com", "", {})
        mails.queue("no such mail", "b@example.com", "", {})
        queue("c@example.com")
    assert "c@example.com" in sent()
    assert Mail.objects.get().template == "no such mail"


def test_nobody_else_takes_a_mail_that_somebody_is_at() -> None:
    queue("a@example.com")
    first = outgoing.claim()
    assert first is not None
    assert outgoing.claim() is None


def test_what_goes_wrong_is_logged_without_addresses_and_secrets(caplog: pytest.LogCaptureFixture) -> None:
    TROUBLE["secret@example.com"] = smtplib.SMTPRecipientsRefused({"secret@example.com": (550, b"no")})
    with working():
        mails.queue("password_recovery", "secret@example.com", "", {"full_name": "A", "token": "hush"})
    assert "was not sent" in caplog.text
    assert "secret@example.com" not in caplog.text
    assert "hush" not in caplog.text


class Sink:
    """A mail server that keeps what it gets, and knows one person less than it is asked for."""

    def __init__(self) -> None:
        self.got: list[tuple[str, list[str], str]] = []

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address.startswith("bad"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.got.append((envelope.mail_from, envelope.rcpt_tos, envelope.content.decode()))
        return "250 OK"


def test_a_real_server_gets_each_mail_once_over_one_connection(settings: Settings) -> None:
    sink = Sink()
    receiver = Controller(sink, hostname="127.0.0.1", port=free_port())
    receiver.start()
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", receiver.port
        with working():
            for name in ("a", "bad", "b"):
                queue(f"{name}@example.com")
    finally:
        receiver.stop()
    assert [to for _from, to, _text in sink.got] == [["a@example.com"], ["b@example.com"]]
    text = sink.got[0][2]
    assert "Auto-Submitted: auto-generated" in text
    assert "/change-password/t" in text
    assert Mail.objects.get().error.startswith("SMTPRecipientsRefused")


def test_each_mail_is_a_file_of_its_own(settings: Settings, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "taiga.notifications.backends.Files"
    settings.EMAIL_FILE_PATH = tmp_path
    with working():
        queue("a@example.com")
        queue("b@example.com")
    texts = [path.read_text() for path in sorted(tmp_path.iterdir())]
    assert [text.count("\nTo: ") for text in texts] == [1, 1]


def test_without_a_server_a_line_tells_of_it_and_nothing_of_the_mail(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "taiga.notifications.backends.Log"
    with working():
        queue("a@example.com")
    assert not Mail.objects.exists()
    assert "password_recovery" in caplog.text
    assert "a@example.com" not in caplog.text


def test_one_of_each_mail_can_be_sent_to_try_a_server() -> None:
    call_command("test_emails", "a@example.com", locale="es")
    assert len(mail.outbox) == len(samples.kinds())
    assert len({one.subject for one in mail.outbox}) > 30


def test_notifications_can_be_sent_by_a_command() -> None:
    queue("a@example.com")
    call_command("send_notifications")
    assert sent() == ["a@example.com"]
