"""The two databases of a benchmark, filled with the same projects."""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from bench.processes import HOME, Cluster, Program, Server
from tests import postgres

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "taiga.settings",
    "TAIGA_ENV_FILE": os.devnull,
    "TAIGA_SECRET_KEY": "a-key-for-benchmarks-that-is-as-long-as-it-must-be",
    "TAIGA_THROTTLE": "off",
    "TAIGA_LOG_LEVEL": "error",
}
"""All else is as an operator gets it who sets nothing."""
PROGRAM, WORKER = "taiga", "taiga-worker"
"""How they name themselves to PostgreSQL."""


@dataclass
class Place:
    """A database with the projects in it, and the processes that serve from it."""

    name: str
    environment: dict[str, str]
    facts: dict[str, Any]
    cluster: Cluster | None = None
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def is_postgres(self) -> bool:
        return self.cluster is not None

    def database_cpu(self) -> int:
        """What PostgreSQL used so far; SQLite works inside the program that asks it."""
        return self.cluster.cpu() if self.cluster else 0

    def start(self, *options: str) -> Server:
        """Taiga; the caller stops it."""
        return Server(["-m", "taiga", "serve", *options, "--port"], self.environment, "/api/v1/projects")

    def serve(self, *options: str) -> Server:
        """Taiga, until the benchmark ends."""
        server = self.start(*options)
        self.stack.callback(server.stop)
        return server

    def stop(self) -> None:
        """End what was started here; the database stays."""
        self.stack.close()

    def work(self) -> Program:
        """A worker beside servers that have none, until the benchmark ends."""
        url = self.environment["DATABASE_URL"]
        named = {"DATABASE_URL": f"{url}&application_name={WORKER}" if url else ""}
        worker = Program(["-m", "taiga", "worker"], {**self.environment, **named})
        self.stack.callback(worker.stop)
        return worker

    def asked(self, statement: str) -> int:
        """The one number that a statement gives."""
        if self.is_postgres:
            with psycopg.connect(self.dsn()) as connection:
                row = connection.execute(statement).fetchone()
        else:
            with closing(sqlite3.connect(self.dsn())) as file:
                row = file.execute(statement).fetchone()
        return int(row[0]) if row else 0

    def serve_floor(self, statements: dict[str, str]) -> Server:
        """The bare function that runs these statements."""
        file = tempfile.NamedTemporaryFile("w", suffix=".json")  # noqa: SIM115 - closed with the place
        self.stack.callback(file.close)
        json.dump(statements, file)
        file.flush()
        server = Server(["-m", "bench.floor", self.dsn(), file.name], self.environment, "/")
        self.stack.callback(server.stop)
        return server

    def dsn(self) -> str:
        """What opens the database without Django."""
        return self.environment.get("DATABASE_URL") or f"{self.environment['TAIGA_DATA']}/taiga.sqlite3"

    def run(self, module: str, *arguments: str) -> str:
        """Run a program in this place; what it prints."""
        command = [sys.executable, "-m", module, *arguments]
        environment = {**os.environ, **self.environment}
        done = subprocess.run(command, cwd=HOME, env=environment, check=False, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{module} failed in {self.name}:\n{done.stderr}")
        return done.stdout


@contextmanager
def both(names: str = "postgresql,sqlite") -> Iterator[list[Place]]:
    """The databases, PostgreSQL first."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="taiga-bench-")))
        makers = {"postgresql": on_postgres, "sqlite": on_sqlite}
        places = [stack.enter_context(make(folder)) for name, make in makers.items() if name in names]
        fill(places, folder)
        yield places


@contextmanager
def on_postgres(folder: Path) -> Iterator[Place]:
    """A private server that writes to the disk as a production one does."""
    with postgres.running(durable=True) as url:
        data = folder / "postgresql"
        data.mkdir(exist_ok=True)
        environment = {**SETTINGS, "TAIGA_DATA": str(data), "DATABASE_URL": url}
        place = Place("PostgreSQL", environment, {}, Cluster(url))
        with place.stack:
            yield place


@contextmanager
def on_sqlite(folder: Path) -> Iterator[Place]:
    data = folder / "sqlite"
    data.mkdir(exist_ok=True)
    place = Place("SQLite", {**SETTINGS, "TAIGA_DATA": str(data), "DATABASE_URL": ""}, {})
    with place.stack:
        yield place


def fill(places: list[Place], folder: Path) -> None:
    """Write the projects, in all databases at once."""
    print("Writing the projects …", file=sys.stderr, flush=True)
    files = {place.name: folder / f"{place.name}.json" for place in places}
    at_work = []
    for place in places:
        command = [sys.executable, "-m", "bench.project", str(files[place.name])]
        at_work.append(subprocess.Popen(command, cwd=HOME, env={**os.environ, **place.environment}))
    if sum(process.wait() for process in at_work):
        raise SystemExit("The projects could not be written.")
    for place in places:
        place.facts = json.loads(files[place.name].read_text(encoding="utf-8"))
        settle(place)


def settle(place: Place) -> None:
    """As a database is after a while: with statistics, and nobody cleaning up in the middle of a measurement."""
    if place.is_postgres:
        with psycopg.connect(place.environment["DATABASE_URL"], autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("ALTER SYSTEM SET autovacuum = off")
            connection.execute("SELECT pg_reload_conf()")
