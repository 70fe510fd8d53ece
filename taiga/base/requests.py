"""A request as an endpoint sees it, and the reply that the endpoint gives."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import msgspec
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.bodies import LARGEST_KEY

MAX_DEPTH = 60
"""How deep objects and lists may be nested, so that a dump that contains them can still be loaded."""
MAX_ANONYMOUS_BODY = 2_621_440
"""Bytes of the largest body that is read from an unauthenticated caller, the same as of a form. Others have no limit
here.
"""
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Viewer(Protocol):
    """The caller: a user, or nobody (`id` is None)."""

    @property
    def id(self) -> int | None: ...
    @property
    def is_superuser(self) -> bool: ...
    @property
    def is_authenticated(self) -> bool: ...


@dataclass(frozen=True)
class Nobody:
    """The anonymous caller."""

    id: None = None
    is_superuser: bool = False
    is_authenticated: bool = False


NOBODY = Nobody()


@dataclass
class Reply:
    """The answer of an endpoint. `body` is written as JSON, EMPTY as no body, bytes unchanged."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


class Empty:
    """The type of EMPTY."""


EMPTY = Empty()


def ok(body: Any, **headers: str) -> Reply:
    """200. Keyword arguments are headers, with `_` for `-`."""
    return Reply(body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def created(body: Any) -> Reply:
    """201, with the new object."""
    return Reply(body, status=201)


def done() -> Reply:
    """200 without a body, the answer of an action."""
    return Reply(EMPTY)


def no_content() -> Reply:
    """204."""
    return Reply(EMPTY, status=204)


def number(text: str | int | None) -> int | None:
    """The id in an address or a parameter; None if the text is not a number of at most 63 bits."""
    text = str(text)
    if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= LARGEST_KEY:
        return int(text)
    return None


class Request:
    """One call. `args` are the placeholders of the address; `cache` keeps what was looked up while answering."""

    def __init__(self, http: HttpRequest, method: str) -> None:
        self.http = http
        self.method = method
        self.viewer: Any = NOBODY
        self.endpoint: Any = None
        self.given: Mapping[str, Any] = {}
        self.args: dict[str, str] = {}
        self.allowed = False
        self.is_signed_in = False
        self.format = "json"
        self.when_answered: list[Callable[[int], None]] = []
        self.cache: dict[Any, Any] = {}

    def start_over(self) -> None:
        """Forget what was looked up while answering; what was sent stays."""
        self.cache.clear()
        self.allowed = self.is_signed_in = False

    @cached_property
    def query(self) -> dict[str, str]:
        """The query parameters; the last value of a repeated one."""
        return self.http.GET.dict() if self.http.META.get("QUERY_STRING") else {}

    def header(self, name: str) -> str | None:
        """A request header."""
        return self.http.META.get("HTTP_" + name.upper().replace("-", "_"))

    @property
    def session_id(self) -> str | None:
        """The id that the browser tab of the caller has given itself."""
        return self.header("X-Session-Id")

    @property
    def content_type(self) -> str:
        """The media type of the body, without parameters, in lower case."""
        return (self.http.META.get("CONTENT_TYPE") or "").partition(";")[0].strip().lower()

    @property
    def is_form(self) -> bool:
        """Whether the values are those of a form: all texts, with unticked boxes left out. So is a missing body."""
        return self.content_type in FORMS or not self._has_body

    @property
    def _has_body(self) -> bool:
        length = self.http.META.get("CONTENT_LENGTH") or "0"
        return length != "0"

    @cached_property
    def data(self) -> Any:
        """The body: parsed JSON, or the fields and files of a form. Raises ParseError, UnsupportedMediaType."""
        if not self._has_body:
            return {}
        if self.content_type == "application/json":
            return parse_json(self.raw())
        if self.content_type in FORMS:
            self.ensure_size_allowed()
            return self._form()
        raise errors.UnsupportedMediaType(
            _("Unsupported media type '%s' in request.") % self.http.META.get("CONTENT_TYPE", "")
        )

    def raw(self, max_anonymous: int = MAX_ANONYMOUS_BODY) -> bytes:
        """The body as it was sent. Raises RequestDataTooBig."""
        self.ensure_size_allowed(max_anonymous)
        return self.http.read()

    def ensure_size_allowed(self, max_anonymous: int = MAX_ANONYMOUS_BODY) -> None:
        """Refuse a body that is too large for an unauthenticated caller. Raises RequestDataTooBig."""
        if not self.viewer.is_authenticated and int(self.http.META.get("CONTENT_LENGTH") or 0) > max_anonymous:
            raise RequestDataTooBig(f"more than {max_anonymous} bytes without authentication")

    def _form(self) -> Any:
        method = self.http.method
        self.http.method = "POST"  # Django reads forms of no other method
        try:
            fields: dict[str, Any] = self.http.POST.dict()
            files = self.http.FILES.dict()
        except MultiPartParserError as problem:
            if "boundary=" not in self.http.META.get("CONTENT_TYPE", ""):
                raise BadRequest(str(problem)) from problem
            raise errors.ParseError(_("Multipart form parse error - %s") % problem) from problem
        finally:
            self.http.method = method
        if any("\0" in text for text in fields.values()):
            raise errors.ParseError(_("Null characters are not allowed."))
        if "_content" in fields and fields.get("_content_type", "").startswith("application/json"):
            return parse_json(fields["_content"].encode())
        return {**fields, **files}

    def ensure_signed_in(self) -> None:
        """Refuse an anonymous caller, for endpoints that have to check something else first. Raises
        NotAuthenticated.
        """
        if not self.viewer.is_authenticated:
            raise errors.NotAuthenticated
        self.is_signed_in = True

    @property
    def fields(self) -> dict[str, Any]:
        """The body, which has to be an object. Raises Invalid."""
        if not isinstance(self.data, dict):
            raise errors.Invalid({"non_field_errors": [_("Invalid data")]})
        return self.data

    def file(self, name: str) -> "UploadedFile[Any] | None":
        """An uploaded file; None if there is none of this name."""
        found = self.data.get(name) if isinstance(self.data, dict) else None
        return found if isinstance(found, UploadedFile) else None

    def url(self, path_and_query: str) -> str:
        """An absolute address on this server, as the client reached it."""
        return self.http.build_absolute_uri(path_and_query)


def parse_json(raw: bytes) -> Any:
    """Parsed JSON that PostgreSQL can store. Raises ParseError.

    Refuses NUL characters, lone surrogates, NaN and infinities, floats out of range, and too deep a nesting.
    """
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise errors.ParseError(_("JSON parse error - %s") % reason(raw, problem)) from problem
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and is_deep(value):
        raise errors.ParseError(_("JSON parse error - %s") % _("The JSON is nested too deeply."))
    if b"\\u0000" in raw and "\\u0000" in json.dumps(value).replace("\\\\", ""):
        raise errors.ParseError(_("Null characters are not allowed."))
    return value


def reason(raw: bytes, problem: Exception) -> str:
    """Why a text is not JSON, and where, in the words of Python's parser, which clients know; else those of
    `problem`.
    """
    try:
        json.loads(raw)
    except (ValueError, RecursionError) as found:
        return str(found)
    return str(problem)


def is_deep(value: Any) -> bool:
    """Whether objects and lists are nested too deeply."""
    level = [value]
    for _depth in range(MAX_DEPTH + 1):
        objects = [inner for one in level if isinstance(one, dict) for inner in one.values()]
        level = objects + [inner for one in level if isinstance(one, list) for inner in one]
    return bool(level)
