"""What may be wrong with an install, one subject a module, and how to mend it."""

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
    for subject in SUBJECTS:
        yield from subject()
