"""The pages of the server itself."""

import re
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings


@pytest.mark.parametrize("path", ["/", "/api/v1/docs"])
def test_pages_load_nothing_from_elsewhere(path: str, client: Client) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "'self'" in answer["Content-Security-Policy"]
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", answer.content.decode())


@pytest.mark.parametrize("path", ["/", "/api/v1/docs"])
def test_what_pages_lead_to_is_there(path: str, client: Client, db: None) -> None:
    links = set(re.findall(r"""(?:src|href|data-document)=["']([^"']+)["']""", client.get(path).content.decode()))
    assert len(links) >= 4
    for link in links:
        found = client.get(link if link.startswith("/") else f"/api/v1/{link}")
        assert found.status_code in (200, 302), link


def test_the_page_at_the_root_says_how_to_add_a_front(client: Client) -> None:
    text = client.get("/").content.decode()
    assert "TAIGA_FRONT_DIR" in text
    for link in ("/api/v1/docs", "/admin/", "/health"):
        assert f'href="{link}"' in text


def test_pages_below_a_path_lead_to_what_is_below_it(client: Client, settings: Settings) -> None:
    settings.TAIGA_SUBPATH = "/tracker"
    assert 'href="/tracker/api/v1/docs"' in client.get("/").content.decode()
    assert 'data-document="/tracker/api/v1/openapi.json"' in client.get("/api/v1/docs").content.decode()


def test_a_page_is_only_read(client: Client) -> None:
    assert client.post("/").status_code == 405
    assert client.post("/health").status_code == 405


def test_the_server_is_well_while_its_database_answers(client: Client, db: None) -> None:
    answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer["Cache-Control"] == "no-store"


def test_the_server_is_not_well_without_its_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_cursor(*_: Any) -> None:
        raise OperationalError("gone: secret-host")

    monkeypatch.setattr(connection, "cursor", no_cursor)
    answer = client.get("/health")
    assert answer.status_code == 503
    assert b"secret" not in answer.content
