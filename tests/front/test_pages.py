"""Every page opens, for those who may see it, and nothing goes wrong there."""

from typing import Any

import pytest

from tests.front.site import Person, Site
from tests.front.visitor import Visit

PROJECT = {
    "timeline": (".single-project", "Of brass"),
    "epics": (".epics-table", "Analysis"),
    "backlog": (".us-item-row", "Mill"),
    "kanban": ("tg-card", "Mill"),
    "taskboard/{sprint}": (".taskboard h1", "First"),
    "issues": (".issues-table .row", "Rust"),
    "search?text=mill": (".search-result-table, .search", "Mill"),
    "wiki/home": (".wiki-main", "Turn the crank"),
    "wiki-list": (".main", "home"),
    "team": (".main", "Alice"),
    "epic/1": (".detail-subject", "Analysis"),
    "us/2": (".detail-subject", "Mill"),
    "task/3": (".detail-subject", "Cut"),
    "issue/4": (".detail-subject", "Rust"),
}
ADMIN = {
    "project-profile/details": "Project details",
    "project-profile/default-values": "Default Values",
    "project-profile/modules": "Modules",
    "project-profile/export": "Export",
    "project-profile/reports": "Reports",
    "project-values/status": "Statuses",
    "project-values/points": "Points",
    "project-values/priorities": "Priorities",
    "project-values/severities": "Severities",
    "project-values/types": "Types",
    "project-values/custom-fields": "Custom Fields",
    "project-values/tags": "Tags",
    "project-values/due-dates": "Due Dates",
    "project-values/kanban-power-ups": "Kanban options",
    "memberships": "Manage members",
    "roles": "Permissions",
    "third-parties/webhooks": "Webhooks",
    "third-parties/github": "GitHub",
    "third-parties/gitlab": "Gitlab",
    "third-parties/bitbucket": "Bitbucket",
    "third-parties/gogs": "Gogs",
}
OWN = {
    "/": ("h1", "Projects Dashboard"),
    "/projects/": ("h1", "My projects"),
    "/discover": ("h1", "Discover projects"),
    "/discover/search?text=engine": (".list-itemtype-project", "Engine"),
    "/notifications": ("h1", "My events"),
    "/profile": ("h1", "Alice"),
    "/project/new": ("h1", "Create Project"),
    "/project/new/duplicate": ("h1", "Duplicate Project"),
    "/project/new/import": ("h1", "Import Project"),
    "/user-settings/user-profile": ("h1", "User Settings"),
    "/user-settings/user-change-password": ("h1", "Change password"),
    "/user-settings/user-project-settings": ("h1", "Set start pages"),
    "/user-settings/mail-notifications": ("h1", "Email Notifications"),
    "/user-settings/live-notifications": ("h1", "Desktop Notifications"),
    "/user-settings/web-notifications": ("h1", "Events"),
    "/nowhere": ("h1", "Not found"),
}


@pytest.fixture(scope="module")
def project(site: Site, alice: Person, bob: Person) -> dict[str, Any]:
    """With one of everything: a sprint, epic 1, story 2, task 3, issue 4 and a wiki page."""
    project = site.project(alice, bob)

    def make(path: str, **fields: Any) -> Any:
        return site.ask("POST", path, {"project": project["id"], **fields}, by=alice)

    sprint = make("/milestones", name="First", estimated_start="2026-01-01", estimated_finish="2026-01-15")
    make("/epics", subject="Analysis")
    story = make("/userstories", subject="Mill")
    make("/tasks", subject="Cut", user_story=story["id"], milestone=sprint["id"])
    make("/issues", subject="Rust")
    make("/wiki", slug="home", content="Turn the crank")
    return project | {"sprint": sprint["slug"]}


@pytest.mark.parametrize("who", ["the owner", "a member", "nobody"])
def test_pages_of_a_public_project_open(
    visit: Visit, alice: Person, bob: Person, project: dict[str, Any], who: str
) -> None:
    visitor = visit({"the owner": alice, "a member": bob, "nobody": None}[who])
    for page, (selector, text) in PROJECT.items():
        visitor.go(f"/project/{project['slug']}/" + page.format(sprint=project["sprint"]))
        visitor.sees(selector, text)


def test_pages_of_its_settings_open(visit: Visit, alice: Person, project: dict[str, Any]) -> None:
    visitor = visit(alice)
    for page, title in ADMIN.items():
        visitor.go(f"/project/{project['slug']}/admin/{page}")
        visitor.sees("h1", title)


def test_settings_are_not_for_members(visit: Visit, bob: Person, project: dict[str, Any]) -> None:
    visitor = visit(bob)
    visitor.go(f"/project/{project['slug']}/admin/roles")
    visitor.sees("h1", "Permission denied")


def test_pages_of_ones_own_open(visit: Visit, alice: Person, project: dict[str, Any]) -> None:
    visitor = visit(alice)
    for page, (selector, text) in OWN.items():
        visitor.go(page)
        visitor.sees(selector, text)


def test_a_private_project_is_hidden_from_others(visit: Visit, site: Site, alice: Person) -> None:
    hidden = site.project(alice, is_private=True)
    stranger, nobody = visit(site.person("carol")), visit()
    stranger.expected.append((404, r"/projects/by_slug"))
    nobody.expected.append((401, r"/projects/by_slug"))
    for visitor in (stranger, nobody):
        visitor.go(f"/project/{hidden['slug']}/backlog")
    stranger.sees("h1", "Not found")
    nobody.arrives("/login")


def test_short_addresses_lead_to_items(visit: Visit, alice: Person, project: dict[str, Any]) -> None:
    visitor = visit(alice)
    for ref, page in enumerate(("epic", "us", "task", "issue"), start=1):
        visitor.go(f"/project/{project['slug']}/t/{ref}")
        visitor.arrives(f"/project/{project['slug']}/{page}/{ref}")


def test_projects_are_put_in_order(visit: Visit, site: Site) -> None:
    person = site.person("olga")
    for _ in range(2):
        site.project(person)
    visitor = visit(person)
    visitor.go("/projects/")
    visitor.at(".list-itemtype-project >> nth=1").hover()
    with visitor.sends("POST", "/projects/bulk_update_order$"):
        visitor.drag(".list-itemtype-project >> nth=1", ".list-itemtype-project >> nth=0", above=20)
