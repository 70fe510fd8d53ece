"""Raw HTML in texts: tags that are not allowed become text; the rest is parsed and repaired as a browser would."""

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement

from justhtml import JustHTML

from taiga.base.markdown.bounds import LONGEST
from taiga.base.markdown.elements import append_text
from taiga.base.markdown.sanitiser import TAGS, VOID, escaped, write

# A tag as HTML5 reads it: quotes hide a > only in the value of an attribute.
_TAG = re.compile(
    r"""</?(?P<name>[a-zA-Z][^\s/>]*+)
        (?:[\s/]++ | [^\s/>][^\s/>=]*+ (?:\s*+=\s*+(?:"[^"]*+" | '[^']*+' | [^\s"'>][^\s>]*+ | (?=>)))?+)*+
        >""",
    re.VERBOSE,
)
_HIDDEN = re.compile(
    r"<!--(?:-?>|.*?--!?>)|<!\[CDATA\[.*?\]\]>|<(?:\?|!(?!--|\[CDATA\[)|/(?![a-zA-Z]))[^>]*+>", re.DOTALL
)
_FORMATTING = frozenset({"a", "b", "code", "em", "i", "strong"})

_BEGINS_NOTHING = frozenset(" \n<>=&0123456789") | {""}

MOST_OPEN = 200
MOST_FORMATTING_OPEN = 12
"""A parser reopens these elements in each paragraph that follows, so that a few of them and many paragraphs would make
a huge document.
"""
MOST_UNFINISHED = 50


def tree(html: str) -> Element:
    """The parsed HTML below a root. Character references stay unresolved, as in the trees of the dialect."""
    source = "".join(_allowed(html.replace("&", "&amp;")))
    document = JustHTML(source, fragment=True, sanitize=False)
    root = Element("div")
    pending = [(document.root, root)]
    while pending:
        node, element = pending.pop()
        for child in node.children or ():
            if child.name == "#text":
                append_text(element, child.data)
            elif child.name in TAGS:
                pending.append((child, SubElement(element, child.name, {k: v or "" for k, v in child.attrs.items()})))
    return root


def cleaned(html: str) -> str:
    """HTML from elsewhere, sanitised like our own; of a very long one only the text."""
    return write(tree(html), parsed=True) if len(html) <= LONGEST else escaped(html)


class _TagFilter:
    """Decides which tags stay tags."""

    def __init__(self) -> None:
        self.open: Counter[str] = Counter()

    def lets_in(self, tag: str, name: str) -> bool:
        """Whether this tag stays a tag."""
        if name not in TAGS or name in VOID:
            return name in TAGS
        if tag.startswith("</"):
            self.open[name] -= self.open[name] > 0
            return True
        if self.open.total() >= MOST_OPEN or (name in _FORMATTING and self._formatting() >= MOST_FORMATTING_OPEN):
            return False
        self.open[name] += 1
        return True

    def _formatting(self) -> int:
        return sum(self.open[name] for name in _FORMATTING)


def _allowed(html: str) -> Iterator[str]:
    """The HTML in pieces: a `<` that does not begin an allowed tag is escaped; comments and declarations are
    removed.
    """
    tag_filter = _TagFilter()
    at = unfinished = 0
    while (start := html.find("<", at)) != -1:
        yield html[at:start]
        may_look = unfinished < MOST_UNFINISHED and html[start + 1 : start + 2] not in _BEGINS_NOTHING
        if may_look and (hidden := _HIDDEN.match(html, start)):
            at = hidden.end()
        elif may_look and (tag := _TAG.match(html, start)):
            lets_in = tag_filter.lets_in(tag[0], tag["name"].lower())
            yield tag[0] if lets_in else tag[0].replace("<", "&lt;")
            at = tag.end()
        else:
            unfinished += may_look
            yield "&lt;"
            at = start + 1
    yield html[at:]
