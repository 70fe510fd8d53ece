"""Attachments of items and wiki pages."""

from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from taiga.base import clock, writes
from taiga.base.media import paths, signing, storage, thumbnails
from taiga.changes.models import ChangeType
from taiga.changes.record import Actor, change_of, publish
from taiga.projects.models import Attachment, WikiPage, WorkItem
from taiga.projects.queries import texts
from taiga.projects.services import ordering, unrecorded
from taiga.projects.services.ordering import Orders
from taiga.projects.services.watching import involve

Frozen = list[dict[str, Any]]
UNRECORDED_FIELDS = ("filename", "url", "order")
"""Changes of only these fields get no history entry."""
Holder = WorkItem | WikiPage


def of(holder: Holder) -> "QuerySet[Attachment]":
    """The files of an item or page."""
    return Attachment.objects.filter(**target_column(holder))


def target_column(holder: Holder) -> dict[str, Any]:
    """The column of an attachment that points at its holder."""
    return {"item_id": holder.pk} if isinstance(holder, WorkItem) else {"wiki_page_id": holder.pk}


def add(
    holder: Holder, upload: "UploadedFile[bytes]", values: dict[str, Any], *, slug: str, comment: str, by: Actor
) -> Attachment:
    """Add a file. It is stored before its row is written, and removed from the store again if that fails."""
    before = last_recorded(holder)
    with storage.keeping(upload, "attachments") as saved:
        attachment = Attachment.objects.create(
            owner_id=by.id,
            project_id=holder.project_id,
            name=saved.name,
            attached_file=saved.path,
            size=saved.size,
            sha1=saved.sha1,
            thumbnail_format=thumbnails.format_for(upload, saved.name),
            **target_column(holder),
            **values,
        )
        record(holder, before, slug=slug, comment=comment, by=by)
    return attachment


def change(
    attachment: Attachment,
    holder: Holder,
    values: dict[str, Any],
    upload: "UploadedFile[bytes] | None",
    *,
    slug: str,
    comment: str,
    by: Actor,
) -> None:
    """Change the description of a file, or replace the file."""
    before = last_recorded(holder)
    for name, value in values.items():
        setattr(attachment, name, value)
    if upload is None:
        store(attachment)
    else:
        replaced = attachment.attached_file
        with storage.keeping(upload, "attachments") as saved:
            attachment.name = values.get("name") or saved.name
            attachment.attached_file, attachment.size, attachment.sha1 = saved.path, saved.size, saved.sha1
            attachment.thumbnail_format = thumbnails.format_for(upload, saved.name)
            store(attachment)
        storage.delete_after_commit(replaced)
    record(holder, before, slug=slug, comment=comment, by=by)


def store(attachment: Attachment) -> None:
    """Write the row of a file that is in the store already."""
    attachment.modified_date = clock.now()
    attachment.save()


def delete(attachment: Attachment, holder: Holder, *, slug: str, by: Actor) -> None:
    """Delete a file."""
    before = last_recorded(holder)
    attachment.delete()
    record(holder, before, slug=slug, comment="", by=by, context={"quiet": True})
    storage.delete_after_commit(attachment.attached_file)


def delete_files_of(**holders: Any) -> None:
    """Remove files from the store whose holders are about to be deleted."""
    storage.delete_after_commit(*Attachment.objects.filter(**holders).values_list("attached_file", flat=True))


def last_recorded(holder: Holder) -> Frozen:
    """The files as the history last recorded them; their order may have changed since."""
    recorded = (getattr(holder, "unrecorded", None) or {}).get("attachments")
    files = frozen(holder)
    if recorded is None:
        return files
    orders = {one["id"]: one["order"] for one in recorded}
    return [{**one, "order": orders.get(one["id"], one["order"])} for one in files]


def set_last_recorded(holder: Holder, files: Frozen | None) -> None:
    """Keep (or with None forget) what the history last recorded of the files."""
    if not isinstance(holder, WorkItem):
        return
    rest = {name: value for name, value in (holder.unrecorded or {}).items() if name != "attachments"}
    holder.unrecorded = (rest if files is None else {**rest, "attachments": files}) or None
    writes.update(holder, ["unrecorded"])


def reorder(holder: Holder, ids: Sequence[int], after: int | None) -> Orders:
    """Put files first, or right after another file; returns the renumbered ones."""
    set_last_recorded(holder, last_recorded(holder))
    orders, former = ordering.renumbered(of(holder).select_for_update(), "order", ids, after=after)
    ordering.store(Attachment, "order", ordering.changed(orders, former))
    return orders


def frozen(holder: Holder) -> Frozen:
    """The files as the history remembers them."""
    return [frozen_file(one) for one in of(holder).order_by("created_date", "id")]


def frozen_file(one: Attachment) -> dict[str, Any]:
    """One file as the history remembers it."""
    return {
        "id": one.pk,
        "filename": (one.attached_file or "").rpartition("/")[2],
        "url": signing.media_url(one.attached_file) if one.attached_file else "",
        "attached_file": one.attached_file,
        "thumbnail_file": paths.thumbnail_path(one.attached_file, "timeline-image", one.thumbnail_format),
        "is_deprecated": one.is_deprecated,
        "description": one.description,
        "order": one.order,
    }


def record(
    holder: Holder, before: Frozen, *, slug: str, comment: str, by: Actor, context: dict[str, Any] | None = None
) -> None:
    """Record a change of the files in the history of their item or page."""
    after = frozen(holder)
    differ = recorded_fields(before) != recorded_fields(after)
    if not differ and not comment:
        if before != after:
            set_last_recorded(holder, before)
        return
    set_last_recorded(holder, None)
    context = {**(context or {}), **involve(holder, slug, text="", comment=comment, by=by)}
    silent = unrecorded.take(holder) if isinstance(holder, WorkItem) else {}
    diff = {**silent, **({"attachments": [before, after]} if differ else {})}
    commented = texts.comment_fields(comment, holder.project_id, slug)
    publish([change_of(holder, ChangeType.CHANGE, by=by, diff=diff, context=context, **commented)])


def recorded_fields(files: Frozen) -> list[dict[str, Any]]:
    """The fields of each file whose change gets a history entry."""
    return [{name: value for name, value in one.items() if name not in UNRECORDED_FIELDS} for one in files]
