"""Pages that are files: the admin's and the API documentation's static ones, and a prebuilt front at the root."""

import json
import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.views import serve as serve_static
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, re_path
from django.utils._os import safe_join
from django.views.static import serve as serve_file

VERSIONED = re.compile(r"v-\d+/")
"""Folders of the front whose name changes with each release: what is in them never does."""
SUPPORT = "https://community.taiga.io/"
"""Where the front's own example sends people. Its form for feedback lies in the menu that shows this link."""
OURS = r"(?!(?:api|admin|media|static|events|metrics|docs|dev)(?:/|$))"


def static(request: HttpRequest, path: str) -> HttpResponseBase:
    try:
        response = serve_static(request, path, insecure=True)  # by a finder, within what the installed apps bring along
    except SuspiciousFileOperation as problem:
        raise Http404 from problem
    response["Cache-Control"] = "public, max-age=3600"
    return response


def page(request: HttpRequest, path: str, folder: Path) -> HttpResponseBase:
    """A file of the front, or its one page: which of its views an address means is decided in the browser."""
    if request.method not in ("GET", "HEAD"):
        raise Http404
    if path != "index.html" and is_file(path, folder):
        response: HttpResponseBase = serve_file(request, path, document_root=str(folder))
        response["Cache-Control"] = "public, max-age=31536000, immutable" if VERSIONED.match(path) else "no-cache"
        return response
    if VERSIONED.match(path):
        raise Http404
    return HttpResponse(index(folder), headers={"Cache-Control": "no-cache"})


def is_file(path: str, folder: Path) -> bool:
    """A name with a dot may as well be a person's: `/profile/jane.doe`."""
    try:
        return Path(safe_join(folder, path)).is_file()
    except (SuspiciousFileOperation, OSError, ValueError):
        return False


@cache
def index(folder: Path) -> str:
    """The front's page, told below which path it lives."""
    html = (folder / "index.html").read_text(encoding="utf-8")
    return re.sub(r'<base href="[^"]*"', f'<base href="{settings.TAIGA_SUBPATH}/"', html, count=1)


def conf(request: HttpRequest, folder: Path) -> HttpResponseBase:
    """What the front asks for first. A `conf.json` of the operator beside its page wins, key by key."""
    own = folder / "conf.json"
    given = json.loads(own.read_text(encoding="utf-8")) if own.is_file() else {}
    return HttpResponse(
        json.dumps(configuration() | given), content_type="application/json", headers={"Cache-Control": "no-cache"}
    )


def configuration() -> dict[str, object]:
    live = settings.TAIGA_URL.replace("http", "ws", 1)
    importers = {f"enable{name.capitalize()}Importer": given["active"] for name, given in settings.IMPORTERS.items()}
    return {
        "api": f"{settings.TAIGA_URL}/api/v1/",
        "eventsUrl": f"{live}/events",
        "baseHref": f"{settings.TAIGA_SUBPATH}/",
        "eventsMaxMissedHeartbeats": 5,
        "eventsHeartbeatIntervalTime": 60_000,
        "eventsReconnectTryInterval": 10_000,
        "debug": False,
        "debugInfo": False,
        "defaultLanguage": language(),
        "themes": ["taiga"],
        "defaultTheme": "taiga",
        "defaultLoginEnabled": True,
        "publicRegisterEnabled": settings.PUBLIC_REGISTER_ENABLED,
        "feedbackEnabled": settings.FEEDBACK_ENABLED,
        "supportUrl": SUPPORT if settings.FEEDBACK_ENABLED else None,
        "privacyPolicyUrl": None,
        "termsOfServiceUrl": None,
        "maxUploadFileSize": None,
        "contribPlugins": [],
        "tagManager": {"accountId": None},
        "tribeHost": None,
        "gravatar": False,
        "rtlLanguages": settings.LANGUAGES_BIDI,
        **importers,
    }


def language() -> str:
    """One that the front speaks: it knows `pt-br` and `zh-hans`, but of `en-us` only `en`."""
    given: str = settings.LANGUAGE_CODE.lower()
    spoken = dict(settings.LANGUAGES)
    return next((code for code in (given, given.partition("-")[0]) if code in spoken), "en")


def urls() -> list[URLPattern]:
    """To stand last, since the front takes every address that nobody else has."""
    patterns = [re_path(r"^static/(?P<path>.+)$", static)]
    folder = settings.TAIGA_FRONT_DIR
    if folder is not None:
        given = {"folder": folder}
        patterns += [re_path(r"^conf\.json$", conf, given), re_path(rf"^{OURS}(?P<path>.*)$", page, given)]
    return patterns
