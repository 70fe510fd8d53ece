"""Django mail backends for servers without a mail server: a file for each mail, or a line in the log."""

import logging
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.filebased import EmailBackend as FileBackend

from taiga.base import clock

log = logging.getLogger("taiga.mail")


class Files(FileBackend):
    """Writes each mail to a file of its own, named by the time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = f"{clock.now():%Y%m%d-%H%M%S-%f}-{uuid.uuid4().hex[:12]}.log"
        self._path = str(Path(self.file_path) / name)

    def _get_filename(self) -> str:
        return self._path


class Log(BaseEmailBackend):
    """Logs that there was a mail, without its content, and sends nothing."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            log.info(
                "a mail was not sent, since no mail server is configured: %s", message.extra_headers["X-Taiga-Mail"]
            )
        return len(email_messages)
