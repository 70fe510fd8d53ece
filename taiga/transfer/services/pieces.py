"""Adds one object to a project that a script puts together.

Unlike those of a dump, its changes are numbered at once, and sent to the project's webhooks.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from django.db.models import Model
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.database import writing
from taiga.base.slugs import slugify
from taiga.changes import record
from taiga.changes.models import Change
from taiga.projects.models import Kind, Milestone, Project, WorkItem
from taiga.projects.services import closing
from taiga.timeline.services.activity import recount_all
from taiga.transfer import files, finish, items, manifest, members, parts
from taiga.transfer.dump import dump_row
from taiga.transfer.loading import Loading
from taiga.transfer.people import People
from taiga.transfer.problems import Damaged
from taiga.transfer.sections import Data, Row, Section
from taiga.webhooks import effects as webhooks

SECTIONS = {section.key: section for section in manifest.PROJECT.fields if isinstance(section, Section)}


class Names(dict[str, dict[str, int]]):
    """The ids of the rows of a project's lists, by list and name. Each list is looked up when it is first used."""

    def __init__(self, project_id: int) -> None:
        super().__init__()
        self.project_id = project_id

    def __missing__(self, key: str) -> dict[str, int]:
        section = SECTIONS[key]
        rows = section.of(self.project_id).order_by(*section.ordering).values_list(section.natural, "pk")
        found: dict[str, int] = {}
        for name, row in rows:
            found.setdefault(name, row)
        self[key] = found
        return found


class Existing(Loading):
    """A load into an existing project: what its rows refer to is looked up in the database."""

    def __init__(self, project: Project, kept: files.Files) -> None:
        super().__init__(project, People("match"), kept, set())
        sprints = Milestone.objects.filter(project=project)
        self.slugs[items.MILESTONES.key] = set(sprints.values_list("slug", flat=True))

    def known_names(self) -> dict[str, dict[str, int]]:
        return Names(self.project.pk)

    def item(self, kind: Kind, ref: int) -> int | None:
        found = WorkItem.objects.filter(project=self.project, kind=kind, ref=ref).order_by()
        return found.values_list("pk", flat=True).first()

    def has_ref(self, ref: int) -> bool:
        return ref in self.used_refs or WorkItem.objects.filter(project=self.project, ref=ref).exists()

    def ensure_unique(self, row: Row) -> None:
        for name in row.section.unique:
            if row.section.of(self.project.pk).filter(**{name: getattr(row.instance, name)}).exists():
                row.refuse(name, _("Duplicated %s") % name)

    def keep_changes(self, changes: Sequence[Change]) -> None:
        record.store_without_effects(changes)
        webhooks.deliver(changes)


def add(project_id: int, section: Section, data: Data) -> bytes:
    """Store an object; returns it as it is in a dump. Raises Invalid."""
    try:
        return added(project_id, section, data)
    except Refused as refusal:
        if refusal.last_ref is not None:
            Project.objects.filter(pk=project_id).update(last_ref=Greatest("last_ref", refusal.last_ref))
        raise


def added(project_id: int, section: Section, data: Data) -> bytes:
    """The same, in one transaction."""
    with files.of_one_import() as kept, writing():
        loading = Existing(Project.objects.select_for_update().get(pk=project_id), kept)
        made = store(loading, section, [data])[0]
        tasks = data.get("tasks_without_us") if section is items.MILESTONES else None
        if isinstance(tasks, list) and tasks:
            store(loading, items.TASKS, [in_sprint(task, made) for task in tasks])
        conclude(loading, made)
        shown = BytesIO()
        dump_row(section, made.pk, project_id, shown)
        if isinstance(made, Milestone) and tasks:
            closing.update_milestones([made.pk], by=record.SERVER)
    return shown.getvalue()


class Refused(errors.Invalid):
    """The problems of an object. As in Taiga, a #ref is used (`last_ref`) if only its lists have problems."""

    def __init__(self, fields: dict[str, Any], last_ref: int | None) -> None:
        super().__init__(fields)
        self.last_ref = last_ref


def in_sprint(task: Any, sprint: Any) -> Any:
    """A task that is created with its sprint."""
    return {**task, "milestone": sprint.name} if isinstance(task, dict) else task


def store(loading: Existing, section: Section, rows: Sequence[Any]) -> list[Any]:
    """Store rows of a section; returns the instances. Raises Invalid."""
    read = [loading.read(section, index, prepared(section, data)) for index, data in enumerate(rows)]
    if any(row.wrong for row in read):
        problems = problems_by_section(section, read)
        raise Refused(problems, last_ref=None if section.key in problems else loading.project.last_ref)
    try:
        loading.store(section, read)
    except Damaged as refusal:
        raise errors.Invalid(refusal.details()) from refusal
    return [row.instance for row in read]


def prepared(section: Section, data: Any) -> Any:
    """The data of an object: slugs of wiki pages are made valid, and votes are ignored."""
    if not isinstance(data, dict):
        return data
    if section is items.WIKI_PAGES and isinstance(data.get("slug"), str):
        return {**data, "slug": slugify(data["slug"])}
    return {key: value for key, value in data.items() if key != parts.VOTES.key}


def problems_by_section(section: Section, rows: Sequence[Row]) -> dict[str, list[dict[str, Any]]]:
    """`{section: [{field: [message, …]}, …]}`; the problems in lists of a row are in sections of their own."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        own: dict[str, Any] = {}
        inside = {key for key, _number in row.wrong_inside}
        for key, message in row.wrong:
            if key not in inside:
                own.setdefault(key or "non_field_errors", []).append(message)
        if own:
            found.setdefault(section.key, []).append(own)
        for (key, _number), fields in row.wrong_inside.items():
            found.setdefault(key, []).append(fields)
    return found


def conclude(loading: Existing, made: Model) -> None:
    """The consequences of an object: open and closed stories and sprints, notification policies, counters."""
    finish.connect_origins(loading)
    if isinstance(made, WorkItem):
        closing.update_stories([made.pk if made.kind == Kind.USERSTORY else made.user_story_id], by=record.SERVER)
        closing.update_milestones([made.milestone_id], by=record.SERVER)
    members.follow(loading)
    Project.objects.filter(pk=loading.project.pk).update(
        last_ref=loading.project.last_ref, tags_colors=finish.palette(loading)
    )
    recount_all(loading.project.pk)
    loading.files.settle()
