"""The circumstances of a change: its project, who made it, and the name of its object."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Subquery

from taiga.base import clock
from taiga.base.prepared import Ids, Prepared, parsed
from taiga.changes.models import Change
from taiga.notifications.queries import subjects
from taiga.notifications.queries.audience import PLACE, Place
from taiga.projects.models import WikiPage, WorkItem
from taiga.users.queries import CARD, card


@dataclass(frozen=True)
class Scene:
    """The circumstances of a change. `subject` is that of an item, or the slug of a wiki page; None if it is not
    known.
    """

    place: Place
    actor: dict[str, Any]
    subject: str | None


ACTOR = (*CARD, "is_system", "date_joined")
SCENES = Prepared(
    lambda: (
        Change.objects.filter(pk__among=Ids("ids"), project__isnull=False)
        .order_by()
        .values_list(
            "id",
            Subquery(WorkItem.objects.filter(pk=OuterRef("object_id")).order_by().values("subject")),
            Subquery(WikiPage.objects.filter(pk=OuterRef("object_id")).order_by().values("slug")),
            *(F(f"project__{name}") for name in PLACE),
            *(F(f"by__{name}") for name in ACTOR),
        )
    )
)


def of(changes: Iterable[Change]) -> dict[int, Scene]:
    """The scenes of changes by their ids, in one query. Changes without a project have none."""
    known = {change.pk: change for change in changes}
    return {row[0]: scene(known[row[0]], *row[1:]) for row in SCENES.all(ids=sorted(known))}


def scene(change: Change, item: str | None, page: str | None, *columns: Any) -> Scene:
    """The scene of a change, from its row."""
    place, actor = columns[: len(PLACE)], columns[len(PLACE) :]
    return Scene(Place(*place), actor_of(change, actor), subjects.of(change, item=item, page=page))


def actor_of(change: Change, row: tuple[Any, ...]) -> dict[str, Any]:
    """Who made a change; only the name if the account does not exist any more."""
    if row[0] is None:
        return {"id": change.by_id, "name": change.by_name}
    shown = card(row[: len(CARD)])
    is_system, joined = row[len(CARD) :]
    return {
        "id": shown["id"],
        "name": shown["full_name_display"],
        "photo": shown["photo"],
        "big_photo": shown["big_photo"],
        "gravatar_id": shown["gravatar_id"],
        "username": shown["username"],
        "is_profile_visible": shown["is_active"] and not is_system,
        "date_joined": clock.plain_stamp(parsed(joined)),
    }
