"""The entry of every request to the API: finds the endpoint, calls it, and turns what it returns or raises into a
response.
"""

import logging
import re
import traceback
from collections.abc import Callable, Mapping
from functools import cache, lru_cache, partial
from typing import Any

import msgspec
from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.http.response import ResponseHeaders
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

from taiga.base import errors
from taiga.base.answers import Download
from taiga.base.database import is_unavailable, retry_conflicts, writing
from taiga.base.requests import EMPTY, FORMS, Reply, Request
from taiga.base.routes import ANYBODY, ONESELF, SIGNED_IN, SIGNED_IN_IF_FOUND, Endpoint, Route, Router

log = logging.getLogger("taiga.api")

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET,POST,PUT,PATCH,DELETE,OPTIONS,HEAD",
    "Access-Control-Allow-Headers": (
        "content-type,x-requested-with,authorization,accept-encoding,x-disable-pagination,x-lazy-pagination,x-host,"
        "x-session-id,set-orders"
    ),
    "Access-Control-Expose-Headers": (
        "x-pagination-count,x-paginated,x-paginated-by,x-pagination-current,x-pagination-next,x-pagination-prev,"
        "x-site-host,x-site-register,taiga-info-total-opened-milestones,taiga-info-total-closed-milestones,"
        "taiga-info-backlog-total-userstories,taiga-info-userstories-without-swimlane,taiga-info-project-memberships,"
        "taiga-info-project-is-private,taiga-info-order-updated,taiga-info-wip-limit-exceeded"
    ),
    "Access-Control-Max-Age": "1800",
    "Access-Control-Allow-Credentials": "true",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
PAGE = (
    b'<!doctype html>\n<html lang="en">\n<head>\n  <title>%(title)b</title>\n</head>\n<body>\n'
    b"  <h1>%(title)b</h1><p>%(text)b</p>\n</body>\n</html>\n"
)
NOT_FOUND_PAGE = PAGE % {b"title": b"Not Found", b"text": b"The requested resource was not found on this server."}
BAD_REQUEST_PAGE = PAGE % {b"title": b"Bad Request (400)", b"text": b""}
FORMAT = re.compile(r"\.([a-z0-9]+)$")
INDENT = re.compile(r";\s*indent=(\d{1,3})")
WIDEST_INDENT = 8
LARGEST_TUNNEL_FORM = 65_536
PARSES = ["application/json", *FORMS]
RETRY_AFTER = 5
"""Seconds after which a client may try again when the database did not answer."""


class Dispatcher:
    """A Django view for everything below `/api/v1/`."""

    csrf_exempt = True

    def __init__(self, router: Router) -> None:
        self.router = router

    def __call__(self, http: HttpRequest, path: str) -> HttpResponseBase:
        request = Request(http, method_of(http))
        language = language_of(http)
        translation.activate(language)
        found = self._find(request, path)
        route = found[0] if found else None
        method, place = request.method, route.path if route else path
        try:
            reply = self._answer(request, found)
        except errors.ApiError as refusal:
            reply = refused(refusal)
        except Http404:
            reply = Reply(NOT_FOUND_PAGE, 404, content_type="text/html")
        except (BadRequest, SuspiciousOperation):
            reply = Reply(BAD_REQUEST_PAGE, 400, content_type="text/html")
        except (IntegrityError, DataError) as problem:
            log.warning("refused by the database: %s %s: %s\n%s", method, place, first_line(problem), way_to(problem))
            reply = refused(errors.IntegrityError())
        except (OperationalError, InterfaceError) as problem:
            seen = None if is_unavailable(problem) else problem
            log.error("the database failed %s %s: %s", method, place, errors.in_one_line(problem), exc_info=seen)
            reply = failed(503, {"Retry-After": str(RETRY_AFTER)})
        except Exception as problem:
            log.exception("unexpected failure of %s %s", method, place, exc_info=problem)
            reply = failed(500)
        for callback in request.when_answered:
            callback(reply.status)
        return response(request, reply, route, language)

    def _find(self, request: Request, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route of a path and the values of its placeholders. Every address also exists with the suffix of a
        format.
        """
        suffix = FORMAT.search(path)
        if suffix is None:
            return self.router.find(path)
        request.format = suffix[1]
        return self.router.find(path[: suffix.start()])

    def _answer(self, request: Request, found: tuple[Route, dict[str, str]] | None) -> Reply:
        if found is None:
            raise Http404
        route, request.args = found
        request.given = route.given
        request.viewer = hook("AUTHENTICATE")(request)
        endpoint = route.methods.get("GET" if request.method == "HEAD" else request.method)
        hook("THROTTLE")(request, endpoint)
        negotiate(request, endpoint)
        if request.method == "OPTIONS":
            return Reply(described(route))
        if endpoint is None:
            raise method_refused(request.method, route)
        return call(request, endpoint)


def method_refused(method: str, route: Route) -> errors.MethodNotAllowed:
    """The refusal of a method that the address does not have."""
    if method not in route.refused:
        return errors.MethodNotAllowed(_("Method '%s' not allowed.") % method)
    if method == "PUT":
        return errors.NotSupported(_("Partial updates are not supported"))
    return errors.NotSupported(_("Method not supported for this endpoint."))


def call(request: Request, endpoint: Endpoint) -> Reply:
    """Run the endpoint, in one transaction if it may write.

    Raises AssertionError if an endpoint that needs a permission never checked it.
    """
    request.endpoint = endpoint
    if endpoint.needs is SIGNED_IN and not request.viewer.is_authenticated:
        raise errors.NotAuthenticated
    if request.method in ("GET", "HEAD") or not endpoint.atomic:
        reply = endpoint.function(request, **request.given)
    else:
        reply = retry_conflicts(partial(written, request, endpoint), partial(start_over, request))
    allowed = request.is_signed_in if endpoint.needs is SIGNED_IN_IF_FOUND else request.allowed
    if not allowed and endpoint.needs not in (ANYBODY, SIGNED_IN, ONESELF):
        raise AssertionError(f"{endpoint.name} needs {endpoint.needs} and never checked it")
    return reply


def written(request: Request, endpoint: Endpoint) -> Reply:
    """The reply of an endpoint that may write, in one transaction."""
    with writing():
        return endpoint.function(request, **request.given)


def start_over(request: Request) -> None:
    """After a conflict: forget what was looked up for the request, and authenticate the caller again."""
    request.start_over()
    request.viewer = hook("AUTHENTICATE")(request)


@cache
def hook(name: str) -> Callable[..., Any]:
    """The function of another package whose dotted name is this setting."""
    return import_string(getattr(settings, name))  # type: ignore[no-any-return]


def method_of(http: HttpRequest) -> str:
    """The HTTP method. A POST may override it by a header, and a small form also by its field `_method`."""
    method = (http.method or "GET").upper()
    if method != "POST":
        return method
    return (http.META.get("HTTP_X_HTTP_METHOD_OVERRIDE") or method_in_form(http) or method).upper()


def method_in_form(http: HttpRequest) -> str:
    """The field `_method` of a form; empty if there is none.

    A large form may be an upload, which is not read before the caller is known.
    """
    small = int(http.META.get("CONTENT_LENGTH") or 0) < LARGEST_TUNNEL_FORM
    if http.content_type not in FORMS or not small or b"_method" not in http.body:
        return ""
    try:
        return http.POST.get("_method", "")
    except (SuspiciousOperation, MultiPartParserError):
        return ""


def language_of(http: HttpRequest) -> str:
    """The language of the answer: a cookie, else `Accept-Language`, else the server's."""
    cookie = http.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "") if "HTTP_COOKIE" in http.META else ""
    return negotiated(cookie, http.META.get("HTTP_ACCEPT_LANGUAGE", ""))


@lru_cache(maxsize=256)
def negotiated(cookie: str, accepted: str) -> str:
    """The first supported language of the cookie, of `Accept-Language`, and of the settings."""
    for code in [cookie, *(code for code, _quality in parse_accept_lang_header(accepted)), settings.LANGUAGE_CODE]:
        if code and code != "*":
            try:
                return get_supported_language_variant(code)
            except LookupError:
                continue
    return "en"


def negotiate(request: Request, endpoint: Endpoint | None) -> None:
    """Refuse a format or media type that the endpoint does not answer with, and NUL characters in the query.

    PostgreSQL cannot store a text with a NUL, and refuses to compare with one.
    """
    if request.query.get("format", request.format) != "json":
        raise errors.Missing
    accept = request.query.get("accept") or request.header("Accept") or "*/*"
    kinds = [part.partition(";")[0].strip() for part in accept.split(",")]
    own = endpoint.answers.media_type if endpoint and isinstance(endpoint.answers, Download) else ""
    if not any(kind in ("*/*", "application/*", "application/json", own, "") for kind in kinds):
        raise errors.NotAcceptable
    if "%00" in request.http.META.get("QUERY_STRING", ""):
        raise errors.BadRequest(_("Null characters are not allowed."))


def refused(refusal: errors.ApiError) -> Reply:
    """The answer to a request that was refused."""
    body = refusal.body()
    return Reply(EMPTY if body is None else body, refusal.status, refusal.headers)


def first_line(problem: Exception) -> str:
    """The message of a database error without the further lines, in which PostgreSQL quotes values of the row."""
    return str(problem).partition("\n")[0]


def way_to(problem: Exception) -> str:
    """The traceback of a problem, without its message."""
    return "".join(traceback.format_tb(problem.__traceback__)).rstrip()


def failed(status: int, headers: Mapping[str, str] | None = None) -> Reply:
    """The answer after a failure of the server (500), or of the database, which may be back soon (503)."""
    return Reply({"error": _("Oops, something went wrong...")}, status, dict(headers or {}))


def described(route: Route) -> dict[str, Any]:
    """The answer to OPTIONS."""
    words = (route.name or route.path.partition("/")[0].replace("-", " ")).title()
    kind = "Instance" if "{" in route.path else "List"
    return {"name": f"{words} {kind}", "description": "", "renders": ["application/json"], "parses": PARSES}


def response(request: Request, reply: Reply, route: Route | None, language: str) -> HttpResponseBase:
    """The reply as a Django response, with the headers that every answer has."""
    if isinstance(reply.body, HttpResponseBase):
        answer: HttpResponseBase = reply.body
    elif reply.body is EMPTY:
        answer = HttpResponse(status=reply.status)
        del answer.headers["Content-Type"]
    elif isinstance(reply.body, bytes):
        answer = HttpResponse(reply.body, status=reply.status, content_type=reply.content_type)
    else:
        content, content_type = encoded(request, reply.body)
        answer = HttpResponse(content, status=reply.status, content_type=content_type)
    usual = usual_headers(route.allow if route else None, language, is_bearer=has_bearer_token(request))
    answer.headers._store.update(usual._store)  # item by item, each would be validated again
    for name, value in reply.headers.items():
        answer.headers[name] = value
    return answer


@lru_cache(maxsize=1024)
def usual_headers(allow: str | None, language: str, *, is_bearer: bool) -> ResponseHeaders:
    """The headers that nearly every answer has."""
    return ResponseHeaders(
        {
            **CORS,
            **({} if allow is None else {"Allow": allow}),
            "Content-Language": language,
            "Vary": "Accept-Language" if is_bearer else "Cookie, Accept-Language",
        }
    )


def has_bearer_token(request: Request) -> bool:
    """Whether the caller is authenticated by a token of its own, not by a cookie."""
    return request.viewer.is_authenticated and (request.header("Authorization") or "").startswith("Bearer ")


def encoded(request: Request, body: Any) -> tuple[bytes, str]:
    """The body as JSON and its content type; indented if the client asked for it."""
    content = msgspec.json.encode(body, enc_hook=plain)
    accept = request.query.get("accept") or request.header("Accept") or ""
    asked = INDENT.search(accept)
    if asked is None:
        return content, "application/json"
    indented = msgspec.json.format(content, indent=min(int(asked[1]), WIDEST_INDENT))
    return indented, f"application/json; indent={asked[1]}"


def plain(value: Any) -> Any:
    """For msgspec: lazy translations as text."""
    return str(value)
