"""The full-text indexes of items, wiki pages and projects, as both databases keep them.

PostgreSQL: a generated column `search` with weights, and a GIN index. SQLite: an FTS5 table beside the table, kept by
triggers; `always` holds a word that every row has. A migration that rebuilds one of the tables must make them anew.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Index:
    """What is indexed of a table: (column, weight) with weights A to C; `lists` are columns of lists of texts."""

    table: str
    columns: tuple[tuple[str, str], ...]
    lists: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The FTS5 table."""
        return f"{self.table}_search"


ITEMS = Index(
    "projects_workitem", (("subject", "A"), ("ref", "A"), ("tags", "B"), ("description", "C")), lists=("tags",)
)
PAGES = Index("projects_wikipage", (("slug", "A"), ("content", "C")))
PROJECTS = Index("projects_project", (("name", "A"), ("tags", "B"), ("description", "C")), lists=("tags",))
INDEXES = (ITEMS, PAGES, PROJECTS)
JOINED = """
CREATE OR REPLACE FUNCTION taiga_joined(text[]) RETURNS text LANGUAGE sql IMMUTABLE
AS $$ SELECT array_to_string($1, ' ') $$
"""
TOKENS = "tokenize='unicode61 remove_diacritics 0', prefix='2 3'"
LONGEST = 200_000
"""Characters of a text that are indexed on PostgreSQL, whose vectors are limited to a megabyte."""


def postgres(index: Index) -> list[str]:
    """The statements that make the index on PostgreSQL."""
    parts = []
    for column, weight in index.columns:
        text = f"taiga_joined({column})" if column in index.lists else f"left({column}::text, {LONGEST})"
        parts.append(f"setweight(to_tsvector('simple', coalesce({text}, '')), '{weight}')")
    return [
        f"ALTER TABLE {index.table} ADD COLUMN search tsvector GENERATED ALWAYS AS ({' || '.join(parts)}) STORED",
        f"CREATE INDEX {index.name} ON {index.table} USING gin (search)",
    ]


def sqlite(index: Index) -> list[str]:
    """The statements that make the index on SQLite."""
    names = [column for column, _weight in index.columns]
    listed = ", ".join(names)
    old = ", ".join(f"old.{name}" for name in names)
    new = ", ".join(f"new.{name}" for name in names)
    source = f"{index.table}_text"
    columns = f"rowid, {listed}, always"
    removed = f"INSERT INTO {index.name} ({index.name}, {columns}) VALUES ('delete', old.id, {old}, 'everything');"
    added = f"INSERT INTO {index.name} ({columns}) VALUES (new.id, {new}, 'everything');"
    made = f"fts5({listed}, always, content='{source}', content_rowid='id', {TOKENS})"
    return [
        f"CREATE VIEW {source} AS SELECT id, {listed}, 'everything' AS always FROM {index.table}",
        f"CREATE VIRTUAL TABLE {index.name} USING {made}",
        f"CREATE TRIGGER {index.name}_insert AFTER INSERT ON {index.table} BEGIN {added} END",
        f"CREATE TRIGGER {index.name}_delete AFTER DELETE ON {index.table} BEGIN {removed} END",
        f"CREATE TRIGGER {index.name}_update AFTER UPDATE OF {listed} ON {index.table} BEGIN {removed} {added} END",
    ]
