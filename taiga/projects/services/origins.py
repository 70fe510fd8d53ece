"""Stories that are generated from an issue or a task."""

from typing import Any

from django.utils.translation import gettext as _

from taiga.base import clock, errors
from taiga.changes.models import ChangeType
from taiga.changes.record import change_of, publish
from taiga.projects.models import Issue, Kind, Task, WorkItem
from taiga.projects.permissions import ITEMS
from taiga.projects.queries import texts
from taiga.projects.services import unrecorded, watching
from taiga.projects.services.saving import Saving

ORIGINS: dict[str, Any] = {"generated_from_issue": Issue, "generated_from_task": Task}


def stories_of(item: WorkItem) -> list[int]:
    """The ids of the stories generated from an item."""
    related = item.stories_from_issue if item.kind == Kind.ISSUE else item.stories_from_task
    return list(related.order_by("id").values_list("id", flat=True))


def ensure_valid_origin(saving: Saving, name: str) -> None:
    """Refuse an origin of another project, or one that may not be commented on."""
    can = ITEMS[ORIGINS[name].kind_of]
    allowed = saving.access.may(can.comment) or saving.access.may(can.modify)
    if name in saving.found and (saving.found[name][0] != saving.access.project.id or not allowed):
        raise errors.Invalid({name: [_("Invalid pk '%s' - object does not exist.") % saving.values[name]]})


def comment_on_origin(saving: Saving) -> None:
    """Comment on the item from which a new story was generated."""
    for name, model in ORIGINS.items():
        if saving.values.get(name) is not None:
            comment_on(model.objects.get(pk=saving.values[name]), saving)


def comment_on(source: WorkItem, saving: Saving) -> None:
    """The comment, by the creator of the story, who becomes a watcher of the item. The bell rings for nobody, since no
    one wrote it (05 §3.7).
    """
    story, project, by = saving.item, saving.access.project, saving.by
    source.modified_date = clock.now()
    source.save(update_fields=["modified_date"])
    comment = _("Generating the user story #%(ref)s - %(subject)s") % {"ref": story.ref, "subject": story.subject}
    watching.involve(source, project.slug, text="", comment=comment, by=by)
    stories = stories_of(source)
    promoted = {"promoted_to": [[key for key in stories if key != story.pk], stories]}
    diff = {**unrecorded.take(source), **promoted}
    commented = texts.comment_fields(comment, project.id, project.slug)
    publish([change_of(source, ChangeType.CHANGE, by=by, diff=diff, **commented)])
