"""The photo of a person."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.database import writing
from taiga.base.media import storage, thumbnails
from taiga.users.models import User


def change(user: User, photo: "UploadedFile[Any]") -> None:
    """Another photo; the file of the former one goes once the new one is committed. Raises WrongArguments."""
    info = thumbnails.probe(photo)
    if info is None:
        raise errors.WrongArguments(_("Invalid image format"))
    with storage.keeping(photo, "user") as saved, writing():
        replace(user, saved.path, info.thumbnail_format)


def remove(user: User) -> None:
    """No photo any more."""
    replace(user, None, "")


def replace(user: User, path: str | None, photo_format: str) -> None:
    """Remember the new file, forget the old one."""
    former = User.objects.select_for_update().filter(pk=user.pk).values_list("photo", flat=True).get()
    user.photo, user.photo_format = path, photo_format
    user.save(update_fields=["photo", "photo_format"])
    storage.delete_after_commit(former)
