"""The members of each kind of object in payloads, in order, and how those are made that are not columns."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from taiga.base import front_pages
from taiga.base.media import signing as media
from taiga.projects.models import Epic, Issue, Kind, Milestone, Task, UserStory, WikiPage

Data = dict[str, Any]
DATES = "created_date modified_date"
DUE = "due_date due_date_reason"
REQUIRED_BY = "client_requirement team_requirement"
TOLD = "watchers description tags permalink"
BLOCKABLE = "watchers is_blocked blocked_note description tags permalink"
ITEMS: dict[Kind, list[str]] = {
    Kind.EPIC: (
        f"custom_attributes_values id ref {DATES} subject {TOLD} project owner assigned_to status epics_order color "
        f"{REQUIRED_BY}"
    ).split(),
    Kind.USERSTORY: (
        f"custom_attributes_values id ref project is_closed {DATES} finish_date {DUE} subject {REQUIRED_BY} "
        "generated_from_issue generated_from_task from_task_ref external_reference tribe_gig "
        f"{BLOCKABLE} owner assigned_to assigned_users points status milestone"
    ).split(),
    Kind.TASK: (
        f"custom_attributes_values id ref {DATES} finished_date {DUE} subject us_order taskboard_order is_iocaine "
        f"external_reference {BLOCKABLE} project owner assigned_to status user_story milestone promoted_to"
    ).split(),
    Kind.ISSUE: (
        f"custom_attributes_values id ref {DATES} finished_date {DUE} subject external_reference {TOLD} project "
        "milestone owner assigned_to status type priority severity promoted_to"
    ).split(),
}
MILESTONE = (
    f"id name slug estimated_start estimated_finish {DATES} closed disponibility permalink project owner"
).split()
PAGE = f"id slug content {DATES} permalink project owner last_modifier".split()
MODELS = {model.kind_of: model for model in (Epic, UserStory, Task, Issue)}
EMPTY_WHEN_DELETED: Data = {"custom_attributes_values": None, "points": [], "assigned_users": [], "promoted_to": []}
"""Members whose rows are deleted with the object."""


@dataclass
class Known:
    """What the objects of a payload refer to, by id: projects as rows, the others in their final format."""

    people: dict[int, Data] = field(default_factory=dict)
    projects: dict[int, Data] = field(default_factory=dict)
    milestones: dict[int, Data] = field(default_factory=dict)
    stories: dict[int, Data] = field(default_factory=dict)
    fields: dict[int, str] = field(default_factory=dict)


def item(row: Data, known: Known) -> Data:
    """An epic, story, task or issue."""
    kind = Kind(row["kind"])
    more = {"page": MODELS[kind].type_key, "finish_date": row["finished_date"]}
    return shaped(ITEMS[kind], {**row, **more}, known)


def milestone(row: Data, known: Known) -> Data:
    """A sprint."""
    return shaped(MILESTONE, {**row, "page": Milestone.type_key}, known)


def page(row: Data, known: Known) -> Data:
    """A wiki page."""
    return shaped(PAGE, {**row, "page": WikiPage.type_key}, known)


def shaped(names: list[str], row: Data, known: Known) -> Data:
    """A row with the members of its kind."""
    return {name: WRITTEN[name](row, known) if name in WRITTEN else row[name] for name in names}


def deleted(data: Data) -> Data:
    """The data of an object that is about to be deleted."""
    return {name: EMPTY_WHEN_DELETED.get(name, value) for name, value in data.items()}


def user(card: Data) -> Data:
    """A person, made from the card of the API."""
    return {
        "id": card["id"],
        "permalink": front_pages.address("profile", username=card["username"]),
        "username": card["username"],
        "full_name": card["full_name_display"],
        "photo": card["photo"],
        "gravatar_id": card["gravatar_id"],
    }


def project(row: Data, known: Known) -> Data:
    """The project of an object."""
    found = known.projects[row["project"]]
    return {
        "id": found["id"],
        "permalink": front_pages.address("project", slug=found["slug"]),
        "name": found["name"],
        "logo_big_url": media.thumbnail_url(found["logo"], "logo-big", found["logo_format"]),
    }


def status(row: Data, known: Known) -> Data | None:
    """The status of an item. Only that of a story has `is_archived`."""
    names = ["id", "name", "slug", "color", "is_closed"]
    if row["kind"] == Kind.USERSTORY:
        names.append("is_archived")
    return related(row, "status", names)


def related(row: Data, relation: str, names: list[str]) -> Data | None:
    """A row of one of the project's lists, from its columns in the row of an item; None if there is none."""
    return {name: row[f"{relation}_{name}"] for name in names} if row[f"{relation}_id"] is not None else None


def label(relation: str) -> Callable[[Data, Known], Data | None]:
    """A function that makes the type, priority or severity of an item."""
    return lambda row, _known: related(row, relation, ["id", "name", "color"])


def permalink(row: Data, known: Known) -> str:
    """The address of the object's page in the front."""
    parts = {"ref": row.get("ref"), "page": row.get("slug")}
    return front_pages.address(row["page"], slug=known.projects[row["project"]]["slug"], **parts)


def person(role: str) -> Callable[[Data, Known], Data | None]:
    """A function that makes the person of this role."""
    return lambda row, known: known.people.get(row[role])


def points(row: Data, known: Known) -> list[Data]:
    """The estimates of a story, in the order of its roles."""
    found: list[Data] = json.loads(bytes(row["points"])) if row["points"] is not None else []
    for one in found:
        one["value"] = None if one["value"] is None else float(one["value"])
    return found


def custom_attributes(row: Data, known: Known) -> Data:
    """The values of custom fields, by the names of the fields."""
    held = row["attributes_values"] or {}
    return {name: held[str(key)] for key, name in known.fields.items() if held.get(str(key)) is not None}


WRITTEN: dict[str, Callable[[Data, Known], Any]] = {
    "assigned_to": person("assigned_to"),
    "custom_attributes_values": custom_attributes,
    "last_modifier": person("last_modifier"),
    "milestone": lambda row, known: known.milestones.get(row["milestone"]),
    "owner": person("owner"),
    "permalink": permalink,
    "points": points,
    "priority": label("priority"),
    "project": project,
    "severity": label("severity"),
    "status": status,
    "tags": lambda row, _known: row["tags"] or [],
    "type": label("type"),
    "user_story": lambda row, known: known.stories.get(row["user_story"]),
}
