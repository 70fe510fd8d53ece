"""Timelines as the API shows them, limited to what the viewer may read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Count, QuerySet

from taiga.base.media import signing as media
from taiga.base.prepared import Ids, Param, Prepared
from taiga.projects.models import (
    Epic,
    Issue,
    Membership,
    Milestone,
    Project,
    RelatedUserStory,
    Task,
    UserStory,
    WikiPage,
)
from taiga.projects.queries import files
from taiga.timeline import permissions
from taiga.timeline.models import TimelineEntry
from taiga.users.models import User
from taiga.users.queries import gravatar_id

Row = dict[str, Any]
MODELS: dict[str, Any] = {
    model.type_key: model
    for model in (User, Project, Membership, Milestone, Epic, RelatedUserStory, UserStory, Task, Issue, WikiPage)
}
NOT_RELEVANT = (
    *(f"{model.type_key}.delete" for model in (Issue, Task, UserStory, Epic, WikiPage)),
    f"{Project.type_key}.change",
)
COLUMNS = ("data", "id", "user_id", "namespace", "event_type", "project_id", "created")
PROFILE, BY_USER, PROJECT = "profile", "user", "project"
USER_COLUMNS = (
    "id",
    "username",
    "full_name",
    "email",
    "photo",
    "photo_format",
    "is_active",
    "is_system",
    "date_joined",
)
PEOPLE = Prepared(lambda: User.objects.filter(id__among=Ids("ids")).order_by().values_list(*USER_COLUMNS))
THUMBNAIL = "timeline-image"


@dataclass(frozen=True)
class Choice:
    """Which rows are wanted: which timeline, for which viewer, and what is left out."""

    timeline: str
    only_relevant: bool
    signed_in: bool
    superuser: bool
    events: tuple[str, ...] | None = None
    """The event types that the viewer may read in a project's timeline; None for all."""


def matching(choice: Choice) -> "QuerySet[TimelineEntry]":
    """The rows of a choice; the timeline's key and the viewer's projects are parameters."""
    rows = TimelineEntry.objects.order_by()
    if choice.timeline == PROFILE:
        rows = rows.filter(user=Param("person"))
    else:
        rows = rows.filter(namespace=Param("namespace", CharField()))
        if not choice.superuser:
            rows = rows.filter(permissions.is_story_visible(signed_in=choice.signed_in))
    if choice.only_relevant:
        rows = rows.exclude(event_type__in=NOT_RELEVANT)
    if choice.events is not None:
        rows = rows.filter(event_type__in=choice.events)
    if choice.timeline != PROJECT and not choice.superuser:
        rows = rows.filter(permissions.in_any_project())
    return rows


@lru_cache(maxsize=256)
def page_of(choice: Choice) -> Prepared:
    """The rows of a choice, newest first."""
    return Prepared(lambda: matching(choice).order_by("-created", "-id").values_list(*COLUMNS))


@lru_cache(maxsize=256)
def total_of(choice: Choice) -> Prepared:
    """Their number; there is no row if it is zero."""
    one = "user" if choice.timeline == PROFILE else "namespace"
    return Prepared(lambda: matching(choice).values(one).annotate(total=Count("id")).values_list("total"))


@dataclass(frozen=True)
class Timeline:
    """One timeline as one viewer reads it."""

    choice: Choice
    params: dict[str, Any]

    @property
    def is_closed(self) -> bool:
        """Whether the viewer may read none of its rows."""
        return self.choice.events == ()

    def count(self) -> int:
        """How many rows there are."""
        row = None if self.is_closed else total_of(self.choice).one(**self.params)
        return int(row[0]) if row else 0

    def rows(self, limit: int | None, offset: int) -> list[Any]:
        """Some rows of it."""
        return [] if self.is_closed else page_of(self.choice).all(limit=limit, offset=offset, **self.params)


def of(timeline: str, key: int, viewer: Any, *, only_relevant: bool, events: list[str] | None = None) -> Timeline:
    """The timeline of a project, of what a user did (`user`), or of what concerns a user (`profile`)."""
    shown = tuple(events) if events is not None else None
    choice = Choice(timeline, only_relevant, viewer.is_authenticated, viewer.is_superuser, shown)
    owner = {"person": key} if timeline == PROFILE else {"namespace": f"{timeline}:{key}"}
    return Timeline(choice, {**owner, **({} if viewer.is_superuser else permissions.viewer_projects(viewer))})


def serialized(rows: Sequence[Any]) -> list[Row]:
    """Rows as the API shows them, with people and files as they are now (two queries)."""
    entries = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    people = {row[0]: person(row) for row in PEOPLE.all(ids=sorted({*ids_of_people(entries)}))} if entries else {}
    refresh_files(entries)
    return [entry(row, people) for row in entries]


def ids_of_people(rows: Iterable[Row]) -> Iterable[int]:
    """The ids of the people in some rows."""
    for row in rows:
        if row["data"].get("user", {}).get("id") is not None:
            yield row["data"]["user"]["id"]


def entry(row: Row, people: dict[int, Row]) -> Row:
    """One row."""
    data, owner_id = row["data"], row["user_id"]
    if "user" in data:
        data["user"] = people.get(int(data["user"].get("id") or 0), data["user"])
    return {
        "data": data,
        "id": row["id"],
        "content_type": content_type(Project.type_key if owner_id is None else User.type_key),
        "object_id": row["project_id"] if owner_id is None else owner_id,
        "namespace": row["namespace"],
        "event_type": row["event_type"],
        "project": row["project_id"],
        "data_content_type": content_type(row["event_type"].rpartition(".")[0]),
        "created": row["created"],
    }


@cache
def content_type(kind: str) -> int | None:
    """The content type id of a kind of object."""
    model = MODELS.get(kind)
    return ContentType.objects.get_for_model(model, for_concrete_model=False).pk if model else None


def person(row: tuple[Any, ...]) -> Row:
    """Somebody in a timeline."""
    key, username, full_name, email, photo, photo_format, is_active, is_system, joined = row
    return {
        "id": key,
        "name": full_name or username or email,
        "photo": media.thumbnail_url(photo, "avatar", photo_format),
        "big_photo": media.thumbnail_url(photo, "big-avatar", photo_format),
        "gravatar_id": gravatar_id(email),
        "username": username,
        "is_profile_visible": is_active and not is_system,
        "date_joined": joined,
    }


def refresh_files(rows: Iterable[Row]) -> None:
    """Renew the signed URLs of attachments that belong to the row's own project."""
    mentions = [(row, file) for row in rows for file in files_of(row["data"].get("values_diff") or {})]
    for (row, file), stored in zip(mentions, files.find_stored([file for _row, file in mentions]), strict=True):
        if file.get("attached_file"):
            file["thumb_url"] = None
        if stored is not None and stored.project_id == row["project_id"]:
            path = file["attached_file"]
            file["url"] = media.media_url(path)
            file["thumb_url"] = media.thumbnail_url(path, THUMBNAIL, stored.thumbnail_format)
        if "changes" in file:
            file.pop("id", None)
            file.pop("attached_file", None)


def files_of(values_diff: Row) -> list[Row]:
    """The attachments that a change mentions."""
    attachments = values_diff.get("attachments")
    lists = [one for one in attachments.values() if isinstance(one, list)] if isinstance(attachments, dict) else []
    return [file for one in lists for file in one if isinstance(file, dict)]
