"""Names of attached files in whatever script, and what becomes of them everywhere that tells of a file."""

from base64 import b64decode
from email.message import Message
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.core import mail
from django.test import Client

from tests.activity import COLLECTIONS, Apollo, working

pytestmark = pytest.mark.django_db
PIXEL = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")
EVIL = "a\r\nX-Evil: 1.png"
NAMES = {
    "Ünï 测试 .PDF": "Ünï 测试 .PDF",
    'a"b;c.txt': 'a"b;c.txt',
    "😊.png": "😊.png",
    "Отчёт за май.png": "Отчёт за май.png",
    "x" * 300 + ".png": "x" * 251 + ".png",
    "../../x": "x",
    "..\\..\\y.png": "y.png",
    "\u202egnp.exe": "gnp.exe",
    "%0d%0aX-Evil: 1.png": "%0d%0aX-Evil: 1.png",
}
"""What files are called, and what they are called then."""
WAYS = {
    "filename": lambda name: 'filename="{}"'.format(name.replace("\\", "\\\\").replace('"', '\\"')),
    "filename*": lambda name: f"filename*=utf-8''{quote(name, safe='')}",
    "both": lambda name: f"filename=\"x.txt\"; filename*=utf-8''{quote(name, safe='')}",
}
EVERY_KIND = pytest.mark.parametrize("kind", list(COLLECTIONS))
EVERY_WAY = pytest.mark.parametrize("way", list(WAYS))


def upload(apollo: Apollo, kind: str, key: int, name: str) -> Any:
    """Attach a picture; `name` is the parameter of the part that says what the file is called."""
    part = "--limit\r\nContent-Disposition: form-data; name="
    fields = "".join(
        f'{part}"{field}"\r\n\r\n{value}\r\n' for field, value in (("project", apollo.project.pk), ("object_id", key))
    )
    file = f'{part}"attached_file"; {name}\r\nContent-Type: image/png\r\n\r\n'
    body = (fields + file).encode() + PIXEL + b"\r\n--limit--\r\n"
    path = f"/api/v1/{COLLECTIONS[kind]}/attachments"
    return Client().generic("POST", path, body, "multipart/form-data; boundary=limit", headers=apollo.alice.headers)


def ensure_sound(url: str, content: bytes | None = None) -> None:
    """The address answers, with one header that names the file and none that the name has smuggled in."""
    address = urlsplit(url)
    answer = Client().get(f"{address.path}?{address.query}")
    assert answer.status_code == 200, url
    assert content is None or b"".join(answer) == content
    assert "X-Evil" not in answer.headers
    header = Message()
    header["Content-Disposition"] = answer.headers["Content-Disposition"]
    assert header.get_content_disposition() in ("attachment", "inline")
    assert header.get_filename()
    assert answer.headers["Content-Disposition"].isascii()
    assert Client().get(address.path).status_code == 403


@EVERY_KIND
@EVERY_WAY
def test_a_file_with_any_name_is_attached_told_of_and_downloaded(kind: str, way: str) -> None:
    apollo = Apollo()
    with working():
        key = apollo.make(kind)
    apollo.bob.post(f"/{COLLECTIONS[kind]}/{key}/watch")
    for name, kept in NAMES.items():
        mail.outbox.clear()
        with working():
            reply = upload(apollo, kind, key, WAYS[way](name))
        assert reply.status_code == 201, reply.content
        made = reply.json()
        assert made["name"] == kept
        assert made["attached_file"].isascii()
        ensure_sound(made["url"], PIXEL)
        if made["thumbnail_card_url"]:
            ensure_sound(made["thumbnail_card_url"])
        assert bool(made["thumbnail_card_url"]) == kept.endswith(".png")
        (told,) = apollo.history(kind, key)[0]["values_diff"]["attachments"]["new"]
        assert told["attached_file"] == made["attached_file"]
        ensure_sound(told["url"], PIXEL)
        (sent,) = mail.outbox
        assert told["filename"] in sent.body
        assert "X-Evil" not in sent.message()
    listed = apollo.alice.get(f"/{COLLECTIONS[kind]}/attachments?project={apollo.project.pk}&object_id={key}").json()
    assert sorted(one["name"] for one in listed) == sorted(NAMES.values())


@EVERY_KIND
@EVERY_WAY
def test_a_line_break_in_a_name_is_refused_or_taken_out(kind: str, way: str) -> None:
    apollo = Apollo()
    key = apollo.make(kind)
    reply = upload(apollo, kind, key, WAYS[way](EVIL))
    assert reply.status_code in (201, 400), reply.content
    assert "X-Evil" not in reply.headers
    if reply.status_code == 201:
        made = reply.json()
        assert not {"\r", "\n"} & set(made["name"] + made["attached_file"])
        ensure_sound(made["url"], PIXEL)


@pytest.mark.parametrize("name", ['filename=""', 'filename=".."', "filename*=utf-8''%2F", "filename*=utf-8''%00"])
def test_a_file_without_a_name_is_refused_or_given_one(name: str) -> None:
    apollo = Apollo()
    reply = upload(apollo, "userstory", apollo.make("userstory"), name)
    assert reply.status_code in (201, 400), reply.content
    if reply.status_code == 201:
        ensure_sound(reply.json()["url"], PIXEL)
