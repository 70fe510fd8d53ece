"""A project with changes, its webhooks, and the forges that call it."""

import hashlib
import hmac
import json
from typing import Any

from django.test import Client

from taiga.base import jobs
from taiga.projects.models import Issue, WorkItem
from tests.activity import Apollo
from tests.world import Caller

Json = dict[str, Any]
SECRET = "fixed-secret"
SENDER = {"id": 990011, "login": "octo", "html_url": "http://github.com/octo"}
REPOSITORY = {"html_url": "http://github.com/acme/rocket"}
ORIGIN = "http://github.com/acme/rocket/issues/11"


class Rocket(Apollo):
    """Alice's project."""

    def hook(self, url: str, by: Caller | None = None, headers: dict[str, str] | None = None, **more: Any) -> int:
        """A new webhook; returns its id."""
        body = {"project": self.project.pk, "name": "Hook", "url": url, "key": "secret", **more}
        reply = (by or self.alice).post("/webhooks", body, **(headers or {}))
        assert reply.status_code == 201, reply.content
        key: int = reply.json()["id"]
        return key

    def logs(self, hook: int) -> list[Json]:
        """What was sent to a webhook, newest first, once the worker has nothing left to do."""
        jobs.work_off()
        found: list[Json] = self.alice.get(f"/webhooklogs?webhook={hook}").json()
        return found

    def sent(self, hook: int) -> list[Json]:
        """The payloads of the same, oldest first."""
        return [one["request_data"] for one in reversed(self.logs(hook))]

    def configure(self, **more: Any) -> None:
        """Known secrets for all forges."""
        config = {forge: {"secret": SECRET, **more} for forge in ("github", "gitlab", "bitbucket", "gogs")}
        assert self.alice.patch(f"/projects/{self.project.pk}/modules", config).status_code == 204

    def call(self, forge: str, payload: Any, *, key: str = "", **headers: str) -> Any:
        """A forge tells something."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        query = f"?project={self.project.pk}" + (f"&key={key}" if key else "")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client().generic("POST", f"/api/v1/{forge}-hook{query}", body, "application/json", headers=named)

    def github(self, event: str, payload: Any) -> Any:
        """GitHub tells something, signed."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        signature = hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()
        return self.call("github", body, X_GitHub_Event=event, X_Hub_Signature=f"sha1={signature}")

    def gitlab(self, payload: Any) -> Any:
        """GitLab tells something."""
        return self.call("gitlab", payload, key=SECRET)

    def bitbucket(self, event: str, payload: Any) -> Any:
        """Bitbucket tells something, from one of its addresses."""
        return self.call("bitbucket", payload, key=SECRET, X_Event_Key=event)

    def item(self, ref: int) -> WorkItem:
        """The item with a #number."""
        return WorkItem.objects.select_related("status").get(project=self.project, ref=ref)

    def reported(self) -> Issue:
        """The one issue that a forge told of."""
        found: Issue = Issue.objects.select_related("status").get(
            project=self.project, external_reference__isnull=False
        )
        return found

    def comments(self, ref: int) -> list[str]:
        """What is written below an item, oldest first."""
        found = self.item(ref)
        return [one["comment"] for one in reversed(self.history(found.kind, found.pk))]


def pushed(*messages: str) -> Json:
    """What GitHub says of a push of commits with these messages."""
    commits = [
        {"id": f"abc{number}", "url": f"http://github.com/acme/rocket/commit/{number}", "message": message}
        for number, message in enumerate(messages, start=1)
    ]
    return {"sender": SENDER, "repository": REPOSITORY, "commits": commits}


def opened(action: str = "opened", **issue: Any) -> Json:
    """What GitHub says of an issue."""
    told = {"number": 11, "title": "Broken", "body": "See #12 \n\nbye", "html_url": ORIGIN, "state": "open", **issue}
    return {"action": action, "issue": told, "sender": SENDER, "repository": REPOSITORY}
