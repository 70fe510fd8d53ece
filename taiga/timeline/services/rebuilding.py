"""Rebuilding timelines from projects, members and changes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from taiga.base.database import writing
from taiga.changes.models import Change, ChangeType
from taiga.projects.models import Membership, Project
from taiga.timeline import effects, facts
from taiga.timeline.models import TimelineEntry
from taiga.timeline.services import activity

BATCH = 500


@dataclass(frozen=True)
class Span:
    """Rows of this time; an open end is None."""

    start: datetime | None = None
    end: datetime | None = None

    def condition(self) -> Q:
        """The condition on rows."""
        found = Q()
        if self.start is not None:
            found &= Q(created__gte=self.start)
        if self.end is not None:
            found &= Q(created__lte=self.end)
        return found

    def contains(self, moment: datetime) -> bool:
        """Whether a moment is of this time."""
        return (self.start is None or moment >= self.start) and (self.end is None or moment <= self.end)


def purge(span: Span) -> int:
    """Delete the rows of all projects."""
    with writing():
        return TimelineEntry.objects.filter(span.condition(), project__isnull=False).delete()[0]


def rebuild(project: Project, span: Span) -> int:
    """Delete the rows of a project and rebuild them; returns their number."""
    total = 0
    with writing():
        TimelineEntry.objects.filter(span.condition(), project=project).delete()
        for changes in batches(changes_of(project)):
            rows = [one for one in effects.rows(changes) if span.contains(one.columns["created"])]
            effects.store(rows)
            total += sum(len(one.timelines) for one in rows)
        activity.recount_all(project.pk)
    return total


def batches(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Some changes at a time."""
    pending: list[Change] = []
    for change in changes:
        pending.append(change)
        if len(pending) == BATCH:
            yield pending
            pending = []
    if pending:
        yield pending


def changes_of(project: Project) -> Iterator[Change]:
    """The changes of a project, oldest first, with creations of the project and its members added where none were
    recorded.
    """
    everything = Change.objects.filter(project=project, kind__in=facts.KINDS)
    stored = everything.filter(is_hidden=False)
    if not stored.filter(kind=Project.type_key, type=ChangeType.CREATE).exists():
        yield missing_creation(project, project, project.owner_id, project.created_date)
    recorded_members = set(stored.filter(kind=facts.MEMBER, type=ChangeType.CREATE).values_list("object_id", flat=True))
    members = Membership.objects.filter(project=project, user__isnull=False).exclude(user=project.owner_id)
    yield from (
        member_creation(row, project) for row in members.exclude(pk__in=recorded_members).select_related("role")
    )
    deleted_facts = deletions(everything)
    for change in stored.select_related("entry").order_by("id").iterator(BATCH):
        if effects.is_listed(change):
            source = change.entry or change
            source.context = {**deleted_facts.get((source.kind, source.object_id), {}), **source.context}
            yield change


def deletions(stored: "QuerySet[Change]") -> dict[tuple[str, int], dict[str, Any]]:
    """The facts of deleted objects, for the rows of what happened to them before."""
    rows = stored.filter(type=ChangeType.DELETE).exclude(kind=facts.MEMBER)
    return {(kind, key): context for kind, key, context in rows.values_list("kind", "object_id", "context")}


def missing_creation(thing: Any, project: Project, by: int | None, at: datetime, **context: Any) -> Change:
    """A creation that was not recorded."""
    columns = {"kind": thing.type_key, "object_id": thing.pk, "type": ChangeType.CREATE}
    return Change(project_id=project.pk, by_id=by, at=at, context=context, **columns)


def member_creation(row: Membership, project: Project) -> Change:
    """A new member."""
    facts_of_member = {"user": {"id": row.user_id}, "role": {"id": row.role_id, "name": row.role.name}}
    return missing_creation(
        row, project, row.user_id, row.created_at, **facts_of_member, created_at=row.created_at.isoformat()
    )
