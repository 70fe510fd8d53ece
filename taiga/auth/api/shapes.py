"""What the addresses of other programs answer with."""

from taiga.auth.models import Application
from taiga.base.answers import INTEGER, TEXT, Shape, columns, fixed, maybe

APPLICATION = Shape("Application", lambda: columns(Application, ("id", "name", "web", "description", "icon_url")))
RIGHT = fixed(
    "ApplicationToken",
    "A program that somebody let in.",
    id=maybe(INTEGER),
    user=INTEGER,
    application=APPLICATION,
    auth_code=maybe(TEXT),
    next_url=TEXT,
)
AUTHORIZED = fixed("Authorized", state=maybe(TEXT), auth_code=TEXT, next_url=TEXT)
VALIDATED = fixed("Validated", token=TEXT)
