"""Request bodies: pydantic models with the lenient scalar types of this API.

The default of a field says what a missing value means: `UNSET` leaves the value as it is, anything else replaces it.
That concerns POST and PUT; a PATCH takes only what was sent. All wrong fields are reported together.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from typing import Annotated, Any, ClassVar, Generic, Literal, Self, TypeVar, get_args

from django.db.models import Field as Column
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    create_model,
)
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import no_info_before_validator_function

from taiga.base import errors
from taiga.base.prepared import Param, Prepared
from taiga.base.wording import messages

LARGEST_INTEGER = 2**31 - 1
LARGEST_KEY = 2**63 - 1
NO_NUMBER = gettext_noop("Enter a whole number.")
NO_INTEGER = gettext_noop("“%(value)s” value must be an integer.")
NUMBER = re.compile(r"\s*[+-]?\d{1,19}\s*", re.ASCII)
TRUE, FALSE = ("true", "t", "True", "1"), ("false", "f", "False", "0")


class Unset:
    """The type of UNSET, the value of a field that was not sent and has no default."""

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> bool:
        return False


UNSET: Any = Unset()


def wrong(message: str) -> PydanticCustomError:
    """A refusal of a value, with this message."""
    return PydanticCustomError("wrong", "{message}", {"message": message})


def empty(kind: Literal["blank", "null", "nowhere"]) -> PydanticCustomError:
    """The refusal of an empty value. For a new object it is reported like a missing one (`base.wording`)."""
    return PydanticCustomError(kind, "nothing was given")


def to_text(value: Any) -> str:
    """Any scalar as text; null is the empty text."""
    return "" if value is None else str(value)


def to_filled_text(value: Any) -> str:
    """A text that is not empty; white space counts."""
    text = to_text(value)
    if text == "":
        raise empty("blank")
    return text


def to_integer(value: Any) -> int | None:
    """An integer of 32 bits, also as text; None for null and the empty text."""
    if value is None or value == "":
        return None
    return whole(value, LARGEST_INTEGER)


def to_big_integer(value: Any) -> int | None:
    """An integer of 64 bits, also as text; None for null and the empty text."""
    if value is None or value == "":
        return None
    return whole(value, LARGEST_KEY)


def to_place(value: Any) -> int:
    """A position in an order: an integer of 64 bits, also as text."""
    if value is None:
        raise empty("nowhere")
    return whole(value, LARGEST_KEY, NO_INTEGER)


def whole(value: Any, largest: int, refusal: str = NO_NUMBER) -> int:
    """The integer of a JSON value. Raises a refusal: `refusal` if it is none, else that it is too large."""
    is_number = NUMBER.fullmatch(value) if isinstance(value, str) else type(value) is int
    if not is_number:  # neither are true and false, although Python counts them among the integers
        raise wrong(_(refusal) % {"value": value})
    number = int(value)
    if abs(number) > largest:
        raise wrong(_("Ensure this value is less than or equal to %s.") % largest)
    return number


def not_null(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The reader `read`, but null is refused."""

    def reading(value: Any) -> Any:
        found = read(value)
        if found is None:
            raise empty("null")
        return found

    return reading


def to_float(value: Any) -> float | None:
    """A finite number, also as text; None for null and the empty text."""
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise wrong(_('"%s" value must be a float.') % value)
    return number


def to_boolean(value: Any) -> bool:
    """True or false, also as a word; anything else by its truth in Python."""
    return bool(value) and value not in FALSE


def to_date(value: Any) -> date | None:
    """`YYYY-MM-DD`, where zeros in front of month and day may be missing; None for null and the empty text."""
    if value is None or value == "":
        return None
    numbers = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", value, re.ASCII) if isinstance(value, str) else None
    if numbers is not None:
        try:
            return date(*map(int, numbers.groups()))
        except ValueError:
            pass
    raise wrong(_("Date has wrong format. Use one of these formats instead: %s") % "YYYY[-MM[-DD]]")


def to_datetime(value: Any) -> datetime | None:
    """A date and time in ISO 8601, in the server's time zone (UTC) if it names none; None for null and the empty
    text.
    """
    if value is None or value == "":
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise wrong(_("Datetime has wrong format. Use one of these formats instead: %s") % "ISO 8601") from None
    return moment if moment.tzinfo else moment.astimezone()


def is_null(value: Any) -> bool:
    """Whether an id that was sent stands for no object."""
    return value is None or value in ("", "None")


def to_key(value: Any) -> int | None:
    """The id of a related object, or None."""
    if is_null(value):
        return None
    is_number = NUMBER.fullmatch(value) if isinstance(value, str) else isinstance(value, int)
    if isinstance(value, bool) or not is_number:
        raise wrong(_("Incorrect type. Expected pk value, received %s.") % type(value).__name__)
    try:
        return whole(value, LARGEST_KEY)
    except PydanticCustomError:
        raise wrong(_("Invalid pk '%s' - object does not exist.") % value) from None


def to_id(value: Any) -> int | None:
    """The id in a body that is not that of an object: like `to_key`, with another refusal of what is no number."""
    return None if is_null(value) else whole(value, LARGEST_KEY)


Text = Annotated[str, BeforeValidator(to_text)]
FilledText = Annotated[str, BeforeValidator(to_filled_text)]
Integer = Annotated[int, BeforeValidator(not_null(to_integer))]
MaybeInteger = Annotated[int | None, BeforeValidator(to_integer)]
BigInteger = Annotated[int, BeforeValidator(not_null(to_big_integer))]
Place = Annotated[int, BeforeValidator(to_place)]
MaybeFloat = Annotated[float | None, BeforeValidator(to_float)]
Boolean = Annotated[bool, BeforeValidator(to_boolean)]
Date = Annotated[date, BeforeValidator(not_null(to_date))]
MaybeDate = Annotated[date | None, BeforeValidator(to_date)]
MaybeDatetime = Annotated[datetime | None, BeforeValidator(to_datetime)]
Key = Annotated[int, BeforeValidator(not_null(to_key))]
MaybeKey = Annotated[int | None, BeforeValidator(to_key)]
Id = Annotated[int, BeforeValidator(not_null(to_id))]
MaybeId = Annotated[int | None, BeforeValidator(to_id)]


@dataclass(frozen=True)
class Related:
    """Marks a field that holds the id of an object of `model`. `unknown` is the refusal if there is no such object.

    While its existence is checked, these `columns` of the object are fetched; they are in `Fields.found[field]`, since
    services need its project and should not need another query.
    """

    model: type[Model]
    columns: tuple[str, ...] = ("project_id",)
    unknown: str = gettext_noop("Invalid pk '%s' - object does not exist.")

    def find(self, key: int) -> tuple[Any, ...] | None:
        """The columns of the object with this id; None if there is none."""
        found = self.by_id.one(id=key)
        return found[1:] if found else None

    @cached_property
    def by_id(self) -> Prepared:
        """The query of `find`, compiled once."""
        rows = self.model._default_manager.filter(pk=Param("id")).order_by()
        return Prepared(lambda: rows.values_list("pk", *self.columns))


class Body(BaseModel):
    """The fields of a request body; unknown ones are ignored."""

    model_config = ConfigDict(extra="ignore", arbitrary_types_allowed=True)
    related: ClassVar[dict[str, Related]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        cls.related = {
            name: part
            for name, info in cls.model_fields.items()
            for part in [*info.metadata, *get_args(info.annotation)]
            if isinstance(part, Related)
        }

    @classmethod
    def read(
        cls, data: dict[str, Any], *, partial: bool = False, also: "Callable[[Fields[Self]], object] | None" = None
    ) -> "Fields[Self]":
        """The validated fields. Raises Invalid with all fields that are wrong.

        `also` is a further check, which the endpoint makes again itself. If a field is wrong, it is called with the
        fields that are right (any may be missing), and what it refuses is reported with the others.
        """
        problems: dict[str, Any] = {}
        model = partial_of(cls) if partial else cls
        try:
            body: Any = model.model_validate(data)
        except ValidationError as failure:
            problems = messages(failure, data, partial=partial)
            body = None
        found = cls._find(data, problems)
        cls.examine(data, found, problems)
        if problems:
            more = refused(also, cls._right(data, found, problems)) if also is not None else {}
            raise errors.Invalid({**more, **problems})
        names: Iterable[str] = body.model_fields_set if partial else type(body).model_fields
        values = {name: getattr(body, name) for name in names}
        return Fields(body, {name: value for name, value in values.items() if value is not UNSET}, found, data)

    @classmethod
    def examine(cls, data: dict[str, Any], found: dict[str, tuple[Any, ...]], problems: dict[str, Any]) -> None:
        """Add further problems to `problems`, which holds those found so far by field. For subclasses to override."""

    @classmethod
    def _right(
        cls, data: dict[str, Any], found: dict[str, tuple[Any, ...]], problems: dict[str, Any]
    ) -> "Fields[Self]":
        sent = {name: value for name, value in data.items() if name not in problems}
        body: Any = partial_of(cls).model_validate(sent)
        values = {name: getattr(body, name) for name in body.model_fields_set}
        return Fields(body, values, {name: row for name, row in found.items() if name in sent}, sent)

    @classmethod
    def _find(cls, data: dict[str, Any], problems: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
        found = {}
        for name, related in cls.related.items():
            if name in problems or name not in data:
                continue
            key = to_key(data[name])
            row = related.find(key) if key is not None else None
            if row is not None:
                found[name] = row
            elif key is not None:
                problems[name] = [_(related.unknown).replace("%s", str(key))]
        return found


B = TypeVar("B", bound=Body)


@dataclass
class Fields(Generic[B]):
    """A validated body: the model, the values to store, the columns of related objects, and the body as it was sent."""

    body: B
    values: dict[str, Any]
    found: dict[str, tuple[Any, ...]]
    sent: dict[str, Any]


def refused(check: Callable[[Fields[B]], object], fields: Fields[B]) -> Mapping[str, Any]:
    """The fields that a check refuses; none if it refuses the caller for another reason, which must not leak fields."""
    try:
        check(fields)
    except errors.Invalid as refusal:
        return refusal.fields if isinstance(refusal.fields, Mapping) else {}
    except errors.ApiError:
        return {}
    return {}


@cache
def partial_of(model: type[Body]) -> type[Body]:
    """The model with every field optional, for PATCH."""
    optional: dict[str, Any] = {
        name: (Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation, UNSET)
        for name, info in model.model_fields.items()
    }
    return create_model(f"Partial{model.__name__}", __base__=model, **optional)


def longest(length: int) -> Any:
    """An upper bound on the length of a text, for `Annotated[Text, longest(255)]`."""
    return Field(max_length=length)


def shortest(length: int) -> Any:
    """A lower bound on the length of a text."""
    return Field(min_length=length)


class OneOf:
    """One of these values, for `Annotated[str, OneOf("a", "b")]`."""

    def __init__(self, *values: Any) -> None:
        self.values = values

    def check(self, value: Any) -> Any:
        """The value, if it is one of these. Raises a refusal."""
        if value not in self.values:
            raise wrong(_("Select a valid choice. %s is not one of the available choices.") % value)
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_before_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "enum": list(self.values)}


def column_names(model: type[Model], values: dict[str, Any]) -> dict[str, Any]:
    """The values by the names of a model's attributes: `status` becomes `status_id`."""
    named = {}
    for name, value in values.items():
        column = model._meta.get_field(name)
        named[column.attname if isinstance(column, Column) else name] = value
    return named
