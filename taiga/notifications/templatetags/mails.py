"""Tags and filters for the templates of mails."""

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from taiga.base import front_pages

register = template.Library()
FIELDS: dict[str, Any] = {
    "assigned_to": _("assigned to"),
    "assigned_users": _("assigned to"),
    "attachments": _("attachments"),
    "blocked_note": _("blocked note"),
    "client_requirement": _("client requirement"),
    "color": _("colour"),
    "content": _("content"),
    "custom_attributes": _("custom field"),
    "description": _("description"),
    "due_date": _("due date"),
    "from_issue": _("generated from issue"),
    "from_task": _("generated from task"),
    "is_blocked": _("blocked"),
    "is_closed": _("closed"),
    "is_iocaine": _("iocaine"),
    "milestone": _("sprint"),
    "owner": _("owner"),
    "points": _("points"),
    "priority": _("priority"),
    "promoted_to": _("promoted to"),
    "ref": _("reference"),
    "severity": _("severity"),
    "slug": _("address"),
    "status": _("status"),
    "subject": _("subject"),
    "swimlane": _("swimlane"),
    "tags": _("tags"),
    "team_requirement": _("team requirement"),
    "type": _("type"),
    "user_story": _("user story"),
    "watchers": _("watchers"),
}
EMPTY, YES, NO = "—", _("yes"), _("no")


@register.simple_tag
def front(page: str, **parts: Any) -> str:
    """The address of a page of the front."""
    return front_pages.address(page, **parts)


@register.filter
def label(name: str) -> str:
    """The name of a field."""
    return str(FIELDS.get(name, name.replace("_", " ")))


@register.filter
def value(thing: Any) -> str:
    """The text of a value."""
    if isinstance(thing, bool):
        return str(YES if thing else NO)
    return EMPTY if thing in (None, "") else str(thing)
