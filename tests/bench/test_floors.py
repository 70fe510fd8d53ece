"""The floor of a benchmark must say what the API says: one that left something out would be no floor."""

import json
from typing import Any

import pytest
from django.db import connection

from bench import cases, checks
from bench.project import Writer, make_people
from bench.statements.dialect import Postgres, Sqlite
from bench.statements.items import Items
from taiga.base.database import is_postgres
from tests.world import Caller

STORIES = 60
CASES = [case for case in (*cases.READS, *cases.BOARDS) if case.project == "big"]


@pytest.fixture
def world(db: Any) -> tuple[Caller, dict[str, Any]]:
    """A member, and the facts of a project as the benchmarks write it, but smaller."""
    people = list(make_people())
    writer = Writer(people, "a project")
    writer.fill(STORIES)
    return Caller(people[0]), {**writer.facts(), "user": people[0].pk}


def test_each_floor_says_the_same_as_the_api(world: tuple[Caller, dict[str, Any]]) -> None:
    caller, facts = world
    say = Postgres() if is_postgres() else Sqlite()
    asked = {**facts, "stories": facts["stories"] * 5, "sprints": facts["sprints"] * 15}
    for case in CASES:
        key = case.ids(asked)[0]
        headers = {name.replace("-", "_"): value for name, value in case.headers.items()}
        answer = caller.get(f"/{case.path(facts)}".replace("{id}", str(key)), **headers)
        statement = case.statement(Items(say, facts["id"], facts["user"]), say, facts)
        with connection.cursor() as cursor:
            cursor.execute(statement.replace("?", "%s"), [key])
            floor = cursor.fetchone()[0]
        assert answer.status_code == 200, case.name
        assert checks.differences(answer.json(), json.loads(floor)) == [], case.name


def test_a_difference_is_told_with_its_place() -> None:
    api = {"stories": [{"id": 1, "watchers": [3, 2]}, {"id": 2, "watchers": []}], "count": 2}
    floor = {"stories": [{"id": 1, "watchers": [2, 3]}, {"id": 5, "watchers": []}], "count": 2}

    assert checks.differences(api, floor) == [".stories[1].id: '2' and '5'"]
    assert checks.differences(api, api) == []
    assert checks.differences(api, {"count": 2}) == [": stories only in one"]
