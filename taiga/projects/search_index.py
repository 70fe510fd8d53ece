"""The full-text indexes of items, wiki pages and projects: on both databases a separate table, maintained by triggers,
so that the rows of the main tables stay narrow.

PostgreSQL: a weighted vector and a GIN index. SQLite: an FTS5 table; its column `always` holds terms that no search for
words matches. In both, a row names its project, so that the cost of a search in one project does not depend on other
projects.

A migration that rebuilds one of the main tables must recreate its triggers.
"""

from dataclasses import dataclass

from taiga.base.fulltext import EVERYTHING


@dataclass(frozen=True)
class Index:
    """What is indexed of a table: (column, weight) pairs with weights A to C. `lists` are columns of lists of texts;
    `project` is the column with the row's project.
    """

    table: str
    columns: tuple[tuple[str, str], ...]
    lists: tuple[str, ...] = ()
    project: str = "project_id"

    @property
    def name(self) -> str:
        """The name of the index table."""
        return f"{self.table}_search"

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns whose change requires an update of the index."""
        return (*(column for column, _weight in self.columns), self.project)

    def vector(self, row: str) -> str:
        """The vector of the row aliased `row`, as a PostgreSQL expression."""
        parts = [f"array_to_tsvector(ARRAY[concat('@', {row}.{self.project})])"]
        for column, weight in self.columns:
            text = f"array_to_string({row}.{column}, ' ')" if column in self.lists else f"{row}.{column}::text"
            parts.append(f"setweight(to_tsvector('simple', left(coalesce({text}, ''), {LONGEST})), '{weight}')")
        return " || ".join(parts)


ITEMS = Index(
    "projects_workitem", (("subject", "A"), ("ref", "A"), ("tags", "B"), ("description", "C")), lists=("tags",)
)
PAGES = Index("projects_wikipage", (("slug", "A"), ("content", "C")))
PROJECTS = Index(
    "projects_project", (("name", "A"), ("tags", "B"), ("description", "C")), lists=("tags",), project="id"
)
INDEXES = (ITEMS, PAGES, PROJECTS)
TOKENS = "tokenize='unicode61 remove_diacritics 0', prefix='2 3'"
LONGEST = 200_000
"""The number of characters indexed of a text on PostgreSQL, whose vectors are limited to 1 MB."""


def postgres(index: Index) -> list[str]:
    """The statements that create the index on PostgreSQL and fill it from existing rows."""
    table, name = index.table, index.name
    trigger_function = f"""
CREATE FUNCTION {name}_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM {name} WHERE id = old.id;
    ELSE
        INSERT INTO {name} (id, search) VALUES (new.id, {index.vector("new")})
        ON CONFLICT (id) DO UPDATE SET search = excluded.search;
    END IF;
    RETURN NULL;
END $$"""
    when = f"INSERT OR DELETE OR UPDATE OF {', '.join(index.sources)}"
    return [
        f"CREATE TABLE {name} (id bigint PRIMARY KEY, search tsvector NOT NULL)",
        f"INSERT INTO {name} (id, search) SELECT id, {index.vector('there')} FROM {table} AS there",
        f"CREATE INDEX {name}_words ON {name} USING gin (search)",
        trigger_function,
        f"CREATE TRIGGER {name}_keep AFTER {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}_keep()",
    ]


def sqlite(index: Index) -> list[str]:
    """The statements that create the index on SQLite and fill it from existing rows."""
    table, name, source = index.table, index.name, f"{index.table}_text"
    listed = ", ".join(column for column, _weight in index.columns)

    def texts(row: str) -> str:
        columns = ", ".join(f"{row}.{column}" for column, _weight in index.columns)
        return f"{row}.id, {columns}, '{EVERYTHING} in' || {row}.{index.project}"

    removed = f"INSERT INTO {name} ({name}, rowid, {listed}, always) VALUES ('delete', {texts('old')});"
    added = f"INSERT INTO {name} (rowid, {listed}, always) VALUES ({texts('new')});"
    definition = f"fts5({listed}, always, content='{source}', content_rowid='id', {TOKENS})"
    changed = ", ".join(index.sources)
    return [
        f"CREATE VIEW {source} (id, {listed}, always) AS SELECT {texts('there')} FROM {table} AS there",
        f"CREATE VIRTUAL TABLE {name} USING {definition}",
        f"INSERT INTO {name} ({name}) VALUES ('rebuild')",
        f"CREATE TRIGGER {name}_insert AFTER INSERT ON {table} BEGIN {added} END",
        f"CREATE TRIGGER {name}_delete AFTER DELETE ON {table} BEGIN {removed} END",
        f"CREATE TRIGGER {name}_update AFTER UPDATE OF {changed} ON {table} BEGIN {removed} {added} END",
    ]
