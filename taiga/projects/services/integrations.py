"""The settings of a project's integrations with code hosts, created when they are first read."""

import uuid
from typing import Any

from django.conf import settings

from taiga.base.database import writing
from taiga.projects.models import IssueStatus, ModulesConfig
from taiga.projects.permissions import Access

Config = dict[str, Any]


def config(project_id: int) -> Config:
    """All settings, complete: what is missing is created and stored. The URLs of the hooks are added where they are
    shown.
    """
    found = ModulesConfig.objects.filter(project_id=project_id).first()
    before = (found.config if found else None) or {}
    if complete(before, project_id) == before:
        return before
    with writing():
        stored = locked(project_id)
        stored.config = complete(stored.config or {}, project_id)
        stored.save(update_fields=["config"])
    return stored.config


def complete(given: Config, project_id: int) -> Config:
    """The settings, with defaults for what they lack."""
    return {**given, **{name: with_defaults(name, given.get(name), project_id) for name in DEFAULTS}}


def locked(project_id: int) -> ModulesConfig:
    """The settings of a project, locked until the transaction ends."""
    ModulesConfig.objects.get_or_create(project_id=project_id)
    return ModulesConfig.objects.select_for_update().get(project_id=project_id)


def change(access: Access, values: Config) -> None:
    """Replace the settings of some integrations. Raises PermissionDenied, Blocked."""
    access.ensure_open()
    stored = locked(access.project.id)
    stored.config = {**(stored.config or {}), **values}
    stored.save(update_fields=["config"])


def with_defaults(name: str, given: Any, project_id: int) -> Config:
    """The settings of one integration, with defaults for what it lacks."""
    present: Config = {key: value for key, value in given.items() if key != "webhooks_url"} if is_object(given) else {}
    if name == "gogs" and is_object(given):
        return present  # one that was sent without a secret has none
    defaults = {key: make(project_id) for key, make in DEFAULTS[name].items() if key not in present}
    return {**present, **{key: value for key, value in defaults.items() if value is not None}}


def is_object(given: Any) -> bool:
    """Whether it is a JSON object."""
    return isinstance(given, dict)


def secret(project_id: int) -> str:
    """A new secret for the signatures of the other side."""
    return uuid.uuid4().hex


def close_status(project_id: int) -> int | None:
    """The status for issues that are closed on the other side."""
    found = IssueStatus.objects.filter(project_id=project_id, is_closed=True).order_by("order", "name")
    return found.values_list("pk", flat=True).first()


DEFAULTS: dict[str, dict[str, Any]] = {
    "github": {"secret": secret, "close_status": close_status},
    "gitlab": {
        "secret": secret,
        "close_status": close_status,
        "valid_origin_ips": lambda _project: list(settings.GITLAB_VALID_ORIGIN_IPS),
    },
    "bitbucket": {
        "secret": secret,
        "valid_origin_ips": lambda _project: list(settings.BITBUCKET_VALID_ORIGIN_IPS),
    },
    "gogs": {"secret": secret},
}
"""The integrations, and how their settings are created."""
