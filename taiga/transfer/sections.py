"""What the manifest consists of: sections of rows, their columns, and their parts in other tables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import Field, Model, QuerySet
from django.db.models.expressions import OrderBy

from taiga.projects.models import Attachment, Kind
from taiga.transfer import forms
from taiga.transfer.problems import Wrong

Data = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A key of a row that is a column. `path` leads to the value for a dump; `taken` is whether a load reads it."""

    key: str
    column: str
    path: str
    form: forms.Form
    nullable: bool
    required: bool
    taken: bool


@dataclass(frozen=True)
class Spec:
    """A column with another key or form than the default, or one that a load does not read."""

    name: str
    form: forms.Form | None = None
    key: str = ""
    taken: bool = True


class Part(Protocol):
    """A key of a row whose value is stored in other tables."""

    @property
    def key(self) -> str:
        """The key."""

    def read(self, value: Any, row: "Row", loading: Any) -> None:
        """Read the value; None if it is missing."""

    def write(self, ids: Sequence[int], dumping: Any) -> Mapping[int, Any]:
        """The values of rows by id, in a constant number of queries."""


@dataclass(frozen=True)
class Section:
    """A list of a dump.

    Other rows refer to its rows by the column `natural`; `unique` are columns that no two rows share; `settle`
    completes a row; `error` is the message if the section is refused.
    """

    key: str
    model: type[Model]
    fields: "tuple[Column | Part | Section, ...]"
    ordering: tuple[str | OrderBy, ...]
    error: str
    kind: Kind | None = None
    natural: str = ""
    unique: tuple[str, ...] = ()
    settle: "Callable[[Row, Any], None] | None" = None
    only: tuple[tuple[str, Any], ...] = ()
    """Filters for the rows that belong to a dump."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns among the fields."""
        return tuple(one for one in self.fields if isinstance(one, Column))

    def of(self, project_id: int) -> "QuerySet[Any]":
        """The rows of a project, unordered."""
        rows = self.model._default_manager.filter(project=project_id, **dict(self.only)).order_by()
        return rows if self.kind is None else rows.filter(kind=self.kind)


@dataclass
class Row:
    """A row that is being loaded: its data, the instance that was made, and its problems."""

    section: Section
    index: int
    data: Data
    instance: Any
    wrong: list[tuple[str, str]] = field(default_factory=list)
    wrong_inside: dict[tuple[str, int], dict[str, list[str]]] = field(default_factory=dict)
    """Problems inside of lists of the row, which are in `wrong` as well: by list and index, messages by field."""
    is_skipped: bool = False
    is_untold: bool = False
    """Whether the dump has no history of it, so that it gets a first entry."""
    attachments: list[Attachment] = field(default_factory=list)
    points: dict[int, int | None] = field(default_factory=dict)
    assigned: list[int] = field(default_factory=list)

    def refuse(self, key: str, message: str) -> None:
        """Note a problem."""
        self.wrong.append((key, message))

    def refuse_inside(self, key: str, number: int, name: str, message: str) -> None:
        """Note a problem in an element of a list."""
        self.refuse(key, f"{number}: {name}: {message}" if name else f"{number}: {message}")
        self.wrong_inside.setdefault((key, number), {}).setdefault(name or "non_field_errors", []).append(message)

    def attempt_inside(self, key: str, number: int, name: str, read: Callable[..., Any], *arguments: Any) -> Any:
        """Like `attempt`, in an element of a list."""
        try:
            return read(*arguments)
        except Wrong as refusal:
            self.refuse_inside(key, number, name, str(refusal))
            return None

    def attempt(self, key: str, read: Callable[..., Any], *arguments: Any) -> Any:
        """What `read` returns for the arguments; None if it refuses them, which is noted as a problem."""
        try:
            return read(*arguments)
        except Wrong as refusal:
            self.refuse(key, str(refusal))
            return None


def columns(
    model: type[Model], *specs: str | Spec | Part | Section, required: Sequence[str] = ()
) -> tuple[Column | Part | Section, ...]:
    """The fields of a section. A name stands for the column of this name."""
    return tuple(
        column(model, Spec(one) if isinstance(one, str) else one, required) if isinstance(one, (str, Spec)) else one
        for one in specs
    )


def column(model: type[Model], spec: Spec, required: Sequence[str]) -> Column:
    """The column of a spec."""
    stored: Any = model._meta.get_field(spec.name)
    assert isinstance(stored, Field)
    form = spec.form or forms.of_column(stored)
    key = spec.key or spec.name
    return Column(key, stored.attname, spec.name + form.path, form, stored.null, key in required, spec.taken)
