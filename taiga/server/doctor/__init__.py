"""Checks an installation, a module for each subject, and says how to correct what is wrong."""

from collections.abc import Iterator

from taiga.server.doctor import database, files, mail, network, settings
from taiga.server.doctor.finding import Finding

SUBJECTS = (
    settings.findings,
    files.findings,
    database.findings,
    network.bus,
    mail.findings,
    network.live_channel,
)


def examine() -> Iterator[Finding]:
    """The findings of all subjects."""
    for subject in SUBJECTS:
        yield from subject()
