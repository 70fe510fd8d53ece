"""Being for an item."""

from taiga.projects.models import Vote, WorkItem


def vote(item: WorkItem, user_id: int) -> None:
    """Be for an item; once is enough."""
    Vote.objects.bulk_create([Vote(item=item, user_id=user_id)], ignore_conflicts=True)


def withdraw(item: WorkItem, user_id: int) -> None:
    """Be for an item no longer."""
    Vote.objects.filter(item=item, user_id=user_id).delete()
