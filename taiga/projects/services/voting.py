"""Votes for items."""

from taiga.projects.models import Vote, WorkItem


def vote(item: WorkItem, user_id: int) -> None:
    """Vote for an item; repeating it changes nothing."""
    Vote.objects.bulk_create([Vote(item=item, user_id=user_id)], ignore_conflicts=True)


def withdraw(item: WorkItem, user_id: int) -> None:
    """Withdraw the vote for an item."""
    Vote.objects.filter(item=item, user_id=user_id).delete()
