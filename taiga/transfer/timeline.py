"""The rows of a project's timeline, for reading and writing."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from taiga.timeline.models import TimelineEntry
from taiga.transfer import forms
from taiga.transfer.loading import Loading
from taiga.transfer.markup import harmless
from taiga.transfer.sections import Data, Row

RELATION = "epics.relateduserstory"
JOINED = "projects.membership.create"


def content_type(event_type: str) -> list[str]:
    """The kind of object of an event: `epics.epic.change` is about an `["epics", "epic"]`."""
    return event_type.split(".")[:2]


CONTENT_TYPE = forms.plain(forms.listing, content_type)


class EventData:
    """The data of an event. Only the user in it is translated: `{email}` in a dump, `{id}` here."""

    key = "data"

    def read(self, value: Any, row: Row, loading: Loading) -> None:
        """Ids of other objects stay as they are in the dump, as with Taiga."""
        for name in ("data", "data_content_type"):
            if row.data.get(name) is None:
                row.refuse(name, _("This field is required."))
        data: Data = (row.attempt(self.key, forms.mapping, value) if value is not None else None) or {}
        event = str(row.data.get("event_type"))
        if event.startswith(RELATION) and is_foreign(data):
            loading.left_out["timeline"] += 1
            row.is_skipped = True
            return
        if not isinstance(data.get("values_diff"), dict | None):
            row.refuse(self.key, f"values_diff: {_('Expected an object.')}")
        if "user" in data:
            data["user"] = {"id": self.who(data["user"], row, loading)}
            if event == JOINED:
                loading.told_joined.add(data["user"]["id"])
        if event.startswith(RELATION):
            row.instance.story_project_id = loading.project.pk
        row.instance.data = harmless(data)
        row.instance.namespace = f"project:{loading.project.pk}"

    def who(self, user: Any, row: Row, loading: Loading) -> int | None:
        """The account of a user. An id in the dump is ignored, since it would be somebody else's here."""
        address = user.get("email") if isinstance(user, dict) else None
        key: int | None = row.attempt(self.key, loading.person, address)
        return key

    def write(self, ids: Sequence[int], dumping: Any) -> Mapping[int, Any]:
        """An account that does not exist any more stays an id."""
        rows = dict(TimelineEntry.objects.filter(pk__in=ids).order_by().values_list("pk", "data"))
        people = {key for data in rows.values() if (key := user_id(data)) is not None}
        known = dumping.people(people)
        return {
            key: {**data, "user": {"email": known[who][0]}} if (who := user_id(data)) in known else data
            for key, data in rows.items()
        }


def user_id(data: Data) -> int | None:
    """The id of the user; None if there is none."""
    user = data.get("user")
    key = user.get("id") if isinstance(user, dict) else None
    return key if isinstance(key, int) else None


def is_foreign(data: Data) -> bool:
    """Whether the story of a relation belongs to another project, which is not in the dump."""
    story = data.get("userstory")
    home, other = data.get("project"), story.get("project") if isinstance(story, dict) else None
    return isinstance(home, dict) and isinstance(other, dict) and home.get("id") != other.get("id")
