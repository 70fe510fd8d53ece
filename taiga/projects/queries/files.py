"""Files that histories and timelines mention, if they still exist; and files that a row refers to."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from taiga.base.bodies import LARGEST_KEY
from taiga.base.prepared import Ids, Prepared
from taiga.projects.models import Attachment, Project
from taiga.users.models import User


class Stored(NamedTuple):
    """The holder of a file, and the format of its thumbnails."""

    project_id: int
    item_id: int | None
    wiki_page_id: int | None
    thumbnail_format: str


STORED = Prepared(
    lambda: (
        Attachment.objects.filter(pk__among=Ids("ids")).order_by().values_list("id", "attached_file", *Stored._fields)
    )
)


def find_stored(mentions: Sequence[dict[str, Any]]) -> list[Stored | None]:
    """For each mentioned file (`id`, `attached_file`) the stored file that matches both, or None; one query.

    The mentions may come from an imported dump and name anything. Before signing a URL, the caller must check that the
    file belongs to the object that is shown.
    """
    ids = [file.get("id") for file in mentions]
    wanted = {key for key in ids if isinstance(key, int) and 0 < key <= LARGEST_KEY}
    found = {row[0]: row[1:] for row in STORED.all(ids=sorted(wanted))} if wanted else {}
    rows = [found.get(key) if isinstance(key, int) else None for key in ids]
    return [
        Stored(*row[1:]) if row and row[0] and row[0] == file.get("attached_file") else None
        for row, file in zip(rows, mentions, strict=True)
    ]


def named(paths: Sequence[str]) -> set[str | None]:
    """The files of the store that a row refers to."""
    return {
        *Attachment.objects.filter(attached_file__in=paths).values_list("attached_file", flat=True),
        *Project.objects.filter(logo__in=paths).values_list("logo", flat=True),
        *User.objects.filter(photo__in=paths).values_list("photo", flat=True),
    }
