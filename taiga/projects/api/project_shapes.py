"""The response shapes of projects."""

from typing import Any

from taiga.base.answers import (
    BOOLEAN,
    INTEGER,
    MOMENT,
    NUMBER,
    STAMP,
    TEXT,
    Shape,
    array,
    columns,
    computed,
    fixed,
    mapping,
    maybe,
    row,
)
from taiga.projects.models import (
    CustomAttribute,
    DueDate,
    IssueType,
    Membership,
    Milestone,
    NotifyPolicy,
    Points,
    Project,
    ProjectTemplate,
    Role,
    Status,
    Swimlane,
    UserProjectSettings,
)
from taiga.projects.queries import favourites, memberships, project_lists, projects, templates
from taiga.users.api.shapes import CARD
from taiga.users.models import User

SHOWN = ("total_watchers", "total_closed_milestones", "members")
COMPUTED: dict[str, Any] = {
    "owner": maybe(CARD),
    "tags_colors": mapping(maybe(TEXT)),
    "my_permissions": array(TEXT),
    **dict.fromkeys(("i_am_owner", "i_am_admin", "i_am_member", "is_watcher", "is_fan"), BOOLEAN),
    "notify_level": maybe(INTEGER),
    "my_homepage": {"type": ["integer", "boolean", "string"], "description": "A section, or false; `{}` for nobody."},
    "logo_small_url": maybe(TEXT),
    "logo_big_url": maybe(TEXT),
}
FOR_ADMINS = (*projects.FOR_ADMINS, "is_private_extra_info", "max_memberships")
MEMBER = ("id", "username", "full_name", "color", "is_active")


def of_list() -> dict[str, Any]:
    """The members that every response shows of a project."""
    counted = {name: part for name, part in projects.columns().items() if name in SHOWN}
    return {**columns(Project, projects.STORED), **computed(Project, counted), **COMPUTED}


def lists() -> dict[str, Any]:
    """The lists of a project; null for those that are empty."""
    story_status = (*project_lists.STATUS, *project_lists.STORY_STATUS)
    return {
        **{
            name: listed(Status, story_status if name == "us_statuses" else project_lists.STATUS)
            for name in project_lists.STATUS_LISTS.values()
        },
        **{name: listed(DueDate, project_lists.DUE_DATE) for name in project_lists.DUE_DATE_LISTS.values()},
        **{
            name: listed(CustomAttribute, project_lists.CUSTOM_ATTRIBUTE)
            for name in project_lists.CUSTOM_ATTRIBUTE_LISTS.values()
        },
        **{name: listed(IssueType, project_lists.LABEL) for name in project_lists.LABEL_LISTS},
        "points": listed(Points, project_lists.POINTS),
        "swimlanes": listed(Swimlane, project_lists.SWIMLANE),
        "roles": listed(Role, project_lists.ROLE),
        "milestones": array(columns_object(Milestone, project_lists.MILESTONE)),
        "members": array(MEMBER_OF_PROJECT),
    }


def listed(model: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """A list of rows, or null."""
    return maybe(array(columns_object(model, names)))


def columns_object(model: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """A row, as an anonymous object."""
    return row(**columns(model, names))


def in_detail() -> dict[str, Any]:
    """A single project."""
    return {
        **of_list(),
        **lists(),
        "total_memberships": INTEGER,
        "is_out_of_owner_limits": BOOLEAN,
        **columns(Project, projects.FOR_ADMINS),
        "is_private_extra_info": row(can_be_updated=BOOLEAN, reason=maybe(TEXT)),
        "max_memberships": maybe(INTEGER),
    }


MEMBER_OF_PROJECT = Shape(
    "MemberOfProject",
    lambda: {
        **columns(User, MEMBER),
        "full_name_display": TEXT,
        "photo": maybe(TEXT),
        "gravatar_id": maybe(TEXT),
        "role": INTEGER,
        "role_name": TEXT,
    },
)
PROJECT_OF_LIST = Shape("ProjectOfList", of_list, sometimes=projects.NOT_SLIGHT, text="A project as lists show it.")
PROJECT = Shape("Project", in_detail, sometimes=FOR_ADMINS, text="A project; some members are for its admins only.")
MEMBERSHIP = Shape(
    "Membership",
    lambda: {
        **columns(Membership, memberships.STORED),
        "project_name": TEXT,
        "project_slug": TEXT,
        "role_name": TEXT,
        "full_name": maybe(TEXT),
        "is_user_active": BOOLEAN,
        "color": maybe(TEXT),
        "photo": maybe(TEXT),
        "gravatar_id": maybe(TEXT),
        "user_email": maybe(TEXT),
        "is_owner": maybe(BOOLEAN),
        "invited_by": maybe(CARD),
    },
    sometimes=("email", "user_email"),
    text="A member or, without `user`, a pending invitation. Only admins see e-mail addresses.",
)
ROLE = Shape(
    "Role",
    lambda: {
        **columns(Role, ("id", "name", "slug", "project", "order", "computable", "permissions")),
        "members_count": INTEGER,
    },
)
TEMPLATE = Shape("ProjectTemplate", lambda: columns(ProjectTemplate, templates.COLUMNS))
POLICY = Shape(
    "NotifyPolicy",
    lambda: {
        **columns(NotifyPolicy, ("id", "project", "notify_level", "live_notify_level", "web_notify_level")),
        "project_name": TEXT,
    },
)
SETTINGS = Shape(
    "UserProjectSettings",
    lambda: {
        **columns(UserProjectSettings, ("id", "project", "homepage")),
        "project_name": TEXT,
        "allowed_sections": array(INTEGER),
    },
)
CONTACT = fixed("Contact", id=INTEGER, user=INTEGER, project=INTEGER, comment=TEXT, created_date=STAMP)
KEY = fixed("ReportKey", uuid=maybe(TEXT))
PALETTE = mapping(maybe(TEXT))
STATISTICS = {
    "type": "object",
    "description": "Statistics of the project; the path says which.",
}
PERSON_STATISTICS = fixed(
    "PersonStatistics",
    total_num_projects=INTEGER,
    roles=array(TEXT),
    total_num_contacts=INTEGER,
    total_num_closed_userstories=INTEGER,
)
SECTIONS = array(array({"type": ["integer", "string"]}))
SERVER_STATISTICS = {"type": "object", "additionalProperties": {"type": ["number", "object"]}}
RESOLVED = mapping(INTEGER)
HIT = {"id": INTEGER, "ref": INTEGER, "subject": TEXT, "status": maybe(INTEGER)}
ITEM = row(**HIT, assigned_to=maybe(INTEGER))
STORY = row(**HIT, total_points=maybe(NUMBER), milestone_name=maybe(TEXT), milestone_slug=maybe(TEXT))
HITS = {"epics": ITEM, "userstories": STORY, "tasks": ITEM, "issues": ITEM, "wikipages": row(id=INTEGER, slug=TEXT)}
FOUND = Shape(
    "SearchResult",
    lambda: {**{name: array(hit) for name, hit in HITS.items()}, "count": INTEGER},
    sometimes=tuple(HITS),
    text="The matching objects, by relevance, in the sections that the caller may see.",
)
FAVOURITE = Shape(
    "Favourite",
    lambda: {
        "type": {"type": "string", "enum": ["project", "epic", "userstory", "task", "issue"]},
        "id": INTEGER,
        "created_date": MOMENT,
        "tags_colors": array(row(name=TEXT, color=maybe(TEXT))),
        **dict.fromkeys(favourites.NULL_FIELDS, maybe(TEXT)),
        **dict.fromkeys(("ref", "assigned_to", "project"), maybe(INTEGER)),
        **dict.fromkeys(("is_private", "project_is_private"), maybe(BOOLEAN)),
        **dict.fromkeys(("is_fan", "is_voter", "is_watcher"), BOOLEAN),
        **dict.fromkeys(("total_fans", "total_voters", "total_watchers"), INTEGER),
        "assigned_to_extra_info": maybe(CARD),
    },
    sometimes=("is_fan", "is_voter", "total_fans", "total_voters"),
    text="A project or an item that a user watches, likes or voted for; members of the other type are null.",
)
