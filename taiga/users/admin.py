"""The admin site's pages of people."""

from django.contrib import admin
from django.contrib.auth import admin as django_admin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.http import HttpRequest

from taiga.users.models import FeedbackEntry, User

admin.site.unregister(Group)


class NewUserForm(AdminUserCreationForm[User]):
    """A new account."""

    class Meta:
        model = User
        fields = ("username", "email", "full_name")


class UserForm(UserChangeForm[User]):
    """An account; its password is changed on a page of its own."""

    class Meta:
        model = User
        fields = "__all__"


@admin.register(User)
class UserAdmin(django_admin.UserAdmin[User]):
    """People."""

    form = UserForm
    add_form = NewUserForm
    list_display = ("username", "email", "full_name")
    list_filter = ("is_superuser", "is_active", "verified_email")
    search_fields = ("username", "full_name", "email")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("uuid", "private_projects", "public_projects", "last_login", "date_joined", "date_cancelled")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("full_name", "email", "bio", "photo", "color", "lang", "theme", "timezone")}),
        ("Account", {"fields": ("is_active", "is_staff", "is_superuser", "is_system", "uuid")}),
        ("Addresses and tokens", {"fields": ("verified_email", "new_email", "email_token", "token")}),
        ("Terms", {"fields": ("accepted_terms", "read_new_terms")}),
        (
            "Projects",
            {
                "fields": (
                    "private_projects",
                    "max_private_projects",
                    "max_memberships_private_projects",
                    "public_projects",
                    "max_public_projects",
                    "max_memberships_public_projects",
                )
            },
        ),
        ("Dates", {"fields": ("last_login", "date_joined", "date_cancelled")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "email", "full_name", "usable_password", "password1", "password2")}),
    )

    @admin.display(description="private projects owned")
    def private_projects(self, user: User) -> int:
        """How many private projects the user owns."""
        return owned(user, is_private=True)

    @admin.display(description="public projects owned")
    def public_projects(self, user: User) -> int:
        """How many public projects the user owns."""
        return owned(user, is_private=False)


def owned(user: User, *, is_private: bool) -> int:
    """How many projects of one kind the user owns."""
    return User.objects.filter(pk=user.pk, owned_projects__is_private=is_private).count()


@admin.register(FeedbackEntry)
class FeedbackAdmin(admin.ModelAdmin[FeedbackEntry]):
    """Feedback of users, read-only."""

    list_display = ("created_date", "full_name", "email", "comment")
    date_hierarchy = "created_date"
    search_fields = ("full_name", "email", "comment")
    ordering = ("-created_date", "id")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: FeedbackEntry | None = None) -> bool:
        return False
