"""One project with all its lists."""

from bench.statements.dialect import Dialect, Members, words

PLAIN = words(
    "id name slug description total_milestones total_story_points videoconferences videoconferences_extra_data"
    " looking_for_people_note blocked_code archived_code wip_limit_mode total_fans total_fans_last_week"
    " total_fans_last_month total_fans_last_year total_activity total_activity_last_week total_activity_last_month"
    " total_activity_last_year epics_csv_uuid userstories_csv_uuid tasks_csv_uuid issues_csv_uuid transfer_token"
)
FLAGS = words(
    "is_contact_activated is_epics_activated is_backlog_activated is_kanban_activated is_wiki_activated"
    " is_issues_activated is_private is_featured is_looking_for_people"
)
DEFAULTS = words("epic_status us_status points task_status priority severity issue_status issue_type swimlane")
TEXTS = ("anon_permissions", "public_permissions", "tags")


def detail(say: Dialect, viewer: int) -> str:
    """As its admin sees it."""
    mine = f"p.owner_id = {viewer}"
    members: Members = {
        **{name: f"p.{name}" for name in PLAIN},
        **{name: say.flag(f"p.{name}") for name in FLAGS},
        **{f"default_{name}": f"p.default_{name}_id" for name in DEFAULTS},
        **{name: say.texts(f"p.{name}") for name in TEXTS},
        **{name: say.stamp(f"p.{name}", exact=True) for name in ("created_date", "modified_date")},
        "totals_updated_datetime": say.stamp("p.totals_updated_datetime", exact=True),
        "creation_template": "p.creation_template_id",
        "tags_colors": say.mapped(*say.pair("one"), say.pairs("p.tags_colors", "one")),
        "notify_level": "policy.notify_level",
        "my_homepage": say.flag("false"),
        "total_watchers": (
            "(SELECT count(*) FROM projects_notifypolicy AS n WHERE n.project_id = p.id AND n.notify_level <> 3)"
        ),
        "total_closed_milestones": (
            "(SELECT count(*) FROM projects_milestone AS m WHERE m.project_id = p.id AND m.closed)"
        ),
        "members": people(say),
        "total_memberships": "(SELECT count(*) FROM projects_membership AS m WHERE m.project_id = p.id)",
        "owner": say.card("o"),
        "my_permissions": say.texts("mr.permissions"),
        **{name: say.flag(mine) for name in ("i_am_owner", "i_am_admin", "i_am_member", "is_watcher")},
        "is_fan": say.flag(
            f"EXISTS (SELECT 1 FROM projects_like AS l WHERE l.project_id = p.id AND l.user_id = {viewer})"
        ),
        "logo_small_url": "p.logo",
        "logo_big_url": "p.logo",
        **lists(say),
        "is_out_of_owner_limits": say.flag("false"),
        "is_private_extra_info": say.object({"can_be_updated": say.flag("true"), "reason": "null"}),
        "max_memberships": "null",
    }
    source = (
        f"projects_project AS p JOIN users_user AS o ON o.id = p.owner_id LEFT JOIN projects_membership AS mm ON"
        f" mm.project_id = p.id AND mm.user_id = {viewer} LEFT JOIN projects_role AS mr ON mr.id = mm.role_id"
        f" LEFT JOIN projects_notifypolicy AS policy ON policy.project_id = p.id AND policy.user_id = {viewer}"
        f" WHERE p.id = {say.key}"
    )
    return say.one(members, source)


def people(say: Dialect) -> str:
    members = {
        **{name: f"u.{name}" for name in ("id", "username", "full_name", "color")},
        "is_active": say.flag("u.is_active"),
        "role": "m.role_id",
        "role_name": "r.name",
        "full_name_display": "u.full_name",
        "photo": "null",
        "gravatar_id": "'00000000000000000000000000000000'",
    }
    source = (
        "projects_membership AS m JOIN users_user AS u ON u.id = m.user_id JOIN projects_role AS r ON r.id = m.role_id"
        " WHERE m.project_id = p.id ORDER BY u.full_name"
    )
    return say.listed(members, source)


def lists(say: Dialect) -> Members:
    """All that a project's items are sorted by."""
    named = ("id", "name", "order", "project_id")
    status = {**columns(*named, "slug", "color"), "is_closed": say.flag("x.is_closed")}
    story_status = {**status, "is_archived": say.flag("x.is_archived"), "wip_limit": "x.wip_limit"}
    due_date = {**columns(*named, "color", "days_to_due"), "by_default": say.flag("x.by_default")}
    stamps = {name: say.stamp(f"x.{name}", exact=True) for name in ("created_date", "modified_date")}
    field = {**columns(*named, "description", "type", "extra"), **stamps}
    role = {
        **columns(*named, "slug"),
        "permissions": say.texts("x.permissions"),
        "computable": say.flag("x.computable"),
    }
    kinds = {"epic": "epic", "us": "userstory", "task": "task", "issue": "issue"}
    return {
        **{
            f"{short}_statuses": below(say, "status", story_status if short == "us" else status, kind)
            for short, kind in kinds.items()
        },
        **{
            f"{short}_duedates": below(say, "duedate", due_date, kind)
            for short, kind in kinds.items()
            if kind != "epic"
        },
        **{f"{kind}_custom_attributes": below(say, "customattribute", field, kind) for kind in kinds.values()},
        "issue_types": below(say, "issuetype", columns(*named, "color")),
        "priorities": below(say, "priority", columns(*named, "color")),
        "severities": below(say, "severity", columns(*named, "color")),
        "points": below(say, "points", columns(*named, "value")),
        "swimlanes": below(say, "swimlane", columns(*named)),
        "roles": below(say, "role", role),
        "milestones": below(
            say,
            "milestone",
            {**columns("id", "slug", "name"), "closed": say.flag("x.closed")},
            order="x.estimated_start",
        ),
    }


def columns(*names: str) -> dict[str, str]:
    return {name: f'x."{name}"' for name in names}


def below(say: Dialect, table: str, members: Members, kind: str = "", order: str = 'x."order", x.name') -> str:
    only = f" AND x.kind = '{kind}'" if kind else ""
    return say.listed(members, f"projects_{table} AS x WHERE x.project_id = p.id{only} ORDER BY {order}")
