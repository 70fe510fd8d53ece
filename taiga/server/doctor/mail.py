"""Whether mail can be sent."""

import smtplib
from collections.abc import Iterator

from django.conf import settings
from django.core.mail import get_connection

from taiga.configuration.mail import SHORT
from taiga.server.doctor.finding import Finding, fail, ok, warn

TIMEOUT = 5
"""Seconds."""


def findings() -> Iterator[Finding]:
    backend = settings.EMAIL_BACKEND
    if backend == SHORT["smtp"]:
        yield _server()
    elif backend == SHORT["file"]:
        yield ok("mail", f"written as files into {settings.EMAIL_FILE_PATH}")
    else:
        remedy = "To send it, set EMAIL_BACKEND=smtp and EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD."
        yield warn("mail", f"is not sent ({backend})", remedy)


def _server() -> Finding:
    """Connect and log in, without sending anything."""
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    connection = get_connection(timeout=TIMEOUT)
    try:
        connection.open()
    except smtplib.SMTPAuthenticationError:
        return fail("mail", f"{where} refuses the user", "Look at EMAIL_HOST_USER and EMAIL_HOST_PASSWORD.")
    except (OSError, smtplib.SMTPException) as problem:
        remedy = "Look at EMAIL_HOST and EMAIL_PORT, and at EMAIL_USE_TLS (port 587) or EMAIL_USE_SSL (port 465)."
        return fail("mail", f"{where} can't be reached ({problem})", remedy)
    finally:
        connection.close()
    return ok("mail", f"{where} is ready to send for {settings.DEFAULT_FROM_EMAIL}")
