"""What people are to one another: profiles, likes, contacts, messages, projects that others may find."""

from typing import Any

import pytest

from tests.front.site import Person, Site
from tests.front.visitor import Visit, Visitor


@pytest.fixture
def project(site: Site, alice: Person, bob: Person) -> dict[str, Any]:
    return site.project(alice, bob)


def test_a_project_is_liked_and_watched_by_somebody_who_passes(
    visit: Visit, site: Site, project: dict[str, Any]
) -> None:
    visitor = visit(site.person("carol"))
    visitor.go(f"/project/{project['slug']}/timeline")
    with visitor.sends("POST", f"/projects/{project['id']}/like$"):
        visitor.click(".like-button")
    visitor.sees(".like-button .track-button-counter", "1")
    visitor.click(".watch-button")
    with visitor.sends("POST", f"/projects/{project['id']}/watch$"):
        visitor.click(".watch-options a >> nth=0")
    visitor.sees(".watch-button .track-button-counter", "3")
    visitor.click(".watch-button")
    with visitor.sends("POST", f"/projects/{project['id']}/unwatch$"):
        visitor.click(".watch-options a >> nth=2")
    visitor.sees(".watch-button .track-button-counter", "2")


def test_a_stranger_writes_to_a_project(visit: Visit, site: Site, alice: Person, project: dict[str, Any]) -> None:
    visitor, words = visit(site.person("carol")), site.unused("Splendid")
    visitor.go(f"/project/{project['slug']}/timeline")
    visitor.click(".contact-team")
    visitor.fill_in_box(".lightbox-contact-project-message", words)
    with visitor.sends("POST", "/contact$"):
        visitor.in_box(".lightbox-contact-project-button").click()
    site.mailed(alice.told["email"], f"({words})")


def test_somebody_tells_what_he_thinks_of_it(visit: Visit, alice: Person) -> None:
    visitor = visit(alice)
    visitor.go("/")
    visitor.at(".nav-bar-support").hover()
    visitor.click(".navigation-help a[ng-click*=sendFeedback]")
    visitor.fill_in_box("textarea", "It turns.")
    with visitor.sends("POST", "/feedback$"):
        visitor.in_box("button[type=submit]").click()


def test_a_profile_shows_what_a_person_does_and_with_whom(
    visit: Visit, site: Site, alice: Person, project: dict[str, Any]
) -> None:
    person = site.person("dora")
    other = site.project(alice, person)
    story = site.ask("POST", "/userstories", {"project": other["id"], "subject": "Mill"}, by=person)
    site.ask("POST", f"/projects/{project['id']}/like", by=person)
    site.ask("POST", f"/userstories/{story['id']}/watch", by=person)
    visitor = visit(alice)
    visitor.go(f"/profile/{person.username}")
    visitor.sees(".profile-bar h1", "Dora")
    visitor.sees(".activity-item", "Mill")
    for tab, where, text in (
        ("Projects", ".list-itemtype-project, .profile-projects", other["name"]),
        ("Likes", ".profile-favs", project["name"]),
        ("Watched", ".profile-favs", "Mill"),
        ("Contacts", ".list-itemtype-user", "Alice"),
    ):
        visitor.click(".profile-content-tabs .tab", tab)
        visitor.sees(where, text)
    narrow(visitor)
    visitor.sees(".profile-favs", "Mill")


def narrow(visitor: Visitor) -> None:
    visitor.click(".profile-content-tabs .tab", "Watched")
    with visitor.sends("GET", "/watched\\?.*type=userstory"):
        visitor.click(".profile-favs .filters a", "Stories")
    with visitor.sends("GET", "/watched\\?.*q=mill"):
        visitor.fill(".profile-favs .searchbox input", "mill")


def test_public_projects_are_found(visit: Visit, site: Site, alice: Person, project: dict[str, Any]) -> None:
    site.ask("PATCH", f"/projects/{project['id']}", {"is_looking_for_people": True}, by=alice)
    visitor = visit()
    visitor.go("/discover")
    visitor.sees(".highlighted-project, .most-liked", "")
    visitor.fill(".searchbox input", project["name"])
    visitor.page.keyboard.press("Enter")
    visitor.sees(".list-itemtype-project", project["name"])
    for chosen in ("kanban", "scrum", "people"):
        with visitor.sends("GET", "/projects\\?"):
            visitor.click(f"label[for=filter-{chosen}]")
        visitor.sees(".list-itemtype-project", project["name"])
    visitor.click(".discover-search-filter", "Most active")
    with visitor.sends("GET", "/projects\\?.*order_by=-total_activity_last_week"):
        visitor.click(".discover-search-subfilter .filter-list a >> nth=0")
    visitor.sees(".list-itemtype-project", project["name"])
