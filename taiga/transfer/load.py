"""Loads a project from a dump, in one transaction: completely, or not at all.

Nobody is notified: there are no mails, no events, no deliveries. Nothing of a dump that is refused stays in the
database or in the store of files.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO

import structlog
from django.utils.translation import gettext as _

from taiga.base import jobs
from taiga.base.database import retry_conflicts, writing
from taiga.base.media import storage
from taiga.base.slugs import slugify
from taiga.changes.record import SERVER, Actor
from taiga.projects.models import Project
from taiga.projects.services.projects import free_slug, lock_slug
from taiga.transfer import files, finish, lists, manifest, members
from taiga.transfer.loading import Loading, Progress, silent
from taiga.transfer.people import People, Policy
from taiga.transfer.problems import Damaged, Problem, Wrong
from taiga.transfer.sections import Data, Section
from taiga.transfer.stream import LONG, Numbered, Outline, Source, seekable
from taiga.users.models import User

log = structlog.get_logger("taiga.transfer")


@dataclass(frozen=True)
class Claim:
    """What a dump would use of its owner's limits: a private or a public project, and its members."""

    is_private: bool
    addresses: frozenset[str]


@dataclass
class Report:
    """The result of a load: new accounts (`made`, usernames by address), people who were left out, the number of things
    that were `dropped`, and of rows by section (`counts`).
    """

    project: Project
    counts: dict[str, int] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)


def load(
    stream: IO[bytes],
    *,
    owner: User | None,
    name: str | None = None,
    people: Policy = "create",
    by: Actor = SERVER,
    admit: Callable[[Claim], None] | None = None,
    gzipped: bool | None = None,
    most: int | None = None,
    progress: Progress = silent,
) -> Report:
    """Load a project. Without an `owner` it belongs to the owner in the dump.

    `admit` may refuse before anything is made. A gzipped dump is refused if it is longer than `most` bytes when
    unzipped.

    Raises NotADump, or Damaged with the problems of the first section that has any.
    """
    storage.sweep()
    with seekable(stream) as file:
        source = Source(file, gzipped=gzipped, most=most)

        def attempt() -> Report:
            outline = source.outline()
            if outline.problems:
                raise Damaged(_("Invalid dump format"), outline.problems)
            with files.of_one_import() as kept, writing():
                if admit is not None:
                    admit(claim(outline))
                jobs.enqueue("taiga.base.database.take_stock")
                return Load(source, outline, People(people), kept, progress).run(owner, name)

        report = retry_conflicts(attempt)
    log.info("a dump was loaded", project=report.project.slug, by=by.id, items=sum(report.counts.values()))
    return report


def claim(outline: Outline) -> Claim:
    """The claim of a dump. A project that does not say whether it is private becomes a private one."""
    rows = outline.values.get("memberships")
    members = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    addresses = (row.get("user") or row.get("email") for row in members)
    return Claim(
        is_private=outline.values.get("is_private") is not False,
        addresses=frozenset(address.lower() for address in addresses if isinstance(address, str)),
    )


class Load:
    """The steps of a load."""

    def __init__(self, source: Source, outline: Outline, people: People, kept: files.Files, progress: Progress) -> None:
        self.source = source
        self.outline = outline
        self.people = people
        self.progress = progress
        self.loading = Loading(Project(), people, kept, outline.all_refs())
        self.counts: dict[str, int] = {}

    def run(self, owner: User | None, name: str | None) -> Report:
        """Load the sections in the order in which they refer to each other."""
        if self.people.policy == "create":
            for address, known_as in self.source.authors():
                self.people.is_called(address, known_as)
        self.make_project(owner, name)
        self.take(lists.ROLES)
        members.ensure_role(self.loading)
        self.take(lists.MEMBERSHIPS)
        members.welcome(self.loading)
        for section in manifest.VALUES:
            self.take(section)
        choose_defaults(self.loading, self.outline.values)
        for section in manifest.CONTENTS:
            self.take(section)
        finish.finish(self.loading)
        self.loading.files.settle()
        return self.report()

    def make_project(self, owner: User | None, name: str | None) -> None:
        """Store the project itself, without its default values. Raises Damaged."""
        project, values = self.loading.project, self.outline.values
        if name is not None:
            values |= {"name": name, "slug": None}
        project.owner_id = owner.pk if owner is not None else self.own_owner()
        row = self.loading.read(manifest.PROJECT, 0, values, project)
        if row.wrong:
            raise Damaged(_(manifest.PROJECT.error), [Problem("project", None, *one) for one in row.wrong])
        lock_slug(project.slug)
        if project.slug != slugify(project.slug) or Project.objects.filter(slug=project.slug).exists():
            project.slug = ""
        project.slug = project.slug or free_slug(project)
        project.save(force_insert=True)

    def own_owner(self) -> int:
        """The owner that the dump names. Raises Damaged."""
        address = self.outline.values.get("owner")
        try:
            found = self.people.id_of(address)
        except Wrong:
            found = None
        if found is None:
            reason = _("There is no user with the address %s. Choose another owner.") % address
            raise Damaged(_(manifest.PROJECT.error), [Problem("project", None, "owner", reason)])
        return found

    def take(self, section: Section) -> None:
        """Load a section."""
        rows, total = self.rows(section.key)
        self.counts[section.key] = self.loading.take(section, rows, total, self.progress)

    def rows(self, key: str) -> tuple[Numbered, int]:
        """The rows of a section, and their number.

        Rows whose newest is the first are read from the end, so that newer rows get higher ids.
        """
        if key in LONG:
            backwards = key == "timeline" or (key == "issues" and self.outline.is_descending(key))
            return self.source.rows(key, backwards=backwards), self.outline.lengths.get(key, 0)
        rows = self.outline.values.get(key)
        if rows is None:
            rows = []
        if not isinstance(rows, list):
            raise Damaged(_("Invalid dump format"), [Problem(key, None, "", _("Expected a list."))])
        return enumerate(rows), len(rows)

    def report(self) -> Report:
        """What became of it."""
        people = self.people
        return Report(
            project=self.loading.project,
            counts=self.counts,
            made={address: user.username for address, user in people.made.items()},
            left_out=sorted(people.left_out),
            dropped=dict(self.loading.left_out),
        )


def choose_defaults(loading: Loading, values: Data) -> None:
    """Set the project's default values by name; where the dump has none, the first of the list. Raises Damaged."""
    project, problems = loading.project, []
    for name, section in manifest.DEFAULTS.items():
        value = values.get(name)
        chosen = loading.names[section.key].get(value) if isinstance(value, str) else None
        if name not in values:
            chosen = finish.first_of(section, project)
        elif value is not None and chosen is None:
            problems.append(Problem("project", None, name, _('name="%s" not found in this project') % value))
        setattr(project, f"{name}_id", chosen)
    if problems:
        raise Damaged(_("error importing default values"), problems)
    project.save(update_fields=list(manifest.DEFAULTS))
