"""A prebuilt front at the root, told where its backend is."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import clear_url_caches
from pytest_django import Settings

from taiga import front, urls

PAGE = '<!DOCTYPE html><html><head><base href="/"><title>Taiga</title></head></html>'


@pytest.fixture
def folder(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "v-1760376509003").mkdir()
    (tmp_path / "v-1760376509003" / "app.js").write_text("boot();")
    (tmp_path.parent / "outside.txt").write_text("secret")
    settings.TAIGA_FRONT_DIR = tmp_path
    settings.TAIGA_SUBPATH = "/tracker"
    settings.TAIGA_URL = "https://taiga.example/tracker"
    others = [one for one in urls.urlpatterns if getattr(one, "name", "") != "landing"]
    monkeypatch.setattr(urls, "urlpatterns", [*others, *front.urls()])
    clear_url_caches()
    yield tmp_path
    clear_url_caches()


@pytest.mark.parametrize("path", ["/", "/project/x/us/1", "/profile/jane.doe", "/index.html"])
def test_every_view_of_the_front_is_its_one_page_below_the_path(folder: Path, client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert '<base href="/tracker/"' in answer.content.decode()
    assert answer["Cache-Control"] == "no-cache"


def test_files_of_a_release_are_kept_by_browsers(folder: Path, client: Client) -> None:
    answer = client.get("/v-1760376509003/app.js")
    assert b"".join(answer) == b"boot();"
    assert "immutable" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "/v-1760376509003/gone.js",
        "/api/v2/x",
        "/static/gone.css",
        "/static/%2e%2e/%2e%2e/settings.py",
        "/%2e%2e/outside.txt",
        "/v-1/../../outside.txt",
    ],
)
def test_what_is_not_there_is_no_page(folder: Path, client: Client, path: str) -> None:
    answer = client.get(path)
    assert b"secret" not in answer.getvalue()
    assert answer.status_code == 404 or "<title>Taiga" in answer.content.decode()


def test_the_front_is_told_where_its_backend_is(folder: Path, client: Client) -> None:
    told = client.get("/conf.json").json()
    assert told["api"] == "https://taiga.example/tracker/api/v1/"
    assert told["eventsUrl"] == "wss://taiga.example/tracker/events"
    assert told["baseHref"] == "/tracker/"


def test_what_the_operator_says_beside_the_page_wins(folder: Path, client: Client) -> None:
    (folder / "conf.json").write_text(json.dumps({"supportUrl": "https://help.example"}))
    told = client.get("/conf.json").json()
    assert (told["supportUrl"], told["defaultTheme"]) == ("https://help.example", "taiga")


@pytest.mark.parametrize(
    ("given", "told"), [("en-us", "en"), ("pt-br", "pt-br"), ("zh-Hans", "zh-hans"), ("de-at", "de"), ("tlh", "en")]
)
def test_the_front_is_told_a_language_that_it_speaks(
    folder: Path, client: Client, settings: Settings, given: str, told: str
) -> None:
    settings.LANGUAGE_CODE = given
    assert client.get("/conf.json").json()["defaultLanguage"] == told


@pytest.mark.parametrize(("enabled", "told"), [(True, "https://community.taiga.io/"), (False, None)])
def test_the_menu_of_the_form_for_feedback_is_there_when_feedback_is(
    folder: Path, client: Client, settings: Settings, enabled: bool, told: str | None
) -> None:
    settings.FEEDBACK_ENABLED = enabled
    assert client.get("/conf.json").json()["supportUrl"] == told
