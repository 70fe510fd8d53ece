"""The two templates that every installation has. Their names are translated in responses."""

from typing import Any

from django.utils.translation import gettext_noop as _

from taiga.projects.permissions import Can

Row = dict[str, Any]

WORKER = [
    *(Can.ADD_ISSUE, Can.MODIFY_ISSUE, Can.DELETE_ISSUE, Can.VIEW_ISSUES),
    *(Can.ADD_MILESTONE, Can.MODIFY_MILESTONE, Can.DELETE_MILESTONE, Can.VIEW_MILESTONES),
    Can.VIEW_PROJECT,
    *(Can.ADD_TASK, Can.MODIFY_TASK, Can.DELETE_TASK, Can.VIEW_TASKS),
    *(Can.ADD_US, Can.MODIFY_US, Can.DELETE_US, Can.VIEW_US),
    *(Can.ADD_WIKI_PAGE, Can.MODIFY_WIKI_PAGE, Can.DELETE_WIKI_PAGE, Can.VIEW_WIKI_PAGES),
    *(Can.ADD_WIKI_LINK, Can.DELETE_WIKI_LINK, Can.VIEW_WIKI_LINKS),
    *(Can.VIEW_EPICS, Can.ADD_EPIC, Can.MODIFY_EPIC, Can.DELETE_EPIC),
    *(Can.COMMENT_EPIC, Can.COMMENT_US, Can.COMMENT_TASK, Can.COMMENT_ISSUE, Can.COMMENT_WIKI_PAGE),
]
STAKEHOLDER = [
    *(Can.ADD_ISSUE, Can.MODIFY_ISSUE, Can.DELETE_ISSUE, Can.VIEW_ISSUES),
    *(Can.VIEW_MILESTONES, Can.VIEW_PROJECT, Can.VIEW_TASKS, Can.VIEW_US),
    *(Can.MODIFY_WIKI_PAGE, Can.VIEW_WIKI_PAGES, Can.ADD_WIKI_LINK, Can.DELETE_WIKI_LINK, Can.VIEW_WIKI_LINKS),
    Can.VIEW_EPICS,
    *(Can.COMMENT_EPIC, Can.COMMENT_US, Can.COMMENT_TASK, Can.COMMENT_ISSUE, Can.COMMENT_WIKI_PAGE),
]


def status(order: int, name: str, slug: str, color: str, *, closed: bool = False) -> Row:
    """A status of epics, tasks or issues."""
    return {"name": name, "slug": slug, "is_closed": closed, "color": color, "order": order}


def story_status(order: int, name: str, slug: str, color: str, *, closed: bool = False, archived: bool = False) -> Row:
    """A status of stories."""
    return {**status(order, name, slug, color, closed=closed), "is_archived": archived, "wip_limit": None}


def label(order: int, name: str, color: str) -> Row:
    """A type, a priority or a severity."""
    return {"name": name, "color": color, "order": order}


def due_date(order: int, name: str, color: str, days: int | None, *, by_default: bool = False) -> Row:
    """A label of due dates."""
    return {"name": name, "by_default": by_default, "color": color, "days_to_due": days, "order": order}


def role(order: int, name: str, slug: str, permissions: list[Can], *, computable: bool) -> Row:
    """A role."""
    codes = [str(code) for code in permissions]
    return {"name": name, "slug": slug, "permissions": codes, "order": order, "computable": computable}


POINTS: dict[str, float | None] = {
    "?": None,
    "0": 0.0,
    "1/2": 0.5,
    **{str(value): float(value) for value in (1, 2, 3, 5, 8, 10, 13, 20, 40)},
}
DUE_DATES = [
    due_date(1, _("Default"), "#9dce0a", None, by_default=True),
    due_date(2, _("Due soon"), "#ff9900", 14),
    due_date(3, _("Past due"), "#E44057", 0),
]
SHARED: Row = {
    "default_owner_role": "product-owner",
    "is_contact_activated": True,
    "is_epics_activated": False,
    "is_looking_for_people": False,
    "looking_for_people_note": "",
    "videoconferences": None,
    "videoconferences_extra_data": "",
    "default_options": {
        "points": "?",
        "epic_status": "New",
        "us_status": "New",
        "task_status": "New",
        "issue_status": "New",
        "issue_type": "Bug",
        "priority": "Normal",
        "severity": "Normal",
    },
    "epic_statuses": [
        status(1, _("New"), "new", "#70728F"),
        status(2, _("Ready"), "ready", "#E44057"),
        status(3, _("In progress"), "in-progress", "#E47C40"),
        status(4, _("Ready for test"), "ready-for-test", "#E4CE40"),
        status(5, _("Done"), "done", "#A8E440", closed=True),
    ],
    "us_statuses": [
        story_status(1, _("New"), "new", "#70728F"),
        story_status(2, _("Ready"), "ready", "#E44057"),
        story_status(3, _("In progress"), "in-progress", "#E47C40"),
        story_status(4, _("Ready for test"), "ready-for-test", "#E4CE40"),
        story_status(5, _("Done"), "done", "#A8E440", closed=True),
        story_status(6, _("Archived"), "archived", "#A9AABC", closed=True, archived=True),
    ],
    "task_statuses": [
        status(1, _("New"), "new", "#70728F"),
        status(2, _("In progress"), "in-progress", "#E47C40"),
        status(3, _("Ready for test"), "ready-for-test", "#E4CE40"),
        status(4, _("Closed"), "closed", "#A8E440", closed=True),
        status(5, _("Needs Info"), "needs-info", "#5178D3"),
    ],
    "issue_types": [
        label(1, _("Bug"), "#E44057"),
        label(2, _("Question"), "#5178D3"),
        label(3, _("Enhancement"), "#40E4CE"),
    ],
    "points": [
        {"name": name, "value": value, "order": order} for order, (name, value) in enumerate(POINTS.items(), start=1)
    ],
    "us_duedates": DUE_DATES,
    "task_duedates": DUE_DATES,
    "issue_duedates": DUE_DATES,
    "roles": [
        role(10, _("UX"), "ux", WORKER, computable=True),
        role(20, _("Design"), "design", WORKER, computable=True),
        role(30, _("Front"), "front", WORKER, computable=True),
        role(40, _("Back"), "back", WORKER, computable=True),
        role(50, _("Product Owner"), "product-owner", WORKER, computable=False),
        role(60, _("Stakeholder"), "stakeholder", STAKEHOLDER, computable=False),
    ],
    "epic_custom_attributes": [],
    "us_custom_attributes": [],
    "task_custom_attributes": [],
    "issue_custom_attributes": [],
}


def issue_statuses(ready_for_test: str) -> list[Row]:
    """The statuses of issues; the two templates differ in one colour."""
    return [
        status(1, _("New"), "new", "#70728F"),
        status(2, _("In progress"), "in-progress", "#40A8E4"),
        status(3, _("Ready for test"), "ready-for-test", ready_for_test),
        status(4, _("Closed"), "closed", "#A8E440", closed=True),
        status(5, _("Needs Info"), "needs-info", "#E44057"),
        status(6, _("Rejected"), "rejected", "#A9AABC", closed=True),
        status(7, _("Postponed"), "posponed", "#5178D3"),
    ]


def priorities(low: str, normal: str, high: str) -> list[Row]:
    """The priorities in these colours."""
    return [label(1, _("Low"), low), label(3, _("Normal"), normal), label(5, _("High"), high)]


def severities(*colors: str) -> list[Row]:
    """The severities in these colours."""
    names = (_("Wishlist"), _("Minor"), _("Normal"), _("Important"), _("Critical"))
    return [label(order, name, color) for order, (name, color) in enumerate(zip(names, colors, strict=True), start=1)]


SCRUM: Row = {
    **SHARED,
    "slug": "scrum",
    "order": 1,
    "name": _("Scrum"),
    "description": _(
        "A product backlog keeps everything that the product may need, the most important first. The team takes as "
        "much of it as it can finish into a sprint of fixed length, and shows what has become of it at its end."
    ),
    "is_backlog_activated": True,
    "is_kanban_activated": False,
    "is_wiki_activated": True,
    "is_issues_activated": True,
    "issue_statuses": issue_statuses("#E4CE40"),
    "priorities": priorities("#A8E440", "#E4CE40", "#E47C40"),
    "severities": severities("#70728F", "#40A8E4", "#40E47C", "#E4A240", "#D35450"),
}
KANBAN: Row = {
    **SHARED,
    "slug": "kanban",
    "order": 2,
    "name": _("Kanban"),
    "description": _(
        "Work flows over a board, from what is asked for to what is done, each card as soon as somebody has time for "
        "it. The team sees where cards pile up, limits what is in progress, and delivers without a fixed rhythm."
    ),
    "is_backlog_activated": False,
    "is_kanban_activated": True,
    "is_wiki_activated": False,
    "is_issues_activated": False,
    "issue_statuses": issue_statuses("#E47C40"),
    "priorities": priorities("#A9AABC", "#A8E440", "#E44057"),
    "severities": severities("#70728F", "#40E47C", "#A8E440", "#E4CE40", "#E47C40"),
}
TEMPLATES = (SCRUM, KANBAN)
NAMES = frozenset(
    text
    for template in TEMPLATES
    for text in (
        *(template["name"], template["description"]),
        *(row["name"] for key, rows in template.items() if isinstance(rows, list) and key != "points" for row in rows),
    )
)
"""The names that are translated in responses. Names that people chose are never translated."""
