"""Reads a dump as a stream: of its long lists, only one row is in memory at a time."""

import gzip
import json
import shutil
import zlib
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, Any

import ijson
from django.utils.translation import gettext as _
from ijson.common import ObjectBuilder

from taiga.base.errors import in_one_line
from taiga.transfer.problems import NotADump, Problem

Event = tuple[str, Any]
Numbered = Iterator[tuple[int, dict[str, Any]]]

LONG = ("epics", "user_stories", "tasks", "issues", "wiki_pages", "timeline")
"""Lists that may be too long for the memory."""
WITH_HISTORY = LONG[:-1]
TEXTS = ("string", "map_key")
OPENING, CLOSING = {"start_map", "start_array"}, {"end_map", "end_array"}
DEEPEST = 64
AT_ONCE = 1_048_576
PARSED_AT_ONCE = 4 * AT_ONCE
"""Bytes. The parser restarts a text that continues in the next piece, so small pieces would make large texts take
minutes.
"""
GZIP = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass
class Outline:
    """The result of a first pass over a dump: all values but the long lists, and the lengths and #refs of these."""

    values: dict[str, Any] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    refs: dict[str, "array[int]"] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def is_descending(self, key: str) -> bool:
        """Whether a list begins with its newest row."""
        refs = self.refs.get(key, array("q"))
        return len(refs) > 1 and refs[0] > refs[-1] and len(refs) == self.lengths[key]

    def all_refs(self) -> set[int]:
        """All #refs in the dump."""
        return {ref for refs in self.refs.values() for ref in refs}


class Source:
    """A dump that can be read several times. Unless `gzipped` says, its first bytes tell whether it is gzipped."""

    def __init__(self, stream: IO[bytes], *, gzipped: bool | None = None, most: int | None = None) -> None:
        self._file = stream
        self._start = 0
        head = stream.read(3)
        stream.seek(0)
        if gzipped or (gzipped is None and head.startswith(GZIP)):
            self._file = unzipped(stream, most)
            head = self._file.read(3)
        if head == BYTE_ORDER_MARK:
            self._start = len(BYTE_ORDER_MARK)

    def outline(self) -> Outline:
        """The outline. Raises NotADump."""
        self._file.seek(self._start)
        with readable():
            return outlined(ijson.basic_parse(self._file, buf_size=PARSED_AT_ONCE, use_float=True))

    def rows(self, key: str, *, backwards: bool = False) -> Numbered:
        """The rows of a long list, each with its index."""
        self._file.seek(self._start)
        rows = enumerate(ijson.items(self._file, f"{key}.item", buf_size=PARSED_AT_ONCE, use_float=True))
        return reversed_on_disk(rows) if backwards else rows

    def authors(self) -> Iterator[tuple[Any, Any]]:
        """E-mail address and name of everybody in the history."""
        for key in WITH_HISTORY:
            self._file.seek(self._start)
            for pair in ijson.items(self._file, f"{key}.item.history.item.user", buf_size=PARSED_AT_ONCE):
                if isinstance(pair, list) and len(pair) == 2:
                    yield pair[0], pair[1]


@contextmanager
def seekable(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """The stream, or a copy of it in a temporary file if it is not seekable."""
    if stream.seekable():
        yield stream
        return
    with TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy)
        copy.seek(0)
        yield copy


def unzipped(stream: IO[bytes], most: int | None) -> IO[bytes]:
    """A temporary file with the unzipped dump. Raises NotADump, also if it is longer than `most` bytes."""
    plain: IO[bytes] = TemporaryFile()  # noqa: SIM115 (lives as long as the source)
    try:
        with gzip.open(stream) as content:
            while piece := content.read(AT_ONCE):
                plain.write(piece)
                if most is not None and plain.tell() > most:
                    raise OSError(_("The decompressed data has more than %s bytes.") % most)
    except (OSError, EOFError, zlib.error) as failure:
        plain.close()
        raise NotADump(_("Invalid dump format"), [Problem("dump", None, "", str(failure))]) from None
    plain.seek(0)
    return plain


@contextmanager
def readable() -> Iterator[None]:
    """Turns errors of the parser into NotADump."""
    try:
        yield
    except (ijson.JSONError, UnicodeDecodeError, OverflowError) as failure:
        reason = in_one_line(failure)[:300]
        raise NotADump(_("Invalid dump format"), [Problem("dump", None, "", reason)]) from None


def outlined(events: Iterator[Event]) -> Outline:
    """The outline of a JSON object. Raises NotADump."""
    event, _value = next(events, ("", None))
    if event != "start_map":
        raise NotADump(_("Invalid dump format"), [Problem("dump", None, "", _("A dump must be a JSON object."))])
    outline = Outline()
    for event, key in events:
        if event == "map_key" and key in LONG:
            look_through(key, events, outline)
        elif event == "map_key":
            outline.values[key] = built(key, events, outline)
    return outline


def built(key: str, events: Iterator[Event], outline: Outline) -> Any:
    """The next value. Texts with NUL are noted."""
    builder, depth = ObjectBuilder(), 0
    for event, value in events:
        builder.event(event, value)
        depth = deeper(key, event, depth)
        if event in TEXTS and "\x00" in value:
            outline.problems.append(Problem(key, None, "", _("A text with a NUL character can't be stored.")))
        if depth == 0:
            break
    return builder.value


def look_through(key: str, events: Iterator[Event], outline: Outline) -> None:
    """Count the rows of a long list. What is not a list of objects, and texts with NUL, are noted."""
    first = next(events)
    if first[0] != "start_array":
        outline.problems += [] if first[0] == "null" else [Problem(key, None, "", _("Expected a list."))]
        built(key, chain([first], events), outline)
        return
    rows, refs = outline.lengths.get(key, 0), outline.refs.setdefault(key, array("q"))
    depth, name = 1, ""
    for event, value in events:
        if depth == 1 and event not in CLOSING:
            outline.problems += [] if event == "start_map" else [Problem(key, rows, "", _("Expected an object."))]
            rows += 1
        elif event == "map_key":
            name = value if depth == 2 else ""
        elif event == "number" and name == "ref" and isinstance(value, int):
            refs.append(value)
        if event in TEXTS and "\x00" in value:
            outline.problems.append(Problem(key, rows - 1, "", _("A text with a NUL character can't be stored.")))
        depth = deeper(key, event, depth)
        if depth == 0:
            break
    outline.lengths[key] = rows


def deeper(key: str, event: str, depth: int) -> int:
    """The depth of nesting after an event. Raises NotADump if it is too deep."""
    if event in OPENING:
        if depth == DEEPEST:
            raise NotADump(_("Invalid dump format"), [Problem(key, None, "", _("The JSON is nested too deeply."))])
        return depth + 1
    return depth - 1 if event in CLOSING else depth


def reversed_on_disk(rows: Numbered) -> Numbered:
    """The rows in reverse order, by way of a temporary file."""
    with TemporaryFile() as file:
        starts = array("Q")
        for row in rows:
            starts.append(file.tell())
            file.write(json.dumps(row).encode() + b"\n")
        for start in reversed(starts):
            file.seek(start)
            index, row = json.loads(file.readline())
            yield index, row
