"""Full-text search in items, pages and projects."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Expression, F, Q

from taiga.base import fulltext
from taiga.base.database import is_postgres
from taiga.base.prepared import Placeholder
from taiga.projects.search_index import Index

WEIGHTS = {"A": 1.0, "B": 0.4, "C": 0.1}
BM25_WEIGHTS = {"A": 1_000_000, "B": 1_000, "C": 1}
"""The weights for bm25. As it prefers short rows, they are steep: a tag in a short row must not beat a title."""


@dataclass(frozen=True)
class Search:
    """A search in an index. The statement's parameter `name` is the query (see `to_query`), and `project`, if used,
    limits it to a project.
    """

    index: Index
    name: str = "q"
    project: str | None = None

    @property
    def values(self) -> list[Any]:
        """The parameters of `condition`."""
        return [Placeholder(name) for name in (self.project, self.name) if name]

    @property
    def condition(self) -> str:
        """The condition for the rows of the index on SQLite."""
        scope = "'always : in' || %s || ' AND ' || " if self.project else ""
        return f"{self.index.name} MATCH {scope}%s"

    @property
    def condition_on_postgres(self) -> str:
        """The condition for the rows of the index on PostgreSQL."""
        scope = "search @@ concat('@', %s::bigint)::tsquery AND " if self.project else ""
        return f"{scope}search @@ to_tsquery('simple', %s)"


class Matches(Expression):
    """Whether a row is among those that are searched for."""

    conditional = True

    def __init__(self, search: Search) -> None:
        super().__init__(output_field=models.BooleanField())
        self.search = search
        self.key: Any = F("id")

    def get_source_expressions(self) -> list[Any]:
        return [self.key]

    def set_source_expressions(self, exprs: Any) -> None:
        (self.key,) = exprs

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        search, key = self.search, compiler.compile(self.key)[0]
        return f"{key} IN (SELECT id FROM {search.index.name} WHERE {search.condition_on_postgres})", search.values

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        search, key = self.search, compiler.compile(self.key)[0]
        return f"{key} IN (SELECT rowid FROM {search.index.name} WHERE {search.condition})", search.values

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return self.as_sqlite(compiler, connection)


class Rank(Expression):
    """The rank of a row; larger is better."""

    def __init__(self, search: Search) -> None:
        super().__init__(output_field=models.FloatField())
        self.search = search

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        index, weights = self.search.index, f"{{0, {WEIGHTS['C']}, {WEIGHTS['B']}, {WEIGHTS['A']}}}"
        rank = f"ts_rank('{weights}', search, to_tsquery('simple', %s))"
        return f"(SELECT {rank} FROM {index.name} WHERE id = {index.table}.id)", [Placeholder(self.search.name)]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        search, index = self.search, self.search.index
        weights = ", ".join(str(BM25_WEIGHTS[weight]) for _column, weight in index.columns)
        # ranked once for all rows: bm25 per row would count the whole index once for each match
        ranked = (
            f"WITH ranked AS MATERIALIZED (SELECT rowid AS id, -bm25({index.name}, {weights}, 0) AS rank"
            f" FROM {index.name} WHERE {search.condition})"
            f" SELECT rank FROM ranked WHERE ranked.id = {index.table}.id"
        )
        return f"({ranked})", search.values

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return self.as_sqlite(compiler, connection)


def matching(search: Search) -> Q:
    """The rows that match the search."""
    return Q(Matches(search))


def to_query(text: str) -> str:
    """What a user typed, in the query language of the database. Without any word in it, the query finds nothing."""
    query = fulltext.parse(text)
    if query is None:
        return fulltext.NOTHING
    return fulltext.to_tsquery(query) if is_postgres() else fulltext.to_fts5(query)
