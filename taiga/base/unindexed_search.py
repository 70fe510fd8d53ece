"""Full-text search without an index, for small sets of rows: the query as a condition on a column."""

import re

from django.db.models import Q

from taiga.base import fulltext

BEFORE, AFTER = r"(^|\W|_)", r"($|\W|_)"


def condition(text: str, column: str) -> Q | None:
    """The condition that a column matches a search; None if the text has no searchable word."""
    query = fulltext.parse(text)
    return None if query is None else matching(query, column)


def matching(query: fulltext.Query, column: str) -> Q:
    """The condition of a parsed query."""
    if isinstance(query, fulltext.Term):
        return holds(query, column)
    parts = [matching(operand, column) for operand in query.operands]
    if query.operator == "not":
        return ~parts[0]
    whole = Q()
    for part in parts:
        whole = whole & part if query.operator == "and" else whole | part
    return whole


def holds(term: fulltext.Term, column: str) -> Q:
    """The column has words that begin with these, or, of an exact term, these words side by side."""
    words = [re.escape(word) for word in term.words]
    if term.exact:
        return Q(**{f"{column}__iregex": BEFORE + r"\W+".join(words) + AFTER})
    found = Q()
    for word in words:
        found &= Q(**{f"{column}__iregex": BEFORE + word})
    return found
