"""Photos, and the export of a profile."""

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks

from taiga.base import jobs
from taiga.users.models import User
from tests.world import Caller


def picture(name: str = "Me Myself.PNG", mode: str = "RGB", kind: str = "PNG") -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new(mode, (20, 10), 0).save(file, kind)
    return SimpleUploadedFile(name, file.getvalue(), "application/octet-stream")


def test_a_photo_is_shown_in_two_sizes(alice: User) -> None:
    answer = Caller(alice).upload("/users/change_avatar", avatar=picture())
    assert answer.status_code == 200
    assert answer.json()["photo"].endswith("/me-myself.png.80x80_q85_crop.jpg")
    assert answer.json()["big_photo"].endswith("/me-myself.png.300x300_q85_crop.jpg")
    alice.refresh_from_db()
    assert default_storage.exists(str(alice.photo))


def test_a_transparent_one_stays_transparent(alice: User) -> None:
    answer = Caller(alice).upload("/users/change_avatar", avatar=picture("x", "RGBA"))
    assert answer.json()["photo"].endswith("_crop.png")


def test_a_new_photo_takes_the_place_of_the_old_file(
    alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    Caller(alice).upload("/users/change_avatar", avatar=picture())
    alice.refresh_from_db()
    former = str(alice.photo)
    with django_capture_on_commit_callbacks(execute=True):
        Caller(alice).upload("/users/change_avatar", avatar=picture("other.gif", kind="GIF"))
    alice.refresh_from_db()
    assert not default_storage.exists(former)
    assert default_storage.exists(str(alice.photo))
    with django_capture_on_commit_callbacks(execute=True):
        answer = Caller(alice).post("/users/remove_avatar")
    assert (answer.json()["photo"], answer.json()["big_photo"]) == (None, None)
    assert not default_storage.exists(str(alice.photo))


def test_what_is_no_picture_is_refused_and_changes_nothing(alice: User, nobody: Caller) -> None:
    Caller(alice).upload("/users/change_avatar", avatar=picture())
    alice.refresh_from_db()
    former = alice.photo
    caller = Caller(alice)
    refused: list[Any] = [
        caller.upload("/users/change_avatar", avatar=SimpleUploadedFile("a.png", b"no picture")),
        caller.upload("/users/change_avatar", avatar=SimpleUploadedFile("a.png", b"")),
        caller.upload("/users/change_avatar", photo=picture()),
        caller.upload("/users/change_avatar", avatar="a.png"),
        caller.post("/users/change_avatar", {"avatar": "x"}),
    ]
    assert {(answer.status_code, answer.json()["_error_type"]) for answer in refused} == {
        (400, "taiga.base.exceptions.WrongArguments")
    }
    alice.refresh_from_db()
    assert alice.photo == former
    assert nobody.upload("/users/change_avatar", avatar=picture()).status_code == 401


def test_a_profile_is_taken_away_as_a_zip(alice: User, nobody: Caller) -> None:
    User.objects.filter(pk=alice.pk).update(bio='tabs, "quotes"\nand lines')
    Caller(alice).upload("/users/change_avatar", avatar=picture())
    url = Caller(alice).post("/users/export").json()["url"]
    path = unquote(urlsplit(url).path).removeprefix("/media/")
    assert path.startswith(f"exports/{alice.id}/alice-")
    with zipfile.ZipFile(default_storage.open(path)) as archive:
        rows = list(csv.reader(io.StringIO(archive.read("alice-profile.csv").decode())))
        assert Image.open(io.BytesIO(archive.read("alice-photo.png"))).size == (20, 10)
    assert rows == [
        ["username", "email", "full_name", "bio"],
        ["alice", "alice@example.com", "Alice", 'tabs, "quotes"\nand lines'],
    ]
    assert nobody.post("/users/export").status_code == 401


def test_what_was_taken_away_is_there_for_a_day(alice: User) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        url = Caller(alice).post("/users/export").json()["url"]
        path = unquote(urlsplit(url).path).partition("/media/")[2]
        jobs.work_off()
        assert default_storage.exists(path)
        clock.shift(timedelta(seconds=86_401))
        jobs.work_off()
    assert not default_storage.exists(path)
