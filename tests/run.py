"""The whole suite, once for each database: `bin/test [--sqlite-only] [--front FOLDER] [pytest arguments]`.

With a folder that holds the prebuilt web front, its tests run, in one browser; without one they are skipped."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import postgres, template

SQLITE_ONLY, FRONT = "--sqlite-only", "--front"
FRONT_TOLD = "TAIGA_FRONT_TEST_DIR"
CORES = os.cpu_count() or 1


def main(arguments: list[str]) -> int:
    given = front([argument for argument in arguments if argument != SQLITE_ONLY])
    with tempfile.TemporaryDirectory(prefix="taiga-test-") as folder:
        results = [suite("SQLite", given, template.of_sqlite(folder) | {"TMPDIR": folder})]
    if SQLITE_ONLY not in arguments:
        try:
            with postgres.running() as url, tempfile.TemporaryDirectory(prefix="taiga-test-") as folder:
                told = {"DATABASE_URL": url, "TMPDIR": folder} | template.of_postgres(url)
                results.append(suite("PostgreSQL", given, told))
        except postgres.Missing as problem:
            results.append(("PostgreSQL", 1, str(problem)))
    print("\n".join(f"{name + ':':12}{last}" for name, _, last in results[:-1]))
    print(f"{results[-1][0]}:\n{results[-1][2]}", flush=True)
    return int(any(code for _, code, _ in results))


def front(arguments: list[str]) -> list[str]:
    """Tells the tests of the front where it is; they alone run, unless the arguments name others."""
    if FRONT not in arguments:
        return arguments
    place = arguments.index(FRONT)
    folder = Path(*arguments[place + 1 : place + 2]).resolve()
    if not (folder / "index.html").is_file():
        raise SystemExit(f"{FRONT} wants a folder that holds the prebuilt front: there is no index.html in {folder}")
    os.environ[FRONT_TOLD] = str(folder)
    others = arguments[:place] + arguments[place + 2 :]
    named = any(Path(other.partition("::")[0]).exists() for other in others)
    return [*others, "--numprocesses=0", *([] if named else ["tests/front"])]


def suite(name: str, arguments: list[str], extra: dict[str, str]) -> tuple[str, int, str]:
    """Name, exit status and closing line of one run. No test at all is a failure too: pytest says so with status 5."""
    print(f"── {name} ──", flush=True)
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | extra
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    command = [sys.executable, "-m", "pytest", f"--numprocesses={min(CORES, 8)}", *colour, *arguments]
    closing = ""
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            closing = line.rstrip("\n") or closing
    return name, process.returncode, closing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
