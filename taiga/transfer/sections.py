"""What the manifest is made of: sections of rows, their columns, and their parts that are rows of other tables."""

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
    """One key of a row: `column` is where it is stored, `path` how it is found from there for a dump."""

    key: str
    column: str
    path: str
    form: forms.Form
    nullable: bool
    required: bool
    taken: bool


@dataclass(frozen=True)
class Spec:
    """A column that needs more words than its name: another key or form, or one that a load does not take."""

    name: str
    form: forms.Form | None = None
    key: str = ""
    taken: bool = True


class Part(Protocol):
    """One key of a row whose value is kept in rows of other tables."""

    @property
    def key(self) -> str:
        """The key."""

    def read(self, value: Any, row: "Row", loading: Any) -> None:
        """Take the value; what is missing comes as None."""

    def write(self, ids: Sequence[int], dumping: Any) -> Mapping[int, Any]:
        """The values of these rows, in a constant number of queries."""


@dataclass(frozen=True)
class Section:
    """A list of a dump. `natural` is the column by which other rows refer to its rows, `unique` are keys that no two
    rows share, `settle` sees to what a row does not say; `error` tells of a section that is wrong.
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
    """What tells the rows that belong into a dump from others of the project."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The fields that are columns."""
        return tuple(one for one in self.fields if isinstance(one, Column))

    def of(self, project_id: int) -> "QuerySet[Any]":
        """The rows of a project, in no order."""
        rows = self.model._default_manager.filter(project=project_id, **dict(self.only)).order_by()
        return rows if self.kind is None else rows.filter(kind=self.kind)


@dataclass
class Row:
    """A row on its way in: what the dump says, what became of it, and what is wrong with it."""

    section: Section
    index: int
    data: Data
    instance: Any
    wrong: list[tuple[str, str]] = field(default_factory=list)
    wrong_inside: dict[tuple[str, int], dict[str, list[str]]] = field(default_factory=dict)
    """The same once more, if it is wrong in an element of one of its lists."""
    is_skipped: bool = False
    is_untold: bool = False
    """Nothing is told of how it came to be: it gets an entry in the history that begins here."""
    attachments: list[Attachment] = field(default_factory=list)
    points: dict[int, int | None] = field(default_factory=dict)
    assigned: list[int] = field(default_factory=list)

    def refuse(self, key: str, message: str) -> None:
        """Note that something is wrong."""
        self.wrong.append((key, message))

    def refuse_inside(self, key: str, number: int, name: str, message: str) -> None:
        """Note that something is wrong in an element of a list."""
        self.refuse(key, f"{number}: {name}: {message}" if name else f"{number}: {message}")
        self.wrong_inside.setdefault((key, number), {}).setdefault(name or "non_field_errors", []).append(message)

    def attempt_inside(self, key: str, number: int, name: str, read: Callable[..., Any], *arguments: Any) -> Any:
        """As `attempt`, in an element of a list."""
        try:
            return read(*arguments)
        except Wrong as refusal:
            self.refuse_inside(key, number, name, str(refusal))
            return None

    def attempt(self, key: str, read: Callable[..., Any], *arguments: Any) -> Any:
        """What `read` makes of the arguments, or None after a note of what is wrong."""
        try:
            return read(*arguments)
        except Wrong as refusal:
            self.refuse(key, str(refusal))
            return None


def columns(
    model: type[Model], *specs: str | Spec | Part | Section, required: Sequence[str] = ()
) -> tuple[Column | Part | Section, ...]:
    """The fields of a section; a bare name stands for a column of that name."""
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
