"""Pages of the server itself: what runs here, how it is, and the API's documentation."""

import json
from collections.abc import Iterable
from functools import cache

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from taiga import __version__
from taiga.base import openapi
from taiga.base.routes import Route

DOCUMENT, DOCS = "api/v1/openapi.json", "api/v1/docs"
OURS_ALONE = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing of these pages comes from elsewhere."""


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The API's documentation, to be read and tried."""
    return shown(request, "base/docs.html")


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What there is, where no front is."""
    return shown(request, "base/landing.html")


def shown(request: HttpRequest, template: str) -> HttpResponse:
    """A page that nobody else shows inside his own, and that loads nothing from elsewhere."""
    answer = render(request, template, {"version": __version__, "subpath": settings.TAIGA_SUBPATH})
    answer.headers["Content-Security-Policy"] = OURS_ALONE
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Whether the database answers: 200, else 503; for load balancers and supervisors."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database does not answer"}, status=503)
    return JsonResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


def urls(routes: Iterable[Route]) -> list[URLPattern]:
    """The addresses; the document is made when it is first asked for."""
    written = cache(lambda: json.dumps(openapi.document(routes)))

    @require_safe
    def document(request: HttpRequest) -> HttpResponse:
        """The API as an OpenAPI document, for programs of whatever origin."""
        headers = {"Access-Control-Allow-Origin": "*"}
        return HttpResponse(written(), content_type="application/json", headers=headers)

    return [
        path(DOCUMENT, document),
        path(DOCS, docs),
        path("health", health),
        *([] if settings.TAIGA_FRONT_DIR else [path("", landing, name="landing")]),
    ]
