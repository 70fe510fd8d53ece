"""The admin site's pages of tokens and applications, and its log-in form."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from taiga.auth.models import Application, ApplicationToken, OutstandingToken
from taiga.base import errors, throttling
from taiga.base.requests import Request

LOG_IN = "login-fail"


class LogInForm(AdminAuthenticationForm):
    """Limits failed log-ins, together with those at the API."""

    def clean(self) -> dict[str, Any]:
        assert self.request is not None
        request = Request(self.request, "POST")
        try:
            throttling.take(request, LOG_IN, amount=0)
        except errors.Throttled as refusal:
            raise ValidationError(refusal.default()) from None
        try:
            return super().clean()
        except ValidationError:
            throttling.count_answer(request, LOG_IN, 401)
            raise


admin.site.login_form = LogInForm


@admin.register(Application)
class ApplicationAdmin(admin.ModelAdmin[Application]):
    """Applications, which are created nowhere else."""

    list_display = ("id", "name", "web", "next_url")
    search_fields = ("id", "name")
    readonly_fields = ("id",)


@admin.register(ApplicationToken)
class ApplicationTokenAdmin(admin.ModelAdmin[ApplicationToken]):
    """Which users have authorized which applications. The tokens are not shown."""

    list_display = ("user", "application")
    search_fields = ("user__username", "user__full_name", "user__email", "application__name")
    exclude = ("token", "auth_code", "state")
    raw_id_fields = ("user",)


@admin.register(OutstandingToken)
class OutstandingTokenAdmin(admin.ModelAdmin[OutstandingToken]):
    """Refresh tokens that were issued. One that is deleted is not accepted any more."""

    list_display = ("jti", "user", "created_at", "expires_at", "denied_at")
    show_full_result_count = False
    list_filter = (("denied_at", admin.EmptyFieldListFilter),)
    search_fields = ("user__username", "user__email", "jti")
    ordering = ("-created_at",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: OutstandingToken | None = None) -> bool:
        return False
