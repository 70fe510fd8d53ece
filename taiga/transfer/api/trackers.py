"""/importers: projects of other trackers; the addresses exist for those that are switched on."""

from typing import Any, NoReturn

from django.conf import settings
from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.requests import Reply, Request, ok
from taiga.base.routes import SIGNED_IN, Query, Route, endpoint, route
from taiga.transfer.services import trackers

PLATFORMS = ("trello", "jira", "github", "asana")
OBJECT = {"type": "object", "additionalProperties": True}
ADDRESS = {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]}


def parameter(request: Request, name: str) -> Any:
    """A required value of the body. Raises WrongArguments."""
    value = request.fields.get(name)
    if not value:
        raise errors.WrongArguments(_("The %s param is needed") % name)
    return value


def beyond_us(platform: str) -> errors.BadRequest:
    """The refusal of what is not implemented."""
    return errors.BadRequest(_("This server can't import from %s.") % platform.title())


@endpoint(
    needs=SIGNED_IN,
    query=(Query("uri", text="Where GitHub sends the browser back to."), Query("url", text="The server of Jira.")),
    answers=ADDRESS,
    throttle="import-mode",
)
def address(request: Request, platform: str) -> Reply:
    """Where somebody allows us to read in his name."""
    if platform == "github":
        return ok({"url": trackers.github_address(request.query.get("uri"))})
    if platform == "asana":
        return ok({"url": trackers.asana_address()})
    if platform == "jira" and not request.query.get("url"):
        raise errors.WrongArguments(_("The url param is needed"))
    raise beyond_us(platform)


@endpoint(needs=SIGNED_IN, accepts=OBJECT, answers=OBJECT, atomic=False, throttle="import-mode")
def authorize(request: Request, platform: str) -> Reply:
    """The token that comes of it."""
    if platform not in ("github", "asana"):
        raise trackers.refused()
    code = request.fields.get("code")
    if not isinstance(code, str) or not code:
        raise errors.BadRequest(_("Code param needed"))
    if platform == "github":
        return ok({"token": trackers.github_token(code)})
    return ok({"token": trackers.asana_token(code)})


@endpoint(needs=SIGNED_IN, accepts=OBJECT, atomic=False, throttle="import-mode")
def list_projects(request: Request, platform: str) -> NoReturn:
    """The projects there."""
    raise beyond_us(platform)


@endpoint(needs=SIGNED_IN, accepts=OBJECT, atomic=False, throttle="import-mode")
def of_project(request: Request, platform: str) -> NoReturn:
    """The people of a project there, or all of it."""
    parameter(request, "project")
    raise beyond_us(platform)


def addresses(platform: str) -> list[Route]:
    """The routes of a tracker."""
    given = {"platform": platform}
    return [
        route(f"importers/{platform}/auth_url", given, GET=address),
        route(f"importers/{platform}/authorize", given, POST=authorize),
        route(f"importers/{platform}/list_projects", given, POST=list_projects),
        route(f"importers/{platform}/list_users", given, POST=of_project),
        route(f"importers/{platform}/import_project", given, POST=of_project),
    ]


urls = [one for platform in PLATFORMS if settings.IMPORTERS[platform]["active"] for one in addresses(platform)]
