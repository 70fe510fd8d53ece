"""What is special about issues."""

from typing import Any

from taiga.projects.models import WorkItem
from taiga.projects.services import closing, origins
from taiga.projects.services.finishing import set_finished_date
from taiga.projects.services.saving import Saving


def before_save(saving: Saving) -> None:
    """Before the issue is saved."""
    set_finished_date(saving)


def after_save(saving: Saving) -> None:
    """After the issue is saved: its sprints."""
    closing.update_milestones({saving.item.milestone_id, saving.loaded["milestone_id"]}, by=saving.by)


def after_delete(saving: Saving) -> None:
    """After the issue is gone."""
    closing.update_milestones([saving.item.milestone_id], only_close=True, by=saving.by)


def snapshot_extras(issue: WorkItem) -> dict[str, Any]:
    """What the history remembers of an issue beside its columns."""
    return {"promoted_to": origins.stories_of(issue)}
