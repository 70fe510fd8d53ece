"""/users: one's own account, and looking at others."""

from django.conf import settings
from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.media import signing as media
from taiga.base.requests import Reply, Request, number, ok
from taiga.base.routes import ANYBODY, SIGNED_IN, Query, endpoint, route
from taiga.users import queries
from taiga.users.api import shapes
from taiga.users.models import User
from taiga.users.services import avatars, profiles


@endpoint(needs=SIGNED_IN, answers=shapes.USER)
def me(request: Request) -> Reply:
    """The caller."""
    return ok(queries.self_of(request.viewer))


@endpoint(needs=ANYBODY, answers=shapes.USER, throttle="user-detail")
def read(request: Request) -> Reply:
    """A person by id, be he active or not."""
    return ok(queries.seen_by(request.viewer, person(request)))


@endpoint(
    needs=ANYBODY,
    query=(Query("username", "string", "The exact user name.", required=True),),
    answers=shapes.USER,
    throttle="user-detail",
)
def by_username(request: Request) -> Reply:
    """A person by user name, letter by letter."""
    return ok(queries.seen_by(request.viewer, found(request, username=request.query.get("username", ""))))


@endpoint(needs=SIGNED_IN, answers=shapes.USER, atomic=False, uploads=("avatar",))
def change_avatar(request: Request) -> Reply:
    """Another photo of the caller."""
    photo = request.file("avatar")
    if photo is None:
        raise errors.WrongArguments(_("Incomplete arguments"))
    avatars.change(request.viewer, photo)
    return ok(queries.self_of(request.viewer))


@endpoint(needs=SIGNED_IN, answers=shapes.USER)
def remove_avatar(request: Request) -> Reply:
    """No photo of the caller any more."""
    avatars.remove(request.viewer)
    return ok(queries.self_of(request.viewer))


@endpoint(needs=SIGNED_IN, answers=shapes.EXPORT, atomic=False)
def export(request: Request) -> Reply:
    """The caller's profile as a zip."""
    return ok({"url": media.media_url(profiles.export(request.viewer))})


def person(request: Request) -> User:
    """The person whose id is in the address. Raises Missing."""
    return found(request, id=number(request.args["id"]))


def found(request: Request, **lookup: int | str | None) -> User:
    """The person with these values. Raises NotAuthenticated where profiles are private, and Missing."""
    if settings.PRIVATE_USER_PROFILES:
        request.ensure_signed_in()
    user = User.objects.filter(**lookup).first()
    if user is None:
        raise errors.Missing("" if None in lookup.values() else "No User matches the given query.")
    return user


urls = [
    route("users/me", GET=me),
    route("users/by_username", GET=by_username),
    route("users/change_avatar", POST=change_avatar),
    route("users/remove_avatar", POST=remove_avatar),
    route("users/export", POST=export),
]
