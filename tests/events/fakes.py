"""Users and permissions for a live channel without accounts and projects."""

from taiga.events.routing import project_of

ALICE, BOB, CAROL = 1, 2, 3
TOKENS = {"alice": ALICE, "bob": BOB, "carol": CAROL}

members: dict[int, set[int]] = {}
"""The people of each project."""
outages: list[str] = []
"""Why the database can't be asked, if so."""


def reset() -> None:
    outages.clear()
    members.clear()
    members.update({7: {ALICE, BOB}, 8: {ALICE}})


def authenticate(token: str) -> int | None:
    return TOKENS.get(token)


def may_hear(user_id: int, routing_key: str) -> bool:
    if outages:
        raise ConnectionError(outages[0])
    return user_id in members.get(project_of(routing_key) or 0, set())
