"""The palette of a project's tags; changes apply to all items."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Expression
from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.fields import TextListField, list_parameter
from taiga.projects.models import Project, WorkItem
from taiga.projects.permissions import Access
from taiga.projects.services import unrecorded
from taiga.projects.services.tags import COLOR

Palette = list[list[str | None]]


def create(access: Access, *, tag: str, color: str | None = None) -> None:
    """Create a tag. Raises Invalid."""
    project = locked(access)
    name, palette = tag.lower(), palette_of(project)
    raise_if_any(tag=taken(name in names(palette)), color=unreadable(color))
    store(project, [*palette, [name, color or None]])


def change(access: Access, *, from_tag: str, to_tag: str | None = None, **color: str | None) -> None:
    """Rename a tag, change its colour if one is given, or both. Raises Invalid."""
    project = locked(access)
    palette = palette_of(project)
    new = from_tag if to_tag is None else to_tag.lower()
    others = without(palette, [from_tag])
    raise_if_any(
        from_tag=unknown(from_tag not in names(palette)),
        to_tag=taken(to_tag is not None and (to_tag == from_tag or new in names(others))),
        color=unreadable(color.get("color")),
    )
    shade = color["color"] or None if "color" in color else color_of(palette, from_tag)
    store(project, [*others, [new, shade]])
    if new != from_tag:
        rename(project.pk, [from_tag], new)


def delete(access: Access, *, tag: str) -> None:
    """Delete a tag. Raises Invalid."""
    project = locked(access)
    palette = palette_of(project)
    raise_if_any(tag=unknown(tag not in names(palette)))
    store(project, without(palette, [tag]))
    rename(project.pk, [tag], None)


def mix(access: Access, *, from_tags: Sequence[str], to_tag: str) -> None:
    """Merge tags into one, which keeps its colour. Raises Invalid."""
    project = locked(access)
    palette = palette_of(project)
    raise_if_any(
        from_tags=unknown(not set(from_tags) <= names(palette)),
        to_tag=unknown(to_tag not in names(palette)),
    )
    merged = [name for name in from_tags if name != to_tag]
    store(project, without(palette, merged))
    rename(project.pk, merged, to_tag)


def locked(access: Access) -> Project:
    """The project, locked until the transaction ends."""
    return Project.objects.select_for_update().only("tags_colors").get(pk=access.project.id)


def palette_of(project: Project) -> Palette:
    """The tags with their colours, in order."""
    return project.tags_colors or []


def names(palette: Palette) -> set[str | None]:
    """The tags without their colours."""
    return {pair[0] for pair in palette}


def color_of(palette: Palette, name: str) -> str | None:
    """The colour of a tag that is in the palette."""
    return next(pair[1] for pair in palette if pair[0] == name)


def without(palette: Palette, removed: Sequence[str]) -> Palette:
    """The palette without some tags."""
    return [pair for pair in palette if pair[0] not in removed]


def store(project: Project, palette: Palette) -> None:
    """Store the palette."""
    project.tags_colors = palette
    project.save(update_fields=["tags_colors"])


def raise_if_any(**problems: str | None) -> None:
    """Raises Invalid with what is wrong with each field, if anything is."""
    found = {field: [problem] for field, problem in problems.items() if problem is not None}
    if found:
        raise errors.Invalid(found)


def unreadable(color: str | None) -> str | None:
    """The error of a colour that clients cannot show."""
    return _("The color is not a valid HEX color.") if color and not COLOR.fullmatch(color) else None


def taken(is_so: bool) -> str | None:
    """The error of a name that another tag has."""
    return _("This tag already exists.") if is_so else None


def unknown(is_so: bool) -> str | None:
    """The error of a name that no tag has."""
    return _("The tag doesn't exist.") if is_so else None


ON_POSTGRES = """(
  SELECT COALESCE(array_agg(tag ORDER BY place), '{}') FROM (
    SELECT CASE WHEN held.tag = ANY(%s) THEN %s ELSE held.tag END AS tag, MIN(held.place) AS place
    FROM unnest(tags) WITH ORDINALITY AS held(tag, place) GROUP BY 1
  ) AS renamed WHERE tag IS NOT NULL
)"""
ON_SQLITE = """(
  SELECT json_group_array(tag) FROM (
    SELECT CASE WHEN held.value IN (SELECT value FROM json_each(%s)) THEN %s ELSE held.value END AS tag,
      MIN(held.key) AS place
    FROM json_each(tags) AS held GROUP BY 1 ORDER BY place
  ) WHERE tag IS NOT NULL
)"""


class Renamed(Expression):
    """An expression for the tags of an item with some of them merged or removed; the merged tag takes the place of the
    first.
    """

    def __init__(self, old: Sequence[str], new: str | None) -> None:
        super().__init__(output_field=TextListField())
        self.old, self.new = old, new

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        statement = ON_POSTGRES if connection.vendor == "postgresql" else ON_SQLITE
        return statement, [list_parameter(self.old, connection), self.new]


def rename(project_id: int, old: Sequence[str], new: str | None) -> None:
    """Merge or remove these tags in all items of the project."""
    items = WorkItem.objects.filter(project_id=project_id, tags__holds_any=list(old))
    items.update(unrecorded=unrecorded.plus("tags"), tags=Renamed(old, new))
