"""Parts of rows that are stored in other tables: watchers, votes, estimates, files, relations, limits."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from taiga.projects.models import (
    AssignedUser,
    Attachment,
    CustomAttribute,
    Kind,
    RelatedUserStory,
    RolePoints,
    SwimlaneUserStoryStatus,
    Vote,
    Watch,
    WorkItem,
)
from taiga.transfer import files, forms
from taiga.transfer.loading import Loading
from taiga.transfer.problems import Wrong
from taiga.transfer.sections import Column, Data, Row, Spec, columns

Values = Mapping[int, Any]


def grouped(pairs: Iterable[tuple[int, Any]], ids: Sequence[int]) -> dict[int, list[Any]]:
    """The second members of pairs, by the first."""
    found: dict[int, list[Any]] = {key: [] for key in ids}
    for key, value in pairs:
        found[key].append(value)
    return found


def objects(value: Any) -> list[Data]:
    """A list of objects; empty for null. Raises Wrong."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Wrong(_("Expected a list of objects."))
    return value


@dataclass(frozen=True)
class PeopleList:
    """A list of e-mail addresses; unknown people are left out.

    `target` is the column of `model` that refers to the row; `note` is called for each person.
    """

    key: str
    model: type[Model]
    target: str
    note: Callable[[Row, Loading, int], None] | None = None

    def read(self, value: Any, row: Row, loading: Loading) -> None:
        """Each person once."""
        if value is not None and not isinstance(value, list):
            row.refuse(self.key, _("Expected a list of e-mail addresses."))
            return
        found = (row.attempt(self.key, loading.person, address) for address in value or ())
        for person in dict.fromkeys(key for key in found if key is not None):
            loading.waiting[self.model].append(self.about(person, row, loading))
            if self.note is not None:
                self.note(row, loading, person)

    def about(self, person: int, row: Row, loading: Loading) -> Model:
        """The row of a person."""
        more = {"project_id": loading.project.pk} if self.model is Watch else {}
        return self.model(**{self.target: row.instance, "user_id": person}, **more)

    def write(self, ids: Sequence[int], dumping: Any) -> Values:
        """Sorted by username."""
        rows = self.model._default_manager.filter(**{f"{self.target}__in": ids}).order_by("user__username")
        return grouped(rows.values_list(f"{self.target}_id", "user__email"), ids)


def follow(row: Row, loading: Loading, person: int) -> None:
    """A watcher gets a notification policy in the project."""
    loading.followers.add(person)


def assign(row: Row, loading: Loading, person: int) -> None:
    """The first history entry of a story names its assignees."""
    row.assigned.append(person)


def watchers(target: str) -> PeopleList:
    """The people who watch an item, a wiki page or a sprint."""
    return PeopleList("watchers", Watch, target, follow)


VOTES = PeopleList("votes", Vote, "item")
ASSIGNED_USERS = PeopleList("assigned_users", AssignedUser, "user_story", assign)


class CustomValues:
    """`{name of the custom field: value}`; unknown fields and empty values are ignored."""

    key = "custom_attributes_values"

    def __init__(self, section: str, kind: Kind) -> None:
        self.section = section
        self.kind = kind

    def read(self, value: Any, row: Row, loading: Loading) -> None:
        """Stored by the ids of the fields."""
        if value is not None and not isinstance(value, dict):
            row.refuse(self.key, _("Expected an object."))
            return
        known = loading.names[self.section]
        row.instance.attributes_values = {
            str(known[name]): given for name, given in (value or {}).items() if name in known and given is not None
        }

    def write(self, ids: Sequence[int], dumping: Any) -> Values:
        """With the present names of the fields."""
        names = dumping.once(self.section, self.names)
        rows = WorkItem.objects.filter(pk__in=ids).order_by().values_list("pk", "attributes_values")
        return {key: self.named(values, names) for key, values in rows}

    def names(self, project_id: int) -> dict[str, str]:
        """The names of the fields, in their order."""
        fields = CustomAttribute.objects.filter(project_id=project_id, kind=self.kind).order_by("order", "name")
        return {str(key): name for key, name in fields.values_list("id", "name")}

    def named(self, values: Data | None, names: Mapping[str, str]) -> Data:
        """Values by the names of their fields."""
        held = values or {}
        return {name: held[key] for key, name in names.items() if held.get(key) is not None}


class Estimates:
    """`[{role, points}]`: the estimates of a story. Roles that are missing get the project's default points."""

    key = "role_points"

    def read(self, value: Any, row: Row, loading: Loading) -> None:
        """One row for each role."""
        row.points = dict.fromkeys(loading.computable, loading.project.default_points_id)
        for number, one in enumerate(row.attempt(self.key, objects, value) or ()):
            role, points = one.get("role"), one.get("points")
            if role is None:
                row.refuse_inside(self.key, number, "role", _("This field is required."))
            else:
                role = row.attempt_inside(self.key, number, "role", ROLE.read, role, loading)
            if points is not None:
                points = row.attempt_inside(self.key, number, "points", POINTS.read, points, loading)
            if role is not None:
                row.points[role] = points
        loading.waiting[RolePoints] += [
            RolePoints(user_story=row.instance, role_id=role, points_id=points) for role, points in row.points.items()
        ]

    def write(self, ids: Sequence[int], dumping: Any) -> Values:
        """In the order of the roles."""
        rows = RolePoints.objects.filter(user_story__in=ids).order_by("role__order", "role__slug")
        found = rows.values_list("user_story_id", "role__name", "points__name")
        return grouped(((key, {"role": role, "points": points}) for key, role, points in found), ids)


ROLE, POINTS = forms.named("roles"), forms.named("points")
STORY_STATUS, STORY = forms.named("us_statuses"), forms.item(Kind.USERSTORY)


class Limits:
    """`[{status, wip_limit}]`: the limits of a swimlane."""

    key = "statuses"

    def read(self, value: Any, row: Row, loading: Loading) -> None:
        """A swimlane need not have a limit for each status."""
        for one in row.attempt(self.key, objects, value) or ():
            status = row.attempt(self.key, STORY_STATUS.read, one.get("status"), loading)
            limit = one.get("wip_limit")
            if limit is not None:
                limit = row.attempt(self.key, WIP_LIMIT.read, limit, loading)
            if status is not None:
                loading.waiting[SwimlaneUserStoryStatus].append(
                    SwimlaneUserStoryStatus(swimlane=row.instance, status_id=status, wip_limit=limit)
                )

    def write(self, ids: Sequence[int], dumping: Any) -> Values:
        """In the order of the statuses."""
        rows = SwimlaneUserStoryStatus.objects.filter(swimlane__in=ids).order_by("status__order", "status__name")
        found = rows.values_list("swimlane_id", "status__name", "wip_limit")
        return grouped(((key, {"status": status, "wip_limit": limit}) for key, status, limit in found), ids)


WIP_LIMIT = forms.whole(-(2**31), 2**31 - 1)


class RelatedStories:
    """`[{user_story, order, source_project_slug}]`: the stories of an epic. Those of other projects are left out."""

    key = "related_user_stories"

    def read(self, value: Any, row: Row, loading: Loading) -> None:
        """Each story once."""
        seen = set()
        for one in row.attempt(self.key, objects, value) or ():
            if one.get("source_project_slug") is not None:
                loading.left_out["related_user_stories"] += 1
                continue
            story = row.attempt(self.key, STORY.read, one.get("user_story"), loading)
            if story in seen:
                row.refuse(self.key, _("Duplicate story: %s") % one.get("user_story"))
            elif story is not None:
                seen.add(story)
                relation = RelatedUserStory(epic=row.instance, user_story_id=story)
                order = row.attempt(self.key, ORDER.read, one.get("order", relation.order), loading)
                relation.order = order if order is not None else relation.order
                loading.waiting[RelatedUserStory].append(relation)

    def write(self, ids: Sequence[int], dumping: Any) -> Values:
        """In the order of the stories' #refs."""
        rows = RelatedUserStory.objects.filter(epic__in=ids).order_by("user_story__ref", "order", "id")
        found = rows.values_list(
            "epic_id", "user_story__ref", "order", "user_story__project_id", "user_story__project__slug"
        )
        return grouped(((row[0], self.shown(row, dumping.project_id)) for row in found), ids)

    def shown(self, row: tuple[Any, ...], project_id: int) -> Data:
        """One story."""
        _epic, ref, order, project, slug = row
        return {"user_story": ref, "order": order, "source_project_slug": None if project == project_id else slug}


ORDER = forms.whole(-(2**63), 2**63 - 1)


class Attachments:
    """The files of an item or a wiki page; `target` is the column that refers to it."""

    key = "attachments"
    fields = columns(
        Attachment,
        Spec("owner", forms.OWNER),
        Spec("attached_file", forms.JSON),
        "created_date",
        "modified_date",
        "description",
        "is_deprecated",
        "name",
        "order",
        "sha1",
        "size",
        "from_comment",
    )

    def __init__(self, target: str) -> None:
        self.target = target

    def read(self, value: Any, row: Row, loading: Loading) -> None:
        """One attachment after the other."""
        for number, one in enumerate(row.attempt(self.key, objects, value) or ()):
            inner = Row(row.section, row.index, one, Attachment(**{self.target: row.instance}, project=loading.project))
            for column in self.fields:
                if isinstance(column, Column) and column.key != "attached_file":
                    loading.read_column(inner, column)
            if not loading.problems and not row.wrong and not inner.wrong:
                self.keep_file(inner, loading)
            for key, message in inner.wrong:
                row.refuse_inside(self.key, number, key, message)
            row.attachments.append(inner.instance)
        loading.waiting[Attachment] += row.attachments

    def keep_file(self, row: Row, loading: Loading) -> None:
        """Store the file. Its name is the one in the row, if there is one; its size and hash are those of the stored
        file.
        """
        if "attached_file" not in row.data:
            row.refuse("attached_file", _("This field is required."))
            return
        file = row.attempt("attached_file", loading.files.keep, row.data["attached_file"], "attachments")
        if file is not None:
            kept: Attachment = row.instance
            kept.attached_file, kept.thumbnail_format = file.path, file.thumbnail_format
            kept.size, kept.sha1, kept.name = file.size, file.sha1, kept.name or file.name

    def write(self, ids: Sequence[int], dumping: Any) -> Values:
        """In the order in which they were uploaded."""
        paths = [column.path for column in self.fields if isinstance(column, Column)]
        rows = Attachment.objects.filter(**{f"{self.target}__in": ids}).order_by("created_date", "id")
        found: dict[int, list[Data]] = defaultdict(list)
        for key, *values in rows.values_list(f"{self.target}_id", *paths):
            found[key].append(self.shown(values))
        return {key: found.get(key, []) for key in ids}

    def shown(self, values: list[Any]) -> Data:
        """One attachment."""
        written = {
            column.key: column.form.write(value)
            for column, value in zip(self.fields, values, strict=True)
            if isinstance(column, Column)
        }
        written["attached_file"] = files.of(written["attached_file"])
        return written
