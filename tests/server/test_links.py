"""Below a path, or on a port of its own, every link has the right base, and those to files work."""

import base64
import json
import re
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.base.receiver import listening
from tests.server.served import Sink, database, port_of, sink, taiga, wait_for

PORT_ALONE = "http://host.example:9090/"
BELOW_A_PATH = "https://host.example:9090/tracker/"
"""As a proxy that speaks https outside and http inside serves it."""
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
BOUNDARY = "a-part-ends-here"


class Visitor:
    """A client of a server in another process, which is known as `site` from outside, with the token of a user."""

    def __init__(self, port: int, mails: Sink, site: str) -> None:
        self.port, self.mails, self.site = port, mails, site
        self.token = ""

    def strangers(self, links: Iterable[str]) -> list[str]:
        """Those that lead elsewhere."""
        return [link for link in links if not link.startswith(self.site)]

    def ask(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        headers = {"Host": "host.example:9090", "Content-Type": kind, "X-Forwarded-Proto": urlsplit(self.site).scheme}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", raw, headers, method=method)
        return urllib.request.urlopen(request, timeout=60)

    def json(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        return json.load(self.ask(method, f"/api/v1{path}", body, kind))

    def upload(self, path: str, name: str, **fields: Any) -> Any:
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in fields.items()
        ]
        file = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="dot.png"\r\n'
        parts.append(f"{file}Content-Type: image/png\r\n\r\n".encode() + PIXEL + f"\r\n--{BOUNDARY}--\r\n".encode())
        return self.json("POST", path, b"".join(parts), f"multipart/form-data; boundary={BOUNDARY}")


@pytest.fixture(params=[PORT_ALONE, BELOW_A_PATH])
def visitor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Visitor]:
    site = urlsplit(request.param)
    told = {"TAIGA_DATA": str(tmp_path), "TAIGA_SITES_DOMAIN": site.netloc, "TAIGA_SITES_SCHEME": site.scheme}
    told |= {"TAIGA_SUBPATH": site.path.rstrip("/")}
    told |= {"PUBLIC_REGISTER_ENABLED": "true", "TAIGA_THROTTLE": "off"}
    told |= {"WEBHOOKS_ALLOW_PRIVATE_ADDRESS": "true"}
    with database(tmp_path) as base, sink() as mails:
        process = taiga("serve", "--port", "0", **told, **base.settings, **mails.settings)
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert ready, process.communicate()[1]
        yield Visitor(port_of(ready), mails, request.param)
        process.kill()
        process.communicate()


def test_every_link_names_port_and_path(visitor: Visitor) -> None:
    alice = {"username": "alice", "password": "correct-horse-9", "email": "alice@example.com", "full_name": "Alice"}
    account = visitor.json("POST", "/auth/register", {**alice, "type": "public", "accepted_terms": True})
    visitor.token = account["auth_token"]
    template_id = visitor.json("GET", "/project-templates")[0]["id"]
    body = {"name": "Apollo", "description": "To the moon", "creation_template": template_id}
    project = visitor.json("POST", "/projects", body)["id"]
    stories = [visitor.json("POST", "/userstories", {"project": project, "subject": "S"})["id"] for _ in range(2)]
    attached = visitor.upload("/userstories/attachments", "attached_file", project=project, object_id=stories[0])
    photo = visitor.upload("/users/change_avatar", "avatar")
    logo = visitor.upload(f"/projects/{project}/change_logo", "logo")
    page = visitor.ask("GET", f"/api/v1/userstories?project={project}&page_size=1")
    modules = visitor.json("GET", f"/projects/{project}/modules")
    files = [attached["url"], attached["thumbnail_card_url"], photo["photo"], logo["logo_small_url"]]
    links = [page.headers["X-Pagination-Next"], modules["github"]["webhooks_url"], *visitor.json("GET", "/").values()]
    assert visitor.strangers([*files, *links]) == []
    for file in files:
        address = urlsplit(file)
        assert visitor.ask("GET", f"{address.path}?{address.query}").status == 200


def permalinks(value: Any) -> Iterator[str]:
    """All addresses that a webhook is told."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from [inner] if name == "permalink" else permalinks(inner)


def test_webhooks_and_mails_name_them_too(visitor: Visitor) -> None:
    alice = {"username": "alice", "password": "correct-horse-9", "email": "alice@example.com", "full_name": "Alice"}
    account = visitor.json("POST", "/auth/register", {**alice, "type": "public", "accepted_terms": True})
    visitor.token = account["auth_token"]
    project = visitor.json("POST", "/projects", {"name": "Apollo", "description": "To the moon"})["id"]
    with listening() as receiver:
        hook = {"project": project, "name": "ear", "url": receiver.url(), "key": "k"}
        visitor.json("POST", "/webhooks", hook)
        visitor.json("POST", "/userstories", {"project": project, "subject": "S"})
        wait_for(lambda: receiver.requests)
        told = json.loads(receiver.requests[0].body)
    assert len([*permalinks(told)]) >= 3
    assert visitor.strangers(permalinks(told)) == []
    mails = wait_for(lambda: visitor.mails.sent_to("alice@example.com"))
    links = [link for mail in mails for link in re.findall(r"https?://\S+", mail.text)]
    assert any("/verify-email/" in link for link in links)
    assert visitor.strangers(link for link in links if "host.example" in link) == []
    assert [link for link in links if "localhost" in link or "127.0.0.1" in link] == []
