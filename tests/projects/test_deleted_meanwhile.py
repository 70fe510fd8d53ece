"""A project is deleted right after somebody was found to have a right in it: nothing fails, it is just not there."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from taiga.base.media import storage
from taiga.projects.permissions import Access
from taiga.projects.services.deletion import erase
from taiga.urls import ROUTER
from tests.everything import Everything
from tests.transfer.sample import CARD

LONG = "/stream"
"""Answers that end after a while only."""


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> Path:
    settings.TAIGA_DATA = tmp_path
    settings.STORAGES = {**settings.STORAGES, "default": storage.storages_setting("", tmp_path)}
    return tmp_path / "media"


@pytest.fixture
def everything(db: None, store: Path) -> Everything:
    return Everything()


@pytest.fixture
def vanishing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first time that a request looks at a right, the project goes."""
    real = Access.ensure

    def ensure(access: Access, *given: Any) -> None:
        real(access, *given)
        erase(access.project.id)

    monkeypatch.setattr(Access, "ensure", ensure)


def test_who_reads_what_is_gone_finds_nothing(everything: Everything, vanishing: None) -> None:
    addresses = [path for method, path, _endpoint in ROUTER.table() if method == "GET" and not path.endswith(LONG)]
    client, found = Client(raise_request_exception=False), {}
    for address in map(everything.filled, addresses):
        undo = transaction.savepoint()
        found[address] = client.get(f"/api/v1/{address}", headers=everything.asking.headers).status_code
        transaction.savepoint_rollback(undo)
    assert {address: status for address, status in found.items() if status >= 500} == {}
    assert [*found.values()].count(404) > 10


def test_a_logo_for_what_is_gone_goes_too(everything: Everything, vanishing: None, store: Path) -> None:
    before = {path for path in store.rglob("*") if path.is_file()}
    logo = SimpleUploadedFile("logo.png", CARD, "image/png")
    answer = everything.asking.upload(f"/projects/{everything.project.pk}/change_logo", logo=logo)
    assert answer.status_code == 404
    assert {path for path in store.rglob("*") if path.is_file()} == before
