"""The words of a search, turned into a condition on one text; for sets too small to need an index.

Words are prefixes and all must be there; `"two words"` is a phrase; `and`, `or`, `not` and brackets combine them. What
cannot be read as such is left out.
"""

import re

from django.db.models import Q

TOKEN = re.compile(r'"([^"]*)"?|([()])|([^\s()"]+)')
OPERATORS = ("and", "or", "not")


def condition(text: str, column: str) -> Q | None:
    """The rows whose column has what is searched; None when nothing that can be searched is left of the text."""
    search = Search(text, column)
    found = search.either()
    while search.tokens:  # a closing bracket that none opened
        search.tokens.pop(0)
        found = both(found, search.either())
    return found


def both(first: Q | None, second: Q | None) -> Q | None:
    """Both conditions, or the one that there is."""
    return first & second if first is not None and second is not None else first or second


class Search:
    """Reads a search from its beginning to its end."""

    def __init__(self, text: str, column: str) -> None:
        self.column = column
        self.tokens = [match for match in TOKEN.finditer(re.sub(r"['\\]", "", text)) if match[0]]

    def either(self) -> Q | None:
        """Alternatives: `a b or c`."""
        found = self.all()
        while self.next_is("or"):
            self.tokens.pop(0)
            other = self.all()
            found = found | other if found is not None and other is not None else found or other
        return found

    def all(self) -> Q | None:
        """Words that must all be there; `and` between them changes nothing."""
        found: Q | None = None
        while self.tokens and not self.next_is("or", ")"):
            found = both(found, self.one())
        return found

    def one(self) -> Q | None:
        """A word, a phrase, or what stands in brackets."""
        token = self.tokens.pop(0)
        word = token[0].lower()
        if word == "not":
            denied = self.one() if self.tokens and not self.next_is("or", ")") else None
            return ~denied if denied is not None else None
        if word == "(":
            return self.bracketed()
        if token[1] is not None:
            return self.holds(token[1].split(), whole=True)
        return self.holds([] if word in OPERATORS else [token[0]], whole=False)

    def bracketed(self) -> Q | None:
        """What stands in brackets; the closing one may be missing."""
        inside = self.either()
        if self.next_is(")"):
            self.tokens.pop(0)
        return inside

    def next_is(self, *words: str) -> bool:
        """Whether one of these comes next."""
        return bool(self.tokens) and self.tokens[0][1] is None and self.tokens[0][0].lower() in words

    def holds(self, words: list[str], *, whole: bool) -> Q | None:
        """The words stand in the text one after another, the last one complete or as a prefix."""
        if not any(re.search(r"\w", word) for word in words):
            return None
        pattern = r"(^|\W)" + r"\W+".join(re.escape(word) for word in words) + (r"($|\W)" if whole else "")
        return Q(**{f"{self.column}__iregex": pattern})
