"""Creating, editing and deleting sprints, and moving items between them."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from taiga.base import clock, errors
from taiga.base.slugs import among, slugify, unique_slug
from taiga.changes.models import Change, ChangeType
from taiga.changes.record import Actor, change_of, difference, is_first, publish
from taiga.projects.models import Kind, Milestone, WorkItem
from taiga.projects.permissions import Access
from taiga.projects.queries import texts
from taiga.projects.services import attributes, boards, freezing, unrecorded, watching

Values = dict[str, Any]
SLUG = re.compile(r"[-a-zA-Z0-9_]+")


def create(values: Values, *, access: Access, by: Actor) -> Milestone:
    """Create a sprint; the caller owns it."""
    milestone = Milestone(project_id=access.project.id)
    comment = values.pop("comment", "")
    assign(milestone, {**values, "owner": by.id})
    access.ensure_open()
    milestone.save(force_insert=True)
    watching.ensure_policy_of_author(access, by)
    publish([new_change(milestone, ChangeType.CREATE, comment, access, by, snapshot=freezing.freeze(milestone))])
    return milestone


def change(milestone: Milestone, values: Values, *, access: Access, by: Actor) -> None:
    """Change a sprint, leave a comment, or both."""
    before = freezing.freeze(milestone)
    comment = values.pop("comment", "")
    assign(milestone, values)
    access.ensure_open()
    milestone.modified_date = clock.now()
    milestone.save(force_update=True)
    frozen = freezing.freeze(milestone)
    diff = difference(before, frozen)
    if is_first(milestone):
        publish([new_change(milestone, ChangeType.CREATE, comment, access, by, snapshot=frozen)])
    elif diff or comment:
        publish([new_change(milestone, ChangeType.CHANGE, comment, access, by, diff=diff)])


def delete(milestone: Milestone, *, access: Access, by: Actor) -> None:
    """Delete a sprint; its items stay, without a sprint."""
    access.ensure_open()
    publish([new_change(milestone, ChangeType.DELETE, "", access, by, snapshot=freezing.freeze(milestone))])
    items = WorkItem.objects.filter(milestone=milestone)
    items.update(unrecorded=unrecorded.plus("milestone"), milestone=None)
    milestone.delete()


def new_change(milestone: Milestone, type: ChangeType, comment: str, access: Access, by: Actor, **more: Any) -> Change:
    """The change of a sprint. Whoever comments on it or is mentioned becomes a watcher."""
    project = access.project
    involved = watching.involve(milestone, project.slug, text="", comment=comment, by=by)
    context = {"facts": facts(milestone), **involved}
    words = texts.comment_fields(comment, project.id, project.slug)
    return change_of(milestone, type, by=by, context=context, **words, **more)


def facts(milestone: Milestone) -> Values:
    """The facts of a sprint for timelines."""
    return {"milestone": {"id": milestone.pk, "slug": milestone.slug, "name": milestone.name}}


def assign(milestone: Milestone, values: Values) -> None:
    """Set the columns. Raises Invalid for a name or slug that is taken, and for a finish before the start."""
    attributes.assign(milestone, values, sent=("name",))
    if not milestone.slug:
        milestone.slug = free_slug(milestone)
    elif is_slug_taken(milestone):
        raise errors.Invalid({"__all__": [_("Milestone with this Slug and Project already exists.")]})
    ensure_in_order(milestone.estimated_start, milestone.estimated_finish)


def ensure_in_order(start: date, finish: date) -> None:
    """Refuse a sprint that ends before it starts. Raises Invalid."""
    if start > finish:
        raise errors.Invalid({"__all__": [_("The estimated start must be previous to the estimated finish.")]})


def free_slug(milestone: Milestone) -> str:
    """A slug from the name that no sprint of the server has."""
    others = Milestone.objects.exclude(pk=milestone.pk)
    base = slugify(milestone.name) or "null"
    return unique_slug(base, among(others), max_length=250)


def is_slug_taken(milestone: Milestone) -> bool:
    """Whether another sprint of the project has the slug."""
    others = Milestone.objects.filter(project_id=milestone.project_id, slug=milestone.slug)
    return others.exclude(pk=milestone.pk).exists()


def move_items(
    kind: Kind, project_id: int, milestone_id: int, wanted: Sequence[tuple[int, int | None]], *, by: Actor
) -> None:
    """Put items into a sprint, with the orders they want."""
    ids = boards.move_to_sprint(kind, project_id, milestone_id, wanted, by=by)
    WorkItem.objects.filter(pk__in=ids).update(modified_date=clock.now())
