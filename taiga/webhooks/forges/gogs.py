"""The hooks of Gogs and its kin."""

from typing import Any

from taiga.webhooks.forges.calls import Call, Config, is_same, is_signed, listed, text
from taiga.webhooks.forges.events import Forge, Person, Push, commit
from taiga.webhooks.forges.gitlab import beside


def is_genuine(call: Call, config: Config) -> bool:
    """The body is signed with the project's secret; old versions send the secret inside it instead."""
    signature = call.header("X-Gogs-Signature")
    if signature:
        return is_signed(call, signature, config.get("secret"), "sha256")
    return is_same(text(call.payload, "secret") or "", config.get("secret"))


def event(call: Call) -> Push:
    """Only pushes are told."""
    repository = text(call.payload, "repository", "html_url")
    return Push([commit(one, author(one, repository)) for one in listed(call.payload, "commits")])


def author(told: Any, repository: str | None) -> Person:
    """Who made a commit; his page is two levels above the repository."""
    name = text(told, "author", "username")
    return Person(name, name, beside(repository, name))


GOGS = Forge("gogs", "Gogs", "#609926", is_genuine, event)
