"""Hooks of Gogs, and of forges that are compatible with it."""

from typing import Any

from taiga.webhooks.forges.calls import Call, Config, is_same, is_signed, listed, text
from taiga.webhooks.forges.events import Forge, Person, Push, commit
from taiga.webhooks.forges.gitlab import profile_url


def is_genuine(call: Call, config: Config) -> bool:
    """The body is signed with the project's secret. Old versions put the secret into the body instead."""
    signature = call.header("X-Gogs-Signature")
    if signature:
        return is_signed(call, signature, config.get("secret"), "sha256")
    return is_same(text(call.payload, "secret") or "", config.get("secret"))


def event(call: Call) -> Push:
    """The commits of a push, the only event that is read."""
    repository = text(call.payload, "repository", "html_url")
    return Push([commit(one, author(one, repository)) for one in listed(call.payload, "commits")])


def author(fields: Any, repository: str | None) -> Person:
    """The author of a commit."""
    name = text(fields, "author", "username")
    return Person(name, name, profile_url(repository, name))


GOGS = Forge("gogs", "Gogs", "#609926", is_genuine, event, ("X-Gogs-Signature",))
