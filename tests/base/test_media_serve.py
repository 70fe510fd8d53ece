"""GET /media/…: who gets a file, and with which headers."""

import base64
import json
from pathlib import Path
from typing import IO, Any, NamedTuple

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http.response import ResponseHeaders
from django.test import Client
from django.urls import path
from pytest_django import Settings

from taiga.base.media import paths, signing, storage
from taiga.base.media.serve import serve

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
TEXT = bytes(range(97, 123))

urlpatterns = [path("media/<path:path>", serve)]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def store(settings: Settings, tmp_path: Path) -> Path:
    settings.STORAGES = {"default": storage.storages_setting("", tmp_path)}
    settings.MEDIA_URL = "/media/"
    settings.ATTACHMENTS_MAX_AGE = 3600
    settings.MIDDLEWARE = []
    return tmp_path / "media"


def put(name: str, content: bytes = TEXT, folder: paths.Folder = "attachments") -> str:
    return storage.save(SimpleUploadedFile(name, content), folder).path


class Given(NamedTuple):
    """A response that was read completely and closed."""

    status: int
    headers: ResponseHeaders
    body: bytes


def ask(url: str | None, method: str = "GET", **headers: str) -> Given:
    assert url is not None
    answer: Any = Client().generic(method, url, headers=headers)
    body = b"".join(answer) if answer.streaming else answer.content
    answer.close()
    return Given(answer.status_code, answer.headers, body)


def get(stored: str, **headers: str) -> Given:
    return ask(signing.media_url(stored), **headers)


# ── who gets a file ──


def test_an_attachment_opens_with_its_token() -> None:
    answer = get(put("Ünï Cödé.txt"))
    assert answer.status == 200
    assert answer.body == TEXT
    assert answer.headers["Content-Length"] == "26"


@pytest.mark.parametrize("query", ["", "?token=", "?token=aaaa:bbbb", "?token=ü"])
def test_an_attachment_stays_shut_without_a_token_of_its_own(query: str) -> None:
    stored = put("a.txt")
    assert ask(f"/media/{stored}{query}").status == 403
    assert ask(f"/media/{stored}?token={signing.token(put('b.txt'))}").status == 403


def test_a_token_is_wanted_before_anything_is_told() -> None:
    assert ask("/media/attachments/0/0/0/0/0/no.txt").status == 403
    assert get("attachments/0/0/0/0/0/no.txt").status == 404


@pytest.mark.parametrize("folder", ["user", "project"])
def test_pictures_of_people_and_projects_are_open(folder: paths.Folder) -> None:
    assert ask(f"/media/{put('me.png', DOT, folder)}").status == 200


def test_an_export_is_a_download_without_a_token() -> None:
    stored = default_storage.save("exports/1/apollo-0123.json.gz", ContentFile(b"\x1f\x8bxx"))
    answer = ask(f"/media/{stored}")
    assert answer.headers["Content-Type"] == "application/gzip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="apollo-0123.json.gz"'


@pytest.mark.parametrize(
    "address",
    [
        "user/../../secret.txt",
        "user/%2e%2e/%2e%2e/secret.txt",
        "user/..%2f..%2fsecret.txt",
        "user/..\\..\\secret.txt",
        "user//etc/passwd",
        "/etc/passwd",
        "../secret.txt",
        "secret.txt",
        "user",
        "user/",
        "user/.hidden",
        "other/x.txt",
        "user/x%00.txt",
        "user/x%0d%0aSet-Cookie:%20a=b",
        "user/" + "x" * 300,
        "user/" + "x/" * 2000 + "y",
        "attachments",
        "attachments/",
    ],
)
def test_there_is_no_way_out_of_the_store(address: str, store: Path) -> None:
    (store / "user").mkdir(parents=True)
    (store / "user/.hidden").write_text("draft")
    (store / "secret.txt").write_text("secret")
    (store.parent / "secret.txt").write_text("secret")
    answer = ask(f"/media/{address}")
    assert answer.status in (403, 404)
    assert b"secret" not in answer.body


def test_a_folder_is_not_a_file(store: Path) -> None:
    stored = put("me.png", DOT, "user")
    assert ask(f"/media/{stored.rpartition('/')[0]}").status == 404
    assert ask(f"/media/{stored}/more").status == 404


def test_files_can_only_be_read() -> None:
    stored = put("me.png", DOT, "user")
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        answer = ask(f"/media/{stored}", method)
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


# ── what a browser is told ──


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("page.html", b"<script>alert(1)</script>", "text/html; charset=utf-8"),
        ("page.xhtml", b"<html/>", "application/octet-stream"),
        ("drawing.svg", b"<svg onload='alert(1)'/>", "image/svg+xml"),
        ("feed.xml", b"<a/>", "text/xml; charset=utf-8"),
        ("code.js", b"alert(1)", "text/javascript; charset=utf-8"),
        ("paper.pdf", b"%PDF-1.4", "application/pdf"),
        ("notes.txt", b"<script>", "text/plain; charset=utf-8"),
        ("data.json", b"{}", "application/json"),
        ("fake.png", b"<script>alert(1)</script>", "application/octet-stream"),
        ("thing.unknown", b"<html>", "application/octet-stream"),
        ("plain", b"<html>", "application/octet-stream"),
        ("flash.swf", b"FWS", "application/x-shockwave-flash"),
    ],
)
def test_what_could_run_is_a_download(name: str, content: bytes, content_type: str) -> None:
    answer = get(put(name, content))
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox; default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("dot.png", DOT, "image/png"),
        ("picture", DOT, "image/png"),
        ("page.html", DOT, "image/png"),
        ("dot.gif", b"GIF89a...", "image/gif"),
        ("photo.jpg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("new.webp", b"RIFF\n\n\n\nWEBPVP8 ", "image/webp"),
        ("new.avif", b"\0\0\0\x1cftypavif", "image/avif"),
        ("film.mp4", b"\0\0\0\x18ftypmp42", "video/mp4"),
        ("film.webm", b"\x1aE\xdf\xa3", "video/webm"),
        ("song.mp3", b"ID3", "audio/mpeg"),
    ],
)
def test_pictures_sound_and_film_are_shown_in_place(name: str, content: bytes, content_type: str) -> None:
    answer = get(put(name, content))
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Content-Disposition"].startswith("inline; ")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["Ünï 测试 .PDF", 'a"b;c.txt', "😊.png", "x" * 300, "../../x", "a\r\nX-Evil: 1.txt"])
def test_any_name_makes_one_sound_header(name: str) -> None:
    stored = default_storage.save(paths.stored_path("attachments", name), ContentFile(TEXT))
    answer = get(stored)
    assert answer.status == 200
    assert answer.headers["Content-Disposition"].isascii()
    assert answer.headers["Content-Disposition"].count("filename") == 1
    assert "X-Evil" not in answer.headers


def test_a_name_in_another_script_is_escaped() -> None:
    stored = default_storage.save('exports/1/Отчёт "A";b.json', ContentFile(b"{}"))
    assert ask(signing.media_url(stored)).headers["Content-Disposition"] == (
        "attachment; filename*=utf-8''%D0%9E%D1%82%D1%87%D1%91%D1%82%20%22A%22%3Bb.json"
    )


@pytest.mark.parametrize("folder", ["attachments", "user", "project"])
def test_no_shared_cache_keeps_a_file(folder: paths.Folder) -> None:
    assert get(put("me.png", DOT, folder)).headers["Cache-Control"].startswith("private, max-age=")


# ── thumbnails ──


def test_a_thumbnail_is_made_when_it_is_asked_for(store: Path) -> None:
    stored = put("me.png", DOT, "user")
    url = signing.thumbnail_url(stored, "avatar", "png")
    assert not (store / f"{stored}.80x80_q85_crop.png").exists()
    answer = ask(url)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/png")
    assert answer.body.startswith(b"\x89PNG")
    assert (store / f"{stored}.80x80_q85_crop.png").exists()


def test_a_thumbnail_of_an_attachment_wants_its_own_token() -> None:
    stored = put("dot.png", DOT)
    url = signing.thumbnail_url(stored, "card-image", "png") or ""
    assert ask(url).status == 200
    assert ask(url.partition("?")[0]).status == 403
    assert ask(f"{url.partition('?')[0]}?token={signing.token(stored)}").status == 403


def test_a_broken_picture_has_no_thumbnail() -> None:
    stored = put("broken.png", b"this is no picture")
    assert ask(signing.thumbnail_url(stored, "card-image", "png")).status == 404


# ── ranges and versions ──


@pytest.mark.parametrize(
    ("asked", "given", "content_range"),
    [
        ("bytes=0-0", b"a", "bytes 0-0/26"),
        ("bytes=2-4", b"cde", "bytes 2-4/26"),
        ("bytes=24-", b"yz", "bytes 24-25/26"),
        ("bytes=-3", b"xyz", "bytes 23-25/26"),
        ("bytes=-100", TEXT, "bytes 0-25/26"),
        ("bytes=0-1000", TEXT, "bytes 0-25/26"),
    ],
)
def test_a_part_can_be_asked_for(asked: str, given: bytes, content_range: str) -> None:
    answer = get(put("a.txt"), range=asked)
    assert (answer.status, answer.headers["Content-Range"]) == (206, content_range)
    assert answer.body == given
    assert answer.headers["Content-Length"] == str(len(given))


@pytest.mark.parametrize(
    "asked", ["bytes=5-2", "bytes=0-1,4-5", "lines=1-2", "bytes=", "bytes=-", "bytes=a-b", "nonsense"]
)
def test_a_range_that_is_none_gives_the_whole(asked: str) -> None:
    answer = get(put("a.txt"), range=asked)
    assert (answer.status, answer.body) == (200, TEXT)


@pytest.mark.parametrize("asked", ["bytes=26-", "bytes=100-200", "bytes=-0"])
def test_a_range_beyond_the_end_is_refused(asked: str) -> None:
    answer = get(put("a.txt"), range=asked)
    assert (answer.status, answer.headers["Content-Range"], answer.body) == (416, "bytes */26", b"")


def test_a_part_of_another_version_is_not_given() -> None:
    stored = put("a.txt")
    etag = get(stored).headers["ETag"]
    assert get(stored, range="bytes=0-1", if_range=etag).status == 206
    assert get(stored, range="bytes=0-1", if_range='"other"').status == 200


def test_what_the_browser_has_is_not_sent_again() -> None:
    stored = put("a.txt")
    first = get(stored)
    assert get(stored, if_none_match=first.headers["ETag"]).status == 304
    assert get(stored, if_modified_since=first.headers["Last-Modified"]).status == 304
    assert get(stored, if_none_match='"other"').status == 200


def test_head_tells_everything_but_the_content() -> None:
    stored = put("a.txt")
    answer = ask(signing.media_url(stored), "HEAD", range="bytes=0-1")
    assert (answer.status, answer.headers["Content-Length"], answer.headers["Accept-Ranges"]) == (200, "26", "bytes")
    assert answer.body == b""


def test_an_answer_that_nobody_reads_closes_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    stored, real, opened = put("a.txt"), Path.open, []

    def open_and_note(path: Path, mode: str) -> IO[bytes]:
        opened.append(real(path, mode))
        return opened[-1]

    monkeypatch.setattr(Path, "open", open_and_note)
    Client().get(signing.media_url(stored)).close()
    assert [file.closed for file in opened] == [True]


# ── buckets ──


class Bucket:
    """A store without a disk, as far as the view uses it."""

    def url(self, name: str, parameters: dict[str, str], expire: int) -> str:
        return f"https://bucket.example/{name}?signed={expire}&how={json.dumps(parameters)}"


def test_a_bucket_hands_the_file_out_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taiga.base.media.serve.default_storage", Bucket())
    stored = "attachments/0/0/0/0/0/page.html"
    assert ask(f"/media/{stored}").status == 403
    answer = get(stored)
    assert answer.status == 302
    assert answer.headers["Location"].startswith(f"https://bucket.example/{stored}?signed=300")
    assert "text/html" in answer.headers["Location"]
    assert "attachment" in answer.headers["Location"]
    assert answer.headers["Cache-Control"] == "private, no-store"
