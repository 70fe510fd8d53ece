"""What a request can be refused with. Raised deep, written as an answer in one place (`base.dispatch`).

ApiError                        400  {"_error_message", "_error_type"}
├── BadRequest, WrongArguments, RequestValidationError, IntegrityError, PreconditionError
├── ParseError                  400  the body cannot be read
├── NotEnoughSlots              400  the owner's limits; says so in two headers
├── Invalid                     400  {"field": ["message", …], …}
├── Bare                        any  a body of its own (a text, {"version": text}, nothing at all)
├── NotAuthenticated            401
├── TokenRefused                401  {"detail", "code"}
├── PermissionDenied, Archived  403
├── Missing                     404  {"_error_message"} alone: an object that was looked up
├── NotFound                    404
├── MethodNotAllowed, NotSupported  405
├── NotAcceptable 406, UnsupportedMediaType 415, Throttled 429
└── Blocked                     451
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.utils.translation import gettext as _

T = TypeVar("T")
PREFIX = "taiga.base.exceptions."


class ApiError(Exception):
    """A refusal of a request: its status, and the type and message that the client sees."""

    status = 400
    type = "BadRequest"

    def __init__(self, message: str = "", *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.headers: dict[str, str] = dict(headers or {})

    def body(self) -> Any:
        """The JSON body of the answer."""
        return {"_error_message": self.message or self.default(), "_error_type": PREFIX + self.type}

    def default(self) -> str:
        """The message if none was given."""
        return _("Bad request.")


class BadRequest(ApiError):
    """The request makes no sense in the present state."""


class WrongArguments(ApiError):
    """An argument has a wrong type, or names something that does not exist."""

    type = "WrongArguments"

    def default(self) -> str:
        return _("Wrong arguments.")


class RequestValidationError(ApiError):
    """The request as a whole is invalid."""

    type = "RequestValidationError"


class IntegrityError(ApiError):
    """The request contradicts what is stored."""

    type = "IntegrityError"

    def default(self) -> str:
        return _("Integrity error for wrong or invalid arguments.")


class PreconditionError(ApiError):
    """Something else has to be done first."""

    type = "PreconditionError"


class ParseError(ApiError):
    """The body is not what its content type says."""

    type = "ParseError"

    def default(self) -> str:
        return _("Malformed request.")


class NotEnoughSlots(ApiError):
    """The limits of a project's owner have no room for the project or its members."""

    type = "NotEnoughSlotsForProject"

    def __init__(self, message: str, *, memberships: int | None, is_private: bool) -> None:
        headers = {
            "Taiga-Info-Project-Memberships": str(memberships),
            "Taiga-Info-Project-Is-Private": str(is_private),
        }
        super().__init__(message, headers=headers)


class Invalid(ApiError):
    """Fields with wrong values, each with its messages."""

    def __init__(self, fields: Mapping[str, Any] | list[Any]) -> None:
        super().__init__()
        self.fields = fields

    def body(self) -> Any:
        return self.fields


class Bare(ApiError):
    """An answer whose body has a format of its own; `None` is an empty body."""

    def __init__(self, status: int, body: Any = None) -> None:
        super().__init__()
        self.status = status
        self.content = body

    def body(self) -> Any:
        return self.content


class NotAuthenticated(ApiError):
    """The caller has to authenticate."""

    status = 401
    type = "NotAuthenticated"

    def __init__(self, message: str = "") -> None:
        super().__init__(message, headers={"WWW-Authenticate": 'Bearer realm="api"'})

    def default(self) -> str:
        return _("Authentication credentials were not provided.")


class TokenRefused(ApiError):
    """A token, or a name with its password, that is not valid. `more` are further members of the body."""

    status = 401

    def __init__(self, detail: str, code: str, **more: Any) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="api"'})
        self.content = {"detail": detail, "code": code, **more}

    def body(self) -> Any:
        return self.content


class PermissionDenied(ApiError):
    """The caller lacks the permission."""

    status = 403
    type = "PermissionDenied"

    def default(self) -> str:
        return _("You do not have permission to perform this action.")


class Archived(PermissionDenied):
    """The project is archived."""

    def default(self) -> str:
        return _("Archived element")


class Missing(ApiError):
    """An object that does not exist, or that the caller may not know of."""

    status = 404

    def body(self) -> Any:
        return {"_error_message": self.message}


class NotFound(ApiError):
    """404 with an error type."""

    status = 404
    type = "NotFound"

    def default(self) -> str:
        return _("Not found.")


class MethodNotAllowed(ApiError):
    """The address does not have this method."""

    status = 405
    type = "MethodNotAllowed"

    def default(self) -> str:
        return _("Method not allowed.")


class NotSupported(MethodNotAllowed):
    """A method that the address could be expected to have, but that is disabled."""

    type = "NotSupported"


class NotAcceptable(ApiError):
    """The client accepts no format that this address answers in."""

    status = 406
    type = "NotAcceptable"

    def default(self) -> str:
        return _("Could not satisfy the request's Accept header")


class UnsupportedMediaType(ApiError):
    """The body has a media type that is not supported."""

    status = 415
    type = "UnsupportedMediaType"

    def default(self) -> str:
        return _("Unsupported media type in request.")


class Throttled(ApiError):
    """Too many requests; `wait` is in seconds."""

    status = 429
    type = "Throttled"

    def __init__(self, wait: int) -> None:
        super().__init__(headers={"X-Throttle-Wait-Seconds": str(wait)})
        self.wait = wait

    def default(self) -> str:
        return _("Request was throttled. Expected available in %(wait)d seconds.") % {"wait": self.wait}


class Blocked(ApiError):
    """The project is blocked."""

    status = 451
    type = "Blocked"

    def default(self) -> str:
        return _("Blocked element")


def still_there(rows: Iterable[T]) -> T:
    """The first row. Raises Missing if there is none, since it has been deleted after it was found."""
    for row in rows:
        return row
    raise Missing


def in_one_line(problem: Exception) -> str:
    """The message of a problem without line breaks."""
    return " ".join(str(problem).split())
