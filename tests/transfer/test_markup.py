"""HTML in a dump is sanitised wherever clients display it."""

from typing import Any

import pytest

from taiga.base.textdiff import diff_html
from taiga.projects.models import Project
from taiga.users.models import User
from tests.items.test_no_script import CHUNKS, ensure_harmless
from tests.transfer import sample
from tests.transfer.test_api import load
from tests.world import Caller

pytestmark = pytest.mark.django_db(transaction=True)
HOSTILE = "\n".join(CHUNKS)
GOOD = '<p>A <a class="mention" href="http://e.com/x" title="B">@b</a> <ins style="background: #e6ffe6;">c</ins></p>'


def entries(html: str) -> list[Any]:
    """A history in which everything that is displayed as HTML has this value."""
    pair = ["a", "b"]
    htmls = {f"{name}_html": [html, html] for name in ("description", "content", "blocked_note")}
    version = {
        "date": sample.THEN,
        "comment": "first",
        "comment_html": html,
        "user": {"id": sample.STRANGER, "email": sample.BOB},
    }
    return [
        sample.entry(type=2, is_snapshot=True, snapshot={"subject": "s", "description_html": html}),
        sample.entry(diff={"description": pair, **htmls}, comment="see", comment_versions=[version]),
    ]


def dump(html: str) -> Any:
    happening = sample.happening(
        "userstories.userstory.change",
        userstory={"id": 9, "ref": 3, "subject": "s"},
        comment="x",
        comment_html=html,
        values_diff={"content_diff": [None, html], "blocked_note_html": [html, html]},
    )
    page = {**sample.project()["wiki_pages"][0], "history": entries(html)}
    return sample.with_changes(
        epics=[{**one, "history": entries(html)} for one in sample.epics()],
        user_stories=[{**one, "history": entries(html)} for one in sample.stories()],
        tasks=[{**one, "history": entries(html)} for one in sample.tasks()],
        issues=[{**one, "history": entries(html)} for one in sample.issues()],
        wiki_pages=[page],
        timeline=[happening],
    )


def shown(alice: User, html: str) -> list[Any]:
    """Everything that the API returns of a project that was loaded."""
    caller = Caller(alice)
    reply = load(caller, dump(html))
    assert reply.status_code == 201, reply.content
    project = Project.objects.get(slug=reply.json()["slug"])
    told = [caller.get(f"/timeline/project/{project.pk}").json()]
    kinds = {"epics": "epic", "userstories": "userstory", "tasks": "task", "issues": "issue", "wiki": "wiki"}
    for plural, kind in kinds.items():
        key = caller.get(f"/{plural}?project={project.pk}").json()[0]["id"]
        history = caller.get(f"/history/{kind}/{key}").json()
        versions = caller.get(f"/history/{kind}/{key}/comment_versions?id={history[0]['id']}").json()
        told += [history, versions, caller.get(f"/{plural}/{key}").json()]
    told.append(caller.get(f"/projects/{project.pk}/changes").json())
    return told


def test_what_is_shown_of_a_dump_runs_nothing(alice: User) -> None:
    assert ensure_harmless(*shown(alice, HOSTILE)) > 40


@pytest.mark.parametrize("html", [GOOD, diff_html("three\nlines & <b>", "four\nlines & <i>")])
def test_what_a_dump_tells_in_harmless_html_stays_as_it_is(alice: User, html: str) -> None:
    told = shown(alice, html)
    assert told[1][0]["values_diff"]["description_html"] == [html, html]
    assert told[2][0]["comment_html"] == html
    assert told[0][0]["data"]["values_diff"]["content_diff"] == [None, html]
