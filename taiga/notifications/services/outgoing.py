"""Handing mails over to the mail server: each at least once, again after a failure, never in the way of a request."""

import logging
import smtplib
import time
from datetime import timedelta
from typing import Any

from django.core.mail import get_connection
from django.core.mail.backends.filebased import EmailBackend as FileBackend
from django.db import models
from django.db.models import Q, QuerySet

from taiga.base import clock, writes
from taiga.base.database import unclaimed, writing
from taiga.base.fields import moment_parameter
from taiga.base.prepared import Param, Prepared, PreparedObjects
from taiga.notifications import rendering
from taiga.notifications.models import Mail

log = logging.getLogger("taiga.mail")
CLAIM = timedelta(minutes=10)
"""As long nobody else takes a mail that somebody is at; if he dies it is free again."""
ATTEMPTS = 12
LONGEST = 6 * 3600
"""Seconds between two attempts, at most."""
BUDGET = 2.0
"""Seconds of one turn, after which the worker looks whether it is to end."""
PATIENCE = (30.0, 60.0, 120.0, 300.0)
"""Seconds for which nothing is tried after the server could not be reached, the first time, the second, …"""
PERMANENT = 500
"""SMTP's codes from here on mean: never."""
TOO_LARGE = 552
"""SMTP's code for a mail that is larger than the server takes, even when it is told along with the sender."""


def waiting(mails: "QuerySet[Mail]") -> "QuerySet[Mail]":
    """The mails whose time has come `now`, one after the other. What was never tried, or lies further ahead than any
    that was (`beyond`), was noted before somebody set the clock back.
    """
    now, beyond = (Param(name, models.DateTimeField()) for name in ("now", "beyond"))
    due = Q(next_attempt__lte=now) | Q(attempts=0) | Q(next_attempt__gt=beyond)
    return mails.filter(due, failed_at=None).order_by("next_attempt", "id")


DUE = Prepared(lambda: waiting(Mail.objects.all()).values_list("id")[:1])
NEXT = PreparedObjects(Mail, lambda mails: unclaimed(waiting(mails))[:1])


class Gate:
    """Closed for a while when the server can't be reached, so that the worker does not wait for it all the time."""

    def __init__(self) -> None:
        self.opens = 0.0
        self.failures = 0

    @property
    def is_open(self) -> bool:
        """Whether it is time to try."""
        return time.monotonic() >= self.opens

    def close(self) -> None:
        """Wait; longer each time."""
        self.opens = time.monotonic() + PATIENCE[min(self.failures, len(PATIENCE) - 1)]
        self.failures += 1

    def open(self) -> None:
        """The server is there."""
        self.opens, self.failures = 0.0, 0


gate = Gate()


def send_due() -> int:
    """A round of the worker: send what is due, for at most a moment; returns how many mails it tried."""
    if not gate.is_open or not is_due():
        return 0
    tried = 0
    ends = time.monotonic() + BUDGET
    server = get_connection()
    try:
        if is_server(server):
            server.open()
        gate.open()
        while time.monotonic() < ends and (mail := claim()) is not None:
            tried += 1
            deliver(mail, server)
    except OSError as trouble:
        gate.close()
        log.warning("the mail server can't be reached: %s", type(trouble).__name__)
    finally:
        hang_up(server)
    return tried


def is_due() -> bool:
    """Whether the time of any mail has come."""
    return DUE.one(**moments()) is not None


def moments() -> dict[str, Any]:
    """What `waiting` is told."""
    now = clock.now()
    return {"now": moment_parameter(now), "beyond": moment_parameter(now + timedelta(seconds=LONGEST))}


def claim() -> Mail | None:
    """The next mail that is due, for this worker alone."""
    with writing():
        mail = NEXT.one(**moments())
        if mail is not None:
            mail.attempts += 1
            mail.next_attempt = clock.now() + CLAIM
            writes.update(mail, ["attempts", "next_attempt"])
    return mail


def deliver(mail: Mail, server: Any) -> None:
    """Send one mail. What is wrong with it concerns no other one; that the server is gone does, and is raised."""
    try:
        message = rendering.message(mail)
        message.connection = server if is_server(server) else get_connection()
        message.send()
    except Exception as trouble:
        postpone(mail, trouble)
        if is_gone(trouble):
            raise
    else:
        with writing():
            writes.delete(mail)


def is_server(backend: Any) -> bool:
    """Whether several mails go over one connection; in a folder each is to be a file of its own."""
    return not isinstance(backend, FileBackend)


def postpone(mail: Mail, trouble: Exception) -> None:
    """Try again later, each time later; give up when the server says never, or after the last attempt."""
    log.warning("mail %s was not sent: %s", mail.pk, type(trouble).__name__)
    mail.error = f"{type(trouble).__name__}: {trouble}"
    mail.next_attempt = clock.now() + timedelta(seconds=min(30 * 2**mail.attempts, LONGEST))
    if is_hopeless(trouble) or (mail.attempts >= ATTEMPTS and not is_gone(trouble)):
        mail.failed_at = clock.now()
    with writing():
        mail.save(update_fields=["error", "next_attempt", "failed_at"])


def is_gone(trouble: Exception) -> bool:
    """Whether the server can't be reached, or takes nothing from us: no mail is to blame, and all have one sender."""
    if isinstance(trouble, smtplib.SMTPSenderRefused):
        return trouble.smtp_code != TOO_LARGE
    if isinstance(trouble, smtplib.SMTPException):
        kinds = smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError, smtplib.SMTPAuthenticationError
        return isinstance(trouble, kinds)
    return isinstance(trouble, OSError)


def is_hopeless(trouble: Exception) -> bool:
    """Whether the server said that it will never take this mail."""
    if is_gone(trouble):
        return False
    if isinstance(trouble, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _text in trouble.recipients.values())
    return isinstance(trouble, smtplib.SMTPResponseException) and trouble.smtp_code >= PERMANENT


def hang_up(server: Any) -> None:
    """Close the connection; a server that is gone minds no more."""
    try:
        server.close()
    except OSError:
        log.debug("the mail server was gone already", exc_info=True)
