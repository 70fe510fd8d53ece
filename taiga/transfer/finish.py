"""What can be done only when all rows are there: backward references, numbers, counters."""

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


def finish(place: Loading) -> None:
    """The last steps."""
    connect_origins(place)
    link_comments(place)
    number_changes(place)
    members.follow(place)
    members.tell_of_members(place)
    store_project(place)
    recount_all(place.project.pk)
    place.project.refresh_from_db()


def connect_origins(place: Loading) -> None:
    """Stories that were made of tasks, which are loaded after them."""
    for index, ref, story in place.origins:
        try:
            story.generated_from_task_id = rules.origin(ref, place)
        except Wrong as refusal:
            place.problems.append(Problem(items.USER_STORIES.key, index, "generated_from_task", str(refusal)))
    place.ensure_sound(items.USER_STORIES.error)
    stories = [story for _index, _ref, story in place.origins]
    WorkItem.objects.bulk_update(stories, ["generated_from_task"], batch_size=100)


def link_comments(place: Loading) -> None:
    """Comments that name items: now that the items exist, they become links."""
    project = place.project
    changed = []
    for change in Change.objects.filter(project=project, comment__contains="#").iterator():
        html = texts.html(change.comment, project.pk, project.slug)
        if html != change.comment_html:
            change.comment_html = html
            changed.append(change)
    Change.objects.bulk_update(changed, ["comment_html"], batch_size=100)


def number_changes(place: Loading) -> None:
    """The changes of a project are counted from one, in the order of time."""
    with connection.cursor() as cursor:
        cursor.execute(NUMBERED, [place.project.pk])
    place.project.last_change = Change.objects.filter(project=place.project).count()


def store_project(place: Loading) -> None:
    """The counters, and the colours of all tags that items have."""
    project = place.project
    project.tags_colors = palette(place)
    Project.objects.filter(pk=project.pk).update(
        last_ref=project.last_ref, last_change=project.last_change, tags_colors=project.tags_colors
    )


def palette(place: Loading) -> list[Any]:
    """The project's tags with their colours, and those that came with the items."""
    colours: list[Any] = list(place.project.tags_colors or [])
    known = {pair[0] for pair in colours}
    return colours + [[tag, None] for tag in place.tags if tag not in known]


def first_of(section: Section, project: Project) -> int | None:
    """The first row of one of the project's lists."""
    return section.of(project.pk).order_by(*section.ordering).values_list("pk", flat=True).first()
