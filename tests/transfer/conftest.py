"""Alice, and for each test a store of files and a data folder of its own."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from taiga.base.media import storage
from taiga.projects.models import Project
from taiga.transfer.dump import dump
from taiga.transfer.load import Report, load
from taiga.users.models import User
from tests.transfer import sample


@pytest.fixture(autouse=True)
def data(settings: Settings, tmp_path: Path) -> Path:
    settings.TAIGA_DATA = tmp_path
    settings.STORAGES = {**settings.STORAGES, "default": storage.storages_setting("", tmp_path)}
    return tmp_path


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice", sample.ALICE, full_name="Alice Example")


def loaded(content: Any, **options: Any) -> Report:
    return load(sample.stream(content), **{"owner": None, **options})


def dumped(project: Project) -> dict[str, Any]:
    out = BytesIO()
    dump(project, out)
    written: dict[str, Any] = json.loads(out.getvalue())
    return written


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
