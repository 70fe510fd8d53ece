"""The history of one object as clients read it: its visible changes, newest first."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import CharField, Count, QuerySet

from taiga.base import clock
from taiga.base.media import signing as media
from taiga.base.prepared import Ids, Param, Prepared, PreparedObjects
from taiga.changes.models import Change, ChangeType
from taiga.history import differences
from taiga.projects.models import WikiPage
from taiga.projects.queries import files
from taiga.users import queries as users
from taiga.users.models import User

Row = dict[str, Any]
Rows = QuerySet[Change]


def visible(rows: Rows) -> Rows:
    """The changes that the history shows: not creations, deletions or pure reordering."""
    return rows.filter(type=ChangeType.CHANGE, is_hidden=False, entry=None)


def of_object(rows: Rows) -> Rows:
    """The changes of the object that is a parameter of the prepared query."""
    return visible(rows).filter(kind=Param("kind", CharField()), object_id=Param("object"))


CHOICES: dict[str, Callable[[Rows], Rows]] = {
    "": lambda rows: rows,
    "activity": lambda rows: rows.filter(comment="").exclude(diff={}),
    "comment": lambda rows: rows.exclude(comment=""),
}
"""The filters that `?type=` selects."""


def listing(chosen: Callable[[Rows], Rows]) -> PreparedObjects[Change]:
    """The entries of one `?type=`, newest first."""
    return PreparedObjects(Change, lambda rows: chosen(of_object(rows)).order_by("-at", "-id"))


def counting(chosen: Callable[[Rows], Rows]) -> Prepared:
    """Their number; there is no row if it is zero."""
    rows = Change._base_manager.all()
    return Prepared(
        lambda: chosen(of_object(rows)).order_by().values("kind").annotate(total=Count("id")).values_list("total")
    )


LISTS = {name: listing(chosen) for name, chosen in CHOICES.items()}
COUNTS = {name: counting(chosen) for name, chosen in CHOICES.items()}
USER_COLUMNS = ("id", "username", "full_name", "email", "photo", "photo_format", "is_active", "is_system")
PEOPLE = Prepared(lambda: User.objects.filter(id__among=Ids("ids")).order_by().values_list(*USER_COLUMNS))


def count(kind: str, object_id: int, choice: str) -> int:
    """How many entries an object has."""
    row = COUNTS[choice].one(kind=kind, object=object_id)
    return int(row[0]) if row else 0


def entries(kind: str, object_id: int, choice: str, limit: int | None, offset: int) -> list[Change]:
    """Some entries of an object."""
    return LISTS[choice].all(kind=kind, object=object_id, limit=limit, offset=offset)


def find(kind: str, object_id: int, uuid: str, *, lock: bool = False) -> Change | None:
    """One entry of an object."""
    rows = Change.objects.select_for_update(of=("self",)) if lock else Change.objects.all()
    return visible(rows).filter(kind=kind, object_id=object_id, uuid=uuid).first()


def serialized(rows: Sequence[Change]) -> list[Row]:
    """Entries as the API shows them, with one query for all people."""
    people = accounts_by_id(row.by_id for row in rows)
    sign_files(rows)
    return [entry(row, people.get(row.by_id)) for row in rows]


def sign_files(changes: Iterable[Change]) -> None:
    """Renew the signed URLs of the objects' own files; the stored ones have expired."""
    mentions = [(change, file) for change in changes for file in files_of(change)]
    for (change, file), stored in zip(mentions, files.find_stored([file for _change, file in mentions]), strict=True):
        holder_id = stored and (stored.wiki_page_id if change.kind == WikiPage.type_key else stored.item_id)
        if holder_id == change.object_id:
            file["url"] = media.media_url(file["attached_file"])


def files_of(change: Change) -> list[Row]:
    """The attachments that a change mentions."""
    lists = [*change.diff.get("attachments", ()), (change.snapshot or {}).get("attachments")]
    return [file for one in lists if isinstance(one, list) for file in one if isinstance(file, dict)]


def accounts_by_id(ids: Iterable[int | None]) -> dict[int | None, Any]:
    """The accounts behind ids."""
    wanted = sorted({key for key in ids if key is not None})
    return {row[0]: row for row in PEOPLE.all(ids=wanted)} if wanted else {}


def entry(change: Change, account: Any) -> Row:
    """One entry."""
    return {
        "id": change.uuid,
        "user": author(change, account),
        "created_at": clock.stamp(change.at),
        "type": change.type,
        "key": f"{change.kind}:{change.object_id}",
        "diff": change.diff,
        "snapshot": change.snapshot,
        "values": change.values,
        "values_diff": differences.values_diff(change),
        "comment": change.comment,
        "comment_html": change.comment_html,
        "delete_comment_date": clock.stamp(change.delete_comment_date),
        "delete_comment_user": change.delete_comment_user,
        "edit_comment_date": clock.stamp(change.edit_comment_date),
        "is_hidden": change.is_hidden,
        "is_snapshot": bool(change.snapshot),
    }


def author(change: Change, account: Any) -> Row:
    """The author of a change: the present account, or the stored name if it was deleted."""
    card: Row = {"pk": change.by_id, "username": None, "name": change.by_name, "photo": None}
    if account is None:
        return {**card, "is_active": False, "gravatar_id": None}
    _key, username, full_name, email, photo, photo_format, is_active, is_system = account
    if is_active or is_system:
        card |= {"username": username, "name": full_name or username}
    return {
        **card,
        "photo": media.thumbnail_url(photo, "avatar", photo_format),
        "is_active": is_active,
        "gravatar_id": users.gravatar_id(email),
    }


def versions(change: Change) -> list[Row] | None:
    """The earlier versions of a comment and who replaced them, oldest first; None without any."""
    if not change.comment_versions:
        return None
    ids = {version["user"]["id"] for version in change.comment_versions}
    accounts = list(User.objects.filter(id__in=ids))
    people = {person["id"]: person for person in users.listed(accounts)}
    return [
        {**version, "user": people.get(version["user"]["id"], version["user"])} for version in change.comment_versions
    ]
