"""What the interpreter does for a request, counted: `python -m bench.opcodes JSON` of a token and requests.

The count is the same on a busy machine as on a quiet one, and says which function takes how much of it. It knows
nothing of what is done in C (the drivers, JSON, the system), so it explains the times and does not replace them.
"""

import json
import sys
import sysconfig
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Self

from bench.places import Place
from bench.processes import HOME
from bench.tables import table

WARM_UPS = 5
TOP = 15
HEAD = ("opcodes", "%", "calls", "function")
FOLDERS = [f"{Path(sysconfig.get_path(name))}/" for name in ("purelib", "stdlib")] + [f"{HOME}/"]


class Tracer:
    """Counts opcodes and calls by function while it is set."""

    def __init__(self) -> None:
        self.opcodes: Counter[CodeType] = Counter()
        self.calls: Counter[CodeType] = Counter()

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "call":
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
            self.calls[frame.f_code] += 1
        elif event == "opcode":
            self.opcodes[frame.f_code] += 1
        return self

    def __enter__(self) -> Self:
        sys.settrace(self)
        return self

    def __exit__(self, *_problem: object) -> None:
        sys.settrace(None)


def requests_of(place: Place) -> list[dict[str, str]]:
    """One story, a list of them, a change of one."""
    big = place.facts["big"]
    story = f"/api/v1/userstories/{big['stories'][120]}"
    return [
        {"name": "one story", "method": "GET", "path": story},
        {
            "name": "list of 100 stories",
            "method": "GET",
            "path": f"/api/v1/userstories?project={big['id']}&page_size=100",
        },
        {"name": "PATCH of a subject", "method": "PATCH", "path": story},
    ]


def measure(places: Sequence[Place]) -> None:
    """A table for each request and database."""
    for place in places:
        print(f"\n{place.name}", place.run("bench.opcodes", json.dumps([place.facts["token"], requests_of(place)])))


def counted(client: Any, method: str, path: str) -> Tracer:
    """The last of some calls: what is made once for all requests is no matter."""
    for number in range(WARM_UPS):
        version = client.get(path).json()["version"] if method == "PATCH" else 0
        body = json.dumps({"version": version, "subject": f"Another, {version + number}"}) if method == "PATCH" else ""
        with Tracer() as tracer:
            answer = client.generic(method, path, body, content_type="application/json")
        if answer.status_code != 200:
            raise SystemExit(f"{method} {path}: {answer.status_code} {answer.content[:500]!r}")
    return tracer


def place_of(code: CodeType) -> str:
    """A function by its file, as short as it is clear."""
    folder = next((folder for folder in FOLDERS if code.co_filename.startswith(folder)), "")
    return f"{code.co_filename.removeprefix(folder)}:{code.co_firstlineno} {code.co_name}"


def main(text: str) -> None:
    import django  # noqa: PLC0415 - not by the benchmark itself, which names this module only

    django.setup()
    from django.test import Client  # noqa: PLC0415

    token, requests = json.loads(text)
    client = Client(headers={"Authorization": f"Bearer {token}"})
    for one in requests:
        found = counted(client, one["method"], one["path"])
        total = found.opcodes.total()
        rows = [
            (str(count), f"{100 * count / total:.1f}", str(found.calls[code]), place_of(code))
            for code, count in found.opcodes.most_common(TOP)
        ]
        print(f"\n**{one['name']}**: {total} opcodes in {found.calls.total()} calls\n\n{table(HEAD, rows)}")


if __name__ == "__main__":
    main(sys.argv[1])
