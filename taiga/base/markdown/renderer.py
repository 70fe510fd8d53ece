"""Renders a text to HTML."""

import logging
import re
import threading
from dataclasses import dataclass
from functools import lru_cache

from taiga.base.markdown import bounds, html5, plain, sanitiser
from taiga.base.markdown.dialect import Dialect
from taiga.base.markdown.surroundings import ProjectText, Surroundings, look_up, mentionable

log = logging.getLogger(__name__)

LONGEST_CACHED = 10_000

_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]|\r\n?|[ \t]{200,}")
_kept = threading.local()


@dataclass(frozen=True, slots=True)
class Rendered:
    """The HTML of a text."""

    html: str
    mentions: list[str]
    """Usernames of the members that are mentioned, in the order of the text, each once."""


def render(text: str, project: ProjectText | None) -> Rendered:
    """The HTML of a text. Never fails, and takes a few seconds at most, whatever the text is (see `bounds`)."""
    text = _UNWANTED.sub(_wanted, text)
    if plain.has_no_markup(text) or len(text) > bounds.LONGEST:
        return Rendered(plain.as_typed(text), [])
    place = look_up(text, project)
    html, mentions = (_cached if len(text) <= LONGEST_CACHED else _rendered)(text, place)
    return Rendered(html, list(mentions))


def _wanted(found: re.Match[str]) -> str:
    character = found[0][0]
    if character in " \t":
        return found[0][:200]
    if character == "\r":
        return "\n"
    if character in "\x00\x02\x03":
        return ""
    return "�" if character >= "\ud800" else "?"


def _rendered(text: str, place: Surroundings) -> tuple[str, tuple[str, ...]]:
    dialect = _dialect()
    dialect.begin(place)
    try:
        html = _html(dialect, text)
    except Exception as problem:
        # The library raises various exceptions for hostile texts, which must not make an item unreadable.
        # The message is not logged, since it may quote the text.
        log.warning("A text could not be read as markdown and is shown as typed: %s", type(problem).__name__)
        del _kept.dialect  # it stopped halfway, in an unknown state
        return plain.as_typed(text), ()
    mentions = [name for name in mentionable(text) if name in dialect.mentioned] if dialect.mentioned else []
    return html, tuple(mentions)


# The HTML depends on nothing but the text and its surroundings, so the cache is never stale.
_cached = lru_cache(maxsize=512)(_rendered)


def _html(dialect: Dialect, text: str) -> str:
    tree = dialect.tree(text)
    if not dialect.has_raw_html:
        try:
            return dialect.finished(sanitiser.write(tree, parsed=False))
        except sanitiser.NeedsRepair:
            pass
    return sanitiser.write(html5.tree(dialect.finished(dialect.inside(tree))), parsed=True)


def _dialect() -> Dialect:
    if not hasattr(_kept, "dialect"):
        _kept.dialect = Dialect()
    dialect: Dialect = _kept.dialect
    return dialect
