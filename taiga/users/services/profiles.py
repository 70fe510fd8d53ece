"""The profile of a user as a file to download."""

import csv
import io
import uuid
import zipfile
from datetime import timedelta
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage

from taiga.base import jobs
from taiga.base.database import writing
from taiga.users.models import User

COLUMNS = ("username", "email", "full_name", "bio")
IN_MEMORY = 5_242_880


def export(user: User) -> str:
    """Write a zip with the profile and the photo; returns its path, which nobody can guess.

    It is deleted after `settings.EXPORTS_TTL`.
    """
    path = f"exports/{user.id}/{user.username}-{uuid.uuid4().hex}.zip"
    with SpooledTemporaryFile(IN_MEMORY) as draft:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{user.username}-profile.csv", profile(user))
            add_photo(archive, user)
        draft.seek(0)
        with writing():  # before the file is written, so that it is never left behind
            jobs.enqueue("taiga.base.media.storage.delete", delay=timedelta(seconds=settings.EXPORTS_TTL), path=path)
        return default_storage.save(path, File(draft))


def profile(user: User) -> str:
    """The profile as CSV."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    rows.writerow(getattr(user, name) for name in COLUMNS)
    return text.getvalue()


def add_photo(archive: zipfile.ZipFile, user: User) -> None:
    """Add the original photo, if there is one."""
    if user.photo and default_storage.exists(user.photo):
        with default_storage.open(user.photo) as photo:
            archive.writestr(f"{user.username}-photo{PurePosixPath(user.photo).suffix}", photo.read())
