"""Watchers of objects, by choice or by involvement."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db.models import FilteredRelation, Q, QuerySet
from django.utils.translation import gettext as _

from taiga.base import errors, writes
from taiga.base.bodies import LARGEST_KEY
from taiga.base.prepared import Param, Prepared
from taiga.changes.record import Actor
from taiga.projects.models import Membership, NotifyLevel, NotifyPolicy, Watch, WikiPage, WorkItem
from taiga.projects.permissions import Access
from taiga.projects.queries import texts
from taiga.users.models import User


def target_column(thing: Any) -> dict[str, Any]:
    """The column of `Watch` that refers to the thing, and its value."""
    if isinstance(thing, WorkItem):
        return {"item_id": thing.pk}
    return {"wiki_page_id": thing.pk} if isinstance(thing, WikiPage) else {"milestone_id": thing.pk}


def watch(thing: Any, user_ids: Iterable[int]) -> None:
    """Add watchers; they get a notification policy for the project if they have none."""
    ids = list(user_ids)
    if not ids:
        return
    writes.insert_missing([Watch(project_id=thing.project_id, user_id=key, **target_column(thing)) for key in ids])
    ensure_policies(thing.project_id, ids)


def unwatch(thing: Any, user_id: int) -> None:
    """Remove a watcher."""
    Watch.objects.filter(user_id=user_id, **target_column(thing)).delete()


def ensure_policies(project_id: int, user_ids: Iterable[int], level: int = NotifyLevel.INVOLVED) -> None:
    """Create notification policies for a project where people have none."""
    rows = [NotifyPolicy(project_id=project_id, user_id=key, notify_level=level) for key in user_ids]
    writes.insert_missing(rows)


def ensure_policy_of_author(access: Access, by: Actor) -> None:
    """Give the author of something new a notification policy for its project; members have one."""
    if by.id is not None and not access.is_member:
        ensure_policies(access.project.id, [by.id])


def take_along(project_id: int, watches: "QuerySet[Watch]", people: Iterable[int | None]) -> None:
    """Take watchers along to another project. They, and others concerned, get a notification policy there."""
    watches.update(project_id=project_id)
    watchers = watches.values_list("user_id", flat=True)
    ensure_policies(project_id, sorted({key for key in (*watchers, *people) if key is not None}))


def replace(thing: Any, user_ids: Iterable[int]) -> dict[str, set[int]]:
    """Set the watchers of a thing. Returns facts for the change's context: the new watchers and the former ones."""
    wanted = set(user_ids)
    present = set(Watch.objects.filter(**target_column(thing)).values_list("user_id", flat=True))
    Watch.objects.filter(user_id__in=present - wanted, **target_column(thing)).delete()
    watch(thing, sorted(wanted - present))
    return {"new_watchers": wanted - present, "former_watchers": present - wanted}


def ensure_may_watch(project_id: int, value: Any) -> None:
    """Refuse anything but a list of members or watchers of the project. Raises Invalid."""
    if not isinstance(value, list) or not all(type(key) is int and abs(key) <= LARGEST_KEY for key in value):
        raise invalid_watchers()
    user_ids = set(value)
    members = Membership.objects.filter(project_id=project_id, user_id__in=user_ids).values_list("user_id", flat=True)
    followers = NotifyPolicy.objects.filter(project_id=project_id, user_id__in=user_ids).exclude(
        notify_level=NotifyLevel.NONE
    )
    if user_ids - set(members) - set(followers.values_list("user_id", flat=True)):
        raise invalid_watchers()


def invalid_watchers() -> errors.Invalid:
    """The error of wrong watchers."""
    return errors.Invalid({"watchers": [_("Watchers contains invalid users")]})


@cache
def watches(column: str) -> Prepared:
    """The query of the watchers of a thing, each with their policy for its project."""
    policy = FilteredRelation("user__notify_policies", condition=Q(user__notify_policies__project=Param("project")))
    rows = Watch.objects.annotate(policy=policy).filter(**{column: Param("thing")}).order_by("user_id")
    return Prepared(lambda: rows.values_list("user_id", "policy__id"))


def watchers(thing: Any) -> dict[int, bool]:
    """The ids of the watchers of a thing, and whether each has a policy for its project."""
    ((column, key),) = target_column(thing).items()
    return {user: policy is not None for user, policy in watches(column).all(thing=key, project=thing.project_id)}


def involve(
    thing: Any, slug: str, *, text: str, comment: str, by: Actor, former_text: str = ""
) -> dict[str, list[int]]:
    """Make the author of a comment, and members mentioned in a text or comment, watchers of a thing.

    Returns facts for the change's context: who is newly `mentioned` in the text, who is `mentioned_in_comment`, and who
    the comment is `heard_by`: those who watched before.
    """
    in_text, in_comment = (mentioned(one, thing.project_id, slug) for one in (text, comment))
    people = {*in_text, *in_comment}
    if comment and by.user is not None and not by.user.is_system:
        people.add(by.user.id)
    present = watchers(thing) if comment or people else {}
    if missing := sorted(key for key in people if not present.get(key)):
        watch(thing, missing)
    context = {"mentioned_in_comment": sorted(in_comment), "heard_by": list(present) if comment else []}
    if in_text and text != former_text:
        context["mentioned"] = sorted(in_text - mentioned(former_text, thing.project_id, slug))
    return {name: ids for name, ids in context.items() if ids}


def newly_mentioned(text: str, former: str, project_id: int, slug: str) -> list[int]:
    """The ids of the members that a text mentions and a former one did not."""
    return sorted(mentioned(text, project_id, slug) - mentioned(former, project_id, slug))


def mentioned(text: str, project_id: int, slug: str) -> set[int]:
    """The ids of the members that a text mentions."""
    usernames = texts.mentioned(text, project_id, slug) if "@" in text else []
    return set(User.objects.filter(username__in=usernames).values_list("id", flat=True)) if usernames else set()
