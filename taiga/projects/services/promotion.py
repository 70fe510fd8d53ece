"""Promoting a task or an issue to a user story."""

from typing import Any

from django.utils.translation import gettext as _

from taiga.base import clock, writes
from taiga.base.media import storage
from taiga.changes.models import Change, ChangeType
from taiga.changes.record import Actor, change_of, publish, store_without_effects
from taiga.projects.models import AssignedUser, Attachment, Kind, UserStory, Vote, Watch, WorkItem
from taiga.projects.permissions import Access
from taiga.projects.services import bulk, closing, origins, unrecorded, watching
from taiga.projects.services.workitems import delete, next_refs, snapshot

COPIED_COLUMNS = [
    "at",
    "by_id",
    "by_name",
    "diff",
    "values",
    "comment",
    "comment_html",
    "delete_comment_date",
    "delete_comment_user",
    "comment_versions",
    "edit_comment_date",
]


def promote(item: WorkItem, *, access: Access, by: Actor) -> WorkItem:
    """Create a story with the content of the item. A task is deleted afterwards, so that timelines tell of the story
    alone; an issue stays and refers to the story.
    """
    story = new_story(item, access)
    bulk.close_new(Kind.USERSTORY, [story], story.status_id)
    writes.insert([story])
    bulk.create_estimates([story], access)
    if item.assigned_to_id is not None:
        AssignedUser.objects.create(user_story=story, user_id=item.assigned_to_id)
    copy_attachments(item, story)
    watching.watch(story, Watch.objects.filter(item=item).values_list("user_id", flat=True))
    origin = {"origin": item.type_key, "quiet": True}
    publish([change_of(story, ChangeType.CREATE, by=by, snapshot=snapshot(story, access), context=origin)])
    copy_comments(item, story)
    former = [key for key in origins.stories_of(item) if key != story.pk]
    diff = {**unrecorded.take(item), "promoted_to": [former, [*former, story.pk]]}
    is_task = item.kind == Kind.TASK
    publish([change_of(item, ChangeType.CHANGE, by=by, diff=diff, is_hidden=is_task, context={"quiet": True})])
    if is_task:
        Vote.objects.filter(item=item).update(item=story)
        delete(item, access=access, by=by, silent=True)
    closing.update_milestones([story.milestone_id], by=by)
    return story


def new_story(item: WorkItem, access: Access) -> WorkItem:
    """The story, not stored yet."""
    now = clock.microseconds()
    story = UserStory(
        kind=Kind.USERSTORY,
        project_id=item.project_id,
        ref=next_refs(item.project_id, 1),
        owner_id=item.owner_id,
        subject=item.subject,
        description=item.description,
        tags=item.tags,
        milestone_id=item.milestone_id,
        status_id=access.project.default_us_status_id,
        backlog_order=now,
        sprint_order=now,
        kanban_order=now,
    )
    if item.kind == Kind.ISSUE:
        story.generated_from_issue_id = item.pk
        return story
    story.from_task_ref = _("Task #%(ref)s") % {"ref": item.ref}
    for name in ("due_date", "due_date_reason", "is_blocked", "blocked_note"):
        setattr(story, name, getattr(item, name))
    return story


def copy_attachments(item: WorkItem, story: WorkItem) -> None:
    """Copy the files, so that each item has its own."""
    files = list(Attachment.objects.filter(item=item).order_by("id"))
    copies = storage.copy(*(one.attached_file for one in files if one.attached_file))
    for one in files:
        one.pk, one.item_id, one.attached_file = None, story.pk, copies.get(one.attached_file or "")
        one._state.adding = True
        one.save()


def copy_comments(item: WorkItem, story: WorkItem) -> None:
    """Copy the comments with their authors; no notifications are sent."""
    commented = Change.objects.filter(
        kind=item.type_key, object_id=item.pk, type=ChangeType.CHANGE, is_hidden=False, entry=None
    ).exclude(comment="")
    copies = [copy_of(one, story) for one in commented.order_by("id")]
    store_without_effects(copies)


def copy_of(comment: Change, story: WorkItem) -> Change:
    """One comment as an entry of the story."""
    columns: dict[str, Any] = {name: getattr(comment, name) for name in COPIED_COLUMNS}
    return Change(
        project_id=story.project_id,
        kind=UserStory.type_key,
        object_id=story.pk,
        ref=story.ref,
        type=ChangeType.CHANGE,
        told_at=clock.now(),
        **columns,
    )
