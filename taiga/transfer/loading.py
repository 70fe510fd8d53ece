"""A load in progress: the project, what its rows refer to, and rows that wait to be stored."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

from django.db import DataError, IntegrityError
from django.db.models import Model
from django.utils.translation import gettext as _

from taiga.changes.models import Change
from taiga.projects.models import (
    AssignedUser,
    Attachment,
    Kind,
    Project,
    RelatedUserStory,
    Role,
    RolePoints,
    Status,
    SwimlaneUserStoryStatus,
    Vote,
    Watch,
    WorkItem,
)
from taiga.transfer import entries
from taiga.transfer.files import Files
from taiga.transfer.people import People
from taiga.transfer.problems import MOST_TOLD, Damaged, Problem, Wrong
from taiga.transfer.sections import Column, Row, Section
from taiga.transfer.stream import Numbered

Progress = Callable[[str, int, int], None]
"""Called with a section, how many of its rows are done, and how many there are."""
BATCH = 200
SATELLITES: tuple[type[Model], ...] = (
    Attachment,
    Watch,
    RolePoints,
    AssignedUser,
    Vote,
    RelatedUserStory,
    SwimlaneUserStoryStatus,
)
MISSING = object()


def silent(section: str, done: int, total: int) -> None:
    """A `Progress` that shows nothing."""


class Loading:
    """The state of a load. `refs` are all #refs in the dump, so that none of them is given to an item without one."""

    def __init__(self, project: Project, people: People, files: Files, refs: set[int]) -> None:
        self.project = project
        self.people = people
        self.files = files
        self.refs = refs
        self.used_refs: set[int] = set()
        self.names = self.known_names()
        self.items: dict[int, tuple[Kind, int]] = {}
        self.origins: list[tuple[int, int, Any]] = []
        """Stories that name a task, which is loaded later: index in the section, #ref of the task, story."""
        self.followers: set[int] = set()
        self.tags: dict[str, None] = {}
        self.joined: dict[int, Any] = {}
        """Memberships by account."""
        self.invited: set[str] = set()
        self.told_joined: set[int | None] = set()
        """The accounts for which the timeline of the dump says that they joined."""
        self.slugs: dict[str, set[str]] = defaultdict(set)
        self.left_out: dict[str, int] = defaultdict(int)
        self.problems: list[Problem] = []
        self.waiting: dict[type[Model], list[Any]] = defaultdict(list)
        self.entries: list[tuple[Row, Change]] = []
        self._seen: dict[tuple[str, str], set[Any]] = defaultdict(set)

    # ── what the rows refer to ──

    def known_names(self) -> dict[str, dict[str, int]]:
        """The ids of the rows of the project's lists, by list and name."""
        return defaultdict(dict)

    @property
    def owner_id(self) -> int | None:
        """The account that owns what has no owner of its own."""
        return self.project.owner_id

    def named(self, section: str, name: str) -> int | None:
        """The row of a list with this name; None if there is none."""
        return self.names[section].get(name)

    def person(self, address: Any) -> int | None:
        """The account with this e-mail address; None for nobody, and for a person who is left out."""
        return self.people.id_of(address)

    def item(self, kind: Kind, ref: int) -> int | None:
        """The item with this #ref, if it is stored already and of this kind."""
        found, key = self.items.get(ref, (None, None))
        return key if found == kind else None

    def has_ref(self, ref: int) -> bool:
        """Whether an item with this #ref is stored already."""
        return ref in self.used_refs

    @cached_property
    def closed(self) -> set[int]:
        """The statuses of finished items. Do not use it before all statuses are stored."""
        return set(Status.objects.filter(project=self.project, is_closed=True).values_list("id", flat=True))

    @cached_property
    def computable(self) -> list[int]:
        """The roles that estimate. Do not use it before all roles are stored."""
        return list(Role.objects.filter(project=self.project, computable=True).values_list("id", flat=True))

    # ── rows ──

    def take(self, section: Section, rows: Numbered, total: int, progress: Progress) -> int:
        """Store the rows of a section; returns how many. Raises Damaged with its problems."""
        taken, batch = 0, []
        for index, data in rows:
            row = self.read(section, index, data)
            self.problems += [Problem(section.key, index, key, message) for key, message in row.wrong]
            if len(self.problems) >= MOST_TOLD:
                break
            batch.append(row)
            if len(batch) == BATCH:
                taken += self.store(section, batch)
                batch = []
                progress(section.key, taken, total)
        taken += self.store(section, batch)
        progress(section.key, taken, total)
        self.ensure_sound(section.error)
        return taken

    def ensure_sound(self, error: str) -> None:
        """Refuse the dump if there are problems. Raises Damaged."""
        if self.problems:
            raise Damaged(_(error), self.problems)

    def read(self, section: Section, index: int, data: Any, instance: Any = None) -> Row:
        """A row that is not stored yet, with its problems."""
        if instance is None:
            instance = section.model(project_id=self.project.pk)
        if section.kind is not None:
            instance.kind = section.kind
        row = Row(section, index, data if isinstance(data, dict) else {}, instance)
        if not isinstance(data, dict):
            row.refuse("", _("Expected an object."))
            return row
        for one in section.fields:
            if isinstance(one, Column):
                self.read_column(row, one)
            elif not isinstance(one, Section):
                one.read(row.data.get(one.key), row, self)
        if section.settle is not None:
            section.settle(row, self)
        self.ensure_unique(row)
        return row

    def read_column(self, row: Row, column: Column) -> None:
        """Read a column. One that is missing keeps its default, as does a null in a column that cannot be null."""
        if not column.taken:
            return
        value = row.data.get(column.key, MISSING)
        if column.required and value in (MISSING, None, ""):
            row.refuse(column.key, _("This field is required."))
        elif value in (MISSING, None) and not column.form.stands_in:
            if value is None and column.nullable:
                setattr(row.instance, column.column, None)
        else:
            try:
                read = column.form.read(None if value is MISSING else value, self)
                setattr(row.instance, column.column, read)
            except Wrong as refusal:
                row.refuse(column.key, str(refusal))

    def ensure_unique(self, row: Row) -> None:
        """Note a value that an earlier row of the section has."""
        for name in row.section.unique:
            value, seen = getattr(row.instance, name), self._seen[row.section.key, name]
            if value in seen:
                row.refuse(name, _("Duplicated %s") % name)
            seen.add(value)

    def store(self, section: Section, rows: Iterable[Row]) -> int:
        """Store a batch of rows and what belongs to them, unless the dump has problems; returns how many. Raises
        Damaged.
        """
        kept = [row for row in rows if not row.is_skipped]
        if self.problems or not kept:
            self.forget()
            return 0
        try:
            section.model._default_manager.bulk_create([row.instance for row in kept])
            for row in kept:
                self.note(row)
            for model in SATELLITES:
                if self.waiting[model]:
                    model._default_manager.bulk_create(self.waiting[model])
            entries.keep(self, kept)
        except (IntegrityError, DataError) as failure:
            text = str(failure).splitlines()[0]
            where = Problem(section.key, kept[0].index, "", _("The database rejected a row here: %s") % text)
            raise Damaged(_(section.error), [where]) from failure
        self.forget()
        return len(kept)

    def keep_changes(self, changes: Sequence[Change]) -> None:
        """Store history entries; they are numbered at the end."""
        Change.objects.bulk_create(changes)

    def note(self, row: Row) -> None:
        """Remember the id of a row, to which others refer by name or #ref."""
        if row.section.natural:
            self.names[row.section.key].setdefault(getattr(row.instance, row.section.natural), row.instance.pk)
        if isinstance(row.instance, WorkItem):
            self.items[row.instance.ref] = (Kind(row.instance.kind), row.instance.pk)

    def forget(self) -> None:
        """Drop the rows that wait."""
        self.waiting.clear()
        self.entries.clear()
