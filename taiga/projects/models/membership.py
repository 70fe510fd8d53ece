"""Members of projects, and their roles."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from taiga.base import clock
from taiga.base.fields import TextListField
from taiga.projects.models.project import Project


class Role(models.Model):
    """A role and its permissions. Stories are estimated for each `computable` role."""

    type_key = "projects.role"

    name = models.CharField(max_length=200)
    slug = models.CharField(max_length=250)
    permissions = TextListField(default=list, null=True, blank=True)
    order = models.IntegerField(default=10)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="roles")
    computable = models.BooleanField(default=True)

    class Meta:
        ordering = ("order", "slug")
        constraints: ClassVar = [models.UniqueConstraint(fields=["slug", "project"], name="role_slug_project")]

    def __str__(self) -> str:
        return self.name


def new_invitation_token() -> str:
    """A random UUID as text; whoever has it may accept the invitation."""
    return str(uuid.uuid4())


class Membership(models.Model):
    """A member or, without `user`, a pending invitation sent to `email`."""

    type_key = "projects.membership"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="memberships"
    )
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="memberships")
    is_admin = models.BooleanField(default=False)
    email = models.EmailField(max_length=255, null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    token = models.CharField(max_length=60, null=True, blank=True, db_index=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="invitations_sent"
    )
    invitation_extra_text = models.TextField(null=True, blank=True)
    user_order = models.BigIntegerField(default=clock.milliseconds)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "project"], name="membership_user_project")]
        indexes: ClassVar = [models.Index(fields=["project", "user"], name="membership_project_user")]
