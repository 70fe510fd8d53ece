"""Pages and the menu of a wiki, and Markdown for whoever may read what it tells of."""

from typing import Any

import pytest

from taiga.projects.models import Project
from tests.projects.apollo import Apollo
from tests.world import join

pytestmark = pytest.mark.django_db


@pytest.fixture
def apollo() -> Apollo:
    return Apollo()


def slugs(reply: Any) -> list[str]:
    return [row["slug"] for row in reply.json()]


def test_pages_are_listed_by_project_and_slug(apollo: Apollo) -> None:
    for slug in ("home", "about"):
        apollo.made("/wiki", slug=slug, content="# Hello")
    apollo.carol.post("/wiki", {"project": apollo.other.pk, "slug": "home", "content": ""})
    assert slugs(apollo.bob.get("/wiki")) == ["about", "home"]
    assert slugs(apollo.bob.get("/wiki?slug=home")) == ["home"]
    assert slugs(apollo.bob.get(f"/wiki?project={apollo.project.pk}&slug=home")) == ["home"]
    assert slugs(apollo.bob.get(f"/wiki?project={apollo.other.pk}")) == []
    assert slugs(apollo.bob.get("/wiki?slug=other")) == []


@pytest.mark.parametrize("slug", ["a b", "a/b", "ä?"])
def test_a_slug_is_one_word(apollo: Apollo, slug: str) -> None:
    reply = apollo.alice.post("/wiki", {"project": apollo.project.pk, "slug": slug, "content": ""})
    assert (reply.status_code, [*reply.json()]) == (400, ["slug"])


def test_a_link_goes_and_its_page_stays(apollo: Apollo) -> None:
    link = apollo.made("/wiki-links", title="Home")
    assert slugs(apollo.bob.get("/wiki")) == ["home"]
    callers = (apollo.carol, apollo.nobody, apollo.bob)
    assert [one.delete(f"/wiki-links/{link['id']}").status_code for one in callers] == [403, 401, 204]
    assert apollo.listed("/wiki-links") == []
    assert slugs(apollo.bob.get("/wiki")) == ["home"]


def test_a_link_stays_in_its_project(apollo: Apollo) -> None:
    link = apollo.made("/wiki-links", title="Home")
    path, mine = f"/wiki-links/{link['id']}", apollo.project.pk
    join(apollo.alice.user, apollo.other, is_admin=True)
    refused = apollo.alice.patch(path, {"project": apollo.other.pk, "title": "Other"})
    assert (refused.status_code, [*refused.json()]) == (400, ["project"])
    assert apollo.alice.patch(path, {"project": mine, "title": "Other"}).json()["title"] == "Other"
    assert [row["project"] for row in apollo.listed("/wiki-links")] == [mine]


@pytest.mark.parametrize(("closed", "status"), [("block", 451), ("archive", 403)])
def test_the_menu_of_a_closed_project_stays_as_it_is(apollo: Apollo, closed: str, status: int) -> None:
    path = f"/wiki-links/{apollo.made('/wiki-links', title='Home')['id']}"
    getattr(apollo, closed)()
    made = apollo.alice.post("/wiki-links", {"project": apollo.project.pk, "title": "Other"})
    replies = [made, apollo.alice.patch(path, {"title": "Other"}), apollo.alice.delete(path)]
    assert [reply.status_code for reply in replies] == [status] * 3
    assert [row["title"] for row in apollo.listed("/wiki-links")] == ["Home"]


def test_who_moves_a_page_must_be_allowed_to_write_in_both_projects(apollo: Apollo) -> None:
    path = f"/wiki/{apollo.made('/wiki', slug='home', content='Hello')['id']}"
    join(apollo.bob.user, apollo.other)
    body = {"version": 1, "project": apollo.other.pk}
    reading = ["view_project", "view_wiki_pages", "comment_wiki_page"]
    writing = [*reading, "modify_wiki_page"]
    for here, there in ((reading, writing), (writing, reading)):
        apollo.project.roles.update(permissions=here)
        apollo.other.roles.update(permissions=there)
        assert apollo.bob.patch(path, body).status_code == 403, (here, there)
    apollo.other.roles.update(permissions=writing)
    for close, status in ((apollo.block, 451), (apollo.archive, 403)):
        close()
        assert apollo.bob.patch(path, body).status_code == status
    Project.objects.filter(pk=apollo.project.pk).update(blocked_code=None, archived_code=None)
    assert apollo.bob.patch(path, body).json()["project"] == apollo.other.pk


def test_a_page_is_replaced_with_all_its_fields(apollo: Apollo) -> None:
    path = f"/wiki/{apollo.made('/wiki', slug='home', content='Hello')['id']}"
    lacking = apollo.bob.put(path, {"version": 1, "content": "Bye"})
    assert (lacking.status_code, sorted(lacking.json())) == (400, ["project", "slug"])
    whole = {"version": 1, "project": apollo.project.pk, "slug": "home", "content": "Bye"}
    assert apollo.bob.put(path, whole).json()["content"] == "Bye"


def test_rendering_wants_a_text_and_a_project(apollo: Apollo) -> None:
    key = apollo.project.pk
    lacking = apollo.bob.post("/wiki/render", {"project_id": key})
    assert (lacking.status_code, [*lacking.json()]) == (400, ["content"])
    lacking = apollo.bob.post("/wiki/render", {"content": "*a*"})
    assert (lacking.status_code, [*lacking.json()]) == (400, ["project_id"])
    assert apollo.bob.post("/wiki/render", {"content": "*a*", "project_id": 10**9}).status_code == 404
    assert apollo.bob.post("/wiki/render", {"content": "*a*", "project_id": "none"}).status_code == 404


def test_rendering_tells_strangers_no_titles(apollo: Apollo) -> None:
    ref = apollo.story("Secret")["ref"]
    Project.objects.filter(pk=apollo.project.pk).update(is_private=True, anon_permissions=[], public_permissions=[])
    body = {"content": f"see #{ref}, @bob", "project_id": apollo.project.pk}
    seen = [one.post("/wiki/render", body).json()["data"] for one in (apollo.bob, apollo.carol, apollo.nobody)]
    assert ["Secret" in text for text in seen] == [True, False, False]
    assert ["Bob" in text for text in seen] == [True, False, False]
    assert f"see #{ref}" in seen[1]
