"""The least that can be done: a bare function that sends what one SQL statement returns.

`python -m bench.floor DATABASE STATEMENTS PORT`; STATEMENTS is a JSON file of statements by name, each with one
parameter. `GET /name/5` answers the text that the statement gives for 5. It knows no caller, no rights, no errors.
"""

import json
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import uvicorn

from taiga.configuration.database import SQLITE_PRAGMAS

Ask = Callable[[str, int], str]


def postgres(url: str) -> Ask:
    connection = psycopg.connect(url, autocommit=True)

    def ask(statement: str, key: int) -> str:
        with psycopg.Cursor(connection) as cursor:
            row = cursor.execute(statement, [key], prepare=True).fetchone()
            assert row is not None
            return str(row[0])

    return ask


def sqlite(path: str) -> Ask:
    connection = sqlite3.connect(path, isolation_level=None)
    for name, value in SQLITE_PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={value}")
    return lambda statement, key: str(connection.execute(statement, [key]).fetchone()[0])


def application(ask: Ask, statements: dict[str, str]) -> Callable[..., Any]:
    """The ASGI function."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        _, name, key = f"{scope['path']}//".split("/")[:3]
        body = ask(statements[name], int(key)).encode() if name else b""
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


def main(database: str, file: str, port: str) -> None:
    statements = json.loads(Path(file).read_text(encoding="utf-8"))
    ask = (postgres if "://" in database else sqlite)(database)
    uvicorn.run(
        application(ask, statements),
        port=int(port),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
