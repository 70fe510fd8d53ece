"""/tasks: all that work items share, plus a story, a sprint and two orders."""

from typing import Annotated

from pydantic import Field

from taiga.base import clock
from taiga.base.bodies import UNSET, Boolean, MaybeDate, MaybeDatetime, MaybeKey, Place, Related, Text
from taiga.projects.api import workitems
from taiga.projects.api.workitems import WorkItemBody
from taiga.projects.models import Kind, Milestone, TaskStatus, UserStory


class TaskBody(WorkItemBody):
    """The fields of a task."""

    status: Annotated[MaybeKey, Related(TaskStatus, ("project_id", "is_closed"))] = None
    milestone: Annotated[MaybeKey, Related(Milestone)] = None
    user_story: Annotated[MaybeKey, Related(UserStory)] = None
    us_order: Place = Field(default_factory=clock.milliseconds)
    taskboard_order: Place = Field(default_factory=clock.milliseconds)
    is_iocaine: Boolean = False
    finished_date: MaybeDatetime = UNSET
    due_date: MaybeDate = UNSET
    due_date_reason: Text = ""


urls = workitems.urls("tasks", Kind.TASK, TaskBody)
