"""The one door through which every change goes, and what follows from it.

A service makes `Change`s and hands them to `publish`, which numbers them, stores them and runs the effects listed in
`settings.CHANGE_EFFECTS`: some in the same transaction, some right after the commit, some later in a worker. The
stored row is the outbox of the last ones: nothing that was acknowledged is forgotten by a crash.
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
    """Who did it (nobody: an import, a clean-up) and in which browser tab."""

    user: Any = None
    session_id: str | None = None

    @property
    def id(self) -> int | None:
        """The id of the user."""
        return self.user.id if self.user is not None else None

    @property
    def name(self) -> str:
        """The name as it is kept, should the account go."""
        return self.user.full_name_display if self.user is not None else ""


SERVER = Actor()


class Tracked(Protocol):
    """An object whose changes are remembered."""

    type_key: str
    pk: Any


@dataclass
class Recorder:
    """What a service adds to a change while it is being made: fields that are no columns of the object, and what
    effects have to know (`context`, see docs/notifications.md).

    A change of nothing but `only_order` fields is hidden: it is not worth telling.
    """

    diff: Values = field(default_factory=dict)
    context: Values = field(default_factory=dict)
    only_order: frozenset[str] = frozenset()

    def note(self, name: str, before: Any, after: Any) -> None:
        """Remember a field that changed, if it did."""
        if before != after:
            self.diff[name] = [before, after]

    def remember(self, name: str, ids: Iterable[int]) -> None:
        """Note people in the context, if there are any."""
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
    known: Values | None = None,
    recorder: Recorder | None = None,
) -> Iterator[Recorder]:
    """Whatever the block does to `item` becomes one change, known to all who must know.

    `known` is what the history knows of the item, if that is not what it is before the block; `recorder` may know more
    already.
    """
    before = freeze(item) if known is None else known
    recorder = recorder or Recorder()
    yield recorder
    diff = {**difference(before, freeze(item)), **recorder.diff}
    if diff or comment or recorder.context:
        hidden = not comment and diff.keys() <= recorder.only_order
        more = {"comment": comment, "comment_html": comment_html, "context": {**(context or {}), **recorder.context}}
        publish([change_of(item, ChangeType.CHANGE, by=by, diff=diff, is_hidden=hidden, **more)])


def difference(before: Values, after: Values) -> Values:
    """`{field: [old, new]}` of what differs."""
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


def publish(changes: Sequence[Change]) -> None:
    """Number and store the changes; run their effects. A single change is a batch of one."""
    if not changes:
        return
    gone = [change for change in changes if change.type == ChangeType.DELETE]
    for remember in effects("before a deletion is stored") if gone else ():
        remember(gone)
    for prepare in effects("before it is stored"):
        prepare(changes)
    number(changes)
    writes.insert(changes)
    for effect in effects("in the same transaction"):
        effect(changes)
    transaction.on_commit(partial(after_commit, changes))


def keep(changes: Sequence[Change]) -> None:
    """Number and store changes of which nobody is told: copies, imports."""
    if changes:
        number(changes)
        writes.insert(changes)


def number(changes: Sequence[Change]) -> None:
    """Give each change its project's next number, and count those that are activity. The project's row is locked until
    the commit: there are no holes.
    """
    by_project: dict[int, list[Change]] = {}
    for change in changes:
        if change.project_id is not None:
            by_project.setdefault(change.project_id, []).append(change)
    for project_id, mine in sorted(by_project.items()):
        counted = [change for change in mine if change.is_activity]
        last, activity = advance(project_id, len(mine), activity=len(counted))
        if counted:
            counted[0].is_first_activity = activity == len(counted)
        for change, following in zip(mine, range(last - len(mine) + 1, last + 1), strict=True):
            change.number = following


ADVANCED = (
    "UPDATE projects_project SET last_change = last_change + %s WHERE id = %s RETURNING last_change, total_activity"
)
COUNTED = """
UPDATE projects_project SET last_change = last_change + %s, total_activity = total_activity + %s,
  total_activity_last_week = total_activity_last_week + %s, total_activity_last_month = total_activity_last_month + %s,
  total_activity_last_year = total_activity_last_year + %s, totals_updated_datetime = %s
WHERE id = %s RETURNING last_change, total_activity
"""


def advance(project_id: int, count: int, *, activity: int = 0) -> tuple[int, int]:
    """Take `count` numbers, `activity` of them for what counts as activity; returns the last one, and all activity."""
    if activity:
        rows = run(COUNTED, [count, *[activity] * 4, moment_parameter(clock.now()), project_id])
    else:
        rows = run(ADVANCED, [count, project_id])
    return rows[0] if rows else (count, activity)


def after_commit(changes: Sequence[Change]) -> None:
    """Tell those who listen now, and wake the worker for the rest."""
    for effect in effects("right after the commit"):
        effect(changes)
    jobs.wake()


@cache
def effects(when: str) -> list[Effect]:
    """The effects of one moment, in order."""
    return [import_string(name) for name in settings.CHANGE_EFFECTS.get(when, ())]


def heard(changes: Iterable[Change], kinds: Iterable[str]) -> list[Change]:
    """Those of the changes that an effect hears: of these kinds, and visible."""
    wanted = set(kinds)
    return [change for change in changes if change.kind in wanted and not change.is_hidden]


@dataclass(frozen=True)
class Announcement:
    """Open boards should look again at these rows, although none of them has a change of its own to tell."""

    project_id: int
    subject: str
    matches: str
    ids: list[int]
    session_id: str | None


def announce(announcement: Announcement) -> None:
    """Tell open boards once this transaction is committed."""
    for effect in effects("when rows were reordered"):
        tell: Callable[..., None] = effect
        transaction.on_commit(partial(tell, announcement))


def permissions_changed(project_id: int, user_ids: Iterable[int] | None = None) -> None:
    """Somebody's rights in a project changed: who listens must be asked again."""
    people = None if user_ids is None else list(user_ids)
    for effect in effects("when rights changed"):
        tell: Callable[..., None] = effect
        transaction.on_commit(partial(tell, project_id, people))
