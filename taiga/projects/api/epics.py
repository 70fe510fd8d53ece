"""/epics: all that work items share, plus a colour and an order."""

from typing import Annotated

from pydantic import Field

from taiga.base import clock
from taiga.base.bodies import Boolean, MaybeKey, Place, Related, Text, longest
from taiga.projects.api import workitems
from taiga.projects.api.workitems import WorkItemBody
from taiga.projects.models import EpicStatus, Kind
from taiga.projects.services.epics import random_color


class EpicBody(WorkItemBody):
    """The fields of an epic."""

    status: Annotated[MaybeKey, Related(EpicStatus, ("project_id", "is_closed"))] = None
    color: Annotated[Text, longest(32)] = Field(default_factory=random_color)
    epics_order: Place = Field(default_factory=clock.milliseconds)
    client_requirement: Boolean = False
    team_requirement: Boolean = False


urls = workitems.urls("epics", Kind.EPIC, EpicBody)
