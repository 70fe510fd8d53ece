"""The stories that belong to an epic."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from taiga.base import clock, errors
from taiga.changes.models import Change, ChangeType
from taiga.changes.record import Actor, Announcement, announce, change_of, difference, publish
from taiga.projects.models import Epic, Kind, Project, RelatedUserStory, UserStory, WorkItem
from taiga.projects.permissions import Access
from taiga.projects.services import bulk
from taiga.projects.services.ordering import Orders, make_room, shifted
from taiga.projects.services.saving import OtherOrders


def relate(epic: WorkItem, story_id: int, order: int, *, access: Access, by: Actor) -> RelatedUserStory:
    """Relate a story to an epic; `access` is to the epic's project. Raises Invalid if they are related already,
    Blocked.
    """
    if RelatedUserStory.objects.filter(epic=epic, user_story_id=story_id).exists():
        raise errors.Invalid({"__all__": [_("Related user story with this User story and Epic already exists.")]})
    access.ensure_open()
    relation = RelatedUserStory.objects.create(epic=epic, user_story_id=story_id, order=order)
    story = UserStory.objects.select_related("project").get(pk=story_id)
    publish([new_change(relation, epic, story, ChangeType.CREATE, by)])
    return relation


def reorder(relation: RelatedUserStory, order: int, other_orders: OtherOrders, *, by: Actor) -> Orders:
    """Change the order of a story in its epic; returns the orders of the relations that were moved, by id."""
    epic = relation.epic
    if order == relation.order:
        return {}
    old = recorded_order(relation)
    relation.order = order
    relation.save(update_fields=["order"])
    rows = RelatedUserStory.objects.filter(epic=epic)
    requested = other_orders()
    if requested:
        stories = dict(rows.values_list("user_story_id", "id"))
        base = dict(rows.values_list("id", "order"))
        pairs = [(stories[key], place) for key, place in requested.items() if key in stories]
        moved = shifted(base, [(relation.pk, order), *pairs])
        for key, place in moved.items():
            rows.filter(pk=key).update(order=place)
    else:
        moved = {relation.pk: order, **make_room(rows, "order", relation)}
    diff = {"order": [old, order]}
    publish([new_change(relation, epic, relation.user_story, ChangeType.CHANGE, by, diff=diff)])
    ids = [relation.user_story_id]
    announce(Announcement(epic.project_id, "epics", RelatedUserStory.type_key, ids, by.session_id))
    return moved


def unrelate(relation: RelatedUserStory, *, by: Actor) -> None:
    """Take a story out of an epic."""
    diff = difference({"order": recorded_order(relation)}, {"order": relation.order})
    publish([new_change(relation, relation.epic, relation.user_story, ChangeType.DELETE, by, diff=diff)])
    relation.delete()


def create_stories(epic: WorkItem, subjects: Sequence[str], *, access: Access, by: Actor) -> None:
    """Create stories, possibly in another project, and relate them to the epic."""
    lane = access.project.default_swimlane_id if access.project.is_kanban_activated else None
    stories = bulk.create(Kind.USERSTORY, subjects, access=access, by=by, swimlane_id=lane)
    project = Project.objects.get(pk=access.project.id)
    for story in stories:
        story.project = project
    order = clock.milliseconds()
    relations = RelatedUserStory.objects.bulk_create(
        [RelatedUserStory(epic=epic, user_story=story, order=order) for story in stories]
    )
    publish(
        [new_change(one, epic, story, ChangeType.CREATE, by) for one, story in zip(relations, stories, strict=True)]
    )


def new_change(
    relation: RelatedUserStory, epic: WorkItem, story: WorkItem, type: ChangeType, by: Actor, **more: Any
) -> Any:
    """The change of a relation, which belongs to the epic's project."""
    if type == ChangeType.CREATE:
        more["snapshot"] = {"user_story": story.pk, "epic": epic.pk, "order": relation.order}
    change = change_of(relation, type, by=by, **more)
    change.project_id = epic.project_id
    change.context = {
        "facts": {
            "relateduserstory": {"id": relation.pk, "subject": story.subject},
            "epic": {"id": epic.pk, "ref": epic.ref, "subject": epic.subject},
            "userstory": {"id": story.pk, "ref": story.ref, "subject": story.subject, "project": project_facts(story)},
        },
        "people": sorted({epic.owner_id, epic.assigned_to_id} - {None}),
    }
    return change


def recorded_order(relation: RelatedUserStory) -> int:
    """The order that the last change of a relation recorded; the place that others made for themselves since is told by
    the next one.
    """
    changes = Change.objects.filter(kind=relation.type_key, object_id=relation.pk).order_by("-id")
    diff, snapshot = changes.values_list("diff", "snapshot").first() or ({}, None)
    (_, order) = diff.get("order") or (None, (snapshot or {}).get("order", relation.order))
    return int(order)


def project_facts(story: WorkItem) -> dict[str, Any]:
    """The project of a story, as timelines show it."""
    project = story.project
    return {"id": project.pk, "slug": project.slug, "name": project.name, "description": project.description}


def epic_of(key: int | None) -> WorkItem | None:
    """The epic with this id."""
    return Epic.objects.filter(pk=key).first() if key is not None else None
