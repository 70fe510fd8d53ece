"""Swimlanes of the kanban board. The first one takes all stories; deleting one moves its stories to another."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.changes.models import ChangeType
from taiga.changes.record import Actor, Announcement, announce, change_of, publish
from taiga.projects.models import Project, Swimlane, SwimlaneUserStoryStatus, UserStory, UserStoryStatus
from taiga.projects.permissions import Access
from taiga.projects.services import attributes, ordering, unrecorded

Values = dict[str, Any]


def create(values: Values, *, access: Access, by: Actor) -> Swimlane:
    """Create a lane. The first one becomes the default and takes all stories of the project."""
    project = locked_project(access.project.id)
    lane = Swimlane(project_id=project.pk)
    attributes.assign(lane, values, sent=("name", "project"))
    access.ensure_open()
    is_first = not Swimlane.objects.filter(project=project).exists()
    lane.save(force_insert=True)
    create_limits(lane, copied=is_first)
    if is_first:
        take_all_stories(lane, by)
    publish([change_of(lane, ChangeType.CREATE, by=by, snapshot=attributes.frozen(lane))])
    return lane


def locked_project(project_id: int) -> Project:
    """The project, locked together with its items until the commit."""
    return Project.objects.select_for_update(no_key=True).only("id", "default_swimlane").get(pk=project_id)


def create_limits(lane: Swimlane, *, copied: bool) -> None:
    """Create a limit for each story status; the first lane takes the limits of the statuses."""
    statuses = UserStoryStatus.objects.filter(project_id=lane.project_id).order_by("order", "name")
    SwimlaneUserStoryStatus.objects.bulk_create(
        SwimlaneUserStoryStatus(swimlane=lane, status=status, wip_limit=status.wip_limit if copied else None)
        for status in statuses
    )


def add_status(status: Any) -> None:
    """Create limits of a new story status in each lane; a single lane takes the limit of the status."""
    lanes = list(Swimlane.objects.filter(project_id=status.project_id).order_by("order", "pk"))
    limit = status.wip_limit if len(lanes) == 1 else None
    SwimlaneUserStoryStatus.objects.bulk_create(
        SwimlaneUserStoryStatus(swimlane=lane, status_id=status.pk, wip_limit=limit) for lane in lanes
    )


def take_all_stories(lane: Swimlane, by: Actor) -> None:
    """Put all stories of the project into its first lane."""
    stories = UserStory.objects.filter(project_id=lane.project_id)
    ids = list(stories.order_by("pk").values_list("pk", flat=True))
    stories.update(unrecorded=unrecorded.plus("swimlane"), swimlane=lane)
    Project.objects.filter(pk=lane.project_id).update(default_swimlane=lane)
    attributes.announce_items(UserStory, lane.project_id, ids, by)


def change(lane: Swimlane, values: Values, *, access: Access, by: Actor) -> None:
    """Rename a lane."""
    before = lane.name
    attributes.assign(lane, values, sent=values)
    access.ensure_open()
    if lane.name != before:
        lane.save(update_fields=["name"])
        publish([change_of(lane, ChangeType.CHANGE, by=by, diff={"name": [before, lane.name]})])


def reorder(project_id: int, orders: Iterable[tuple[int, int]], *, by: Actor) -> None:
    """Set the order of lanes."""
    ids = attributes.reorder(Swimlane, project_id, orders)
    if ids:
        announce(Announcement(project_id, "projects", Swimlane.type_key, ids, by.session_id))


def delete(lane: Swimlane, to: Swimlane | None, *, access: Access, by: Actor) -> None:
    """Delete a lane; its stories go to the end of another one, or to none if it was the last."""
    project = locked_project(lane.project_id)
    others = Swimlane.objects.filter(project=project).exclude(pk=lane.pk).exists()
    if to is None and others:
        raise errors.BadRequest(_("Cannot set swimlane to None if there are available swimlanes"))
    if to is not None and (to.pk == lane.pk or to.project_id != lane.project_id):
        raise errors.BadRequest(_("The replacement must be a different one, of the same project."))
    if others and project.default_swimlane_id == lane.pk:
        raise errors.BadRequest(_("The default swimlane cannot be deleted."))
    access.ensure_open()
    attributes.announce_items(UserStory, project.pk, remove_stories(lane) if to is None else move_stories(lane, to), by)
    limits = SwimlaneUserStoryStatus.objects.filter(swimlane=lane).select_related("swimlane")
    publish([change_of(row, ChangeType.DELETE, by=by, snapshot=attributes.frozen(row)) for row in limits])
    attributes.delete_row(lane, by)


def remove_stories(lane: Swimlane) -> list[int]:
    """Take the stories out of the last lane; returns their ids."""
    stories = UserStory.objects.filter(swimlane=lane)
    ids = list(stories.order_by("pk").values_list("pk", flat=True))
    stories.update(unrecorded=unrecorded.plus("swimlane"), swimlane=None)
    return ids


def move_stories(lane: Swimlane, to: Swimlane) -> list[int]:
    """Put the stories of a lane after those of another, and number the stories of the whole board from 0.

    Stories without a lane come first, then the lanes in their order. Returns the ids of changed stories.
    """
    lanes = (F("swimlane__order").asc(nulls_first=True), "swimlane__name", "kanban_order", "pk")
    stories = UserStory.objects.filter(project_id=lane.project_id).order_by(*lanes)
    sequence = list(stories.only("pk", "swimlane_id", "kanban_order"))
    moved = [story for story in sequence if story.swimlane_id == lane.pk]
    if moved:
        rest = [story for story in sequence if story.swimlane_id != lane.pk]
        sequence = with_moved(rest, moved, lane_places(lane.project_id), to.pk)
    orders = {story.pk: place for place, story in enumerate(sequence) if story.kanban_order != place}
    ordering.store(UserStory, "kanban_order", orders)
    UserStory.objects.filter(swimlane=lane).update(unrecorded=unrecorded.plus("swimlane"), swimlane=to)
    changed = {*(story.pk for story in moved), *orders}
    return [story.pk for story in sequence if story.pk in changed]


def lane_places(project_id: int) -> dict[int | None, int]:
    """The position of each lane on the board; stories without a lane come first."""
    ids = Swimlane.objects.filter(project_id=project_id).order_by("order", "name").values_list("pk", flat=True)
    return {key: place for place, key in enumerate([None, *ids])}


def with_moved(
    rest: list[UserStory], moved: list[UserStory], places: dict[int | None, int], to: int
) -> list[UserStory]:
    """The sequence of stories with the moved ones after the last story of their new lane (or where it would be)."""
    before = [story for story in rest if places[story.swimlane_id] <= places[to]]
    return [*before, *moved, *rest[len(before) :]]


def set_limit(row: SwimlaneUserStoryStatus, value: int | None, *, access: Access, by: Actor) -> None:
    """Set the limit of a status in a lane."""
    access.ensure_open()
    before = row.wip_limit
    if value != before:
        row.wip_limit = value
        row.save(update_fields=["wip_limit"])
        publish([change_of(row, ChangeType.CHANGE, by=by, diff={"wip_limit": [before, value]})])
