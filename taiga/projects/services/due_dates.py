"""Due date labels: the default one cannot be deleted, and a project without any can get those of its template."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from taiga.base import errors
from taiga.changes.models import ChangeType
from taiga.changes.record import Actor, change_of, publish
from taiga.projects.models import Kind, Project
from taiga.projects.services import attributes, templates

MEMBERS = {kind: member for member, kind in templates.DUE_DATES.items()}
DEFAULT_NOT_DELETABLE = {
    Kind.USERSTORY: gettext_noop("You can't delete the default due date status of a user story"),
    Kind.TASK: gettext_noop("You can't delete the default due date status of a task"),
    Kind.ISSUE: gettext_noop("You can't delete the default due date status of an issue"),
}
ALREADY_PRESENT = {
    Kind.USERSTORY: gettext_noop("Project does already have due dates"),
    Kind.TASK: gettext_noop("Project does already have task due dates"),
    Kind.ISSUE: gettext_noop("Project does already have issue due dates"),
}


def ensure_not_default(label: Any) -> None:
    """Refuse to delete the default label."""
    if label.by_default:
        raise errors.BadRequest(_(DEFAULT_NOT_DELETABLE[label.kind_of]))


def create_defaults(model: Any, project_id: int, *, by: Actor) -> list[Any]:
    """Give a project without labels for a kind of item those of its template."""
    project = Project.objects.select_for_update(of=("self",)).select_related("creation_template").get(pk=project_id)
    labels = model.objects.filter(project=project).order_by("order", "name")
    if labels.exists():
        raise errors.BadRequest(_(ALREADY_PRESENT[model.kind_of]))
    if project.creation_template is None:
        raise errors.BadRequest(_("The project has no template."))
    templates.make_due_dates(project.creation_template, project, [MEMBERS[model.kind_of]])
    made = list(labels)
    publish([change_of(row, ChangeType.CREATE, by=by, snapshot=attributes.frozen(row)) for row in made])
    return made
