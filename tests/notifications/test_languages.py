"""The message catalogs: complete, compiled, and with all placeholders."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import to_locale

FOLDER = Path(settings.LOCALE_PATHS[0])
EVERY_LANGUAGE = pytest.mark.parametrize("lang", [to_locale(code) for code, _name in settings.LANGUAGES])
SAYING = {"_", "gettext", "gettext_lazy", "gettext_noop"}
FILLED = re.compile(r"%\(\w+\)[sd]|%[sd]|\{[\w\[\]]+\}")
LAST = re.compile(r"(\.\.\.|[.:?!])?\s*$")
WIDE = str.maketrans("。：？！؟", ".:?!?")
"""Last signs of sentences in scripts that have their own."""


def texts(lang: str) -> Iterator[tuple[str, str]]:
    """The texts of a catalog and their translations."""
    source = (FOLDER / lang / "LC_MESSAGES/django.po").read_text(encoding="utf-8")
    for block in source.split("\n\n")[1:]:
        found = re.search(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)', block, re.MULTILINE)
        assert found, block
        yield literal(found[1]), literal(found[2])


def last(text: str) -> str:
    """The sign and the space that a text ends with."""
    found = LAST.search(text.translate(WIDE))
    return found[0] if found else ""


def literal(lines: str) -> str:
    """The text of some quoted lines."""
    return "".join(ast.literal_eval(line) for line in lines.splitlines())


@EVERY_LANGUAGE
def test_every_text_is_translated_and_keeps_what_is_filled_in(lang: str) -> None:
    pairs = list(texts(lang))
    assert len(pairs) > 300
    for text, translated in pairs:
        assert translated, text
        assert sorted(FILLED.findall(text)) == sorted(FILLED.findall(translated)), text


@EVERY_LANGUAGE
def test_a_sentence_ends_as_a_sentence_in_every_language(lang: str) -> None:
    ends = {text: (last(text), last(translated)) for text, translated in texts(lang) if text[-1:] not in ("", ",")}
    assert len({end for end, _translated in ends.values()}) > 4
    assert {text: pair for text, pair in ends.items() if pair[0] != pair[1]} == {}


@EVERY_LANGUAGE
def test_the_compiled_catalog_is_that_of_the_source(lang: str) -> None:
    with (FOLDER / lang / "LC_MESSAGES/django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for text, translated in texts(lang):
        assert compiled.gettext(text) == translated


def said(source: Path) -> Iterator[str]:
    """The translatable texts of a module."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYING:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


@EVERY_LANGUAGE
def test_what_the_code_says_is_in_the_catalog(lang: str) -> None:
    known = dict(texts(lang))
    code = FOLDER.parent
    spoken = {text: path.relative_to(code) for path in code.rglob("*.py") for text in said(path)}
    assert len(spoken) > 250
    assert {text: path for text, path in spoken.items() if text not in known} == {}
