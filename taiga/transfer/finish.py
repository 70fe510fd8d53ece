"""The end of a load, when all rows are stored: references to later rows, numbers, counters."""

from typing import Any

from django.db import connection

from taiga.changes.models import Change
from taiga.projects.models import Project, WorkItem
from taiga.projects.queries import texts
from taiga.timeline.services.activity import recount_all
from taiga.transfer import items, members, rules
from taiga.transfer.loading import Loading
from taiga.transfer.problems import Problem, Wrong
from taiga.transfer.sections import Section

NUMBERED = """
    UPDATE changes_change SET number = counted.number
    FROM (
        SELECT id, ROW_NUMBER() OVER (ORDER BY at, id) AS number FROM changes_change WHERE project_id = %s
    ) AS counted
    WHERE counted.id = changes_change.id
"""


def finish(loading: Loading) -> None:
    """All of it."""
    connect_origins(loading)
    link_comments(loading)
    number_changes(loading)
    members.follow(loading)
    members.tell_of_members(loading)
    store_project(loading)
    recount_all(loading.project.pk)
    loading.project.refresh_from_db()


def connect_origins(loading: Loading) -> None:
    """Set the tasks that stories were created from, since tasks are loaded after stories."""
    for index, ref, story in loading.origins:
        try:
            story.generated_from_task_id = rules.origin(ref, loading)
        except Wrong as refusal:
            loading.problems.append(Problem(items.USER_STORIES.key, index, "generated_from_task", str(refusal)))
    loading.ensure_sound(items.USER_STORIES.error)
    stories = [story for _index, _ref, story in loading.origins]
    WorkItem.objects.bulk_update(stories, ["generated_from_task"], batch_size=100)


def link_comments(loading: Loading) -> None:
    """Render comments again that refer to items, which exist by now."""
    project = loading.project
    changed = []
    for change in Change.objects.filter(project=project, comment__contains="#").iterator():
        html = texts.html(change.comment, project.pk, project.slug)
        if html != change.comment_html:
            change.comment_html = html
            changed.append(change)
    Change.objects.bulk_update(changed, ["comment_html"], batch_size=100)


def number_changes(loading: Loading) -> None:
    """Number the changes of the project from one, in the order of time."""
    with connection.cursor() as cursor:
        cursor.execute(NUMBERED, [loading.project.pk])
    loading.project.last_change = Change.objects.filter(project=loading.project).count()


def store_project(loading: Loading) -> None:
    """Store the counters of the project, and the colours of its tags."""
    project = loading.project
    project.tags_colors = palette(loading)
    Project.objects.filter(pk=project.pk).update(
        last_ref=project.last_ref, last_change=project.last_change, tags_colors=project.tags_colors
    )


def palette(loading: Loading) -> list[Any]:
    """The project's tags with their colours, and further tags of its items."""
    colours: list[Any] = list(loading.project.tags_colors or [])
    known = {pair[0] for pair in colours}
    return colours + [[tag, None] for tag in loading.tags if tag not in known]


def first_of(section: Section, project: Project) -> int | None:
    """The id of the first row of one of the project's lists; None if it is empty."""
    return section.of(project.pk).order_by(*section.ordering).values_list("pk", flat=True).first()
