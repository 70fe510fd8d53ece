"""The single entry point for changes, and the effects that follow from them.

A service makes `Change`s and passes them to `publish`, which numbers and stores them and runs the effects listed in
`settings.CHANGE_EFFECTS`: some in the same transaction, some right after the commit, some later in a worker. The stored
row doubles as the outbox for the last group, so a crash loses no effect of an acknowledged change.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from taiga.base import clock, jobs, writes
from taiga.base.fields import moment_parameter
from taiga.base.prepared import run
from taiga.changes.models import Change, ChangeType

Effect = Callable[[Sequence[Change]], None]
Values = dict[str, Any]


class Person(Protocol):
    """Who changes something."""

    @property
    def id(self) -> int: ...
    @property
    def full_name_display(self) -> str: ...


@dataclass(frozen=True)
class Actor:
    """The user who made a change, and their browser tab (`session_id`). Imports and clean-ups have no user."""

    user: Any = None
    session_id: str | None = None

    @property
    def id(self) -> int | None:
        """The id of the user."""
        return self.user.id if self.user is not None else None

    @property
    def name(self) -> str:
        """The name that is stored, in case the account is deleted."""
        return self.user.full_name_display if self.user is not None else ""


SERVER = Actor()


class Tracked(Protocol):
    """An object whose changes are remembered."""

    type_key: str
    pk: Any


@dataclass
class Recorder:
    """What a service adds to a change in progress: the diff of fields that are not columns of the object, and facts for
    the effects (`context`, see docs/notifications.md).

    A change whose diff has only fields in `only_order` is hidden from the history.
    """

    diff: Values = field(default_factory=dict)
    context: Values = field(default_factory=dict)
    only_order: frozenset[str] = frozenset()

    def add_diff(self, name: str, before: Any, after: Any) -> None:
        """Add a field to the diff, if its value changed."""
        if before != after:
            self.diff[name] = [before, after]

    def add_people(self, name: str, ids: Iterable[int]) -> None:
        """Add people to the context, if there are any."""
        people = sorted(ids)
        if people:
            self.context[name] = people


@contextmanager
def recorded(
    item: Any,
    *,
    by: Actor,
    freeze: Callable[[Any], Values],
    comment: str = "",
    comment_html: str = "",
    context: Values | None = None,
    before: Values | None = None,
    recorder: Recorder | None = None,
) -> Iterator[Recorder]:
    """Publish whatever the block does to `item` as one change.

    `before` replaces the item's state before the block where the history remembers an older one (see
    `services.unrecorded`). `recorder` may already hold a diff and context.
    """
    old = freeze(item) if before is None else before
    recorder = recorder or Recorder()
    yield recorder
    diff = {**difference(old, freeze(item)), **recorder.diff}
    if diff or comment or recorder.context:
        hidden = not comment and diff.keys() <= recorder.only_order
        more = {"comment": comment, "comment_html": comment_html, "context": {**(context or {}), **recorder.context}}
        publish([change_of(item, ChangeType.CHANGE, by=by, diff=diff, is_hidden=hidden, **more)])


def difference(before: Values, after: Values) -> Values:
    """The diff: `{field: [old, new]}` of the fields that differ."""
    return {name: [before.get(name), after[name]] for name in after if before.get(name) != after[name]}


def change_of(item: Any, type: ChangeType, *, by: Actor, **more: Any) -> Change:
    """A change of an object, not stored yet."""
    project_id = item.project_id if hasattr(item, "project_id") else item.pk
    return writes.new(
        Change,
        project_id=project_id,
        kind=item.type_key,
        object_id=item.pk,
        ref=getattr(item, "ref", None),
        type=type,
        by_id=by.id,
        by_name=by.name[:256],
        session_id=by.session_id,
        **more,
    )


def is_first(item: Any) -> bool:
    """Whether the history knows nothing of an object, such as an imported project: its first change is recorded as its
    creation (05 §1.3).
    """
    return not Change.objects.filter(kind=item.type_key, object_id=item.pk, is_hidden=False).exists()


def publish(changes: Sequence[Change]) -> None:
    """Number and store the changes and run their effects."""
    if not changes:
        return
    deletions = [change for change in changes if change.type == ChangeType.DELETE]
    for prepare_deletion in effects("before a deletion is stored") if deletions else ():
        prepare_deletion(deletions)
    for prepare in effects("before it is stored"):
        prepare(changes)
    assign_numbers(changes)
    writes.insert(changes)
    for effect in effects("in the same transaction"):
        effect(changes)
    transaction.on_commit(partial(after_commit, changes))


def store_without_effects(changes: Sequence[Change]) -> None:
    """Number and store changes without running effects, for copies and imports."""
    if changes:
        assign_numbers(changes)
        writes.insert(changes)


def assign_numbers(changes: Sequence[Change]) -> None:
    """Give each change its project's next number, and count activity.

    The project's row stays locked until the commit, so the numbers have no gaps.
    """
    by_project: dict[int, list[Change]] = {}
    for change in changes:
        if change.project_id is not None:
            by_project.setdefault(change.project_id, []).append(change)
    for project_id, of_project in sorted(by_project.items()):
        counted = [change for change in of_project if change.is_activity]
        last, activity = advance_counters(project_id, len(of_project), activity=len(counted))
        if counted:
            counted[0].is_first_activity = activity == len(counted)
        for change, following in zip(of_project, range(last - len(of_project) + 1, last + 1), strict=True):
            change.number = following


ADVANCE = (
    "UPDATE projects_project SET last_change = last_change + %s WHERE id = %s RETURNING last_change, total_activity"
)
ADVANCE_WITH_ACTIVITY = """
UPDATE projects_project SET last_change = last_change + %s, total_activity = total_activity + %s,
  total_activity_last_week = total_activity_last_week + %s, total_activity_last_month = total_activity_last_month + %s,
  total_activity_last_year = total_activity_last_year + %s, totals_updated_datetime = %s
WHERE id = %s RETURNING last_change, total_activity
"""


def advance_counters(project_id: int, count: int, *, activity: int = 0) -> tuple[int, int]:
    """Advance the project's counters by `count` changes, `activity` of which count as activity.

    Returns the last number taken and the project's total activity.
    """
    if activity:
        rows = run(ADVANCE_WITH_ACTIVITY, [count, *[activity] * 4, moment_parameter(clock.now()), project_id])
    else:
        rows = run(ADVANCE, [count, project_id])
    return rows[0] if rows else (count, activity)


def after_commit(changes: Sequence[Change]) -> None:
    """Run the effects that are due right after the commit, and wake the worker for the others."""
    for effect in effects("right after the commit"):
        effect(changes)
    jobs.wake()


@cache
def effects(when: str) -> list[Effect]:
    """The effects configured for one moment, in order."""
    return [import_string(name) for name in settings.CHANGE_EFFECTS.get(when, ())]


def visible_changes(changes: Iterable[Change], kinds: Iterable[str]) -> list[Change]:
    """The visible changes of these kinds."""
    wanted = set(kinds)
    return [change for change in changes if change.kind in wanted and not change.is_hidden]


@dataclass(frozen=True)
class Announcement:
    """Rows that open boards should reload although no change of their own is published for them."""

    project_id: int
    subject: str
    matches: str
    ids: list[int]
    session_id: str | None


def announce(announcement: Announcement) -> None:
    """Broadcast the announcement once the transaction is committed."""
    for effect in effects("when rows were reordered"):
        broadcast: Callable[..., None] = effect
        transaction.on_commit(partial(broadcast, announcement))


def permissions_changed(project_id: int, user_ids: Iterable[int] | None = None) -> None:
    """Recheck the websocket subscriptions of a project (of some users, or all) once the transaction is committed."""
    people = None if user_ids is None else list(user_ids)
    for effect in effects("when rights changed"):
        recheck: Callable[..., None] = effect
        transaction.on_commit(partial(recheck, project_id, people))
