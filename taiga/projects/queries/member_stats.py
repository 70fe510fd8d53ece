"""Statistics of the members of a project."""

from django.db.models import Count, Model, QuerySet

from taiga.changes.models import Change
from taiga.projects.models import Issue, Membership, Task, WikiPage

Counts = dict[str, int]


def of(project_id: int) -> dict[str, Counts]:
    """Each count contains every member, and others who did something."""
    members = Membership.objects.filter(project_id=project_id, user__isnull=False)
    zeros = {str(key): 0 for key in members.order_by().values_list("user_id", flat=True)}
    issues, tasks = Issue.objects.filter(project_id=project_id), Task.objects.filter(project_id=project_id)
    pages = WikiPage.objects.filter(project_id=project_id).values("pk")
    wiki = Change.objects.filter(kind=WikiPage.type_key, object_id__in=pages, entry=None)
    counts = {
        "closed_bugs": counts_by_person(issues.filter(status__is_closed=True), "assigned_to_id"),
        "iocaine_tasks": counts_by_person(tasks.filter(is_iocaine=True), "assigned_to_id"),
        "wiki_changes": counts_by_person(wiki, "by_id"),
        "created_bugs": counts_by_person(issues, "owner_id"),
        "closed_tasks": counts_by_person(tasks.filter(status__is_closed=True), "assigned_to_id"),
    }
    return {name: {**zeros, **found} for name, found in counts.items()}


def counts_by_person(rows: "QuerySet[Model]", column: str) -> Counts:
    """The number of rows per person; rows without a person are left out."""
    named = rows.order_by().exclude(**{column: None})
    return {str(key): number for key, number in named.values(column).annotate(n=Count("pk")).values_list(column, "n")}
