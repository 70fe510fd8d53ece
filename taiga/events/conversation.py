"""The commands of a client: auth, subscribe, unsubscribe, ping.

Only a ping is answered. Clients send `subscribe` right behind `auth` without waiting for an answer, so a command that
is wrong, unknown or forbidden is ignored.
"""

from typing import Any

import msgspec

from taiga.events.access import Access
from taiga.events.hub import Hub
from taiga.events.listener import Listener, Subscription
from taiga.events.messages import encode, permissions_changed
from taiga.events.routing import project_of, resolved

MOST_SUBSCRIPTIONS = 200
"""Subscriptions of a socket; the web client needs seven at most."""

LONGEST_SESSION_ID = 256
"""Characters of the id of a browser tab."""

PONG = '{"cmd":"pong"}'


class Conversation:
    """The state of a socket: who is authenticated, and with which session id."""

    __slots__ = ("_access", "_first_session_id", "_hub", "_listener", "_session_id", "_user_id")

    def __init__(self, hub: Hub, access: Access, listener: Listener) -> None:
        self._hub = hub
        self._access = access
        self._listener = listener
        self._user_id: int | None = None
        self._session_id = ""
        self._first_session_id = ""

    async def handle(self, text: str | bytes) -> None:
        """Execute the command in a frame; returns when it has had its effect."""
        match _parsed(text):
            case {"cmd": "ping"}:
                self._listener.enqueue(PONG)
            case {"cmd": "auth", "data": {"token": str(token), "sessionId": str(session_id)}}:
                await self._auth(token, session_id)
            case {"cmd": "subscribe", "routing_key": str(requested), "options": {"selfNotification": wanted}}:
                await self._subscribe(requested, wants_own=bool(wanted))
            case {"cmd": "subscribe", "routing_key": str(requested)}:
                await self._subscribe(requested, wants_own=False)
            case {"cmd": "unsubscribe", "routing_key": str(requested)}:
                self._unsubscribe(requested)

    async def _auth(self, token: str, session_id: str) -> None:
        """A token that is not valid changes nothing, not even a former identity."""
        if not token or not 0 < len(session_id) <= LONGEST_SESSION_ID:
            return
        user_id = await self._access.authenticate(token)
        if user_id is not None:
            self._user_id, self._session_id = user_id, session_id

    async def _subscribe(self, requested: str, *, wants_own: bool) -> None:
        """Subscribe to a routing key. All subscriptions of a socket have the session id of its first authentication."""
        user_id = self._user_id
        routing_key = resolved(requested, user_id) if user_id is not None else None
        if user_id is None or routing_key is None or self._is_full(routing_key):
            return
        self._first_session_id = self._first_session_id or self._session_id
        own = routing_key.startswith("live_notifications.")
        subscription = Subscription(user_id, self._first_session_id, wants_own and not own)
        project_id = project_of(routing_key)
        if project_id is None:
            self._hub.subscribe(self._listener, routing_key, subscription)
        else:
            await self._subscribe_if_allowed(routing_key, subscription, project_id)

    async def _subscribe_if_allowed(self, routing_key: str, subscription: Subscription, project_id: int) -> None:
        """Subscribe to a routing key of a project, if the user may.

        If a hint arrived during the check, which may have revoked the right, it is repeated for this user.
        """
        hints = self._hub.hints
        if not await self._access.may_hear(subscription.user_id, routing_key):
            self._hub.unsubscribe(self._listener, routing_key)
            return
        self._hub.subscribe(self._listener, routing_key, subscription)
        if self._hub.hints != hints:
            self._hub.publish([encode(permissions_changed(project_id, [subscription.user_id]))])

    def _unsubscribe(self, requested: str) -> None:
        routing_key = resolved(requested, self._user_id) if self._user_id is not None else None
        if routing_key is not None:
            self._hub.unsubscribe(self._listener, routing_key)

    def _is_full(self, routing_key: str) -> bool:
        subscriptions = self._listener.subscriptions
        return len(subscriptions) >= MOST_SUBSCRIPTIONS and routing_key not in subscriptions


def _parsed(text: str | bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
