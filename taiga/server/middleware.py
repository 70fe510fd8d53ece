"""The shortcut to the API, and Django's middleware for the admin site and the pages for developers only."""

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
    """Answers the API before all other middleware, and without Django's URL resolver: it has its own of both."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path.startswith(BELOW) and path not in PAGES:
            return API(request, path[len(BELOW) :])
        return self.get_response(request)


def in_admin(request: HttpRequest) -> bool:
    """Whether a request is for the admin site or a page for developers."""
    return request.path_info.startswith(("/admin/", "/dev/"))


class AdminOnly(MiddlewareMixin):
    """Makes a middleware skip all other requests."""

    def __call__(self, request: HttpRequest) -> Any:
        return super().__call__(request) if in_admin(request) else self.get_response(request)


class AdminSecurity(AdminOnly, SecurityMiddleware):
    """Security headers for the admin site."""


class AdminFrames(AdminOnly, XFrameOptionsMiddleware):
    """Forbids other sites to show the admin site in a frame."""


class AdminSessions(AdminOnly, SessionMiddleware):
    """Sessions for the admin site."""


class AdminAuthentication(AdminOnly, AuthenticationMiddleware):
    """The user who is logged in to the admin site."""


class AdminMessages(AdminOnly, MessageMiddleware):
    """Messages that the admin site shows after a redirect."""


class AdminCsrf(AdminOnly, CsrfViewMiddleware):
    """Protects the forms of the admin site. The API needs no protection, since cookies do not authenticate writes
    there.
    """

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
