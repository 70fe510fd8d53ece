"""/users: what projects let users see of each other, editing profiles, and closing accounts."""

from collections.abc import Callable
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BeforeValidator, Field

from taiga.base import errors, paging
from taiga.base.answers import Paged
from taiga.base.bodies import Body, Boolean, Fields, Text, longest, to_boolean, wrong
from taiga.base.requests import Reply, Request, no_content, number, ok
from taiga.base.routes import ANYBODY, ONESELF, Query, endpoint, route
from taiga.changes.record import Actor
from taiga.projects.api import lookup, project_shapes
from taiga.projects.queries import favourites
from taiga.projects.queries import people as queries
from taiga.projects.services import people
from taiga.users import queries as profiles
from taiga.users.api import shapes, users
from taiga.users.models import User, random_color
from taiga.users.rules import Address, FullName, MaybeFullName, Username
from taiga.users.services import accounts

Favourites = Callable[[favourites.Criteria], Any]
SEARCH = Query("q", "string", "Only those that have these words.")
TYPE = Query("type", "string", "Only those of this type.", ("project", "epic", "userstory", "task", "issue"))


def to_read(value: Any) -> bool:
    """Whether the terms were read, which cannot be undone."""
    if not to_boolean(value):
        raise wrong(_("Read new terms has to be true"))
    return True


class Profile(Body):
    """The fields of a user's own profile."""

    username: Username
    full_name: FullName
    color: Annotated[Text, longest(9)] = Field(default_factory=random_color)
    bio: Text = ""
    lang: Annotated[Text, longest(20)] = ""
    theme: Annotated[Text, longest(100)] = ""
    timezone: Annotated[Text, longest(20)] = ""
    is_active: Boolean = True
    read_new_terms: Annotated[bool, BeforeValidator(to_read)]


class WholeProfile(Profile):
    """As PUT takes it."""

    email: Address


class PartOfProfile(Profile):
    """As PATCH takes it: a name may be emptied, and the address has rules of its own."""

    full_name: MaybeFullName


@endpoint(needs=ANYBODY, query=(lookup.PROJECT,), answers=Paged(shapes.USER))
def listing(request: Request) -> Reply:
    """The users that the caller may see, by user name."""
    project_id = lookup.project_parameter(request)
    if project_id is not None and not queries.project_exists(project_id):
        lookup.hide(request)
    return paging.paged_rows(request, queries.listed(request.viewer, project_id), profiles.listed)


@endpoint(needs=ONESELF, accepts=WholeProfile, answers=shapes.USER, throttle="user-update")
def replace(request: Request) -> Reply:
    """Edit a whole profile."""
    user = for_change(request, unknown=errors.PermissionDenied)
    also = free_for(user, "username", "email")
    fields = WholeProfile.read(request.fields, also=also)
    also(fields)
    values = fields.values
    email = values.pop("email")
    accounts.change(user, values, email=None if email == user.email else email)
    return ok(profiles.self_of(user))


@endpoint(needs=ONESELF, accepts=PartOfProfile, answers=shapes.USER, throttle="user-update")
def change(request: Request) -> Reply:
    """Edit part of a profile. A new e-mail address is confirmed by mail first."""
    user = for_change(request)
    values = PartOfProfile.read(request.fields, partial=True, also=free_for(user, "username")).values
    email = request.fields.get("email")
    accounts.change(user, values, email=None if email is None else str(email).strip())
    return ok(profiles.self_of(user))


def free_for(user: User, *names: str) -> Callable[[Fields[Any]], None]:
    """A check that no other user has the sent values of these fields."""

    def check(fields: Fields[Any]) -> None:
        sent = {name: fields.values[name] for name in names if name in fields.values}
        accounts.ensure_nobody_else_has(user, **sent)

    return check


@endpoint(needs=ONESELF)
def delete(request: Request) -> Reply:
    """Close an account."""
    people.close_account(for_change(request), by=Actor(request.viewer, request.session_id))
    return no_content()


def for_change(request: Request, unknown: type[errors.ApiError] = errors.Missing) -> User:
    """The account to be edited, locked: the caller's own or, for superusers, any active one."""
    request.ensure_signed_in()
    viewer = request.viewer
    key = number(request.args["id"])
    user = queries.listed(viewer).select_for_update(no_key=True).filter(pk=key).first() if key is not None else None
    if user is None:
        raise errors.Missing if viewer.is_superuser else unknown
    if not viewer.is_superuser and user.pk != viewer.pk:
        raise errors.PermissionDenied
    return user


@endpoint(needs=ANYBODY, answers=project_shapes.PERSON_STATISTICS)
def statistics(request: Request) -> Reply:
    """The statistics of a user."""
    return ok(queries.statistics(users.person(request), request.viewer))


@endpoint(
    needs=ANYBODY,
    query=(SEARCH, Query("exclude_project", "integer", "Without the members of this project.")),
    answers=Paged(shapes.USER),
)
def contacts(request: Request) -> Reply:
    """The users who share a project with a user."""
    person = users.person(request)
    without = lookup.project_parameter(request, "exclude_project")
    found = queries.contacts(person, request.viewer, q=request.query.get("q", ""), without=without)
    return paging.paged_rows(request, found, profiles.listed)


@endpoint(needs=ANYBODY, query=(TYPE, SEARCH), answers=Paged(project_shapes.FAVOURITE))
def favourites_of(request: Request, rows: Favourites) -> Reply:
    """What a user watches, likes or voted for."""
    criteria = favourites.Criteria(
        users.person(request), request.viewer, request.query.get("type", ""), request.query.get("q", "")
    )
    return paging.paged_rows(request, rows(criteria), lambda keys: favourites.serialized(keys, request.viewer))


@endpoint(needs=ANYBODY, query=(SEARCH,), answers=Paged(project_shapes.FAVOURITE))
def liked(request: Request) -> Reply:
    """The projects that a user likes."""
    criteria = favourites.Criteria(users.person(request), request.viewer, "", request.query.get("q", ""))
    found = favourites.liked(criteria)
    return paging.paged_rows(request, found, lambda keys: favourites.serialized(keys, request.viewer))


urls = [
    route("users", GET=listing, refused=("POST",)),
    route("users/{id}", GET=users.read, PUT=replace, PATCH=change, DELETE=delete),
    route("users/{id}/stats", GET=statistics),
    route("users/{id}/contacts", GET=contacts),
    route("users/{id}/watched", {"rows": favourites.watched}, GET=favourites_of),
    route("users/{id}/voted", {"rows": favourites.voted}, GET=favourites_of),
    route("users/{id}/liked", GET=liked),
]
