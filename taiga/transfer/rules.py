"""What a row gets that the dump does not have: slugs, orders, defaults of the project, a #ref."""

from typing import Any

from django.utils.translation import gettext as _

from taiga.base import clock
from taiga.base.slugs import slugify, unique_slug
from taiga.projects.models import Kind, Milestone, WorkItem
from taiga.projects.models.membership import new_invitation_token
from taiga.projects.services import epics, roles
from taiga.projects.services.kinds import KINDS
from taiga.transfer import forms
from taiga.transfer.loading import Loading
from taiga.transfer.sections import Row

TASK = forms.item(Kind.TASK)
LARGEST_REF = 10**15


def slug(row: Row, loading: Loading) -> None:
    """A slug made from the name, if there is none."""
    if not row.instance.slug:
        taken = loading.slugs[row.section.key]
        row.instance.slug = unique_slug(slugify(row.instance.name) or "null", taken, max_length=250)
    loading.slugs[row.section.key].add(row.instance.slug)


def role(row: Row, loading: Loading) -> None:
    """A role without a slug gets one that no role of the server has."""
    if not row.instance.slug:
        row.instance.slug = roles.free_slug(row.instance.name)
    slug(row, loading)


def milestone(row: Row, loading: Loading) -> None:
    """A sprint has to begin before it ends."""
    slug(row, loading)
    sprint: Milestone = row.instance
    if not row.wrong and sprint.estimated_start > sprint.estimated_finish:
        row.refuse("estimated_start", _("The estimated start must be previous to the estimated finish."))


def membership(row: Row, loading: Loading) -> None:
    """A member or an invitation; one that is listed twice counts once."""
    member = row.instance
    if row.data.get("invitation_extra_text", "") is None:
        member.invitation_extra_text = ""
    address = row.data.get("user") or None
    member.user_id = row.attempt("user", loading.person, address)
    if member.user_id is None and not address and member.email:
        member.user_id = loading.people.account_of(member.email)
    if member.user_id is not None:
        member.user_order = 0
        row.is_skipped = member.user_id in loading.joined
        loading.joined.setdefault(member.user_id, member)
        return
    member.email = member.email or (address if isinstance(address, str) else None)
    if not member.email:
        row.refuse("email", _("This field is required."))
        return
    member.token = new_invitation_token()
    row.is_skipped = member.email.lower() in loading.invited
    loading.invited.add(member.email.lower())


def item(row: Row, loading: Loading) -> None:
    """What items of all kinds have in common."""
    thing: WorkItem = row.instance
    for name, default in KINDS[Kind(thing.kind)].defaults.items():
        if name not in row.data:
            key = getattr(loading.project, default)
            setattr(thing, f"{name}_id", key)
            if key is None:
                row.refuse(name, _("This field is required."))
    thing.version = max(1, thing.version)
    loading.tags.update(dict.fromkeys(thing.tags or ()))
    ref(row, loading)


def ref(row: Row, loading: Loading) -> None:
    """The #ref of the row, or the next free one that is not in the dump."""
    given, project = row.data.get("ref"), loading.project
    if given is None:
        project.last_ref += 1
        while project.last_ref in loading.refs or loading.has_ref(project.last_ref):
            project.last_ref += 1
        row.instance.ref = project.last_ref
    elif type(given) is not int or not 0 < given <= LARGEST_REF:
        row.refuse("ref", _("Enter a whole number."))
        return
    elif loading.has_ref(given):
        row.refuse("ref", _("Duplicated %s") % "ref")
    else:
        row.instance.ref = given
        project.last_ref = max(project.last_ref + 1, given)
    loading.used_refs.add(row.instance.ref)


def epic(row: Row, loading: Loading) -> None:
    """An epic."""
    item(row, loading)
    if not row.instance.color:
        row.instance.color = epics.random_color()
    orders(row, clock.milliseconds(), "epics_order")


def story(row: Row, loading: Loading) -> None:
    """A story is closed if the dump says so; if it does not say, by its status."""
    item(row, loading)
    thing: WorkItem = row.instance
    orders(row, clock.microseconds(), "backlog_order", "sprint_order", "kanban_order")
    if row.data.get("is_closed") is None:
        thing.is_closed = thing.status_id in loading.closed
        thing.finished_date = (thing.finished_date or clock.now()) if thing.is_closed else None
    origin = row.data.get("generated_from_task")
    if origin is not None:
        loading.origins.append((row.index, origin, thing))


def task(row: Row, loading: Loading) -> None:
    """A task."""
    item(row, loading)
    orders(row, clock.milliseconds(), "us_order", "taskboard_order")


def orders(row: Row, now: int, *names: str) -> None:
    """A row without an order is sorted behind all others."""
    for offset, name in enumerate(names):
        if row.data.get(name) is None:
            setattr(row.instance, name, now + offset)


def origin(ref: Any, loading: Loading) -> int:
    """The task that a story was created from. Raises Wrong."""
    key: int = TASK.read(ref, loading)
    return key
