"""A project of 5,000 stories out of a dump and into one again: wall time, processor time, memory."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from bench.places import Place
from bench.processes import HOME, MEGABYTE, cpu_of, peak_memory_of
from bench.tables import table

HEAD = ("", "seconds", "app CPU s", "db CPU s", "peak memory", "size")
STORIES = 5_000


def measure(places: Sequence[Place]) -> None:
    """Loads the dump of the shared maker, if that is there; else one of the benchmark's own project."""
    with tempfile.TemporaryDirectory(prefix="taiga-bench-dumps-") as name:
        folder = Path(name)
        made = shared_dump(folder)
        rows = []
        for place in places:
            own = folder / f"{place.name}.json"
            dumped = commanded(place, f"{place.name}: dump", "dump", place.facts["big"]["slug"], "--out", str(own))
            loaded = ("load-dump", str(made or own), "--owner", "member0", "--name", "Loaded")
            rows += [size_of(own, dumped), size_of(made or own, commanded(place, f"{place.name}: load-dump", *loaded))]
        print(f"\n**Dumps** of {STORIES} stories ({'the shared maker’s' if made else 'the benchmark’s own'})\n")
        print(table(HEAD, rows))


def size_of(file: Path, row: tuple[str, ...]) -> tuple[str, ...]:
    return (*row, f"{file.stat().st_size / 1e6:.0f} MB")


def shared_dump(folder: Path) -> Path | None:
    """A dump in Taiga 6's own form, if the folder with its maker is at hand."""
    shared = Path(os.environ.get("TAIGA_SHARED") or HOME.parent / "shared")
    maker, out = shared / "dumps" / "make_big_dump.py", folder / "made.json"
    if not maker.exists():
        return None
    command = [sys.executable, str(maker), "--stories", str(STORIES), "--out", str(out)]
    subprocess.run(command, check=True, capture_output=True)
    return out


def commanded(place: Place, name: str, *arguments: str) -> tuple[str, ...]:
    """The figures of one command."""
    environment = {**os.environ, **place.environment}
    database, began = place.database_cpu(), time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "taiga", *arguments],
        cwd=HOME,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        watch = Watch(process)
        watch.start()
        _, errors = process.communicate()
        watch.join()
    if process.returncode:
        raise SystemExit(f"{name} failed:\n{errors.decode()}")
    took, database = time.monotonic() - began, place.database_cpu() - database
    return (name, f"{took:.1f}", f"{watch.cpu / 1e9:.1f}", f"{database / 1e9:.1f}", f"{watch.memory / MEGABYTE:.0f} MB")


class Watch(threading.Thread):
    """Looks at a process until it ends: afterwards nothing can be asked of it."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        super().__init__(daemon=True)
        self.process = process
        self.cpu = 0
        self.memory = 0

    def run(self) -> None:
        while self.process.poll() is None:
            self.cpu = max(self.cpu, cpu_of(self.process.pid))
            try:
                self.memory = max(self.memory, peak_memory_of(self.process.pid))
            except OSError:
                return
            time.sleep(0.05)
