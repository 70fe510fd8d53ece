"""Sends the queued mails: each at least once, again after a failure, in a worker."""

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
"""How long a worker may take for a mail before another one takes over, since it has probably died."""
ATTEMPTS = 12
LONGEST_PAUSE = 6 * 3600
"""Seconds between two attempts, at most."""
ROUND_SECONDS = 2.0
"""Seconds after which a round ends, so that the worker can be stopped."""
PAUSES = (30.0, 60.0, 120.0, 300.0)
"""Seconds without attempts after the first, second, … time in a row that the server could not be reached."""
PERMANENT = 500
"""The first SMTP code of a permanent failure."""
TOO_LARGE = 552
"""SMTP's code for a mail that exceeds the server's size limit; some servers answer MAIL FROM with it."""


def waiting(mails: "QuerySet[Mail]") -> "QuerySet[Mail]":
    """The mails that are due at `now`, in order.

    One that was never tried, or whose time is later than `beyond`, which no attempt sets, was written before the clock
    was set back.
    """
    now, beyond = (Param(name, models.DateTimeField()) for name in ("now", "beyond"))
    due = Q(next_attempt__lte=now) | Q(attempts=0) | Q(next_attempt__gt=beyond)
    return mails.filter(due, failed_at=None).order_by("next_attempt", "id")


DUE = Prepared(lambda: waiting(Mail.objects.all()).values_list("id")[:1])
NEXT = PreparedObjects(Mail, lambda mails: unclaimed(waiting(mails))[:1])


class Backoff:
    """The pauses after failures to reach the server, so that the worker does not wait for it in each round."""

    def __init__(self) -> None:
        self.until = 0.0
        self.failures = 0

    @property
    def is_over(self) -> bool:
        """Whether it is time for another attempt."""
        return time.monotonic() >= self.until

    def extend(self) -> None:
        """The server could not be reached: pause, longer each time."""
        self.until = time.monotonic() + PAUSES[min(self.failures, len(PAUSES) - 1)]
        self.failures += 1

    def reset(self) -> None:
        """The server was reached."""
        self.until, self.failures = 0.0, 0


backoff = Backoff()


def send_due() -> int:
    """A round of the worker: send the mails that are due, for a limited time; returns how many it tried."""
    if not backoff.is_over or not is_due():
        return 0
    tried = 0
    ends = time.monotonic() + ROUND_SECONDS
    server = get_connection()
    try:
        if is_server(server):
            server.open()
        backoff.reset()
        while time.monotonic() < ends and (mail := claim()) is not None:
            tried += 1
            deliver(mail, server)
    except OSError as problem:
        backoff.extend()
        log.warning("the mail server can't be reached: %s", type(problem).__name__)
    finally:
        disconnect(server)
    return tried


def is_due() -> bool:
    """Whether a mail is due."""
    return DUE.one(**moments()) is not None


def moments() -> dict[str, Any]:
    """The parameters of `waiting`."""
    now = clock.now()
    return {"now": moment_parameter(now), "beyond": moment_parameter(now + timedelta(seconds=LONGEST_PAUSE))}


def claim() -> Mail | None:
    """The next mail that is due, claimed for this worker; None if there is none."""
    with writing():
        mail = NEXT.one(**moments())
        if mail is not None:
            mail.attempts += 1
            mail.next_attempt = clock.now() + CLAIM
            writes.update(mail, ["attempts", "next_attempt"])
    return mail


def deliver(mail: Mail, server: Any) -> None:
    """Send a mail. A failure that concerns all mails is raised, one that concerns this mail only is recorded."""
    try:
        message = rendering.message(mail)
        message.connection = server if is_server(server) else get_connection()
        message.send()
    except Exception as problem:
        postpone(mail, problem)
        if is_server_failure(problem):
            raise
    else:
        with writing():
            writes.delete(mail)


def is_server(backend: Any) -> bool:
    """Whether mails share a connection of this backend. The one that writes files would put them into one file."""
    return not isinstance(backend, FileBackend)


def postpone(mail: Mail, problem: Exception) -> None:
    """Schedule another attempt, with a pause that doubles each time; none after a permanent failure or the last
    attempt.
    """
    log.warning("mail %s was not sent: %s", mail.pk, type(problem).__name__)
    mail.error = f"{type(problem).__name__}: {problem}"
    mail.next_attempt = clock.now() + timedelta(seconds=min(30 * 2**mail.attempts, LONGEST_PAUSE))
    if is_permanent(problem) or (mail.attempts >= ATTEMPTS and not is_server_failure(problem)):
        mail.failed_at = clock.now()
    with writing():
        mail.save(update_fields=["error", "next_attempt", "failed_at"])


def is_server_failure(problem: Exception) -> bool:
    """Whether the server can't be reached, or refuses everything from us, so that no single mail is the reason."""
    if isinstance(problem, smtplib.SMTPSenderRefused):
        return problem.smtp_code != TOO_LARGE
    if isinstance(problem, smtplib.SMTPException):
        kinds = smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError, smtplib.SMTPAuthenticationError
        return isinstance(problem, kinds)
    return isinstance(problem, OSError)


def is_permanent(problem: Exception) -> bool:
    """Whether the server refused this mail permanently."""
    if is_server_failure(problem):
        return False
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _text in problem.recipients.values())
    return isinstance(problem, smtplib.SMTPResponseException) and problem.smtp_code >= PERMANENT


def disconnect(server: Any) -> None:
    """Close the connection, which the server may have closed already."""
    try:
        server.close()
    except OSError:
        log.debug("the mail server was gone already", exc_info=True)
