"""Voting: the same endpoints for items of every kind."""

from taiga.base.answers import Paged
from taiga.base.requests import Reply, Request, done
from taiga.base.routes import Route, route
from taiga.projects.api.watching import ITEM_KINDS, WatchableKind, people, person, to_follow, to_view
from taiga.projects.services import voting
from taiga.users.api import shapes


def upvote(request: Request, of: WatchableKind) -> Reply:
    """Vote for an item."""
    voting.vote(to_follow(request, of), request.viewer.id)
    return done()


def downvote(request: Request, of: WatchableKind) -> Reply:
    """Withdraw the vote for an item."""
    voting.withdraw(to_follow(request, of), request.viewer.id)
    return done()


def voters(request: Request, of: WatchableKind) -> Reply:
    """The voters of an item."""
    return people(request, of, "votes")


def voter(request: Request, of: WatchableKind) -> Reply:
    """One of the voters of an item."""
    return person(request, of, "votes")


def routes(of: WatchableKind) -> list[Route]:
    """The endpoints for items of one kind."""
    given = {"of": of}
    return [
        route(f"{of.path}/{{id}}/upvote", given, POST=to_view(of, upvote, signed_in=True)),
        route(f"{of.path}/{{id}}/downvote", given, POST=to_view(of, downvote, signed_in=True)),
        route(f"{of.path}/{{id}}/voters", given, GET=to_view(of, voters, answers=Paged(shapes.FOLLOWER))),
        route(f"{of.path}/{{id}}/voters/{{user}}", given, GET=to_view(of, voter, answers=shapes.FOLLOWER)),
    ]


urls = [one for of in ITEM_KINDS for one in routes(of)]
