"""How many rows a timeline has is known from its index alone: the rows themselves are large, and many."""

import pytest

from taiga.timeline.services import activity
from tests.activity import Apollo
from tests.plans import noted, on_sqlite, steps

pytestmark = [pytest.mark.django_db, on_sqlite]
ROWS = "timeline_timelineentry"


def counting(statements: list[tuple[str, object]]) -> list[str]:
    """What is done with the rows by those statements that count them."""
    told = [step for sql, params in statements if "COUNT" in sql for step in steps(sql, params) if ROWS in step]
    assert told
    return told


@pytest.mark.parametrize("path", ["project/{project}", "user/{bob}", "profile/{bob}"])
@pytest.mark.parametrize("query", ["", "?only_relevant=true"])
@pytest.mark.parametrize("is_private", [True, False])
def test_a_timeline_is_counted_by_its_index(path: str, query: str, is_private: bool) -> None:
    apollo = Apollo()
    apollo.project.is_private = is_private
    apollo.project.save(update_fields=["is_private"])
    apollo.make("userstory", assigned_to=apollo.id("bob"))
    address = f"/timeline/{path.format(project=apollo.project.pk, bob=apollo.id('bob'))}{query}"
    with noted() as statements:
        assert apollo.bob.get(address).status_code == 200
    assert [step for step in counting(statements) if "USING COVERING INDEX timeline_of_" not in step] == []


def test_the_activity_of_projects_is_counted_by_their_index() -> None:
    Apollo().make("userstory")
    with noted() as statements:
        activity.recount()
    assert [step for step in counting(statements) if "COVERING INDEX timeline_of_namespace" not in step] == []
