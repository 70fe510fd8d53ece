"""A small dump with everything that a dump can have."""

import base64
import copy
import json
from io import BytesIO
from typing import Any

Dump = dict[str, Any]
CARD = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WORDS = b"Some words, and some more.\n"
ALICE, BOB, CAROL, DAVE = (f"{name}@example.com" for name in ("alice", "bob", "carol", "dave"))
THEN, LATER = "2024-03-01T08:00:00+0000", "2024-03-02T09:30:00+0000"
STRANGER = 410_000
"""The id of somebody on the server from which the dump comes: nobody here has it."""
MEMBER = ["view_project", "view_us", "add_us", "modify_us", "view_issues"]


def file(content: bytes, name: str) -> dict[str, str]:
    return {"data": base64.b64encode(content).decode(), "name": name}


def attachment(content: bytes, file_name: str, **more: Any) -> Dump:
    return {
        "owner": BOB,
        "attached_file": file(content, file_name),
        "created_date": THEN,
        "modified_date": LATER,
        "description": "about it",
        "is_deprecated": False,
        "name": file_name,
        "order": 1,
        **more,
    }


def entry(**more: Any) -> Dump:
    return {
        "user": [BOB, "Bob Then"],
        "diff": {},
        "snapshot": None,
        "values": {"users": []},
        "comment": "",
        "delete_comment_date": None,
        "delete_comment_user": [],
        "comment_versions": None,
        "created_at": THEN,
        "edit_comment_date": None,
        "is_hidden": False,
        "is_snapshot": False,
        "type": 1,
        **more,
    }


def status(name: str, order: int, **more: Any) -> Dump:
    slug = name.lower().replace(" ", "-")
    return {"name": name, "slug": slug, "order": order, "is_closed": False, "color": "#111111", **more}


def label(name: str, order: int) -> Dump:
    return {"name": name, "order": order, "color": "#222222"}


def due(name: str, **more: Any) -> Dump:
    return {"name": name, "order": 1, "by_default": True, "color": "#333333", "days_to_due": None, **more}


def field(name: str, kind: str = "text", **more: Any) -> Dump:
    return {
        "name": name,
        "description": "what it is",
        "type": kind,
        "order": 1,
        "created_date": THEN,
        "modified_date": LATER,
        **more,
    }


def item(ref: int, subject: str, status: str, **more: Any) -> Dump:
    return {
        "watchers": [],
        "attachments": [],
        "history": [entry(type=2, is_snapshot=True, snapshot={"ref": ref, "subject": subject})],
        "custom_attributes_values": {},
        "owner": BOB,
        "status": status,
        "assigned_to": None,
        "created_date": THEN,
        "modified_date": LATER,
        "ref": ref,
        "subject": subject,
        "description": f"About {subject}",
        "version": 2,
        "blocked_note": "",
        "is_blocked": False,
        "tags": [],
        **more,
    }


def story(ref: int, subject: str, status: str = "Open", **more: Any) -> Dump:
    place = ref * 1000
    return {
        **item(ref, subject, status),
        "role_points": [{"role": "Back", "points": "two"}],
        "assigned_users": [],
        "swimlane": None,
        "milestone": None,
        "finish_date": None,
        "generated_from_issue": None,
        "generated_from_task": None,
        "from_task_ref": None,
        "is_closed": False,
        "backlog_order": place,
        "sprint_order": place,
        "kanban_order": place,
        "client_requirement": False,
        "team_requirement": True,
        "external_reference": None,
        "tribe_gig": None,
        "due_date": None,
        "due_date_reason": "",
        **more,
    }


def happening(event: str, created: str = THEN, **data: Any) -> Dump:
    told = {"project": {"id": 77, "name": "Far", "slug": "far", "description": "d"}, "user": {"email": BOB}, **data}
    return {"data": told, "data_content_type": event.split(".")[:2], "event_type": event, "created": created}


def project() -> Dump:
    """The whole dump."""
    return {
        "watchers": [ALICE, BOB, DAVE],
        "name": "Apollo",
        "slug": "apollo",
        "description": "To the moon",
        "created_date": THEN,
        "logo": file(CARD, "logo.png"),
        "total_milestones": 4,
        "total_story_points": 40.5,
        "is_epics_activated": True,
        "is_backlog_activated": True,
        "is_kanban_activated": True,
        "is_wiki_activated": True,
        "is_issues_activated": True,
        "videoconferences": "jitsi",
        "videoconferences_extra_data": "room",
        "creation_template": "scrum",
        "is_private": True,
        "is_featured": True,
        "is_looking_for_people": True,
        "looking_for_people_note": "Come",
        "epics_csv_uuid": "0" * 32,
        "userstories_csv_uuid": None,
        "tasks_csv_uuid": None,
        "issues_csv_uuid": None,
        "transfer_token": "secret",
        "blocked_code": None,
        "anon_permissions": ["view_project"],
        "public_permissions": ["view_project", "view_us"],
        "modified_date": LATER,
        "roles": [
            {"name": "Back", "slug": "back", "order": 1, "computable": True, "permissions": MEMBER},
            {"name": "Boss", "slug": "boss", "order": 2, "computable": False, "permissions": ["view_project"]},
        ],
        "owner": ALICE,
        "memberships": [
            membership(ALICE, "Boss", is_admin=True),
            membership(BOB, "Back", invited_by=ALICE),
            {**membership("new@example.com", "Back"), "user": None, "invitation_extra_text": "join us"},
        ],
        "points": [
            {"name": "?", "order": 1, "value": None},
            {"name": "half", "order": 2, "value": 0.5},
            {"name": "two", "order": 3, "value": 2.0},
        ],
        "epic_statuses": [status("Idea", 1), status("Real", 2, is_closed=True)],
        "us_statuses": [
            status("Open", 1, is_archived=False, wip_limit=None),
            status("Shut", 2, is_closed=True, is_archived=True, wip_limit=5),
        ],
        "us_duedates": [due("Soon", days_to_due=14)],
        "task_statuses": [status("To do", 1), status("Did", 2, is_closed=True)],
        "task_duedates": [due("Now")],
        "issue_types": [label("Bug", 1), label("Wish", 2)],
        "issue_statuses": [status("Raised", 1), status("Solved", 2, is_closed=True)],
        "issue_duedates": [due("Past", days_to_due=0)],
        "priorities": [label("Low", 1), label("High", 2)],
        "severities": [label("Mild", 1), label("Grave", 2)],
        "swimlanes": [
            {"name": "Fast", "order": 1, "statuses": [{"status": "Open", "wip_limit": 3}]},
            {"name": "Slow", "order": 2, "statuses": []},
        ],
        "tags_colors": [["red", "#ff0000"], ["plain", None]],
        "default_points": "?",
        "default_epic_status": "Idea",
        "default_us_status": "Open",
        "default_task_status": "To do",
        "default_priority": "Low",
        "default_severity": None,
        "default_issue_status": "Raised",
        "default_issue_type": "Bug",
        "default_swimlane": "Slow",
        "epiccustomattributes": [field("Quarter")],
        "userstorycustomattributes": [field("Colour", "dropdown", extra=["green", "blue"])],
        "taskcustomattributes": [field("Hours", "number")],
        "issuecustomattributes": [field("Where", "multiline")],
        "epics": epics(),
        "user_stories": stories(),
        "tasks": tasks(),
        "milestones": [
            {
                "watchers": [BOB],
                "name": "Sprint 1",
                "owner": ALICE,
                "created_date": THEN,
                "modified_date": LATER,
                "estimated_start": "2024-03-01",
                "estimated_finish": "2024-03-15",
                "slug": "first",
                "closed": True,
                "disponibility": 1.5,
                "order": 3,
            }
        ],
        "issues": issues(),
        "wiki_links": [{"title": "Home", "href": "home", "order": 1}],
        "wiki_pages": [
            {
                "watchers": [CAROL],
                "attachments": [attachment(WORDS, "words.txt")],
                "history": [entry(type=2, is_snapshot=True, snapshot={"slug": "home", "owner": BOB})],
                "slug": "home",
                "owner": BOB,
                "last_modifier": ALICE,
                "modified_date": LATER,
                "created_date": THEN,
                "content": "Welcome",
                "version": 3,
            }
        ],
        "tags": ["space"],
        "timeline": timeline(),
    }


def membership(address: str, role: str, **more: Any) -> Dump:
    return {
        "user": address,
        "role": role,
        "invited_by": None,
        "is_admin": False,
        "email": address,
        "created_at": THEN,
        "invitation_extra_text": None,
        "user_order": 7,
        **more,
    }


def epics() -> list[Dump]:
    related = [
        {"user_story": 3, "order": 2, "source_project_slug": None},
        {"user_story": 4, "order": 1, "source_project_slug": None},
        {"user_story": 3, "order": 9, "source_project_slug": "elsewhere"},
    ]
    epic = item(1, "An epic", "Real", custom_attributes_values={"Quarter": "Q3"}, assigned_to=BOB, watchers=[ALICE])
    more = {"epics_order": 5, "color": "#abcdef", "client_requirement": True, "team_requirement": False}
    return [{**epic, **more, "related_user_stories": related}]


def stories() -> list[Dump]:
    return [
        story(
            3,
            "A story",
            watchers=[ALICE, CAROL],
            attachments=[attachment(CARD, "card.png", name="The card.png"), attachment(WORDS, "words.txt", order=2)],
            history=told(),
            custom_attributes_values={"Colour": "green", "Nonsense": 1},
            assigned_to=BOB,
            assigned_users=[BOB, CAROL],
            swimlane="Fast",
            milestone="Sprint 1",
            generated_from_issue=2,
            external_reference=["github", "https://example.com/9"],
            tags=["red", "new one"],
            due_date="2031-02-03T00:00:00",
            due_date_reason="law",
            is_blocked=True,
            blocked_note="why",
        ),
        story(4, "Closed story", "Shut", is_closed=True, finish_date=LATER, generated_from_task=5),
    ]


def told() -> list[Dump]:
    """A history with everything that an entry can have."""
    frozen = {
        "ref": 3,
        "owner": BOB,
        "assigned_to": BOB,
        "status": "Open",
        "subject": "A story",
        "assigned_users": [STRANGER],
    }
    labels = {"status": {"7": "New", "8": "Done"}, "users": []}
    return [
        entry(type=2, is_snapshot=True, snapshot=frozen),
        entry(diff={"status": [7, 8]}, values=labels, comment="See #4, @bob", created_at=LATER),
        entry(
            user=["gone@example.com", "Gone Person"],
            comment="second thoughts",
            comment_versions=[
                {"date": THEN, "comment": "first thoughts", "comment_html": "x", "user": {"id": STRANGER}}
            ],
            edit_comment_date=LATER,
            created_at=LATER,
        ),
        entry(comment="rude", delete_comment_date=LATER, delete_comment_user=[ALICE, "Alice Then"], created_at=LATER),
        entry(diff={"assigned_users": [[], [STRANGER]]}, values={"users": [CAROL]}, created_at=LATER),
    ]


def tasks() -> list[Dump]:
    given = {"diff": {"assigned_to": [None, CAROL]}, "values": {"users": [CAROL]}, "created_at": LATER}
    task = item(5, "A task", "Did", custom_attributes_values={"Hours": 3}, history=[entry(type=2), entry(**given)])
    return [
        {
            **task,
            "user_story": 3,
            "milestone": "Sprint 1",
            "finished_date": LATER,
            "us_order": 11,
            "taskboard_order": 12,
            "is_iocaine": True,
            "external_reference": None,
            "due_date": None,
            "due_date_reason": "",
        }
    ]


def issues() -> list[Dump]:
    shared = {"finished_date": None, "external_reference": None, "due_date": None, "due_date_reason": ""}
    lists = {"priority": "High", "severity": "Grave", "type": "Wish", "milestone": None}
    newer = item(6, "A newer issue", "Raised")
    older = item(2, "An issue", "Solved", custom_attributes_values={"Where": "there"}, watchers=[DAVE])
    return [
        {**newer, **shared, "priority": None, "severity": None, "type": "Bug", "milestone": None, "votes": []},
        {**older, **shared, **lists, "votes": [ALICE, CAROL]},
    ]


def timeline() -> list[Dump]:
    relation: Dump = {"relateduserstory": {"id": 1}, "userstory": {"id": 9, "project": {"id": 78, "slug": "elsewhere"}}}
    return [
        happening("userstories.userstory.change", LATER, userstory={"id": 9, "ref": 3}, values_diff={}),
        happening("epics.relateduserstory.create", **relation),
        happening("userstories.userstory.create", userstory={"id": 9, "ref": 3, "subject": "first of a second"}),
        happening("epics.epic.create", epic={"id": 9, "ref": 1, "subject": "second of a second"}),
    ]


def with_changes(**changes: Any) -> Dump:
    """The dump with other values of some of its keys."""
    return {**copy.deepcopy(project()), **changes}


def stream(dump: Any) -> BytesIO:
    return BytesIO(json.dumps(dump).encode())
