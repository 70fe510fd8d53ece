"""The logo of a project."""

from typing import Any

from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.database import writing
from taiga.base.media import storage, thumbnails
from taiga.projects.models import Project
from taiga.projects.permissions import Access


def change(access: Access, logo: Any) -> None:
    """Replace the logo and delete the former file. Raises WrongArguments, PermissionDenied, Blocked."""
    if logo is None:
        raise errors.WrongArguments(_("Incomplete arguments"))
    info = thumbnails.probe(logo)
    if info is None:
        raise errors.WrongArguments(_("Invalid image format"))
    access.ensure_open()
    picture = thumbnails.format_for(logo, logo.name or "")
    with storage.keeping(logo, "project") as saved, writing():
        replace(access.project.id, saved.path, picture)


def remove(access: Access) -> None:
    """Remove the logo. Raises PermissionDenied, Blocked."""
    access.ensure_open()
    replace(access.project.id, None, "")


def replace(project_id: int, path: str | None, picture: str) -> None:
    """Store the path of the new file and delete the old one. Raises Missing if the project was deleted meanwhile."""
    former = Project.objects.select_for_update().filter(pk=project_id).values_list("logo").first()
    if former is None:
        raise errors.Missing
    Project.objects.filter(pk=project_id).update(logo=path, logo_format=picture)
    storage.delete_after_commit(*former)
