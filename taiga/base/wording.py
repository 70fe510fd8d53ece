"""Pydantic's errors in the format and words of the API."""

from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError
from pydantic_core import ErrorDetails


def messages(failure: ValidationError, data: dict[str, Any], *, partial: bool = False) -> dict[str, Any]:
    """The errors as `{field: [text]}`; for a list of objects an object of errors for each of its elements.

    `partial` is whether the body changes parts of an object: then an empty value has its own message, else that of a
    missing one.
    """
    result: dict[str, Any] = {}
    for problem in failure.errors(include_url=False):
        where = [part for part in problem["loc"] if part not in ("function-after", "function-before")]
        name = str(where[0]) if where else "non_field_errors"
        text = worded(problem, partial=partial)
        if len(where) >= 2 and isinstance(where[1], int) and isinstance(data.get(name), list):
            rows = result.setdefault(name, [{} for _row in data[name]])
            if len(where) >= 3 and isinstance(rows[where[1]], dict):
                rows[where[1]].setdefault(str(where[2]), []).append(text)
            else:
                rows[where[1]] = {"non_field_errors": [text]}
        else:
            result.setdefault(name, []).append(text)
    return result


def worded(problem: ErrorDetails, *, partial: bool) -> str:
    """The message of an error."""
    context = problem.get("ctx") or {}
    match problem["type"]:
        case "missing" | "blank" | "null" | "nowhere" as kind:
            return nothing(kind if partial else "missing")
        case "string_too_long" | "too_long":
            text = _("Ensure this value has at most %(bound)d characters (it has %(length)d).")
            return text % {"bound": context["max_length"], "length": length_of(problem["input"])}
        case "string_too_short" | "too_short":
            text = _("Ensure this value has at least %(bound)d characters (it has %(length)d).")
            return text % {"bound": context["min_length"], "length": length_of(problem["input"])}
        case "value_error":
            return str(context.get("error", problem["msg"]))
        case "model_type":
            return _("Invalid data")
        case "list_type":
            return _("Enter a list of values.")
        case _:
            return problem["msg"]


def nothing(kind: str) -> str:
    """The message for a value that is missing or empty."""
    match kind:
        case "blank":
            return _("This field cannot be blank.")
        case "null":
            return _("This field cannot be null.")
        case "nowhere":
            return _("Invalid value.")
        case _:
            return _("This field is required.")


def length_of(value: Any) -> int:
    """The length of a list, or of a value as text."""
    return len(value if isinstance(value, (str, list)) else str(value))
