"""How much of our code one change of a story runs through. The bounds only ever get smaller."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import taiga
from tests.items.conftest import World

OURS = str(Path(taiga.__file__).parent)
MACHINERY = "base/"
"""What knows no project: routing, bodies, statements."""
MOST = {"files": 46, "functions": 182, "without the machinery": 109}


@contextmanager
def traced() -> Iterator[set[CodeType]]:
    """The functions of ours that run meanwhile; what has no name belongs to the function in which it is written."""
    seen: set[CodeType] = set()

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(OURS) and not code.co_name.startswith("<"):
            seen.add(code)

    sys.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(None)


def test_a_change_of_status_with_a_comment_runs_through_few_of_our_files_and_functions(world: World) -> None:
    story = world.make(tags=["red"])
    for version, status in enumerate(("done", "ready", "done"), start=1):  # the first ones prepare statements
        body = {"version": version, "status": world.status(status), "comment": "shipped"}
        with traced() as seen:
            assert world.alice.patch(f"/userstories/{story['id']}", body).status_code == 200
    places = {code: code.co_filename.removeprefix(f"{OURS}/") for code in seen}
    own = [place for place in places.values() if not place.startswith(MACHINERY)]
    counted = {"files": len(set(places.values())), "functions": len(places), "without the machinery": len(own)}
    told = "\n".join(sorted(f"{place} {code.co_name}" for code, place in places.items()))
    assert all(counted[name] <= most for name, most in MOST.items()), f"{counted}\n{told}"
