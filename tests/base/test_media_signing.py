"""Addresses of files, and the tokens of attachments."""

import base64
import hashlib
import hmac
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from pytest_django import Settings

from taiga.base.media import signing

PATH = "attachments/c/5/0/b/68f8/dot.png"
NOON = "2026-11-23T12:00:00Z"


@pytest.fixture(autouse=True)
def known_settings(settings: Settings) -> None:
    settings.SECRET_KEY = "not so secret"
    settings.MEDIA_URL = "http://host:9090/media/"
    settings.ATTACHMENTS_MAX_AGE = 3600


def expected_token(path: str, seconds: int) -> str:
    """The algorithm of the gateway that protects Taiga's media, implemented again."""
    moment = base64.urlsafe_b64encode(seconds.to_bytes(4, "big")).rstrip(b"=").decode()
    key = hashlib.sha512(b"taiga-protected" + b"signer" + b"not so secret").digest()
    digest = hmac.new(key, f"{path}:{moment}".encode(), hashlib.sha512).digest()
    return f"{moment}:{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def token_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["token"][0]


@time_machine.travel(NOON, tick=False)
def test_an_attachment_is_signed_as_the_gateway_of_taiga_expects() -> None:
    url = signing.media_url(PATH, fragment="_taiga-refresh=task:535")
    assert url.startswith(f"http://host:9090/media/{PATH}?token=")
    assert url.endswith("#_taiga-refresh=task:535")
    assert ":" not in url.partition("token=")[2].partition("#")[0]
    assert token_of(url) == expected_token(PATH, 1795435200)


def test_a_token_opens_its_own_path_only() -> None:
    given = signing.token(PATH)
    assert signing.is_valid(PATH, given)
    assert not signing.is_valid(f"{PATH}.300x200_q85_crop.png", given)
    assert not signing.is_valid(PATH.replace("dot", "other"), given)


def test_a_token_ages() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        given = signing.token(PATH)
        clock.shift(3600)
        assert signing.is_valid(PATH, given)
        clock.shift(1)
        assert not signing.is_valid(PATH, given)


@pytest.mark.parametrize(
    "given", ["", ":", "x", "aaaa:bbbb", "ü:" + "a" * 86, "aaaa:" + "ü" * 86, "a" * 5000, "aaaa:" + "a" * 86]
)
def test_nonsense_opens_nothing(given: str) -> None:
    assert not signing.is_valid(PATH, given)


@pytest.mark.parametrize("place", [0, 3, 6, 50, -1])
def test_a_token_with_one_letter_changed_opens_nothing(place: int) -> None:
    letters = list(signing.token(PATH))
    letters[place] = "A" if letters[place] != "A" else "Q"
    assert not signing.is_valid(PATH, "".join(letters))


def test_another_secret_opens_nothing(settings: Settings) -> None:
    given = signing.token(PATH)
    settings.SECRET_KEY = "another"
    assert not signing.is_valid(PATH, given)


def test_pictures_of_people_and_projects_are_not_signed() -> None:
    assert signing.media_url("user/a/b/c/d/e/me.png") == "http://host:9090/media/user/a/b/c/d/e/me.png"
    assert signing.thumbnail_url("project/a/b/c/d/e/logo.png", "logo-big", "jpg") == (
        "http://host:9090/media/project/a/b/c/d/e/logo.png.300x300_q85_crop.jpg"
    )


def test_a_thumbnail_of_an_attachment_is_signed_for_itself() -> None:
    url = signing.thumbnail_url(PATH, "card-image", "png")
    assert url is not None
    assert signing.is_valid(f"{PATH}.300x200_q85_crop.png", token_of(url))


def test_no_picture_has_no_address() -> None:
    assert signing.thumbnail_url(None, "avatar", "png") is None
    assert signing.thumbnail_url(PATH, "card-image", "") is None


def test_odd_letters_are_escaped() -> None:
    assert signing.media_url("exports/1/ä b#?.json") == "http://host:9090/media/exports/1/%C3%A4%20b%23%3F.json"


def test_a_media_url_without_host_takes_the_one_of_the_request(settings: Settings) -> None:
    settings.MEDIA_URL = "/tracker/media/"
    assert signing.media_url("user/x", request_base="https://own.example") == "https://own.example/tracker/media/user/x"
