"""What the feed tells of a change: plain facts of the object as it was, and whom it concerns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F

from taiga.base import sql
from taiga.base.prepared import Ids, Prepared
from taiga.changes.models import Change
from taiga.history import differences
from taiga.projects.models import (
    Epic,
    Issue,
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

ITEMS = {Epic.type_key: "epic", UserStory.type_key: "userstory", Task.type_key: "task", Issue.type_key: "issue"}
MEMBERSHIP = "projects.membership"
KINDS = (
    *ITEMS,
    WikiPage.type_key,
    Milestone.type_key,
    Project.type_key,
    RelatedUserStory.type_key,
    MEMBERSHIP,
)
FIXED_DIFF = "Check the history API for the exact diff"
Data = dict[str, Any]


@dataclass
class Described:
    """A row's payload, the people concerned, and what differs from the change itself."""

    data: Data
    people: list[int] = field(default_factory=list)
    namespace_of: int | None = None
    created: datetime | None = None


PROJECTS = Prepared(
    lambda: Project.objects.filter(pk__among=Ids("ids")).order_by().values_list("id", "slug", "name", "description")
)
ITEM_COLUMNS = "id ref subject milestone_id milestone_slug milestone_name us_id us_ref us_subject owner assigned".split()
WORK_ITEMS = Prepared(
    lambda: (
        WorkItem.objects.filter(pk__among=Ids("ids"))
        .order_by()
        .values_list(
            "id",
            "ref",
            "subject",
            "milestone_id",
            "milestone__slug",
            "milestone__name",
            "user_story_id",
            "user_story__ref",
            "user_story__subject",
            "owner_id",
            "assigned_to_id",
            sql.IdList(Watch.objects.filter(**sql.outer("item")).order_by("user_id").values(value=F("user_id"))),
        )
    )
)


def described(changes: Sequence[Change]) -> Iterator[tuple[Change, Described]]:
    """The changes with what is told of them; a batch costs a constant number of queries."""
    projects = {row[0]: dict(zip(("id", "slug", "name", "description"), row, strict=True)) for row in PROJECTS.all(ids=ids_of(changes, "project_id"))}
    items = {row[0]: row for row in WORK_ITEMS.all(ids=[c.object_id for c in changes if c.kind in ITEMS])}
    told = []
    for change in changes:
        one = describe(change, items)
        one.data["project"] = change.context.get("project") or projects.get(change.project_id)
        if change.kind != MEMBERSHIP:
            one.data |= what_changed(change)
        told.append((change, one))
    keep_active(told)
    yield from told


def ids_of(changes: Sequence[Change], name: str) -> list[int]:
    """The distinct ids of one column."""
    return sorted({getattr(change, name) for change in changes if getattr(change, name) is not None})


def describe(change: Change, items: dict[int, Any]) -> Described:
    """The facts of the object; those that services put into the change's context come first."""
    if change.kind in ITEMS:
        return describe_item(change, items.get(change.object_id))
    if change.kind == MEMBERSHIP:
        return describe_membership(change)
    facts = change.context.get("facts", {})
    return Described(dict(facts), people=list(change.context.get("people", ())))


def describe_item(change: Change, row: Any) -> Described:
    """An epic, story, task or issue."""
    name = ITEMS[change.kind]
    if row is None:
        return Described({name: {"id": change.object_id, "ref": change.ref, "subject": change.context.get("subject")}})
    facts = dict(zip((*ITEM_COLUMNS, "watchers"), row, strict=True))
    data: Data = {name: {key: facts[key] for key in ("id", "ref", "subject")}}
    if name == "userstory" and facts["milestone_id"] is not None:
        data["milestone"] = {key: facts[f"milestone_{key}"] for key in ("id", "slug", "name")}
    if name == "task" and facts["us_id"] is not None:
        data[name]["userstory"] = {key: facts[f"us_{key}"] for key in ("id", "ref", "subject")}
    people = {*facts["watchers"], facts["owner"], facts["assigned"]} - {None}
    return Described(data, people=sorted(people))


def describe_membership(change: Change) -> Described:
    """Somebody joined or left."""
    context = change.context
    user = context.get("user")
    person = user["id"] if isinstance(user, dict) else user
    created = context.get("created_at")
    return Described(
        {"user": {"id": person}, "role": context.get("role")},
        people=[person],
        namespace_of=person,
        created=datetime.fromisoformat(created) if created else None,
    )


def what_changed(change: Change) -> Data:
    """The part that all changes but those of members have."""
    values = differences.values_diff(change)
    values.pop("description_html", None)
    if "description_diff" in values:
        values["description_diff"] = FIXED_DIFF
    told: Data = {
        "values_diff": values,
        "user": {"id": change.by_id},
        "comment": change.comment,
        "comment_html": change.comment_html,
    }
    if change.delete_comment_date is not None:
        told["comment_deleted"] = True
    if change.comment_versions:
        told["comment_edited"] = True
    return told


def keep_active(told: Sequence[tuple[Change, Described]]) -> None:
    """Leave out people whose accounts are closed, and the users of integrations."""
    wanted = {person for _change, one in told for person in one.people}
    active = set(User.objects.filter(pk__in=wanted, is_active=True, is_system=False).values_list("pk", flat=True))
    for _change, one in told:
        one.people = [person for person in one.people if person in active]


def followers(project: Project) -> list[int]:
    """The people whom a change of a project itself concerns: its owner, and who has a policy of more than nothing."""
    policies = NotifyPolicy.objects.filter(project=project).exclude(notify_level=NotifyLevel.NONE)
    return sorted({*policies.values_list("user_id", flat=True), project.owner_id} - {None})
