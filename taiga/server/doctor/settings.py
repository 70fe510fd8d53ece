"""Settings that are unknown, incomplete, or dangerous."""

import stat
from collections.abc import Iterator

from django.conf import settings

from taiga.configuration import secret
from taiga.server.doctor.finding import Finding, fail, ok, warn

KNOWN_KEYS = {
    "taiga-secret-key",
    "secret",
    "changeme",
    "mysecret",
    "aw3+t2r(8(0kkrhg8)gx6i96v5^kv%6cfep9wxfom0%7dy0m9e",
}
"""Keys of examples and tutorials."""
SHORTEST = 32
"""Characters of a secret key."""


def findings() -> Iterator[Finding]:
    for warning in settings.TAIGA_WARNINGS:
        yield warn("settings", warning, "Correct or remove it; docs/deployment.md lists every setting.")
    if settings.DEBUG:
        yield fail("settings", "DEBUG is on: errors show the program's inside to anybody", "Remove DEBUG.")
    if not settings.TAIGA_WARNINGS and not settings.DEBUG:
        yield ok("settings", "all understood")
    yield from _secret()


def _secret() -> Iterator[Finding]:
    remedy = "Remove TAIGA_SECRET_KEY to have a strong one made (everybody signs in again)."
    key = settings.SECRET_KEY
    if key in KNOWN_KEYS or len(key) < SHORTEST or len(set(key)) < SHORTEST // 3:
        yield fail("secret key", "it is easy to guess, and whoever knows it can act as any user", remedy)
    else:
        yield ok("secret key", f"{len(key)} characters")
    file = settings.TAIGA_DATA / secret.FILE
    if file.exists():
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & 0o077:
            yield fail("secret key", f"others can read {file} (mode {mode:o})", f"chmod 600 {file}")
