"""/userstories: all that work items share, plus sprints, swimlanes, estimates and three orders."""

from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BeforeValidator, Field, WithJsonSchema

from taiga.base import clock
from taiga.base.answers import Paged
from taiga.base.bodies import UNSET, Boolean, MaybeDate, MaybeDatetime, MaybeKey, Place, Related, Text, wrong
from taiga.base.requests import Reply, Request, number
from taiga.base.routes import ANYBODY, Header, Query, endpoint, route
from taiga.projects.api import item_shapes, lookup, workitems
from taiga.projects.api.workitems import People, WorkItemBody
from taiga.projects.models import Issue, Kind, Milestone, Swimlane, Task, UserStoryStatus
from taiga.projects.permissions import Can
from taiga.projects.queries import rows
from taiga.projects.queries import workitems as queries

Estimates = Annotated[
    Any,
    WithJsonSchema(
        {
            "type": ["object", "string", "null"],
            "additionalProperties": {"type": ["integer", "string", "null"]},
            "description": "For each role the id of its points; in forms as a JSON text.",
        }
    ),
]


def to_people(value: Any) -> list[int]:
    """A list of ids of users."""
    if not isinstance(value, list):
        raise wrong(_("Enter a list of values."))
    keys = [key for key in map(number, value) if key is not None]
    if len(keys) < len(value):
        raise wrong(_("Incorrect type. Expected pk value."))
    return keys


class UserStoryBody(WorkItemBody):
    """The fields of a user story."""

    status: Annotated[MaybeKey, Related(UserStoryStatus, ("project_id", "is_closed"))] = None
    milestone: Annotated[MaybeKey, Related(Milestone)] = None
    swimlane: Annotated[MaybeKey, Related(Swimlane)] = None
    assigned_users: Annotated[People, BeforeValidator(to_people)] = []
    points: Estimates = UNSET
    client_requirement: Boolean = False
    team_requirement: Boolean = False
    generated_from_issue: Annotated[MaybeKey, Related(Issue)] = None
    generated_from_task: Annotated[MaybeKey, Related(Task)] = None
    backlog_order: Place = Field(default_factory=clock.microseconds)
    sprint_order: Place = Field(default_factory=clock.microseconds)
    is_closed: Boolean = UNSET
    finish_date: MaybeDatetime = UNSET
    due_date: MaybeDate = UNSET
    due_date_reason: Text = ""


ONLY_REF = Query("only_ref", text="With any value: nothing but ids and #numbers.")
TOTALS = (
    Header("Taiga-Info-Userstories-Without-Swimlane", "boolean", "With `project`: whether it has such stories."),
    Header(
        "Taiga-Info-Backlog-Total-Userstories", "integer", "With `project` and `milestone=null`: all in the backlog."
    ),
)
DASHBOARD = [
    "due_date",
    "due_date_reason",
    "due_date_status",
    "assigned_to",
    "assigned_to_extra_info",
    "status",
    "status_extra_info",
    "project",
    "project_extra_info",
    "id",
    "ref",
    "milestone",
    "is_closed",
    "created_date",
    "modified_date",
    "finish_date",
    "subject",
    "client_requirement",
    "team_requirement",
    "external_reference",
    "version",
    "is_blocked",
    "blocked_note",
]
"""The members of a story on the dashboard."""


@endpoint(
    needs=ANYBODY, query=(workitems.parameters, ONLY_REF), answers=Paged(item_shapes.list_item_of_kind), tells=TOTALS
)
def listing(request: Request, kind: Kind, **more: Any) -> Reply:
    """The stories that the caller may see and that match the filters; headers describe the backlog and the board."""
    reply = listed(request, kind)
    project = lookup.project_parameter(request)
    if project is not None:
        reply.headers |= headers_of(request, project)
    return reply


def headers_of(request: Request, project: int) -> dict[str, str]:
    """The headers about the whole project. Callers who may not view it get those of an unknown project."""
    access = lookup.access(request, project)
    may_view = access is not None and (access.may(Can.VIEW_PROJECT) or access.sees(Can.VIEW_US))
    without_swimlane = may_view and queries.has_stories_without_swimlane(project)
    headers = {"Taiga-Info-Userstories-Without-Swimlane": str(without_swimlane).lower()}
    if request.query.get("milestone", "").lower() == "null":
        headers["Taiga-Info-Backlog-Total-Userstories"] = str(queries.backlog_size(project) if may_view else 0)
    return headers


def listed(request: Request, kind: Kind) -> Reply:
    """A page of stories; `only_ref` and `dashboard` reduce their members."""
    if request.query.get("only_ref"):
        return workitems.list_reply(request, kind, queries.refs)
    shape = workitems.shape_of(request, detail=False)

    def fetch(listing: queries.Listing, limit: int | None, offset: int) -> list[rows.Row]:
        found = queries.fetched(listing, shape, limit, offset)
        return [{name: row[name] for name in DASHBOARD} for row in found] if request.query.get("dashboard") else found

    return workitems.list_reply(request, kind, fetch)


GIVEN = {"kind": Kind.USERSTORY, "body": UserStoryBody}
urls = [
    route("userstories", GIVEN, GET=listing, POST=workitems.create),
    *workitems.urls("userstories", Kind.USERSTORY, UserStoryBody)[1:],
]
