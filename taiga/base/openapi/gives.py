"""The responses of an operation: success, and errors with the shapes of their bodies."""

from collections.abc import Iterable
from typing import Any, NoReturn

from taiga.base import paging
from taiga.base.answers import INTEGER, TEXT, Download, Paged, Schema, Several, Shape, array, fixed, maybe
from taiga.base.openapi import takes
from taiga.base.openapi.components import PLACE, Components
from taiga.base.routes import OUTSIDE_PROJECTS, Endpoint, Header, Query, Route

REFUSAL = fixed("Refusal", "Most errors.", _error_message=TEXT, _error_type=TEXT)
NOT_THERE = Shape("NotThere", lambda: {"_error_message": TEXT, "_error_type": TEXT}, ("_error_type",))
TOKEN_REFUSED = Shape(
    "TokenRefused",
    lambda: {"detail": TEXT, "code": TEXT, "messages": array({"type": "object"})},
    ("messages",),
    "A token, or a name with its password, that is not good.",
)
FAILURE = Shape("Failure", lambda: {"error": TEXT, "details": {}}, ("details",))
WRONG: dict[str, Schema] = {
    "WrongFields": {
        "type": "object",
        "description": "The invalid fields, each with its errors; `non_field_errors` for the whole body.",
        "additionalProperties": {"anyOf": [array({}), {"type": "string"}, {"type": "object"}, {"type": "null"}]},
    },
    "WrongRows": {**array({"type": "object"}), "description": "For each row of a list its wrong fields."},
}
LIMIT_HOLDS = Shape(
    "WipLimitExceeded",
    lambda: {
        **REFUSAL.members(),
        **dict.fromkeys(("status", "limit", "count"), INTEGER),
        "swimlane": maybe(INTEGER),
    },
    text="An enforced WIP limit, and the number of stories that there would be.",
)
REFUSING = {
    "400": (
        Header(
            "Taiga-Info-Project-Memberships", text="How many members there would be, where there is no room for them."
        ),
        Header("Taiga-Info-Order-Updated", text="`{}`: nothing has moved."),
        Header("Taiga-Info-Project-Is-Private", text="`True` or `False`: which limit of the owner is reached."),
    ),
    "401": (Header("WWW-Authenticate", text='`Bearer realm="api"`'),),
    "429": (Header("X-Throttle-Wait-Seconds", "integer", "When to try again."),),
    "503": (Header("Retry-After", "integer", "When to ask again, in seconds."),),
}
"""The response headers of errors."""
REFUSALS: dict[str, tuple[str, str, list[Any]]] = {
    "400": ("WrongRequest", "Something about the request is wrong.", [
        *({"$ref": f"{PLACE}{name}"} for name in WRONG), REFUSAL, LIMIT_HOLDS, FAILURE, TEXT,
    ]),
    "401": ("WhoAreYou", "The caller is not known, or his credentials are not good.", [REFUSAL, TOKEN_REFUSED]),
    "403": ("MayNot", "The caller may not; or the project is archived.", [REFUSAL]),
    "404": ("NotFound", "There is no such thing, or none that the caller may know of.", [NOT_THERE]),
    "406": ("NotAcceptable", "The caller accepts no JSON.", [REFUSAL]),
    "415": ("UnsupportedMediaType", "A body of another media type.", [REFUSAL]),
    "429": ("TooManyRequests", "Try again after `X-Throttle-Wait-Seconds`.", [REFUSAL]),
    "451": ("Blocked", "The project is blocked.", [REFUSAL]),
    "503": ("OutOfReach", "The database does not answer, and nothing was written.", [FAILURE, REFUSAL]),
}  # fmt: skip
MAKERS = {"created": "201", "no_content": "204", "done": "200"}


def responses(route: Route, method: str, answer: Endpoint, components: Components) -> dict[str, Schema]:
    """The responses of an operation, by status."""
    found = {status: success(route, status, answer, components) for status in statuses(answer)}
    for status in refusals(method, answer):
        found[status] = {"$ref": f"#/components/responses/{REFUSALS[status][0]}"}
    return found


def statuses(answer: Endpoint) -> list[str]:
    """The statuses of success, which follow from the reply functions (`ok`, `created` …) that the endpoint calls."""
    if answer.function.__annotations__.get("return") is NoReturn:
        return []
    used = answer.function.__code__.co_names
    found = {status for maker, status in MAKERS.items() if maker in used}
    return sorted(found | ({"200"} if "ok" in used or not found else set()))


def success(route: Route, status: str, answer: Endpoint, components: Components) -> Schema:
    """The response of success."""
    used, given = answer.function.__code__.co_names, answer.answers
    if status == "204" or ("done" in used and "ok" not in used):
        return {"description": "Done; there is no body."}
    sent = headers([*takes.declared(answer.tells, route.given), *(paging.HEADERS if isinstance(given, Paged) else ())])
    if isinstance(given, Download):
        return {"description": "A file.", **sent, "content": {given.media_type: {"schema": TEXT}}}
    schema = written(given, route, components)
    return {"description": "Done.", **sent, "content": {"application/json": {"schema": schema}}}


def headers(declared: Iterable[Header]) -> Schema:
    """The headers of a response."""
    found = {one.name: {"description": one.text, "schema": {"type": one.type}} for one in declared}
    return {"headers": found} if found else {}


def written(given: Any, route: Route, components: Components) -> Schema:
    """The schema of a response body; empty if none is declared."""
    if isinstance(given, Several) or (isinstance(given, Paged) and given.inside is None):
        return array(written(given.of, route, components))
    shape = given.inside if isinstance(given, Paged) else given
    found = shape(route.given) if callable(shape) else shape
    return components.written(found) if isinstance(found, (dict, Shape)) else {}


def refusals(method: str, answer: Endpoint) -> list[str]:
    """The error statuses of an operation."""
    writes = method != "GET"
    of_project = answer.needs not in OUTSIDE_PROJECTS
    names_project = any(isinstance(one, Query) and one.name == "project" and one.required for one in answer.query)
    reasons = {
        "400": writes or answer.query or isinstance(answer.answers, Paged),
        "401": True,
        "403": writes or of_project or "PermissionDenied" in answer.function.__code__.co_names,
        "404": True,
        "406": True,
        "415": writes,
        "429": True,
        "451": writes and (of_project or names_project),
        "503": True,
    }
    return [status for status, reason in reasons.items() if reason]


def refused(components: Components) -> dict[str, Schema]:
    """The error responses, as components. Unreadable requests and unknown paths are answered with an HTML page."""
    components.schemas |= WRONG
    return {
        name: {
            "description": text,
            **headers(REFUSING.get(status, ())),
            "content": {
                "application/json": {"schema": components.written(any_of(shapes))},
                **({"text/html": {"schema": TEXT}} if status in ("400", "404") else {}),
            },
        }
        for status, (name, text, shapes) in REFUSALS.items()
    }


def any_of(shapes: list[Any]) -> Any:
    """One of several shapes."""
    return shapes[0] if len(shapes) == 1 else {"anyOf": shapes}
