"""The API's short way, and Django's middleware for the admin site and the developers' pages, asleep elsewhere."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBase, HttpResponseForbidden
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils.deprecation import MiddlewareMixin

from taiga.urls import API, BELOW, PAGES


class ApiFirst:
    """The API is answered before all other middleware and without a search among the addresses of pages: it has its
    own of both.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path.startswith(BELOW) and path not in PAGES:
            return API(request, path[len(BELOW) :])
        return self.get_response(request)


def in_admin(request: HttpRequest) -> bool:
    return request.path_info.startswith(("/admin/", "/dev/"))


class AdminOnly(MiddlewareMixin):
    def __call__(self, request: HttpRequest) -> Any:
        return super().__call__(request) if in_admin(request) else self.get_response(request)


class AdminSecurity(AdminOnly, SecurityMiddleware):
    """Security headers for the admin site."""


class AdminFrames(AdminOnly, XFrameOptionsMiddleware):
    """Nobody shows the admin site inside his own page."""


class AdminSessions(AdminOnly, SessionMiddleware):
    """Sessions for the admin site."""


class AdminAuthentication(AdminOnly, AuthenticationMiddleware):
    """Who is signed in to the admin site."""


class AdminMessages(AdminOnly, MessageMiddleware):
    """What the admin site has to say after a redirect."""


class AdminCsrf(AdminOnly, CsrfViewMiddleware):
    """The admin's forms are its own; the API has no cookies to abuse."""

    def process_view(
        self,
        request: HttpRequest,
        callback: Callable[..., HttpResponseBase],
        callback_args: tuple[Any, ...],
        callback_kwargs: dict[str, Any],
    ) -> HttpResponseForbidden | None:
        if not in_admin(request):
            return None
        return super().process_view(request, callback, callback_args, callback_kwargs)
