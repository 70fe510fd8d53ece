"""The full-text search of this API, as queries for SQLite's FTS5 and for PostgreSQL's tsquery.

Words are prefixes, and all of them must match. `"quoted words"` must stand side by side. `and`, `or`, `not` and
parentheses are operators; a dangling one is ignored. A text without a searchable word matches nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

OPERATORS = {"and", "or", "not"}
TOKEN = re.compile(r'"([^"]*)"|([()])|([^\s()"]+)')
WORD = re.compile(r"\w+")
MOST = 64
"""How many words and operators of a search count: databases limit the depth of an expression, and nobody types so many.
"""
LONGEST = 500
"""How many characters of a word count: PostgreSQL refuses lexemes of more than 2,046 bytes."""
EVERYTHING = "everything"
"""A word that each row of an FTS5 index has in its column `always`: FTS5's NOT needs a left operand."""
NOTHING = "nothingatallisfoundbythis"
"""A query that matches no row, in either dialect."""


@dataclass(frozen=True)
class Term:
    """Words that are prefixes, or (`exact`) that stand side by side."""

    words: tuple[str, ...]
    exact: bool


@dataclass(frozen=True)
class Node:
    """An operator on its operands: `and`, `or`, `not`."""

    operator: str
    operands: "tuple[Node | Term, ...]"


Query = Node | Term


def parse(text: str) -> Query | None:
    """The query in a text that somebody typed; None if it has no searchable word."""
    tokens = list(bounded(tokenized(text.replace("'", "").replace("\\", "").replace("\0", ""))))
    parts: list[Query] = []
    at = 0
    while at < len(tokens):
        part, at = disjunction(tokens, at)
        parts += [part] if part is not None else []
        at += 1  # skip an unbalanced closing parenthesis
    return joined("and", parts)


def tokenized(text: str) -> Iterator[str | Term]:
    """Operators, parentheses and terms, in the order of the text."""
    for quoted, parenthesis, word in TOKEN.findall(text):
        if parenthesis:
            yield parenthesis
        elif word.lower() in OPERATORS:
            yield word.lower()
        else:
            words = tuple(found[:LONGEST] for found in WORD.findall(quoted or word))
            if words:
                yield Term(words, exact=bool(quoted))


def bounded(tokens: Iterator[str | Term]) -> Iterator[str | Term]:
    """The tokens up to the last one that counts."""
    left = MOST
    for token in tokens:
        if left <= 0:
            return
        yield Term(token.words[:left], token.exact) if isinstance(token, Term) else token
        left -= len(token.words) if isinstance(token, Term) else 1


Parsed = tuple[Query | None, int]


def disjunction(tokens: list[str | Term], at: int) -> Parsed:
    """`a or b`, up to a closing parenthesis."""
    parts: list[Query] = []
    while at < len(tokens) and tokens[at] != ")":
        part, at = conjunction(tokens, at)
        if part is not None:
            parts.append(part)
        if at < len(tokens) and tokens[at] == "or":
            at += 1
    return joined("or", parts), at


def conjunction(tokens: list[str | Term], at: int) -> Parsed:
    """`a b` or `a and b`."""
    parts: list[Query] = []
    while at < len(tokens) and tokens[at] not in (")", "or"):
        if tokens[at] == "and":
            at += 1
            continue
        part, at = operand(tokens, at)
        if part is not None:
            parts.append(part)
    return joined("and", parts), at


def operand(tokens: list[str | Term], at: int) -> Parsed:
    """A term, `not a`, or a query in parentheses."""
    here = tokens[at]
    if isinstance(here, Term):
        return here, at + 1
    if here == "(":
        part, at = disjunction(tokens, at + 1)
        return part, at + 1
    if here == "not":
        if at + 1 >= len(tokens) or tokens[at + 1] in (")", "or", "and"):
            return None, at + 1
        part, at = operand(tokens, at + 1)
        return (Node("not", (part,)) if part is not None else None), at
    return None, at + 1


def joined(operator: str, parts: list[Query]) -> Query | None:
    """The operator applied to the parts; a single part stands for itself."""
    if len(parts) < 2:
        return parts[0] if parts else None
    return Node(operator, tuple(parts))


def to_tsquery(query: Query) -> str:
    """The query in the syntax of PostgreSQL's `to_tsquery('simple', …)`."""
    if isinstance(query, Term):
        if query.exact:
            return "(" + " <-> ".join(f"'{word}'" for word in query.words) + ")"
        return "(" + " & ".join(f"'{word}':*" for word in query.words) + ")"
    if query.operator == "not":
        return f"!({to_tsquery(query.operands[0])})"
    sign = " & " if query.operator == "and" else " | "
    return "(" + sign.join(to_tsquery(part) for part in query.operands) + ")"


def to_fts5(query: Query) -> str:
    """The query in the syntax of SQLite's FTS5."""
    if isinstance(query, Term):
        if query.exact:
            return f'-always : "{" ".join(query.words)}"'
        return "-always : (" + " AND ".join(f'"{word}" *' for word in query.words) + ")"
    if query.operator == "not":
        return f'(always : "{EVERYTHING}" NOT {to_fts5(query.operands[0])})'
    return "(" + f" {query.operator.upper()} ".join(to_fts5(part) for part in query.operands) + ")"
