"""/issues: all that work items share, plus a type, a severity and a priority."""

from typing import Annotated

from taiga.base.bodies import UNSET, MaybeDate, MaybeDatetime, MaybeKey, Related, Text
from taiga.projects.api import workitems
from taiga.projects.api.workitems import WorkItemBody
from taiga.projects.models import IssueStatus, IssueType, Kind, Milestone, Priority, Severity


class IssueBody(WorkItemBody):
    """The fields of an issue."""

    status: Annotated[MaybeKey, Related(IssueStatus, ("project_id", "is_closed"))] = None
    type: Annotated[MaybeKey, Related(IssueType)] = None
    severity: Annotated[MaybeKey, Related(Severity)] = None
    priority: Annotated[MaybeKey, Related(Priority)] = None
    milestone: Annotated[MaybeKey, Related(Milestone)] = None
    finished_date: MaybeDatetime = UNSET
    due_date: MaybeDate = UNSET
    due_date_reason: Text = ""


urls = workitems.urls("issues", Kind.ISSUE, IssueBody)
