"""The log of a request that only the database refused."""

import logging
from typing import Any

import pytest
from django.db import IntegrityError
from psycopg.errors import UniqueViolation

from taiga.users.models import StorageEntry
from tests.world import Caller, person


def test_the_log_tells_where_it_was_but_nothing_of_the_row(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def taken(*args: Any, **named: Any) -> None:
        text = (
            'duplicate key value violates unique constraint "once"\nDETAIL:  Key (email)=(a@b.example) already exists.'
        )
        raise IntegrityError(text) from UniqueViolation(text)

    monkeypatch.setattr(StorageEntry.objects, "filter", taken)
    with caplog.at_level(logging.WARNING):
        answer = Caller(person("alice")).put("/user-storage/secret-key", {"value": 1})
    assert (answer.status_code, answer.json()["_error_type"]) == (400, "taiga.base.exceptions.IntegrityError")
    logging.Formatter().format(caplog.records[-1])
    told = caplog.text
    assert "refused by the database: PUT user-storage/{key}" in told
    assert 'unique constraint "once"' in told
    assert "in taken" in told
    assert "a@b.example" not in told
    assert "secret-key" not in told
