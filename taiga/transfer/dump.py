"""Writes a project as a dump, while it is read: only a few rows are in memory at a time."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import IO, Any

import msgspec
from django.db.models import QuerySet

from taiga.base import errors
from taiga.base.database import reading_one_snapshot
from taiga.projects.models import Project
from taiga.transfer.files import Stored
from taiga.transfer.loading import Progress, silent
from taiga.transfer.manifest import PROJECT
from taiga.transfer.sections import Column, Data, Section
from taiga.users.models import User

BATCH = 200


def dump(
    project: Project,
    out: IO[bytes],
    *,
    leave_out: Collection[str] = (),
    also: Mapping[str, Any] | None = None,
    progress: Progress = silent,
) -> None:
    """Write a project as a JSON object, without the keys in `leave_out`, and with the members in `also`.

    Raises Missing for a project that was deleted meanwhile.
    """
    with reading_one_snapshot():
        errors.still_there(Project.objects.filter(pk=project.pk).values_list("pk"))
        dumping = Dumping(project.pk)
        mine = next(dumping.written(PROJECT, [project.pk]))
        fields = [field for field in PROJECT.fields if field.key not in leave_out]
        out.write(b"{\n")
        for number, field in enumerate(fields):
            out.write((b",\n" if number else b"") + encoded(field.key) + b": ")
            if isinstance(field, Section):
                write_list(out, dumping.rows(field, progress))
            else:
                write(out, mine[field.key])
        for key, value in (also or {}).items():
            out.write(b",\n" + encoded(key) + b": " + encoded(value))
        out.write(b"\n}\n")


def dump_row(section: Section, key: int, project_id: int, out: IO[bytes]) -> None:
    """Write a row of a section as it is in a dump."""
    with reading_one_snapshot():
        for row in Dumping(project_id).written(section, [key]):
            write(out, row)


class Dumping:
    """A dump in progress, and what it has looked up."""

    def __init__(self, project_id: int) -> None:
        self.project_id = project_id
        self._once: dict[str, Any] = {}
        self._people: dict[int, tuple[str, str]] = {}

    def once(self, name: str, make: Callable[[int], Any]) -> Any:
        """A fact about the project that is looked up once."""
        if name not in self._once:
            self._once[name] = make(self.project_id)
        return self._once[name]

    def people(self, ids: Iterable[int]) -> Mapping[int, tuple[str, str]]:
        """E-mail address and full name of accounts by id; accounts that do not exist any more are missing."""
        missing = [key for key in ids if key not in self._people]
        if missing:
            found = User.objects.filter(pk__in=missing).values_list("pk", "email", "full_name")
            self._people |= {key: (address, name) for key, address, name in found}
        return self._people

    def rows(self, section: Section, progress: Progress) -> Iterator[Data]:
        """The rows of a section, in its order."""
        keys = list(self.query(section).order_by(*section.ordering).values_list("pk", flat=True))
        for start in range(0, len(keys), BATCH):
            yield from self.written(section, keys[start : start + BATCH])
            progress(section.key, min(start + BATCH, len(keys)), len(keys))

    def query(self, section: Section) -> "QuerySet[Any]":
        """The rows of a section as a queryset."""
        return section.of(self.project_id)

    def written(self, section: Section, keys: list[int]) -> Iterator[Data]:
        """Some rows as they are in a dump, in a constant number of queries."""
        columns = section.columns
        rows = section.model._default_manager.filter(pk__in=keys).order_by()
        found = {key: values for key, *values in rows.values_list("pk", *(column.path for column in columns))}
        parts = {part.key: part.write(keys, self) for part in section.fields if not isinstance(part, (Column, Section))}
        for key in keys:
            stored = {column.key: column.form.write(value) for column, value in zip(columns, found[key], strict=True)}
            yield {
                one.key: stored[one.key] if isinstance(one, Column) else parts[one.key][key]
                for one in section.fields
                if not isinstance(one, Section)
            }


def write_list(out: IO[bytes], values: Iterable[Any]) -> None:
    """Write a JSON array, an element per line."""
    out.write(b"[")
    for number, value in enumerate(values):
        out.write(b",\n" if number else b"\n")
        write(out, value)
    out.write(b"]")


def write(out: IO[bytes], value: Any) -> None:
    """Write a JSON value; files in it are copied in pieces."""
    if isinstance(value, Stored):
        out.write(b'{"data": "')
        for piece in value.base64():
            out.write(piece)
        out.write(b'", "name": ' + encoded(value.name) + b"}")
    elif isinstance(value, dict) and any(map(holds_file, value.values())):
        for number, (name, member) in enumerate(value.items()):
            out.write((b", " if number else b"{") + encoded(name) + b": ")
            write(out, member)
        out.write(b"}")
    elif isinstance(value, list) and holds_file(value):
        write_list(out, value)
    else:
        out.write(encoded(value))


def holds_file(value: Any) -> bool:
    """Whether a value is a file, or a list with objects that have files."""
    if isinstance(value, list):
        return any(isinstance(one, dict) and any(map(holds_file, one.values())) for one in value)
    return isinstance(value, Stored)


def encoded(value: Any) -> bytes:
    """A value as JSON. msgspec's encoder does not take everything that a JSON column can hold."""
    try:
        return msgspec.json.encode(value)
    except (OverflowError, UnicodeEncodeError):
        return json.dumps(value).encode()
