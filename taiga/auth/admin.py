"""The admin site's pages of tokens and applications."""

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
    """The door of the admin site: who fails there, or at the API, may try so often only."""

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
    """Programs: the only place where they are made."""

    list_display = ("id", "name", "web", "next_url")
    search_fields = ("id", "name")
    readonly_fields = ("id",)


@admin.register(ApplicationToken)
class ApplicationTokenAdmin(admin.ModelAdmin[ApplicationToken]):
    """Who let which program in; the tokens themselves are not shown."""

    list_display = ("user", "application")
    search_fields = ("user__username", "user__full_name", "user__email", "application__name")
    exclude = ("token", "auth_code", "state")
    raw_id_fields = ("user",)


@admin.register(OutstandingToken)
class OutstandingTokenAdmin(admin.ModelAdmin[OutstandingToken]):
    """Refresh tokens that were handed out: to be looked at, and deleted to refuse them."""

    list_display = ("jti", "user", "created_at", "expires_at", "denied_at")
    show_full_result_count = False
    list_filter = (("denied_at", admin.EmptyFieldListFilter),)
    search_fields = ("user__username", "user__email", "jti")
    ordering = ("-created_at",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: OutstandingToken | None = None) -> bool:
        return False
