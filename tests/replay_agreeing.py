"""Replays the recorded conversations that agree so far against a freshly started server, once for each database.

    python -m tests.replay_agreeing               those that tests/agreeing.txt names
    python -m tests.replay_agreeing users/ auth   those whose name contains one of the words
    python -m tests.replay_agreeing --all --write all of them; agreeing.txt then names those that agree

The recordings lie beside this checkout, in ../shared/conformance; without them there is nothing to do.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import postgres
from tests.ports import free_port

HOME = Path(__file__).resolve().parent.parent
RECORDINGS = HOME.parent / "shared" / "conformance"
AGREEING = HOME / "tests" / "agreeing.txt"
SUPERUSER = ("admin", "123123")
SWITCHES = {
    "PUBLIC_REGISTER_ENABLED": "true",
    "TAIGA_THROTTLE": "off",
    "WEBHOOKS_ALLOW_PRIVATE_ADDRESS": "true",
    "STATS_ENABLED": "true",
    "ENABLE_TRELLO_IMPORTER": "true",
    "ENABLE_JIRA_IMPORTER": "true",
    "ENABLE_GITHUB_IMPORTER": "true",
    "ENABLE_ASANA_IMPORTER": "true",
    "TAIGA_ENV_FILE": os.devnull,
    "TAIGA_LOG_LEVEL": "warning",
}
PATIENCE = 60


def main() -> int:
    options = arguments()
    if not RECORDINGS.is_dir():
        print("Skipped: the recorded conversations are not beside this checkout (../shared/conformance).")
        return 0
    transcripts = chosen(options)
    outcomes = {"SQLite": replayed("SQLite", transcripts, {}, verbose=options.verbose)}
    if not options.sqlite_only:
        with postgres.running() as url:
            given = {"DATABASE_URL": url}
            outcomes["PostgreSQL"] = replayed("PostgreSQL", transcripts, given, verbose=options.verbose)
    if options.write:
        agreeing = [name for name in transcripts if all(outcome[name] for outcome in outcomes.values())]
        AGREEING.write_text("".join(f"{name}\n" for name in agreeing))
    results = [agrees for outcome in outcomes.values() for agrees in outcome.values()]
    for database, outcome in outcomes.items():
        for name in (name for name, agrees in outcome.items() if not agrees):
            print(f"failed on {database}: {name}")
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed", flush=True)
    return int(not all(results))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", help="only conversations whose name contains one of these")
    parser.add_argument("--all", action="store_true", help="every conversation")
    parser.add_argument("--write", action="store_true", help="let agreeing.txt name those that agree everywhere")
    parser.add_argument("--sqlite-only", action="store_true")
    parser.add_argument("--verbose", action="store_true", help="every difference, not the first three of a step")
    return parser.parse_args()


def chosen(options: argparse.Namespace) -> dict[str, Any]:
    """By name. One that is asked for but was never recorded is None, and does not agree."""
    files = sorted((RECORDINGS / "transcripts").rglob("*.json"))
    recorded = {transcript["name"]: transcript for transcript in (json.loads(file.read_text()) for file in files)}
    if options.words:
        return {name: one for name, one in recorded.items() if any(word in name for word in options.words)}
    if options.all:
        return recorded
    return {name: recorded.get(name) for name in AGREEING.read_text().split()}


def replayed(
    database: str, transcripts: Mapping[str, Any], extra: Mapping[str, str], *, verbose: bool
) -> dict[str, bool]:
    """Whether each conversation agrees."""
    print(f"── {database} ──", flush=True)
    replay = replayer()
    with tempfile.TemporaryDirectory(prefix="taiga-replay-") as data, server(data, extra) as base:
        return {
            name: transcript is not None
            and report(name, replay.replay(replay.Server(base), transcript, ":".join(SUPERUSER)), verbose=verbose)
            for name, transcript in transcripts.items()
        }


def replayer() -> Any:
    """The tool that came with the recordings."""
    spec = importlib.util.spec_from_file_location("replay", RECORDINGS / "replay.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def server(data: str, extra: Mapping[str, str]) -> Iterator[str]:
    """One of its own, with an empty database and the superuser; gone afterwards."""
    port = free_port()
    given = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment = given | SWITCHES | {"TAIGA_DATA": data, "TAIGA_SITES_DOMAIN": f"localhost:{port}", **extra}
    name, password = SUPERUSER
    subprocess.run(
        [*taiga(), "createsuperuser", "--noinput", "--username", name, "--email", f"{name}@{name}.com"],
        env=environment | {"DJANGO_SUPERUSER_PASSWORD": password},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    process = subprocess.Popen(
        [*taiga(), "serve", "--port", str(port)], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        if "ready" not in process.stdout.readline():
            raise SystemExit("the server did not start; the lines above say why")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def taiga() -> list[str]:
    return [sys.executable, "-m", "taiga"]


def report(name: str, rows: list[dict[str, Any]], *, verbose: bool) -> bool:
    failed = [row for row in rows if row["problems"]]
    print(f"{'DIFF' if failed else 'ok  '} {name}  {len(rows) - len(failed)}/{len(rows)}", flush=True)
    for row in failed:
        print(f"     {row['step']}: {row['request']}")
        for problem in row["problems"] if verbose else row["problems"][:3]:
            print(f"         {problem}")
    return not failed


if __name__ == "__main__":
    sys.exit(main())
