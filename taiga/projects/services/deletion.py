"""Deleting projects. Small ones are deleted at once; a large one is detached from everybody first and then deleted by
the worker.
"""

from taiga.base import jobs
from taiga.base.database import writing
from taiga.base.media import storage
from taiga.changes.models import Change
from taiga.changes.record import permissions_changed
from taiga.projects.models import Attachment, Membership, Project, WorkItem
from taiga.projects.permissions import Access
from taiga.users.models import User

DELETING = "blocked-by-deleting"
ERASE_IN_WORKER_FROM = 2_000
"""From this many changes on, a project is too large to be deleted during the request."""


def delete(project: Project, *, access: Access) -> None:
    """Delete a project and everything in it. Raises Blocked."""
    access.ensure_unblocked()
    detach_and_erase(project)


def delete_owned(user: User) -> None:
    """Delete all private projects of an owner."""
    for project in Project.objects.select_for_update().filter(owner=user, is_private=True):
        detach_and_erase(project)


def detach_and_erase(project: Project) -> None:
    """Detach the project from everybody, so that nothing in it can change any more, then delete it."""
    Membership.objects.filter(project=project, user=project.owner, user__isnull=False).delete()
    project.owner, project.blocked_code = None, DELETING
    project.save(update_fields=["owner", "blocked_code"])
    permissions_changed(project.pk)
    if project.last_change < ERASE_IN_WORKER_FROM:
        erase(project.pk)
    else:
        jobs.enqueue("taiga.projects.services.deletion.erase", project_id=project.pk)


def erase(project_id: int) -> None:
    """Delete the rows of a project, then its files. No changes are published for what was in it."""
    with writing():
        paths = list(Attachment.objects.filter(project_id=project_id).values_list("attached_file", flat=True))
        paths += Project.objects.filter(pk=project_id).values_list("logo", flat=True)
        Change.objects.filter(project_id=project_id, entry__isnull=False).delete()
        Change.objects.filter(project_id=project_id).delete()
        # items first: deleting the project would otherwise update each of them to clear its status and sprint
        WorkItem.objects.filter(project_id=project_id).delete()
        Project.objects.filter(pk=project_id).delete()
        storage.delete_after_commit(*paths)
