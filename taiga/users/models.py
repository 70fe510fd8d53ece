"""Users, their accounts elsewhere, their clients' storage, and feedback."""

import secrets
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Upper

from taiga.base import clock


def random_color() -> str:
    """A random `#rrggbb`, the colour of a new user."""
    return f"#{secrets.randbelow(0x1000000):06x}"


def new_uuid() -> str:
    """A UUID as 32 hex digits."""
    return uuid.uuid4().hex


def private_projects() -> int | None:
    """How many private projects a new account may own."""
    limit: int | None = settings.MAX_PRIVATE_PROJECTS_PER_USER
    return limit


def public_projects() -> int | None:
    """How many public projects a new account may own."""
    limit: int | None = settings.MAX_PUBLIC_PROJECTS_PER_USER
    return limit


def memberships_of_private_projects() -> int | None:
    """How many members the private projects of a new account may have."""
    limit: int | None = settings.MAX_MEMBERSHIPS_PRIVATE_PROJECTS
    return limit


def memberships_of_public_projects() -> int | None:
    """How many members the public projects of a new account may have."""
    limit: int | None = settings.MAX_MEMBERSHIPS_PUBLIC_PROJECTS
    return limit


class People(BaseUserManager["User"]):
    """Creates accounts for the command line; registration has its own service."""

    def create_user(self, username: str, email: str = "", password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=username, email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, email: str = "", password: str | None = None, **fields: Any) -> "User":
        fields = {"full_name": "Administrator", **fields, "is_staff": True, "is_superuser": True}
        return self.create_user(username, email, password, **fields)


class User(AbstractBaseUser):
    """A person, or the system user of an integration (`is_system`)."""

    type_key = "users.user"

    uuid = models.CharField(max_length=32, unique=True, default=new_uuid, editable=False)
    username = models.CharField(max_length=255, unique=True)
    email = models.EmailField(max_length=255, unique=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_superuser = models.BooleanField(default=False)
    is_system = models.BooleanField(default=False)
    full_name = models.CharField(max_length=256, blank=True, default="")
    color = models.CharField(max_length=9, blank=True, default=random_color)
    bio = models.TextField(blank=True, default="")
    photo = models.CharField(max_length=500, null=True, blank=True)
    photo_format = models.CharField(max_length=4, blank=True, default="")
    date_joined = models.DateTimeField(default=clock.now)
    date_cancelled = models.DateTimeField(null=True, blank=True)
    accepted_terms = models.BooleanField(default=True)
    read_new_terms = models.BooleanField(default=False)
    lang = models.CharField(max_length=20, null=True, blank=True, default="")
    theme = models.CharField(max_length=100, null=True, blank=True, default="")
    timezone = models.CharField(max_length=20, null=True, blank=True, default="")
    colorize_tags = models.BooleanField(default=False)
    token = models.CharField(max_length=200, null=True, blank=True)
    email_token = models.CharField(max_length=200, null=True, blank=True)
    new_email = models.EmailField(null=True, blank=True)
    verified_email = models.BooleanField(default=True)
    max_private_projects = models.IntegerField(null=True, blank=True, default=private_projects)
    max_public_projects = models.IntegerField(null=True, blank=True, default=public_projects)
    max_memberships_private_projects = models.IntegerField(
        null=True, blank=True, default=memberships_of_private_projects
    )
    max_memberships_public_projects = models.IntegerField(null=True, blank=True, default=memberships_of_public_projects)

    objects: ClassVar[People] = People()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        ordering = ("username",)
        indexes: ClassVar = [
            models.Index(Upper("username"), name="users_username_upper"),
            models.Index(Upper("email"), name="users_email_upper"),
            models.Index(fields=["token"], name="users_token"),
            models.Index(fields=["email_token"], name="users_email_token"),
        ]

    def __str__(self) -> str:
        return self.full_name_display

    @property
    def full_name_display(self) -> str:
        """The full name, or else the user name, or else the address."""
        return self.full_name or self.username or self.email

    @property
    def has_password(self) -> bool:
        """Whether the user can log in with a password. Accounts of forges and imported ones cannot."""
        return bool(self.password) and self.has_usable_password()

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """In the admin site superusers may do everything, and others nothing."""
        return self.is_active and self.is_superuser

    def has_module_perms(self, app_label: str) -> bool:
        """See `has_perm`."""
        return self.is_active and self.is_superuser


class AuthData(models.Model):
    """An account elsewhere (`key` = the service, `value` = the id there) that belongs to a user here."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="auth_data")
    key = models.SlugField()
    value = models.CharField(max_length=300)
    extra = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "value"], name="auth_data_key_value")]


class StorageEntry(models.Model):
    """A value that a client keeps for its user."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="storage_entries")
    key = models.CharField(max_length=255)
    value = models.JSONField(null=True, default=None)
    created_date = models.DateTimeField(default=clock.now)
    modified_date = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("owner", "key")
        constraints: ClassVar = [models.UniqueConstraint(fields=["owner", "key"], name="storage_owner_key")]


class FeedbackEntry(models.Model):
    """What a user wrote to those who run this server."""

    full_name = models.CharField(max_length=256)
    email = models.EmailField(max_length=255)
    comment = models.TextField()
    created_date = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-created_date", "id")
