"""Creates a project for a script: the project, its roles, members and lists. `pieces` adds its contents."""

from io import BytesIO
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.database import writing
from taiga.projects.models import Project
from taiga.projects.services.projects import free_slug, lock_slug
from taiga.timeline.services.activity import recount_all
from taiga.transfer import files, finish, lists, manifest, members
from taiga.transfer.dump import dump
from taiga.transfer.load import choose_defaults, claim
from taiga.transfer.loading import Loading, silent
from taiga.transfer.people import People
from taiga.transfer.problems import Damaged, Wrong
from taiga.transfer.sections import Data, Row, Section
from taiga.transfer.services.pieces import problems_by_section
from taiga.transfer.services.room import ensure_room
from taiga.transfer.stream import Outline
from taiga.users.models import User

NOT_TAKEN = (lists.EPIC_STATUSES.key, "epiccustomattributes")
"""Lists that this endpoint ignores, as Taiga does."""
TAKEN = tuple(section for section in (*manifest.VALUES, *lists.CUSTOM_ATTRIBUTES) if section.key not in NOT_TAKEN)
IN_DUMP_ONLY = ("timeline",)


def create(values: Data, *, by: User) -> bytes:
    """Create a project; returns its dump, with its id. Raises Invalid, BadRequest or NotEnoughSlots."""
    with files.of_one_import() as kept, writing():
        ensure_room(by, claim(Outline(values=values)))
        loading = Loading(Project(), People("match"), kept, set())
        make_project(loading, values, by)
        fill(loading, values)
        finish.number_changes(loading)
        members.follow(loading)
        members.tell_of_members(loading)
        finish.store_project(loading)
        shown = BytesIO()
        dump(loading.project, shown, leave_out=IN_DUMP_ONLY, also={"id": loading.project.pk})
        recount_all(loading.project.pk)
        kept.settle()
    return shown.getvalue()


def make_project(loading: Loading, values: Data, by: User) -> None:
    """Store the project itself. Raises Invalid, BadRequest."""
    project = loading.project
    row = loading.read(
        manifest.PROJECT, 0, {key: value for key, value in values.items() if key not in NOT_TAKEN}, project
    )
    given = values.get("owner")
    project.owner_id = by.pk if given is None else row.attempt("owner", loading.person, given)
    if project.slug:
        ensure_slug(row, project.slug)
    if row.wrong:
        raise errors.Invalid(problems_by_section(manifest.PROJECT, [row]))
    if not values.get("roles"):
        raise errors.BadRequest(_("We needed at least one role"))
    project.slug = project.slug or free_slug(project)
    project.save(force_insert=True)


def ensure_slug(row: Row, slug: str) -> None:
    """Note a slug that is not valid, or in use."""
    try:
        validate_slug(slug)
    except ValidationError:
        row.refuse("slug", _("Enter a valid 'slug' consisting of letters, numbers, underscores or hyphens."))
    lock_slug(slug)
    if Project.objects.filter(slug=slug).exists():
        row.refuse("slug", _("Project with this Slug already exists."))


def fill(loading: Loading, values: Data) -> None:
    """Store roles, members, lists and default values. Raises Invalid with the problems of the first of these that has
    any.
    """
    take(loading, values, (lists.ROLES,))
    take(loading, values, (lists.MEMBERSHIPS,))
    if loading.project.owner_id is not None:
        members.welcome(loading)
    loading.followers |= set(loading.joined)
    take(loading, values, TAKEN)
    try:
        choose_defaults(loading, values)
    except Damaged as refusal:
        raise errors.Invalid(refusal.details()) from refusal


def take(loading: Loading, values: Data, sections: tuple[Section, ...]) -> None:
    """Store the rows of some sections. Raises Invalid with the problems of all of them."""
    wrong: dict[str, Any] = {}
    for section in sections:
        try:
            rows = rows_of(values, section)
            loading.take(section, enumerate(rows), len(rows), silent)
        except Damaged as refusal:
            wrong |= refusal.details()
            loading.problems.clear()
            if refusal.__cause__ is not None:
                break  # the database refused a row, so that the transaction is aborted
        except Wrong as refusal:
            wrong[section.key] = [{"non_field_errors": [str(refusal)]}]
    if wrong:
        raise errors.Invalid(wrong)


def rows_of(values: Data, section: Section) -> list[Any]:
    """The rows of a section. Raises Wrong."""
    rows = values.get(section.key)
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise Wrong(_("Expected a list."))
    return rows
