"""/github-hook, /gitlab-hook, /bitbucket-hook, /gogs-hook: what repositories tell of commits, issues, comments."""

from collections.abc import Callable
from typing import Any

from taiga.base import peers
from taiga.base.requests import Reply, Request, no_content, number
from taiga.base.routes import ANYBODY, Header, Query, endpoint, route
from taiga.webhooks.forges.bitbucket import BITBUCKET
from taiga.webhooks.forges.calls import Call
from taiga.webhooks.forges.events import Comment, Forge, Issue, Push
from taiga.webhooks.forges.github import GITHUB
from taiga.webhooks.forges.gitlab import GITLAB
from taiga.webhooks.forges.gogs import GOGS
from taiga.webhooks.services import incoming, pushes, reported

FORGES = (GITHUB, GITLAB, BITBUCKET, GOGS)
MOST = 26_214_400
"""Bytes of a call; GitHub sends no more than that."""
FROM_A_FORGE = {"description": "The payload of the forge."}
APPLY: dict[type, Callable[[Any, incoming.Source], None]] = {
    Push: pushes.apply,
    Issue: reported.apply,
    Comment: reported.comment,
}


@endpoint(
    needs=ANYBODY,
    accepts=FROM_A_FORGE,
    query=(
        Query("project", "integer", "The id of the project.", required=True),
        Query("key", text="The secret, for forges that do not sign."),
        lambda given: [Header(name, text="As the forge sends it.") for name in given["forge"].headers],
    ),
    atomic=False,
)
def receive(request: Request, forge: Forge) -> Reply:
    """Something happened at a forge; the call proves by a signature or a key that it may tell."""
    call = Call(
        body=request.raw(MOST),
        header=lambda name: request.header(name) or "",
        query=lambda name: request.query.get(name, ""),
        address=peers.client_address(request.http),
    )
    source = incoming.source(forge, number(request.query.get("project")), call)
    event = forge.event(call) if call.payload is not None else None
    if event is not None:
        APPLY[type(event)](event, source)
    return no_content()


urls = [route(f"{forge.key}-hook", {"forge": forge}, POST=receive) for forge in FORGES]
