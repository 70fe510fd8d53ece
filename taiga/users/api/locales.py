"""/locales: the languages that people can choose."""

from django.conf import settings

from taiga.base.answers import Several
from taiga.base.requests import Reply, Request, ok
from taiga.base.routes import ANYBODY, endpoint, route
from taiga.users.api import shapes


@endpoint(needs=ANYBODY, answers=Several(shapes.LOCALE))
def listing(request: Request) -> Reply:
    """Every language by its own name, and whether it is written from right to left."""
    return ok(
        [{"code": code, "name": name, "bidi": code in settings.LANGUAGES_BIDI} for code, name in settings.LANGUAGES]
    )


urls = [route("locales", GET=listing)]
