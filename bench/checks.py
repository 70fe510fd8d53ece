"""Whether the floor says the same as the API: a floor that left something out would be no floor."""

import json
from typing import Any

NOT_COMPARED = {"gravatar_id", "description_html", "blocked_note_html", "my_permissions"}
"""What a database cannot know: a hash of an address, markdown as HTML, an admin's rights."""


def differences(api: Any, floor: Any, at: str = "") -> list[str]:
    """Where two answers differ, at most a few."""
    if isinstance(api, dict) and isinstance(floor, dict):
        found = [f"{at}: {name} only in one" for name in api.keys() ^ floor.keys()]
        for name in api.keys() & floor.keys() - NOT_COMPARED:
            found += differences(api[name], floor[name], f"{at}.{name}")
        return found[:5]
    if isinstance(api, list) and isinstance(floor, list):
        if api and all(isinstance(one, int) for one in api):
            api, floor = sorted(api), sorted(floor)
        found = [] if len(api) == len(floor) else [f"{at}: {len(api)} and {len(floor)} rows"]
        for number, (one, other) in enumerate(zip(api, floor, strict=False)):
            found += differences(one, other, f"{at}[{number}]")
        return found[:5]
    return [] if same(api, floor) else [f"{at}: {str(api)[:60]!r} and {str(floor)[:60]!r}"]


def same(api: Any, floor: Any) -> bool:
    """Texts, numbers, null; stamps may differ in how they write their fraction."""
    if isinstance(api, str) and isinstance(floor, str):
        return api == floor or api[:19] == floor[:19]
    return bool(api == floor)


def compare(api: bytes, floor: bytes) -> list[str]:
    return differences(json.loads(api), json.loads(floor))
