"""Searching items, pages and projects by their words."""

from typing import Any

from django.db import models
from django.db.models import Expression, F, Q

from taiga.base import fulltext
from taiga.base.database import is_postgres
from taiga.base.prepared import Named
from taiga.projects.search_index import Index

WEIGHTS = {"A": 1.0, "B": 0.4, "C": 0.1}
STEEP = {"A": 1_000_000, "B": 1_000, "C": 1}
"""The weights for bm25, which prefers short rows: as steep as this, a tag in a short row never beats a title."""


class Matches(Expression):
    """Whether a row's words match a query that is given as the parameter `name` (see `written`)."""

    conditional = True

    def __init__(self, index: Index, name: str) -> None:
        super().__init__(output_field=models.BooleanField())
        self.index, self.name = index, name
        self.key: Any = F("id")

    def get_source_expressions(self) -> list[Any]:
        return [self.key]

    def set_source_expressions(self, exprs: Any) -> None:
        (self.key,) = exprs

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        vector = compiler.compile(self.key)[0].replace('"id"', '"search"')
        return f"{vector} @@ to_tsquery('simple', %s)", [Named(self.name)]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        index, key = self.index, compiler.compile(self.key)[0]
        return f"{key} IN (SELECT rowid FROM {index.name} WHERE {index.name} MATCH %s)", [Named(self.name)]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return self.as_sqlite(compiler, connection)


class Rank(Expression):
    """How well a row matches: larger is better. The query is the parameter `name`."""

    def __init__(self, index: Index, name: str) -> None:
        super().__init__(output_field=models.FloatField())
        self.index, self.name = index, name

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        weights = f"{{0, {WEIGHTS['C']}, {WEIGHTS['B']}, {WEIGHTS['A']}}}"
        return f"ts_rank('{weights}', {self.index.table}.search, to_tsquery('simple', %s))", [Named(self.name)]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        index = self.index
        weights = ", ".join(str(STEEP[weight]) for _column, weight in index.columns)
        # ranked once for all rows: for each row anew, the whole index would be counted as often as there are matches
        ranked = (
            f"WITH ranked AS MATERIALIZED (SELECT rowid AS id, -bm25({index.name}, {weights}, 0) AS rank"
            f" FROM {index.name} WHERE {index.name} MATCH %s)"
            f" SELECT rank FROM ranked WHERE ranked.id = {index.table}.id"
        )
        return f"({ranked})", [Named(self.name)]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return self.as_sqlite(compiler, connection)


def matching(index: Index, name: str = "q") -> Q:
    """The rows that match the query given as the parameter `name`."""
    return Q(Matches(index, name))


def written(text: str) -> str:
    """What somebody typed, as this database reads it; a query that finds nothing if there is no word in it."""
    query = fulltext.parse(text)
    postgres = is_postgres()
    if query is None:
        return "" if postgres else '"nothingatallisfoundbythis"'
    return fulltext.to_tsquery(query) if postgres else fulltext.to_fts5(query)
