"""Tags of items, and the palette in which a project keeps their colours."""

import re
from typing import Any

from django.utils.translation import gettext as _

from taiga.base.bodies import wrong
from taiga.projects.models import Project

COLOR = re.compile(r"#([0-9a-fA-F]{3}){1,2}")
Pair = tuple[str, str | None]


def parse(value: Any) -> list[Pair] | None:
    """Parse texts and `[name, colour]` pairs into pairs: lower-case, each name once, with its last colour.

    Raises the error of a scalar type of bodies.
    """
    if value is None:
        return None
    if not isinstance(value, list):
        raise wrong(unreadable(value))
    colors: dict[str, str | None] = {}
    for entry in value:
        name, color = parse_pair(entry)
        if name not in colors or color:
            colors[name] = color
    return list(colors.items())


def parse_pair(entry: Any) -> Pair:
    """One tag."""
    if isinstance(entry, str):
        return entry.lower(), None
    if isinstance(entry, (list, tuple)) and len(entry) == 2 and isinstance(entry[0], str):
        name, color = entry
        if color in (None, ""):
            return name.lower(), None
        if isinstance(color, str) and COLOR.fullmatch(color):
            return name.lower(), color
        raise wrong(_("Invalid tag '%s'. The color is not a valid HEX color or null.") % (entry,))
    raise wrong(unreadable(entry))


def unreadable(entry: Any) -> str:
    """The error message of something that is not a tag."""
    return _("Invalid tag '%s'. it must be the name or a pair '[\"name\", \"hex color/\" | null]'.") % (entry,)


def add_to_palette(project_id: int, pairs: list[Pair]) -> None:
    """Add new tags to the project's palette; colours of known ones stay."""
    if not pairs:
        return
    palette = Project.objects.filter(pk=project_id).values_list("tags_colors", flat=True).first() or []
    names = {entry[0] for entry in palette}
    if all(name in names for name, _color in pairs):
        return
    project = Project.objects.select_for_update().only("tags_colors").get(pk=project_id)
    palette = project.tags_colors or []
    names = {entry[0] for entry in palette}
    project.tags_colors = [*palette, *([name, color] for name, color in pairs if name not in names)]
    project.save(update_fields=["tags_colors"])
