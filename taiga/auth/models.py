"""Refresh tokens that were issued, applications, and their tokens."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from taiga.base import clock


class OutstandingToken(models.Model):
    """A refresh token; `denied_at` tells that it was used or revoked."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE)
    jti = models.CharField(max_length=255, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(db_index=True)
    denied_at = models.DateTimeField(null=True, blank=True)


def new_application_id() -> str:
    """A UUID as text."""
    return str(uuid.uuid4())


class Application(models.Model):
    """Another program that may act for users who let it."""

    id = models.CharField(max_length=255, primary_key=True, default=new_application_id)
    name = models.CharField(max_length=255)
    icon_url = models.TextField(null=True, blank=True)
    web = models.CharField(max_length=255, null=True, blank=True)
    description = models.TextField(null=True, blank=True)
    next_url = models.TextField()

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class ApplicationToken(models.Model):
    """The right of an application to act for a user."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    application = models.ForeignKey(Application, on_delete=models.CASCADE)
    auth_code = models.CharField(max_length=255, null=True, blank=True)
    token = models.CharField(max_length=255, null=True, blank=True, db_index=True)
    state = models.CharField(max_length=255, null=True, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["application", "user"], name="application_token_user"),
        ]
