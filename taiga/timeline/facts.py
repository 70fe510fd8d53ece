"""The payload of a timeline row: facts of the object as it is now, and the people concerned."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Case, Expression, F, When

from taiga.base import sql
from taiga.base.prepared import Ids, Prepared
from taiga.changes.models import Change, ChangeType
from taiga.history import differences
from taiga.projects.models import (
    Epic,
    Issue,
    Membership,
    Milestone,
    NotifyLevel,
    NotifyPolicy,
    Project,
    RelatedUserStory,
    Task,
    UserStory,
    Watch,
    WikiPage,
    WorkItem,
)
from taiga.users.models import User

Data = dict[str, Any]
FIXED_DIFF = "Check the history API for the exact diff"
PROJECT_COLUMNS = ("id", "slug", "name", "description")
"""What a payload contains of a project."""


@dataclass
class Payload:
    """The payload of a row and the people concerned; the other fields override those of the change."""

    data: Data
    people: list[int] = field(default_factory=list)
    namespace_of: int | None = None
    created: datetime | None = None
    story_project_id: int | None = None


def active(person: str) -> Expression:
    """The id of a user, or null if the account is inactive or belongs to an integration."""
    is_person = {f"{person}__is_active": True, f"{person}__is_system": False}
    return Case(When(**is_person, then=F(f"{person}_id")), output_field=BigIntegerField())


def people(rows: Any) -> sql.IdList:
    """The ids of the users of these rows (watches, policies) whose accounts are active."""
    open_ = rows.filter(user__is_active=True, user__is_system=False)
    return sql.IdList(open_.order_by("user_id").values(value=F("user_id")))


class Source:
    """Where the facts of some kinds of object come from: named columns, read for a whole batch in one query."""

    def __init__(self, rows: Callable[[], Any], describe: Callable[[Data, Change], Payload], **columns: Any) -> None:
        self.describe = describe
        self.names = ("key", *columns)
        self.query = Prepared(
            lambda: rows().filter(pk__among=Ids("ids")).order_by().values_list("id", *columns.values())
        )

    def read(self, ids: Iterable[int]) -> dict[int, Data]:
        """The facts by id."""
        found = self.query.all(ids=sorted(set(ids)))
        return {row[0]: dict(zip(self.names, row, strict=True)) for row in found}


def project_columns(path: str) -> dict[str, str]:
    """The columns of the project that a row belongs to."""
    return {f"project_{name}": f"{path}{name}" for name in PROJECT_COLUMNS}


def project_of(row: Data, prefix: str = "project_") -> Data:
    """The project of a row."""
    return {name: row[f"{prefix}{name}"] for name in PROJECT_COLUMNS}


def people_concerned(row: Data) -> list[int]:
    """The watchers, the owner and the assignee of an object."""
    return sorted({*row.get("watchers", ()), row.get("owner"), row.get("assigned")} - {None})


def describe_item(row: Data, change: Change) -> Payload:
    """An epic, story, task or issue."""
    name = ITEMS[change.kind]
    facts: Data = {key: row[key] for key in ("ref", "subject")}
    data: Data = {name: {"id": row["key"], **facts}, "project": project_of(row)}
    if name == "userstory" and row["milestone_id"] is not None:
        data["milestone"] = {key: row[f"milestone_{key}"] for key in ("id", "slug", "name")}
    if name == "task" and row["story_id"] is not None:
        data[name]["userstory"] = {key: row[f"story_{key}"] for key in ("id", "ref", "subject")}
    return Payload(data, people_concerned(row))


def describe_page(row: Data, change: Change) -> Payload:
    """A wiki page."""
    return Payload(
        {"wikipage": {"id": row["key"], "slug": row["slug"]}, "project": project_of(row)}, people_concerned(row)
    )


def describe_milestone(row: Data, change: Change) -> Payload:
    """A sprint."""
    facts = {"id": row["key"], "slug": row["slug"], "name": row["name"]}
    return Payload({"milestone": facts, "project": project_of(row)}, people_concerned(row))


def describe_project(row: Data, change: Change) -> Payload:
    """A project itself."""
    return Payload({"project": project_of(row)}, people_concerned(row))


def describe_relation(row: Data, change: Change) -> Payload:
    """A story that belongs to an epic; it concerns the people of the epic."""
    data = {
        "relateduserstory": {"id": row["key"], "subject": row["story_subject"]},
        "epic": {key: row[f"epic_{key}"] for key in ("id", "ref", "subject")},
        "userstory": {
            **{key: row[f"story_{key}"] for key in ("id", "ref", "subject")},
            "project": project_of(row, "story_project_"),
        },
        "project": project_of(row),
    }
    return Payload(data, people_concerned(row), story_project_id=row["story_project_id"])


def describe_member(change: Change) -> Payload:
    """A member joined or left; the service put the facts into the context."""
    person, created = change.context["user"]["id"], change.context.get("created_at")
    return Payload(
        {"user": {"id": person}, "role": change.context["role"]},
        people=[person],
        namespace_of=person,
        created=datetime.fromisoformat(created) if created else None,
    )


def describe_account(change: Change) -> Payload:
    """A new account."""
    return Payload({"user": {"id": change.object_id}}, people=[change.object_id], namespace_of=change.object_id)


def describe_deleted(change: Change) -> Payload:
    """A deleted object, from the facts kept with its change."""
    context = change.context
    return Payload(
        dict(context.get("facts", {})),
        people=list(context.get("people", ())),
        story_project_id=context.get("story_project"),
    )


ITEMS = {Epic.type_key: "epic", UserStory.type_key: "userstory", Task.type_key: "task", Issue.type_key: "issue"}
MEMBER, ACCOUNT = Membership.type_key, User.type_key
OWNER = {"owner": active("owner")}
WORK_ITEMS = Source(
    lambda: WorkItem.objects,
    describe_item,
    **project_columns("project__"),
    **OWNER,
    assigned=active("assigned_to"),
    watchers=people(Watch.objects.filter(**sql.outer("item"))),
    ref="ref",
    subject="subject",
    milestone_id="milestone_id",
    milestone_slug="milestone__slug",
    milestone_name="milestone__name",
    story_id="user_story_id",
    story_ref="user_story__ref",
    story_subject="user_story__subject",
)
SOURCES: dict[str, Source] = {
    **dict.fromkeys(ITEMS, WORK_ITEMS),
    WikiPage.type_key: Source(
        lambda: WikiPage.objects,
        describe_page,
        **project_columns("project__"),
        **OWNER,
        watchers=people(Watch.objects.filter(**sql.outer("wiki_page"))),
        slug="slug",
    ),
    Milestone.type_key: Source(
        lambda: Milestone.objects,
        describe_milestone,
        **project_columns("project__"),
        **OWNER,
        watchers=people(Watch.objects.filter(**sql.outer("milestone"))),
        slug="slug",
        name="name",
    ),
    Project.type_key: Source(
        lambda: Project.objects,
        describe_project,
        **project_columns(""),
        **OWNER,
        watchers=people(
            NotifyPolicy.objects.filter(**sql.outer("project")).exclude(notify_level=NotifyLevel.NONE),
        ),
    ),
    RelatedUserStory.type_key: Source(
        lambda: RelatedUserStory.objects,
        describe_relation,
        **project_columns("epic__project__"),
        owner=active("epic__owner"),
        assigned=active("epic__assigned_to"),
        epic_id="epic_id",
        epic_ref="epic__ref",
        epic_subject="epic__subject",
        story_id="user_story_id",
        story_ref="user_story__ref",
        story_subject="user_story__subject",
        **{f"story_{name}": path for name, path in project_columns("user_story__project__").items()},
    ),
}
FROM_CONTEXT = {MEMBER: describe_member, ACCOUNT: describe_account}
KINDS = (*SOURCES, *FROM_CONTEXT)
PROJECTS = Prepared(lambda: Project.objects.filter(pk__among=Ids("ids")).order_by().values_list(*PROJECT_COLUMNS))


def payloads(changes: Sequence[Change]) -> list[tuple[Change, Payload]]:
    """The changes with their payloads; one query for each kind of object in the batch."""
    present = [change for change in changes if change.type != ChangeType.DELETE]
    by_change = {id(change): payload for change, payload in read(present)}
    result = []
    for change in changes:
        payload = by_change.get(id(change)) or FROM_CONTEXT.get(change.kind, describe_deleted)(change)
        if change.kind not in FROM_CONTEXT:
            payload.data |= change_data(change)
        result.append((change, payload))
    add_projects(result)
    return result


def read(changes: Sequence[Change]) -> Iterator[tuple[Change, Payload]]:
    """Facts of the changed objects that still exist."""
    rows = {source: source.read(keys) for source, keys in keys_by_source(changes).items()}
    for change in changes:
        source = SOURCES.get(change.kind)
        row = rows[source].get(change.object_id) if source else None
        if source and row:
            yield change, source.describe(row, change)


def keys_by_source(changes: Iterable[Change]) -> dict[Source, list[int]]:
    """The ids to read from each source."""
    keys: dict[Source, list[int]] = {}
    for change in changes:
        if change.kind in SOURCES:
            keys.setdefault(SOURCES[change.kind], []).append(change.object_id)
    return keys


def add_projects(payloads_of_changes: Iterable[tuple[Change, Payload]]) -> None:
    """Add the project to payloads whose source did not provide it."""
    without_project = [
        (change, payload)
        for change, payload in payloads_of_changes
        if change.project_id is not None and "project" not in payload.data
    ]
    if without_project:
        ids = sorted({change.project_id for change, _one in without_project if change.project_id is not None})
        projects = {row[0]: dict(zip(PROJECT_COLUMNS, row, strict=True)) for row in PROJECTS.all(ids=ids)}
        for change, payload in without_project:
            payload.data["project"] = projects.get(change.project_id)


def change_data(change: Change) -> Data:
    """The part of the payload that all changes have, except those of members and accounts."""
    values = differences.values_diff(change, without=("description", "description_html"))
    if "description" in change.diff:
        values["description_diff"] = FIXED_DIFF
    if "attachments" in values:
        keep_paths(values["attachments"]["changed"], change.diff["attachments"][1])
    data: Data = {
        "values_diff": values,
        "user": {"id": change.by_id},
        "comment": change.comment,
        "comment_html": change.comment_html,
    }
    if change.delete_comment_date is not None:
        data["comment_deleted"] = True
    if change.comment_versions:
        data["comment_edited"] = True
    return data


def keep_paths(changed: list[Data], files: list[Data]) -> None:
    """Keep what the URLs of changed files are signed from; `queries.refresh_files` removes it again."""
    paths = {file["url"]: {name: file.get(name) for name in ("id", "attached_file")} for file in files}
    for file in changed:
        file |= paths.get(file["url"], {})
