"""Messages to the admins of a project."""

from django.db.models import F, Q

from taiga.base import mail
from taiga.base.media import signing as media
from taiga.projects.models import ContactEntry
from taiga.projects.permissions import Access
from taiga.users.models import User


def send(comment: str, *, access: Access, by: User) -> ContactEntry:
    """Store the message and mail it to every admin except the sender. Raises PermissionDenied, Blocked."""
    access.ensure_open()
    entry = ContactEntry.objects.create(project_id=access.project.id, user=by, comment=comment)
    for admin in recipients(access.project.id, by):
        mail.send(
            "contact_notification",
            to=admin.email,
            lang=admin.lang,
            context={
                "full_name": by.full_name_display,
                "username": by.username,
                "photo": media.thumbnail_url(by.photo, "avatar", by.photo_format),
                "comment": comment,
                "project": {"name": access.project.name, "slug": access.project.slug},
            },
            headers={"Reply-To": by.email},
        )
    return entry


def recipients(project_id: int, sender: User) -> list[User]:
    """The active admins, and the owner if they are a member."""
    admins = Q(memberships__is_admin=True) | Q(memberships__project__owner_id=F("id"))
    people = User.objects.filter(admins, memberships__project_id=project_id, is_active=True)
    return list(people.exclude(pk=sender.pk).order_by("id").distinct())
