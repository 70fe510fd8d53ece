"""Problems of a dump: section, row, field and message."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MOST_TOLD = 100


class Wrong(Exception):
    """A value that is refused, with a message for the author of the dump."""


@dataclass(frozen=True)
class Problem:
    """A problem. `row` counts from zero; None means the section as a whole."""

    section: str
    row: int | None
    field: str
    message: str

    def __str__(self) -> str:
        where = self.section if self.row is None else f"{self.section}[{self.row}]"
        return f"{where}.{self.field}: {self.message}" if self.field else f"{where}: {self.message}"


class Damaged(Exception):
    """A dump that was refused; nothing of it was stored. `error` says which part of it is wrong."""

    def __init__(self, error: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(error)
        self.error = error
        self.problems = list(problems)

    def details(self) -> dict[str, list[dict[str, Any]]]:
        """`{section: [{field: [message, …], "row": n}, …]}`, an object for each row with problems."""
        rows: dict[tuple[str, int | None], dict[str, Any]] = {}
        for problem in self.problems:
            messages = rows.setdefault((problem.section, problem.row), {})
            messages.setdefault(problem.field or "non_field_errors", []).append(problem.message)
        found: dict[str, list[dict[str, Any]]] = {}
        for (section, row), messages in rows.items():
            found.setdefault(section, []).append(messages if row is None else {**messages, "row": row})
        return found


class NotADump(Damaged):
    """The file is not one JSON object, or is incomplete."""
