"""/applications and /application-tokens: other programs that act for users."""

from typing import Any

from django.db.models import QuerySet

from taiga.auth.api import shapes
from taiga.auth.models import Application, ApplicationToken
from taiga.auth.services import applications
from taiga.base import errors, paging
from taiga.base.answers import Paged
from taiga.base.bodies import Body, Text
from taiga.base.database import writing
from taiga.base.requests import Reply, Request, no_content, number, ok
from taiga.base.routes import ANYBODY, ONESELF, SIGNED_IN, SIGNED_IN_IF_FOUND, Query, endpoint, route


class Authorization(Body):
    """Which program to let in; `state` comes back to it."""

    application: Text = ""
    state: Text | None = None


class Validation(Authorization):
    """What a program shows for its token."""

    auth_code: Text = ""


@endpoint(needs=SIGNED_IN_IF_FOUND, answers=shapes.APPLICATION)
def read(request: Request) -> Reply:
    """What a program says of itself."""
    application = found(request.args["application"])
    request.ensure_signed_in()
    return ok(described(application))


@endpoint(
    needs=SIGNED_IN,
    query=(Query("state", text="Returned to the program if it is authorised already."),),
    answers=shapes.RIGHT,
)
def token(request: Request) -> Reply:
    """The caller's right for a program, with a fresh code if he let it in before."""
    application = found(request.args["application"])
    with writing():
        right = mine(request).select_for_update(of=("self",)).filter(application=application).first()
        if right is not None:
            applications.renew(right, request.query.get("state"))
    return ok(written(right or ApplicationToken(user=request.viewer, application=application)))


@endpoint(
    needs=SIGNED_IN, query=(Query("application", text="Only that of this program."),), answers=Paged(shapes.RIGHT)
)
def listing(request: Request) -> Reply:
    """The programs that the caller let in."""
    rows = mine(request)
    if "application" in request.query:
        rows = rows.filter(application_id=request.query["application"])
    return paging.paged_rows(request, rows, lambda rights: [written(right) for right in rights])


@endpoint(needs=ONESELF, answers=shapes.RIGHT)
def read_token(request: Request) -> Reply:
    """One program that the caller let in."""
    request.ensure_signed_in()
    right = mine(request).filter(pk=number(request.args["id"]) or 0).first()
    if right is None:
        raise errors.Missing("No ApplicationToken matches the given query.")
    return ok(written(right))


@endpoint(needs=ONESELF)
def delete_token(request: Request) -> Reply:
    """Shut a program out: its token does not work any more."""
    request.ensure_signed_in()
    if not mine(request).filter(pk=number(request.args["id"]) or 0).delete()[0]:
        raise errors.Missing if request.viewer.is_superuser else errors.PermissionDenied
    return no_content()


@endpoint(needs=SIGNED_IN, accepts=Authorization, answers=shapes.AUTHORIZED)
def authorize(request: Request) -> Reply:
    """Let a program in."""
    body = Authorization.read(request.fields).body
    right = applications.authorize(found(body.application), body.state, by=request.viewer)
    return ok({"state": right.state, "auth_code": right.auth_code, "next_url": next_url(right)})


@endpoint(needs=ANYBODY, accepts=Validation, answers=shapes.VALIDATED)
def validate(request: Request) -> Reply:
    """The token for a code; whoever has code and state is the program."""
    body = Validation.read(request.fields).body
    return ok({"token": applications.validate(body.application, body.auth_code, body.state)})


def found(application_id: str) -> Application:
    """The application with this id. Raises Missing."""
    application = Application.objects.filter(pk=application_id).first()
    if application is None:
        raise errors.Missing("No Application matches the given query.")
    return application


def mine(request: Request) -> "QuerySet[ApplicationToken]":
    """The application tokens of the caller."""
    rows = ApplicationToken.objects.filter(user_id=request.viewer.id)
    return rows.select_related("application").order_by("id")


def described(application: Application) -> dict[str, Any]:
    """An application as the API shows it."""
    return {name: getattr(application, name) for name in ("id", "name", "web", "description", "icon_url")}


def written(right: ApplicationToken) -> dict[str, Any]:
    """An application token as the API shows it, without the token itself, which only the application gets."""
    return {
        "id": right.pk,
        "user": right.user_id,
        "application": described(right.application),
        "auth_code": right.auth_code,
        "next_url": next_url(right),
    }


def next_url(right: ApplicationToken) -> str:
    """The address to which the browser is sent."""
    return f"{right.application.next_url}?auth_code={right.auth_code}"


urls = [
    route("applications/{application}", GET=read),
    route("applications/{application}/token", GET=token),
    route("application-tokens", GET=listing, refused=("POST",)),
    route("application-tokens/{id}", GET=read_token, DELETE=delete_token, refused=("PUT", "PATCH")),
    route("application-tokens/authorize", POST=authorize),
    route("application-tokens/validate", POST=validate),
]
