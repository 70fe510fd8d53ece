"""The current time, and the formats in which the API writes times."""

import time
from datetime import UTC, date, datetime


def now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The current date in UTC."""
    return now().date()


def milliseconds() -> int:
    """Milliseconds since 1970: the order of a new row of most kinds, which sorts it last."""
    return time.time_ns() // 1_000_000


def microseconds() -> int:
    """Microseconds since 1970: the order of a new user story."""
    return time.time_ns() // 1_000


def stamp(moment: datetime | None) -> str | None:
    """`2026-11-23T01:42:09.662Z`; without a fraction when the microseconds are zero."""
    if moment is None:
        return None
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
    return text.removesuffix("+00:00") + "Z"


def stamp_of(text: str) -> str:
    """`stamp` of the text that a database has for a time in UTC: `2026-11-23 01:42:09.662123`, with or without
    `+00`.
    """
    of_day = text[11:23]
    if len(of_day) == 12 and "+" not in of_day:
        return f"{text[:10]}T{of_day}Z"
    seconds = f"{text[:10]}T{text[11:19]}"
    if text[19:20] != ".":
        return seconds + "Z"
    return f"{seconds}.{text[20:].partition('+')[0][:3]:0<3}Z"


def plain_stamp(moment: datetime | None) -> str | None:
    """`2026-11-23T01:44:42+0000`, the format in dumps, web notifications, feedback and contact."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
