"""Work items as the API shows them: one query for the rows, a fixed few for what many rows share."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext

from taiga.base import clock
from taiga.base.media import signing as media
from taiga.base.prepared import Ids, Prepared
from taiga.projects.default_templates import NAMES
from taiga.projects.models import Kind, Project, WorkItem
from taiga.projects.queries import item_columns, progress, texts
from taiga.users import queries as people

Row = dict[str, Any]
DUE_SOON = timedelta(days=14)


@dataclass(frozen=True)
class Shape:
    """Which optional parts an item is shown with."""

    detail: bool = False
    attachments: bool = False
    tasks: bool = False


LIST, DETAIL = Shape(), Shape(detail=True)


@dataclass
class Table:
    """The compiled query of one kind in one shape, and the names of its columns."""

    names: list[str]
    query: Prepared


@cache
def table(kind: Kind, shape: Shape) -> Table:
    """The query of rows by their ids."""
    columns = {**item_columns.shared(), **item_columns.COMPUTED[kind]()}
    if shape.detail:
        columns |= {**item_columns.detail(), **item_columns.ONLY_IN_DETAIL[kind]()}
    if shape.attachments:
        columns["attachments"] = item_columns.attachments()
    if shape.tasks and kind == Kind.USERSTORY:
        columns["tasks"] = item_columns.tasks()
    stored = item_columns.STORED[kind]
    aliased = {f"x_{name}": expression for name, expression in columns.items()}
    names = [*stored, *columns]

    def rows() -> QuerySet[Any, Any]:
        items = WorkItem.objects.filter(pk__among=Ids("ids")).order_by()
        return items.annotate(**aliased).values_list(*stored, *aliased)

    return Table(names, Prepared(rows))


def by_ids(kind: Kind, ids: Sequence[int], *, viewer: Any, shape: Shape = LIST, epic: int | None = None) -> list[Row]:
    """The rows with these ids, in their order."""
    if not ids:
        return []
    plan = table(kind, shape)
    found = plan.query.all(ids=ids, viewer=viewer.id, shown_epic=epic)
    by_key = {row[0]: row for row in found}
    ordered = [dict(zip(plan.names, by_key[key], strict=True)) for key in ids if key in by_key]
    return serialized(kind, ordered, viewer=viewer, shape=shape)


def serialized(kind: Kind, rows: list[Row], *, viewer: Any, shape: Shape) -> list[Row]:
    """The rows as the API shows them."""
    cards, palettes = cards_and_palettes(rows) if shape.detail else (cards_of(rows), palettes_of(rows))
    share = SharedParts(viewer.id, cards, palettes, clock.today(), origins_of(rows))
    finish = FINISH[kind]
    for row in rows:
        share.finish(row)
        finish(row, share)
    if kind == Kind.EPIC:
        progress.add_progress(rows)
    return rows


Cards = dict[int | None, people.Card]
Palettes = dict[int, dict[str, str | None]]


def cards_and_palettes(rows: Iterable[Row]) -> tuple[Cards, Palettes]:
    """The people of items and the colours of their projects' tags, taken from columns of the detail rows."""
    cards: Cards = {}
    palettes: Palettes = {}
    for row in rows:
        for relation in item_columns.PEOPLE:
            card = [row.pop(f"{relation}_{name}") for name in people.CARD[1:]]
            if row[relation] is not None:
                cards[row[relation]] = people.card((row[relation], *card))
        palettes[row["project"]] = palette(row.pop("tags_colors"))
    return cards, palettes


def cards_of(rows: Iterable[Row]) -> Cards:
    """The people of many items."""
    return people.cards(row[relation] for row in rows for relation in item_columns.PEOPLE)


def palette(pairs: Iterable[Sequence[Any]] | None) -> dict[str, str | None]:
    """The colours of a project's tags."""
    return {pair[0]: pair[1] for pair in pairs or ()}


PALETTES = Prepared(lambda: Project.objects.filter(pk__among=Ids("ids")).order_by().values_list("id", "tags_colors"))


def palettes_of(rows: Iterable[Row]) -> Palettes:
    """The colours of the tags of many items, by project; no query if no item has tags."""
    ids = {row["project"] for row in rows if row["tags"]}
    if not ids:
        return {}
    return {key: palette(pairs) for key, pairs in PALETTES.all(ids=sorted(ids))}


MINIMAL = Prepared(lambda: WorkItem.objects.filter(pk__among=Ids("ids")).order_by().values_list("id", "ref", "subject"))


def minimal_rows(ids: Iterable[int]) -> dict[int | None, Row]:
    """`{id, ref, subject}` of items, by id."""
    keys = sorted(ids)
    found = MINIMAL.all(ids=keys) if keys else []
    return {row[0]: dict(zip(("id", "ref", "subject"), row, strict=True)) for row in found}


def origins_of(rows: Iterable[Row]) -> dict[int | None, Row]:
    """The issues and tasks from which stories were generated; no query if there are none."""
    return minimal_rows({row[name] for row in rows for name in ORIGINS if row.get(name) is not None})


ORIGINS = ("generated_from_issue", "generated_from_task")


@dataclass
class SharedParts:
    """What the rows of one response share; each part is computed once."""

    viewer: int | None
    cards: Cards
    palettes: Palettes
    today: date
    origins: dict[int | None, Row] = field(default_factory=dict)
    projects: dict[int, Any] = field(default_factory=dict)
    statuses: dict[int, Any] = field(default_factory=dict)

    def finish(self, row: Row) -> None:
        """Compute the members that all kinds have."""
        row["owner_extra_info"] = self.cards.get(row["owner"])
        row["assigned_to_extra_info"] = self.cards.get(row["assigned_to"])
        row["project_extra_info"] = self.project(row)
        row["status_extra_info"] = self.status(row)
        watchers = row["watchers"]
        row["is_watcher"] = self.viewer is not None and self.viewer in watchers
        row["total_watchers"] = len(watchers)
        palette = self.palettes.get(row["project"], {})
        row["tags"] = [(tag, palette.get(tag)) for tag in row["tags"] or ()]
        row["attachments"] = with_thumbnails(row["attachments"]) if row.get("attachments") else []
        if "due_date_reason" in row:
            row["due_date_status"] = self.due(row)
        if "description" in row:
            row["comment"] = ""
        if "is_closed" not in row:
            row["is_closed"] = bool(row["status_is_closed"])
        del row["status_name"], row["status_color"], row["status_is_closed"]
        del row["project_name"], row["project_slug"], row["project_logo"], row["project_logo_format"]

    def project(self, row: Row) -> Any:
        """`project_extra_info`."""
        key = row["project"]
        if key not in self.projects:
            logo = media.thumbnail_url(row["project_logo"], "logo-small", row["project_logo_format"])
            self.projects[key] = {
                "name": row["project_name"],
                "slug": row["project_slug"],
                "logo_small_url": logo,
                "id": key,
            }
        return self.projects[key]

    def status(self, row: Row) -> Any:
        """`status_extra_info`, with the name translated."""
        key = row["status"]
        if key is None:
            return None
        if key not in self.statuses:
            self.statuses[key] = {
                "name": translated(row["status_name"]),
                "color": row["status_color"],
                "is_closed": row["status_is_closed"],
            }
        return self.statuses[key]

    def due(self, row: Row) -> str:
        """`due_date_status`."""
        if row["due_date"] is None:
            return "not_set"
        if row["status_is_closed"]:
            return "no_longer_applicable"
        due = date.fromisoformat(row["due_date"])
        if self.today > due:
            return "past_due"
        return "due_soon" if self.today + DUE_SOON >= due else "set"


def project_extra_info(project: Project) -> Row:
    """`project_extra_info` of a loaded project."""
    logo = media.thumbnail_url(project.logo, "logo-small", project.logo_format)
    return {"name": project.name, "slug": project.slug, "logo_small_url": logo, "id": project.pk}


def translated(name: str) -> str:
    """The name, translated if it is that of a default value."""
    return gettext(name) if name in NAMES else name


def with_thumbnails(raw: Any) -> list[Row]:
    """The attachments of a list item, with the URLs of their thumbnails."""
    files: list[Row] = json.loads(bytes(raw))
    for one in files:
        one["thumbnail_card_url"] = media.thumbnail_url(one["attached_file"], "card-image", one.pop("thumbnail_format"))
    return files


def finish_story(row: Row, share: SharedParts) -> None:
    """The members that only stories have."""
    row["origin_issue"] = share.origins.get(row["generated_from_issue"])
    row["origin_task"] = share.origins.get(row["generated_from_task"])
    assigned = row["assigned_users"]
    if row["assigned_to"] is not None and row["assigned_to"] not in assigned:
        assigned.append(row["assigned_to"])
    row.setdefault("tasks", None)
    row["tasks"] = row["tasks"] or []
    row["comment"] = ""


def finish_task(row: Row, share: SharedParts) -> None:
    """The members that only tasks have."""
    epics, ref, subject = row.pop("user_story_epics"), row.pop("user_story_ref"), row.pop("user_story_subject")
    key = row["user_story"]
    row["user_story_extra_info"] = key and {"id": key, "ref": ref, "subject": subject, "epics": epics}


def no_extra_fields(row: Row, share: SharedParts) -> None:
    """Epics and issues have no further members."""


FINISH: dict[Kind, Callable[[Row, SharedParts], None]] = {
    Kind.EPIC: no_extra_fields,
    Kind.USERSTORY: finish_story,
    Kind.TASK: finish_task,
    Kind.ISSUE: no_extra_fields,
}


def with_html(row: Row) -> Row:
    """The row of one item, with its texts rendered as HTML."""
    project = row["project_extra_info"]
    for name in ("description", "blocked_note"):
        row[f"{name}_html"] = texts.html(row[name], project["id"], project["slug"])
    return row
