"""Programs under measurement: started, asked whether they are ready, weighed, stopped."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path

import psycopg

MEGABYTE = 1_048_576
TICK = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
PATIENCE = 120
HOME = Path(__file__).resolve().parent.parent


def cpu_of(pid: int) -> int:
    """Nanoseconds on a processor, of all living threads of a process; 0 if it is gone."""
    total = 0
    for thread in _listed(Path(f"/proc/{pid}/task")):
        try:
            total += int((thread / "schedstat").read_text(encoding="ascii").split()[0])
        except (OSError, IndexError):
            continue
    return total


def cpu_of_ended_children(pid: int) -> int:
    """Nanoseconds of those child processes that the process has buried."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0
    return (int(fields[13]) + int(fields[14])) * TICK


def memory_of(pid: int) -> int:
    """Resident bytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def peak_memory_of(pid: int) -> int:
    """The most resident bytes it ever had."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1_024
    return 0


def children_of(pid: int) -> list[int]:
    """The living child processes."""
    found: list[int] = []
    for thread in _listed(Path(f"/proc/{pid}/task")):
        try:
            found += map(int, (thread / "children").read_text(encoding="ascii").split())
        except OSError:
            continue
    return found


def _listed(folder: Path) -> Iterable[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Program:
    """A process."""

    def __init__(self, arguments: Iterable[str], environment: Mapping[str, str]) -> None:
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=HOME,
            env={**os.environ, **environment},
            stdout=self.log,
            stderr=self.log,
        )

    def cpu(self) -> int:
        return cpu_of(self.process.pid)

    def memory(self) -> int:
        return memory_of(self.process.pid)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.log.close()


class Server(Program):
    """A process that answers at a port of its own."""

    def __init__(self, arguments: Iterable[str], environment: Mapping[str, str], ready_path: str) -> None:
        self.port = free_port()
        began = time.monotonic()
        super().__init__([*arguments, str(self.port)], environment)
        self.wait(ready_path)
        self.started_in = time.monotonic() - began

    def wait(self, path: str) -> None:
        """Until it answers."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE) as answer:
                    answer.read()
                    return
            except urllib.error.HTTPError:
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.02)
        self.log.seek(0)
        raise SystemExit(f"A program did not start:\n{self.log.read().decode()}")


class Cluster:
    """A PostgreSQL server."""

    def __init__(self, url: str) -> None:
        self.url = url
        folder = Path(url.partition("host=")[2])
        self.pid = int((folder / "cluster" / "postmaster.pid").read_text(encoding="ascii").split()[0])

    def cpu(self) -> int:
        """Its own time, that of its living processes, and that of those that ended meanwhile."""
        living = sum(map(cpu_of, (self.pid, *children_of(self.pid))))
        return living + cpu_of_ended_children(self.pid)

    def cpu_of_program(self, name: str) -> int:
        """Of the sessions of one program, by the name it gives itself."""
        with psycopg.connect(self.url) as connection:
            rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE application_name = %s", [name])
            return sum(cpu_of(pid) for (pid,) in rows)
