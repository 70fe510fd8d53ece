"""What a client says on its socket, one frame after the other: auth, subscribe, unsubscribe, ping.

Nothing but a ping is ever answered: clients send `subscribe` right behind `auth` and rely on the silence, so what is
wrong, unknown or forbidden is ignored.
"""

from typing import Any

import msgspec

from taiga.events.access import Access
from taiga.events.hub import Hub
from taiga.events.listener import Listener, Subscription
from taiga.events.messages import encode, permissions_changed
from taiga.events.routing import project_of, understood

SUBSCRIPTIONS = 200
"""A socket can have so many; the web client has seven at most."""

SESSION_ID = 256
"""Characters that the name of a browser tab may have."""

PONG = '{"cmd":"pong"}'


class Conversation:
    __slots__ = ("_access", "_first_session_id", "_hub", "_listener", "_session_id", "_user_id")

    def __init__(self, hub: Hub, access: Access, listener: Listener) -> None:
        self._hub = hub
        self._access = access
        self._listener = listener
        self._user_id: int | None = None
        self._session_id = ""
        self._first_session_id = ""

    async def take(self, text: str | bytes) -> None:
        """Returns when the frame has had its effect, so that the next one finds it done."""
        match _parsed(text):
            case {"cmd": "ping"}:
                self._listener.hand(PONG)
            case {"cmd": "auth", "data": {"token": str(token), "sessionId": str(session_id)}}:
                await self._auth(token, session_id)
            case {"cmd": "subscribe", "routing_key": str(asked), "options": {"selfNotification": wanted}}:
                await self._subscribe(asked, hears_itself=bool(wanted))
            case {"cmd": "subscribe", "routing_key": str(asked)}:
                await self._subscribe(asked, hears_itself=False)
            case {"cmd": "unsubscribe", "routing_key": str(asked)}:
                self._unsubscribe(asked)

    async def _auth(self, token: str, session_id: str) -> None:
        """A token that is not accepted changes nothing, not even an identity from before."""
        if not token or not 0 < len(session_id) <= SESSION_ID:
            return
        user_id = await self._access.authenticate(token)
        if user_id is not None:
            self._user_id, self._session_id = user_id, session_id

    async def _subscribe(self, asked: str, *, hears_itself: bool) -> None:
        """Whoever authenticates again keeps, for their subscriptions, the session id of the first one."""
        user_id = self._user_id
        routing_key = understood(asked, user_id) if user_id is not None else None
        if user_id is None or routing_key is None or self._is_full(routing_key):
            return
        self._first_session_id = self._first_session_id or self._session_id
        own = routing_key.startswith("live_notifications.")
        subscription = Subscription(user_id, self._first_session_id, hears_itself and not own)
        project_id = project_of(routing_key)
        if project_id is None:
            self._hub.subscribe(self._listener, routing_key, subscription)
        else:
            await self._subscribe_if_allowed(routing_key, subscription, project_id)

    async def _subscribe_if_allowed(self, routing_key: str, subscription: Subscription, project_id: int) -> None:
        """A membership may end while we ask; the hub, told in the meantime, could not find this subscription yet."""
        hints = self._hub.hints
        if not await self._access.may_hear(subscription.user_id, routing_key):
            self._hub.unsubscribe(self._listener, routing_key)
            return
        self._hub.subscribe(self._listener, routing_key, subscription)
        if self._hub.hints != hints:
            self._hub.publish([encode(permissions_changed(project_id, [subscription.user_id]))])

    def _unsubscribe(self, asked: str) -> None:
        routing_key = understood(asked, self._user_id) if self._user_id is not None else None
        if routing_key is not None:
            self._hub.unsubscribe(self._listener, routing_key)

    def _is_full(self, routing_key: str) -> bool:
        subscriptions = self._listener.subscriptions
        return len(subscriptions) >= SUBSCRIPTIONS and routing_key not in subscriptions


def _parsed(text: str | bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
