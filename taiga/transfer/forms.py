"""The format of a value in a dump, for reading and writing: plain values, and references by natural keys."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Protocol

from django.db import models
from django.utils.translation import gettext as _
from pydantic_core import PydanticCustomError

from taiga.base import bodies, clock
from taiga.base.fields import TextListField
from taiga.projects.models import Kind
from taiga.transfer.problems import Wrong


class Lookup(Protocol):
    """Finds what a value refers to, in the project that is being loaded."""

    @property
    def owner_id(self) -> int | None:
        """The account that owns what has no owner of its own."""

    def named(self, section: str, name: str) -> int | None:
        """The id of the row of a section that has this name; None if there is none."""

    def person(self, address: Any) -> int | None:
        """The id of the account with this e-mail address; None for nobody, and for a person who is left out."""

    def item(self, kind: Kind, ref: int) -> int | None:
        """The id of the item with this #ref; None if there is none of this kind."""


MOMENTS = "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HHMM|-HHMM|Z]"


@dataclass(frozen=True)
class Form:
    """The format of a column. `read` converts a value of the dump, `write` one of the query, which finds it at the
    column's `path`.

    A missing value is read only if the form `stands_in`, which provides one.
    """

    read: Callable[[Any, Lookup], Any]
    write: Callable[[Any], Any] = lambda value: value
    path: str = ""
    stands_in: bool = False


def plain(read: Callable[[Any], Any], write: Callable[[Any], Any] = lambda value: value) -> Form:
    """The form of a value that refers to nothing."""

    def reading(value: Any, lookup: Lookup) -> Any:
        try:
            return read(value)
        except PydanticCustomError as refusal:
            raise Wrong(refusal.message()) from None

    return Form(reading, write)


def text(value: Any) -> str:
    """A text; numbers and booleans become text."""
    if isinstance(value, (list, dict)):
        raise Wrong(_("Expected a text."))
    return str(value)


def flag(value: Any) -> bool:
    """True or false, also as text, or as 0 or 1."""
    if isinstance(value, bool):
        return value
    if value in (0, 1):
        return bool(value)
    if value in bodies.TRUE or value in bodies.FALSE:
        return value in bodies.TRUE
    raise Wrong(_("'%s' value must be either True or False.") % value)


def number(value: Any) -> float:
    """A finite number."""
    if isinstance(value, (bool, list, dict)):
        raise Wrong(_("'%s' value must be a float.") % value)
    found = bodies.to_float(value)
    if found is None:
        raise Wrong(_("Enter a number."))
    return found


def moment(value: Any) -> datetime:
    """A date and time in ISO 8601, in UTC."""
    try:
        found = bodies.to_datetime(value)
        if found is not None:
            return found.astimezone(UTC)
    except (OverflowError, PydanticCustomError):
        pass
    raise Wrong(_("Datetime has wrong format. Use one of these formats instead: %s") % MOMENTS)


def day(value: Any) -> date:
    """`YYYY-MM-DD`; a time behind it is ignored."""
    found = bodies.to_date(value[:10] if isinstance(value, str) else value)
    if found is None:
        raise Wrong(_("Date has wrong format. Use one of these formats instead: %s") % "YYYY[-MM[-DD]]")
    return found


def due(value: Any) -> date:
    """The date of a date and time."""
    if isinstance(value, str) and len(value) <= len("YYYY-MM-DD"):
        raise Wrong(_("Datetime has wrong format. Use one of these formats instead: %s") % MOMENTS)
    return day(value)


def texts(value: Any) -> list[str]:
    """A list of texts."""
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Wrong(_("Expected a list of texts."))
    return value


def mapping(value: Any) -> dict[str, Any]:
    """An object."""
    if not isinstance(value, dict):
        raise Wrong(_("Expected an object."))
    return value


def listing(value: Any) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise Wrong(_("Expected a list."))
    return value


JSON = Form(lambda value, lookup: value)
MAPPING, LISTING = plain(mapping), plain(listing)
FLAG, FLOAT, TEXTS = plain(flag), plain(number), plain(texts)
MOMENT = plain(moment, clock.plain_stamp)
DAY = plain(day, lambda value: value.isoformat() if value else None)
DUE = plain(due, lambda value: f"{value.isoformat()}T00:00:00" if value else None)
"""The due date of an item has a time in dumps."""

RANGES = {
    models.PositiveSmallIntegerField: (0, 32_767),
    models.SmallIntegerField: (-32_768, 32_767),
    models.PositiveIntegerField: (0, 2**31 - 1),
    models.BigIntegerField: (-(2**63), 2**63 - 1),
    models.IntegerField: (-(2**31), 2**31 - 1),
}


def whole(lowest: int, highest: int) -> Form:
    """The form of an integer within bounds."""

    def read(value: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool):
            raise Wrong(_("Enter a whole number."))
        found = bodies.whole(value, 2**63)
        if not lowest <= found <= highest:
            raise Wrong(
                _("Ensure this value is between %(lowest)s and %(highest)s.") % {"lowest": lowest, "highest": highest}
            )
        return found

    return plain(read)


def limited_text(longest: int | None, choices: frozenset[Any] | None = None) -> Form:
    """The form of a text of limited length, or of one of some words."""

    def read(value: Any) -> str:
        found = text(value)
        if longest is not None and len(found) > longest:
            raise Wrong(_("Ensure this value has at most %s characters.") % longest)
        if choices is not None and found not in choices:
            raise Wrong(_("Select a valid choice. %s is not one of the available choices.") % found)
        return found

    return plain(read)


def of_column(column: models.Field[Any, Any]) -> Form:
    """The form for the type of a column."""
    for kind, form in {
        TextListField: TEXTS,
        models.JSONField: JSON,
        models.BooleanField: FLAG,
        models.FloatField: FLOAT,
        models.DateTimeField: MOMENT,
        models.DateField: DAY,
    }.items():
        if isinstance(column, kind):
            return form
    for kind, bounds in RANGES.items():
        if type(column) is kind:
            return whole(*bounds)
    assert isinstance(column, (models.CharField, models.TextField)), column
    choices = frozenset(key for key, _label in column.flatchoices) if column.choices else None
    return limited_text(column.max_length, choices)


def chosen(words: frozenset[str]) -> Form:
    """The form of a list of some of these words."""

    def read(value: Any) -> list[str]:
        for position, word in enumerate(texts(value), 1):
            if word not in words:
                raise Wrong(
                    _("Item %(place)s in the array did not validate: Value '%(word)s' is not a valid choice.")
                    % {"place": position, "word": word}
                )
        return list(value)

    return plain(read)


def named(section: str) -> Form:
    """The form of a reference to a row of one of the project's lists, by name."""

    def read(value: Any, lookup: Lookup) -> int:
        found = lookup.named(section, value) if isinstance(value, str) else None
        if found is None:
            raise Wrong(_('name="%s" not found in this project') % value)
        return found

    return Form(read, path="__name")


def item(kind: Kind) -> Form:
    """The form of a reference to an item of the project, by its #ref."""

    def read(value: Any, lookup: Lookup) -> int:
        found = lookup.item(kind, value) if isinstance(value, int) else None
        if found is None:
            raise Wrong(_('ref="%s" not found in this project') % value)
        return found

    return Form(read, path="__ref")


PERSON = Form(lambda value, lookup: lookup.person(value), path="__email")
OWNER = Form(lambda value, lookup: lookup.person(value) or lookup.owner_id, path="__email", stands_in=True)
"""A person; for nobody, and for a person who is left out, the owner of the project."""
