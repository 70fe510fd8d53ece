"""A dump is read as a stream, with its keys in any order, gzipped or not."""

import gzip
import json
import os
from io import BytesIO
from typing import IO

import pytest

from taiga.transfer.load import load
from taiga.transfer.problems import NotADump
from taiga.transfer.stream import Source
from taiga.users.models import User
from tests.transfer import sample
from tests.transfer.conftest import dumped, loaded


def source(content: bytes) -> Source:
    return Source(BytesIO(content))


def test_the_outline_has_all_but_the_long_lists() -> None:
    outline = source(
        b'{"name": "x", "tasks": [{"ref": 5, "user_story": {"ref": 6}}, {"ref": 4}], "tags": ["a"]}'
    ).outline()
    assert outline.values == {"name": "x", "tags": ["a"]}
    assert outline.lengths == {"tasks": 2}
    assert outline.all_refs() == {5, 4}
    assert outline.is_descending("tasks")


def test_rows_can_be_read_several_times_and_backwards() -> None:
    dump = source(b'{"tasks": [{"ref": 1.5}, {"ref": 2}], "name": "x"}')
    for _ in range(2):
        assert list(dump.rows("tasks")) == [(0, {"ref": 1.5}), (1, {"ref": 2})]
    assert list(dump.rows("tasks", backwards=True)) == [(1, {"ref": 2}), (0, {"ref": 1.5})]


class Pieces(BytesIO):
    """Counts how often it is read."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.count += 1
        return super().read(size)


def test_a_long_text_is_taken_in_few_pieces() -> None:
    """With each piece the parser copies what it has of the text: in many it takes a minute for a file of 30 MB."""
    content = b'{"tasks": [{"ref": 1, "history": [], "data": "%b"}]}' % (b"q" * 16_000_000)
    for look in (Source.outline, lambda dump: list(dump.rows("tasks")), lambda dump: list(dump.authors())):
        pieces = Pieces(content)
        look(Source(pieces))
        assert pieces.count < 40


def test_a_byte_order_mark_is_passed_over() -> None:
    dump = source(b'\xef\xbb\xbf{"tasks": [{"ref": 1}]}')
    assert dump.outline().lengths == {"tasks": 1}
    assert list(dump.rows("tasks")) == [(0, {"ref": 1})]


@pytest.mark.parametrize("nested", [b"[" * 100_000, b'{"a":' * 100_000])
def test_what_is_nested_without_end_is_refused(nested: bytes) -> None:
    with pytest.raises(NotADump):
        source(b'{"tasks": [{"x": ' + nested).outline()


@pytest.mark.parametrize("number", [b"1" * 400, b"NaN", b"Infinity", b"1e999"])
def test_numbers_that_are_none_are_refused(number: bytes) -> None:
    with pytest.raises(NotADump):
        source(b'{"tasks": [{"ref": ' + number + b"}]}").outline()


def test_a_gzipped_dump_is_told_by_its_first_bytes() -> None:
    assert source(gzip.compress(b'{"name": "x"}')).outline().values == {"name": "x"}


def test_what_is_said_to_be_gzipped_must_be() -> None:
    with pytest.raises(NotADump):
        Source(BytesIO(b'{"name": "x"}'), gzipped=True)
    with pytest.raises(NotADump):
        source(gzip.compress(b'{"name": "x"}')[:-8])


@pytest.mark.django_db
def test_the_order_of_the_keys_does_not_matter(alice: User) -> None:
    dump = sample.project()
    there = dumped(loaded(dump).project)
    back = dumped(loaded(dict(reversed(dump.items())), name="Apollo").project)
    for key in ("slug", "totals_updated_datetime", "timeline"):  # which tell of the project's own slug
        del there[key], back[key]
    assert there == back


@pytest.mark.django_db
def test_a_stream_that_can_be_read_but_once_is_enough(alice: User) -> None:
    reading, writing = os.pipe()
    content = json.dumps({"name": "Piped", "description": "d"}).encode()
    with os.fdopen(writing, "wb") as out:
        out.write(content)
    with os.fdopen(reading, "rb") as stream:
        once: IO[bytes] = stream
        assert load(once, owner=alice).project.name == "Piped"
