"""What a body may hold: pydantic models with the lenient scalars of this API.

A field's default says what a missing value means: `UNSET` leaves it as it is, anything else replaces it (on PUT; a
PATCH takes only what was sent). All wrong fields are reported together.
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
    """The value of a field that was not sent and has no default."""

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> bool:
        return False


UNSET: Any = Unset()


def wrong(message: str) -> PydanticCustomError:
    """A refusal of one value, in these words."""
    return PydanticCustomError("wrong", "{message}", {"message": message})


def empty(kind: Literal["blank", "null", "nowhere"]) -> PydanticCustomError:
    """The refusal of a value that says nothing: where something is made, it is told as one that was not sent."""
    return PydanticCustomError(kind, "nothing was given")


def to_text(value: Any) -> str:
    """Any scalar as text; null is the empty text."""
    return "" if value is None else str(value)


def to_filled_text(value: Any) -> str:
    """A text that is not empty (blanks do count)."""
    text = to_text(value)
    if text == "":
        raise empty("blank")
    return text


def to_integer(value: Any) -> int | None:
    """A whole number, be it written as text."""
    if value is None or value == "":
        return None
    return whole(value, LARGEST_INTEGER)


def to_big_integer(value: Any) -> int | None:
    """A whole number of up to 64 bits."""
    if value is None or value == "":
        return None
    return whole(value, LARGEST_KEY)


def to_place(value: Any) -> int:
    """A place in an order: a whole number of up to 64 bits."""
    if value is None:
        raise empty("nowhere")
    return whole(value, LARGEST_KEY, NO_INTEGER)


def whole(value: Any, largest: int, refusal: str = NO_NUMBER) -> int:
    """The number behind a JSON number or text. Raises a refusal, of what is no number in these words."""
    if isinstance(value, int) or (isinstance(value, str) and NUMBER.fullmatch(value)):
        number = int(value)
    else:
        raise wrong(_(refusal) % {"value": value})
    if abs(number) > largest:
        raise wrong(_("Ensure this value is less than or equal to %s.") % largest)
    return number


def not_null(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same, but null is refused."""

    def reading(value: Any) -> Any:
        found = read(value)
        if found is None:
            raise empty("null")
        return found

    return reading


def to_float(value: Any) -> float | None:
    """A number, be it written as text."""
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
    """True or false; what is neither is taken by its truth."""
    if isinstance(value, str):
        return value not in FALSE and (value in TRUE or bool(value))
    return bool(value)


def to_date(value: Any) -> date | None:
    """`YYYY-MM-DD`; scripts leave the zeros of month and day out."""
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
    """An ISO 8601 moment; without a zone it is UTC."""
    if value is None or value == "":
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise wrong(_("Datetime has wrong format. Use one of these formats instead: %s") % "ISO 8601") from None
    return moment if moment.tzinfo else moment.astimezone()


def is_null(value: Any) -> bool:
    """Whether an id that was sent names nothing."""
    return value is None or value in ("", "None")


def to_key(value: Any) -> int | None:
    """The id of a related object, or null."""
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
    """The same in a body that is not one of an object: what is no number is told otherwise."""
    if isinstance(value, bool):
        raise wrong(_(NO_NUMBER))
    return None if is_null(value) else whole(value, LARGEST_KEY)


Text = Annotated[str, BeforeValidator(to_text)]
FilledText = Annotated[str, BeforeValidator(to_filled_text)]
Integer = Annotated[int, BeforeValidator(not_null(to_integer))]
MaybeInteger = Annotated[int | None, BeforeValidator(to_integer)]
BigInteger = Annotated[int, BeforeValidator(not_null(to_big_integer))]
Place = Annotated[int, BeforeValidator(to_place)]
Float = Annotated[float, BeforeValidator(not_null(to_float))]
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
    """The field names an object of `model`; `columns` of it are fetched while its existence is checked, and `unknown`
    is what is said when there is none.

    They are in `Body.found[field]`: services need a related object's project, and it costs no further query.
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
    """A body. Unknown keys are ignored."""

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
        """The validated fields. Raises Invalid with every field that is wrong.

        `also` is a check that the endpoint makes afterwards. If something is wrong already, it is given those fields
        that are right (any may be absent), and the fields that it refuses are told too.
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
        """Add what else is wrong; `problems` holds the fields that are wrong already."""

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
    """A body that was read: the model, the values to store by name, and the related objects' columns by name."""

    body: B
    values: dict[str, Any]
    found: dict[str, tuple[Any, ...]]
    sent: dict[str, Any]


def refused(check: Callable[[Fields[B]], object], fields: Fields[B]) -> Mapping[str, Any]:
    """The fields that a check refuses. Whom it turns away for another reason learns nothing from it."""
    try:
        check(fields)
    except errors.Invalid as refusal:
        return refusal.fields if isinstance(refusal.fields, Mapping) else {}
    except errors.ApiError:
        return {}
    return {}


@cache
def partial_of(model: type[Body]) -> type[Body]:
    """The body with every field optional, as PATCH takes it."""
    optional: dict[str, Any] = {
        name: (Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation, UNSET)
        for name, info in model.model_fields.items()
    }
    return create_model(f"Partial{model.__name__}", __base__=model, **optional)


def longest(length: int) -> Any:
    """A bound on a text's length, for `Annotated[Text, longest(255)]`."""
    return Field(max_length=length)


def shortest(length: int) -> Any:
    """A bound on a text's length from below."""
    return Field(min_length=length)


class OneOf:
    """One of these values, for `Annotated[str, OneOf("a", "b")]`."""

    def __init__(self, *values: Any) -> None:
        self.values = values

    def check(self, value: Any) -> Any:
        """The value, if it is one of them."""
        if value not in self.values:
            raise wrong(_("Select a valid choice. %s is not one of the available choices.") % value)
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_before_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "enum": list(self.values)}


def column_names(model: type[Model], values: dict[str, Any]) -> dict[str, Any]:
    """Values by attribute names of a model: `status` becomes `status_id`."""
    named = {}
    for name, value in values.items():
        column = model._meta.get_field(name)
        named[column.attname if isinstance(column, Column) else name] = value
    return named
