"""Subqueries that return lists, objects and counts for each row, on SQLite and on PostgreSQL."""

from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    FloatField,
    Func,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.aggregates import Count as Number
from django.db.models.functions import JSONObject

from taiga.base.fields import TextListField
from taiga.base.prepared import JsonText


class IdList(Subquery):
    """The column `value` of a subquery as a list; empty if it has no rows."""

    output_field = TextListField()
    template = "ARRAY(%(subquery)s)"

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(compiler, connection, template="(SELECT json_group_array(value) FROM (%(subquery)s))")


class JsonList(Subquery):
    """The column `value` of a subquery, which holds JSON objects, as a JSON array; null if it has no rows."""

    output_field = JsonText()
    template = "(SELECT json_agg(listed.value)::text FROM (%(subquery)s) AS listed)"

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        template = "(SELECT NULLIF(json_group_array(json(value)), '[]') FROM (%(subquery)s))"
        return self.as_sql(compiler, connection, template=template)


class JsonMap(Subquery):
    """The columns `key` and `value` of a subquery as a JSON object; `{}` if it has no rows."""

    output_field = JsonText()
    template = "(SELECT COALESCE(json_object_agg(mapped.key, mapped.value), '{}')::text FROM (%(subquery)s) AS mapped)"

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        template = "(SELECT json_group_object(CAST(key AS TEXT), value) FROM (%(subquery)s))"
        return self.as_sql(compiler, connection, template=template)


class Count(Subquery):
    """The number of rows of a subquery."""

    output_field = IntegerField()
    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"


class Total(Subquery):
    """The sum of the column `value` of a subquery; null if it has no rows."""

    output_field = FloatField()
    template = "(SELECT SUM(summed.value) FROM (%(subquery)s) AS summed)"


class First(Subquery):
    """The column `value` of the first row of a subquery; null if it has no rows."""

    output_field = BigIntegerField()
    template = "(SELECT one.value FROM (%(subquery)s) AS one LIMIT 1)"


class JsonFlag(Func):
    """A boolean in a JSON object: SQLite's are 0 and 1."""

    output_field = BooleanField()
    template = "%(expressions)s"
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="json(CASE WHEN %(expressions)s THEN 'true' ELSE 'false' END)"
        )


def listed(rows: Any, **members: Any) -> JsonList:
    """A subquery as a JSON array of objects with these members (name = path or expression)."""
    return JsonList(rows.values(value=JSONObject(**members)))


def outer(relation: str) -> dict[str, OuterRef]:
    """The filter of a correlated subquery: its `relation` is the row of the outer query."""
    return {relation: OuterRef("pk")}


def counted(rows: "QuerySet[Any]") -> Any:
    """The number of rows as a queryset of one row and one column, which `Prepared` can compile."""
    return rows.order_by().annotate(whole=Value(1)).values("whole").annotate(number=Number("*")).values_list("number")
