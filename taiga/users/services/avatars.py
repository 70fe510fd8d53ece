"""Photos of people."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.database import writing
from taiga.base.media import storage, thumbnails
from taiga.users.models import User


def change(user: User, photo: "UploadedFile[Any]") -> None:
    """Replace the photo. The old file is deleted after the commit. Raises WrongArguments."""
    info = thumbnails.probe(photo)
    if info is None:
        raise errors.WrongArguments(_("Invalid image format"))
    with storage.keeping(photo, "user") as saved, writing():
        replace(user, saved.path, info.thumbnail_format)


def remove(user: User) -> None:
    """Remove the photo."""
    replace(user, None, "")


def replace(user: User, path: str | None, photo_format: str) -> None:
    """Store the path of the new file, and delete the old file after the commit."""
    former = User.objects.select_for_update().filter(pk=user.pk).values_list("photo", flat=True).get()
    user.photo, user.photo_format = path, photo_format
    user.save(update_fields=["photo", "photo_format"])
    storage.delete_after_commit(former)
