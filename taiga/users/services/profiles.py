"""What is known of a person, as a file to take away."""

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
    """Write a zip with the profile and the photo; returns its path in the store, which nobody can guess.

    It is there for `settings.EXPORTS_TTL`.
    """
    path = f"exports/{user.id}/{user.username}-{uuid.uuid4().hex}.zip"
    with SpooledTemporaryFile(IN_MEMORY) as draft:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{user.username}-profile.csv", profile(user))
            add_photo(archive, user)
        draft.seek(0)
        with writing():  # first of all, so that a file is never left behind
            jobs.enqueue("taiga.base.media.storage.delete", delay=timedelta(seconds=settings.EXPORTS_TTL), path=path)
        return default_storage.save(path, File(draft))


def profile(user: User) -> str:
    """The profile as CSV: a header and one row."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    rows.writerow(getattr(user, name) for name in COLUMNS)
    return text.getvalue()


def add_photo(archive: zipfile.ZipFile, user: User) -> None:
    """The photo in its full size, if there is one."""
    if user.photo and default_storage.exists(user.photo):
        with default_storage.open(user.photo) as photo:
            archive.writestr(f"{user.username}-photo{PurePosixPath(user.photo).suffix}", photo.read())
