"""Sanitises the HTML in a dump, which anybody may have written, and which clients display as it is."""

from typing import Any

from taiga.base.markdown import cleaned
from taiga.base.textdiff import is_diff

ENDINGS = ("_html", "_diff")


def harmless(value: Any, name: str = "") -> Any:
    """A JSON value whose HTML is sanitised; `name` is its key."""
    if isinstance(value, dict):
        return {key: harmless(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [harmless(inner, name) for inner in value]
    is_html = isinstance(value, str) and name.endswith(ENDINGS)
    return cleaned(value) if is_html and not is_diff(value) else value
