"""How JSON is put together by the two databases, in as little time as we know how."""

from collections.abc import Mapping

Members = Mapping[str, str]
"""Names of a JSON object with the SQL expressions of their values."""
MOST_MEMBERS = 60
"""SQLite's functions take 127 arguments."""


class Dialect:
    """Expressions and subqueries; `source` is what follows FROM, `key` the statement's parameter."""

    key = ""
    beside_palette = ""

    def object(self, members: Members) -> str:
        raise NotImplementedError

    def array(self, *values: str) -> str:
        raise NotImplementedError

    def flag(self, condition: str) -> str:
        raise NotImplementedError

    def stamp(self, column: str, *, exact: bool = False) -> str:
        raise NotImplementedError

    def texts(self, column: str) -> str:
        raise NotImplementedError

    def ids(self, column: str, source: str) -> str:
        raise NotImplementedError

    def listed(self, members: Members, source: str) -> str:
        """An array of objects; null if there are none."""
        raise NotImplementedError

    def mapped(self, key: str, value: str, source: str) -> str:
        raise NotImplementedError

    def coloured(self, tags: str) -> str:
        raise NotImplementedError

    def palette(self, project: int) -> str:
        raise NotImplementedError

    def elements(self, column: str) -> str:
        raise NotImplementedError

    def pairs(self, column: str, name: str) -> str:
        """The source of a JSON list of pairs."""
        raise NotImplementedError

    def pair(self, name: str) -> tuple[str, str]:
        """The two values of one of them."""
        raise NotImplementedError

    def found(self) -> tuple[str, str, str]:
        """Items with a word that begins so: their source, the condition, and their rank."""
        raise NotImplementedError

    def many(self, members: Members, source: str) -> str:
        """A statement for a list."""
        raise NotImplementedError

    def one(self, members: Members, source: str) -> str:
        """A statement for an object."""
        raise NotImplementedError

    def card(self, user: str) -> str:
        """Of a person; his gravatar's hash is no business of a database."""
        names = {
            "username": f"{user}.username",
            "full_name_display": f"{user}.full_name",
            "photo": "null",
            "big_photo": "null",
            "gravatar_id": "'00000000000000000000000000000000'",
            "is_active": self.flag(f"{user}.is_active"),
            "id": f"{user}.id",
        }
        return f"CASE WHEN {user}.id IS NOT NULL THEN {self.object(names)} END"


class Postgres(Dialect):
    key = "%s::bigint"
    beside_palette = " CROSS JOIN palette"

    def object(self, members: Members) -> str:
        return f"json_build_object({', '.join(f'{quoted(name)}, {value}' for name, value in members.items())})"

    def array(self, *values: str) -> str:
        return f"json_build_array({', '.join(values)})"

    def flag(self, condition: str) -> str:
        return f"({condition})"

    def stamp(self, column: str, *, exact: bool = False) -> str:
        fraction = ".MS" if exact else ""
        return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS{fraction}"Z"')"""

    def texts(self, column: str) -> str:
        return f"to_json({column})"

    def ids(self, column: str, source: str) -> str:
        return f"to_json(ARRAY(SELECT {column} FROM {source}))"

    def listed(self, members: Members, source: str) -> str:
        return f"(SELECT json_agg(r) FROM (SELECT {columns(members)} FROM {source}) AS r)"

    def mapped(self, key: str, value: str, source: str) -> str:
        return f"(SELECT coalesce(json_object_agg({key}, {value}), '{{}}') FROM {source})"

    def coloured(self, tags: str) -> str:
        return (
            f"coalesce((SELECT json_agg(json_build_array(tag, palette.colors->tag)) FROM unnest({tags}) AS tag), '[]')"
        )

    def palette(self, project: int) -> str:
        return (
            "palette AS MATERIALIZED (SELECT jsonb_object_agg(pair->>0, pair->1) AS colors FROM projects_project,"
            f" jsonb_array_elements(tags_colors) AS pair WHERE id = {project})"
        )

    def elements(self, column: str) -> str:
        return f"unnest({column}) AS element(value)"

    def pairs(self, column: str, name: str) -> str:
        return f"jsonb_array_elements({column}) AS {name}"

    def pair(self, name: str) -> tuple[str, str]:
        return f"{name}->>0", f"{name}->>1"

    def found(self) -> tuple[str, str, str]:
        query = "to_tsquery('simple', 'login:*')"
        rank = f"ts_rank('{{0, 0.1, 0.4, 1.0}}', w.search, {query})"
        source = "projects_workitem_search AS w JOIN projects_workitem AS i ON i.id = w.id"
        return source, f"w.search @@ {query}", rank

    def many(self, members: Members, source: str) -> str:
        return f"SELECT coalesce(json_agg(r), '[]')::text FROM (SELECT {columns(members)} FROM {source}) AS r"

    def one(self, members: Members, source: str) -> str:
        return f"SELECT row_to_json(r)::text FROM (SELECT {columns(members)} FROM {source}) AS r"


class Sqlite(Dialect):
    key = "?"

    def object(self, members: Members) -> str:
        return f"json_object({', '.join(f'{quoted(name)}, {value}' for name, value in members.items())})"

    def array(self, *values: str) -> str:
        return f"json_array({', '.join(values)})"

    def flag(self, condition: str) -> str:
        return f"json(iif({condition}, 'true', 'false'))"

    def stamp(self, column: str, *, exact: bool = False) -> str:
        return f"replace(substr({column}, 1, {23 if exact else 19}), ' ', 'T') || 'Z'"

    def texts(self, column: str) -> str:
        return f"json({column})"

    def ids(self, column: str, source: str) -> str:
        return f"(SELECT json_group_array(value) FROM (SELECT {column} AS value FROM {source}))"

    def listed(self, members: Members, source: str) -> str:
        listed = f"SELECT json_group_array(json(j)) FROM (SELECT {self.object(members)} AS j FROM {source})"
        return f"json(nullif(({listed}), '[]'))"

    def mapped(self, key: str, value: str, source: str) -> str:
        return f"(SELECT json_group_object(CAST({key} AS TEXT), {value}) FROM {source})"

    def coloured(self, tags: str) -> str:
        return (
            "(SELECT json_group_array(json_array(held.value, colors.color))"
            f" FROM json_each({tags}) AS held LEFT JOIN palette AS colors ON colors.tag = held.value)"
        )

    def palette(self, project: int) -> str:
        pair = "pair.value->>0 AS tag, pair.value->>1 AS color"
        return (
            f"palette AS MATERIALIZED (SELECT {pair} FROM projects_project,"
            f" json_each(tags_colors) AS pair WHERE projects_project.id = {project})"
        )

    def elements(self, column: str) -> str:
        return f"json_each({column}) AS element"

    def pairs(self, column: str, name: str) -> str:
        return f"json_each({column}) AS {name}"

    def pair(self, name: str) -> tuple[str, str]:
        return f"{name}.value->>0", f"{name}.value->>1"

    def found(self) -> tuple[str, str, str]:
        index = "projects_workitem_search"
        source = f"{index} CROSS JOIN projects_workitem AS i ON i.id = {index}.rowid"
        return source, f"{index} MATCH '\"login\"*'", f"-bm25({index}, 1000000, 1000000, 1000, 1, 0)"

    def many(self, members: Members, source: str) -> str:
        rows = f"SELECT {self.text(members)} AS j FROM {source}"
        return f"SELECT '[' || coalesce(group_concat(j), '') || ']' FROM ({rows})"

    def one(self, members: Members, source: str) -> str:
        return f"SELECT {self.text(members)} FROM {source}"

    def text(self, members: Members) -> str:
        """An object of any number of members."""
        if len(members) <= MOST_MEMBERS:
            return self.object(members)
        pairs = list(members.items())
        first, rest = self.object(dict(pairs[:MOST_MEMBERS])), self.text(dict(pairs[MOST_MEMBERS:]))
        return f"rtrim({first}, '}}') || ',' || substr({rest}, 2)"


def columns(members: Members) -> str:
    return ", ".join(f'{value} AS "{name}"' for name, value in members.items())


def quoted(name: str) -> str:
    return f"'{name}'"


def words(text: str) -> list[str]:
    return text.split()
