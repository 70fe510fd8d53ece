"""Counts the statements of requests: `python -m bench.counting JSON` of a token and requests."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402


class Counter:
    """Stands between Django and the database."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)


@contextmanager
def counted() -> Iterator[Counter]:
    counter = Counter()
    with connection.execute_wrapper(counter):
        yield counter


def statements(path: str, headers: dict[str, str]) -> int:
    """Of the second call: what is made once for all requests is no matter."""
    client = Client()
    for _ in range(2):
        with counted() as counter:
            answer = client.get(path, headers=headers)
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status_code}")
    return counter.count


def main(text: str) -> None:
    """Of several addresses of one kind the one that takes most counts: an item without tags is no measure."""
    token, requests = json.loads(text)
    signed = {"Authorization": f"Bearer {token}"}
    found = {
        name: [max(statements(path, {**signed, **headers}) for path in paths) for paths in sizes]
        for name, sizes, headers in requests
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
