"""Backlog, kanban and taskboard: what one person does by mouse, another sees without asking."""

from typing import Any

import pytest

from tests.front.site import Person, Site
from tests.front.visitor import Visit, Visitor


@pytest.fixture
def project(site: Site, alice: Person, bob: Person) -> dict[str, Any]:
    return site.project(alice, bob)


def stories(site: Site, project: dict[str, Any], by: Person, *subjects: str) -> list[dict[str, Any]]:
    return [site.ask("POST", "/userstories", {"project": project["id"], "subject": one}, by=by) for one in subjects]


NEXT = {"estimated_start": "2026-01-15", "estimated_finish": "2026-01-29"}


def sprint(site: Site, project: dict[str, Any], by: Person) -> dict[str, Any]:
    dates = {"estimated_start": "2026-01-01", "estimated_finish": "2026-01-15"}
    made: dict[str, Any] = site.ask("POST", "/milestones", {"project": project["id"], "name": "First", **dates}, by=by)
    return made


def both(visit: Visit, alice: Person, bob: Person, path: str) -> tuple[Visitor, Visitor]:
    """Two browsers at the same page."""
    visitors = visit(alice), visit(bob)
    for visitor in visitors:
        visitor.go(path)
        visitor.listens(r"^changes\.project\.\d+\.(userstories|tasks|issues)$")
    return visitors


def write_in_bulk(visitor: Visitor, path: str, *subjects: str) -> None:
    visitor.fill_in_box("textarea", "\n".join(subjects))
    with visitor.sends("POST", f"{path}/bulk_create$"):
        visitor.in_box("button[type=submit]").click()


def test_a_sprint_is_planned_from_the_backlog(
    visit: Visit, alice: Person, bob: Person, project: dict[str, Any]
) -> None:
    planner, watcher = both(visit, alice, bob, f"/project/{project['slug']}/backlog")
    planner.click("button[ng-click=\"ctrl.addNewUs('bulk')\"]")
    write_in_bulk(planner, "/userstories", "Mill", "Store", "Printer")
    planner.click("a[ng-click='ctrl.addNewSprint()']")
    planner.fill_in_box("[name=name]", "First")
    with planner.sends("POST", "/milestones$"):
        planner.in_box("button[type=submit]").click()
    watcher.sees(".sprint", "First")
    with planner.sends("POST", "/userstories/bulk_update_backlog_order$"):
        planner.drag(".us-item-row .draggable-us-row", ".sprint-table")
    planner.sees(".sprint-table .milestone-us-item-row", "Mill")
    watcher.sees(".sprint-table .milestone-us-item-row", "Mill")
    with planner.sends("POST", "/userstories/bulk_update_backlog_order$"):
        planner.drag(".us-item-row:nth-child(2) .draggable-us-row", ".us-item-row:nth-child(1) .draggable-us-row", 8)
    planner.go(f"/project/{project['slug']}/backlog")
    assert [row.split("\n")[0] for row in planner.page.locator(".us-item-row .user-story-name").all_inner_texts()] == [
        "Printer",
        "Store",
    ]


def test_a_story_of_the_backlog_gets_status_points_and_a_sprint_without_its_page(
    visit: Visit, site: Site, alice: Person, project: dict[str, Any]
) -> None:
    stories(site, project, alice, "Mill")
    sprint(site, project, alice)
    planner = visit(alice)
    planner.go(f"/project/{project['slug']}/backlog")
    planner.click(".us-item-row .us-status")
    with planner.sends("PATCH", "/userstories/"):
        planner.click(".popover a", "In progress")
    planner.click(".us-item-row .us-points")
    planner.click(".popover a", "UX")
    with planner.sends("PATCH", "/userstories/"):
        planner.page.locator(".popover a").filter(has_text="5").first.click()
    planner.click(".us-item-row label")
    with planner.sends("POST", "/userstories/bulk_update_milestone$"):
        planner.click(".move-to-sprint")
    planner.sees(".sprint-table .milestone-us-item-row", "Mill")


def test_a_sprint_is_changed_and_what_it_left_goes_to_the_next(
    visit: Visit, site: Site, alice: Person, project: dict[str, Any]
) -> None:
    first = sprint(site, project, alice)
    site.ask("POST", "/milestones", {"project": project["id"], "name": "Second", **NEXT}, by=alice)
    for subject in ("Mill", "Store"):
        fields = {"project": project["id"], "subject": subject, "milestone": first["id"]}
        site.ask("POST", "/userstories", fields, by=alice)
    planner = visit(alice)
    planner.go(f"/project/{project['slug']}/backlog")
    planner.hover_and_click(planner.at(".sprint", "First"), ".edit-sprint")
    planner.fill_in_box("[name=name]", "Beginning")
    with planner.sends("PATCH", f"/milestones/{first['id']}$"):
        planner.in_box("button[type=submit]").click()
    planner.sees(".sprint", "Beginning")
    planner.go(f"/project/{project['slug']}/taskboard/{first['slug']}")
    planner.click(".move-to-sprint-button")
    planner.in_box(".sprint-select").select_option(label="Second")
    with planner.sends("POST", f"/milestones/{first['id']}/move_userstories_to_sprint$"):
        planner.in_box(".move-button").click()
    planner.go(f"/project/{project['slug']}/backlog")
    planner.sees(".sprint:has-text('Second') .milestone-us-item-row", "Store")


def test_filters_narrow_the_backlog_and_can_be_kept(
    visit: Visit, site: Site, alice: Person, project: dict[str, Any]
) -> None:
    stories(site, project, alice, "Mill", "Store")
    site.ask("POST", "/userstories", {"project": project["id"], "subject": "Ours", "assigned_to": alice.id}, by=alice)
    planner = visit(alice)
    planner.go(f"/project/{project['slug']}/backlog")
    planner.click("#show-filters-button")
    planner.click(".filters-cat-single", "Assigned to")
    with planner.sends("GET", "/userstories\\?.*assigned_users="):
        planner.click(".filter-list .single-filter", "Alice")
    planner.sees(".us-item-row", "Ours")
    planner.misses(".us-item-row", "Store")
    planner.click(".add-custom-filter")
    planner.fill(".add-filter-input", "mine")
    with planner.sends("POST", "/user-storage$"):
        planner.click(".custom-filters-add-form button")
    planner.go(f"/project/{project['slug']}/backlog")
    planner.click("#show-filters-button")
    planner.sees(".custom-filter-list", "mine")


def test_cards_move_between_columns_and_lanes_for_everybody(
    visit: Visit, site: Site, alice: Person, bob: Person, project: dict[str, Any]
) -> None:
    silk, wool = (
        site.ask("POST", "/swimlanes", {"project": project["id"], "name": name}, by=alice)["id"]
        for name in ("Silk", "Wool")
    )
    story = stories(site, project, alice, "Warp")[0]
    site.ask("PATCH", f"/userstories/{story['id']}", {"swimlane": silk, "version": 1}, by=alice)
    weaver, watcher = both(visit, alice, bob, f"/project/{project['slug']}/kanban")
    lane = f".kanban-swimlane[data-swimlane='{wool}'] "
    with weaver.sends("POST", "/userstories/bulk_update_kanban_order$"):
        weaver.drag(f".kanban-swimlane[data-swimlane='{silk}'] tg-card", f"{lane}.taskboard-column:nth-child(3)")
    for visitor in (weaver, watcher):
        visitor.sees(f"{lane}.taskboard-column:nth-child(3) tg-card", "Warp")
    moved = site.ask("GET", f"/userstories/{story['id']}", by=bob)
    assert (moved["swimlane"], moved["status_extra_info"]["name"]) == (wool, "In progress")


def test_two_chosen_cards_move_together(visit: Visit, site: Site, alice: Person, project: dict[str, Any]) -> None:
    made = stories(site, project, alice, "Mill", "Store", "Printer")
    visitor = visit(alice)
    visitor.go(f"/project/{project['slug']}/kanban")
    for subject in ("Mill", "Store"):
        visitor.at("tg-card", subject).click(modifiers=["ControlOrMeta"])
    with visitor.sends("POST", "/userstories/bulk_update_kanban_order$"):
        visitor.drag("tg-card", ".kanban-uses-box >> nth=2")
    moved = [site.ask("GET", f"/userstories/{story['id']}", by=alice)["status"] for story in made]
    assert moved[0] == moved[1] != moved[2]


def test_a_new_card_and_a_limit_appear_on_the_boards_of_others(
    visit: Visit, site: Site, alice: Person, bob: Person, project: dict[str, Any]
) -> None:
    maker, watcher = both(visit, bob, alice, f"/project/{project['slug']}/kanban")
    maker.click(".task-colum-name button[ng-click*=\"'standard'\"]")
    maker.fill_in_box("[name=subject]", "Bobbin")
    with maker.sends("POST", "/userstories$"):
        maker.in_box("#submitButton").click()
    watcher.sees(".taskboard-column tg-card", "Bobbin")
    status = next(one["id"] for one in project["us_statuses"] if one["slug"] == "new")
    site.ask("PATCH", f"/userstory-statuses/{status}", {"wip_limit": 1}, by=alice)
    for visitor in (maker, watcher):
        visitor.sees(".kanban-wip-limit", "WIP Limit")


def test_cards_tell_more_when_they_are_larger_and_are_changed_there(
    visit: Visit, site: Site, alice: Person, project: dict[str, Any]
) -> None:
    story = stories(site, project, alice, "Warp")[0]
    site.ask("POST", "/tasks", {"project": project["id"], "user_story": story["id"], "subject": "Wind"}, by=alice)
    weaver = visit(alice)
    weaver.go(f"/project/{project['slug']}/kanban")
    with weaver.sends("GET", "/userstories\\?.*include_tasks=1"):
        weaver.click(".zoom-radio >> nth=3")
    weaver.sees("tg-card .card-tasks", "Wind")
    weaver.click("tg-card .js-popup-button")
    weaver.click(".popover li, .card-popover li, [role=menuitem], .popover-actions button", "Edit card")
    weaver.fill_in_box("[name=subject]", "Weft")
    with weaver.sends("PATCH", f"/userstories/{story['id']}$"):
        weaver.in_box("#submitButton").click()
    weaver.sees("tg-card", "Weft")


@pytest.mark.parametrize("board", ["kanban", "taskboard"])
def test_filters_narrow_a_board(visit: Visit, site: Site, alice: Person, project: dict[str, Any], board: str) -> None:
    milestone = sprint(site, project, alice)
    path, where = {"kanban": ("/userstories", "kanban"), "taskboard": ("/tasks", f"taskboard/{milestone['slug']}")}[
        board
    ]
    for subject, more in (("Ours", {"assigned_to": alice.id}), ("Theirs", {})):
        fields = {"project": project["id"], "subject": subject, "milestone": milestone["id"], **more}
        site.ask("POST", path, fields, by=alice)
    visitor = visit(alice)
    visitor.go(f"/project/{project['slug']}/{where}")
    visitor.sees("tg-card", "Theirs")
    visitor.click(".btn-filter")
    visitor.click(".filters-cat-single", "Assigned to")
    with visitor.sends("GET", f"{path}\\?.*assigned_(to|users)={alice.id}"):
        visitor.click(".filter-list .single-filter", "Alice")
    visitor.sees("tg-card", "Ours")
    visitor.misses("tg-card", "Theirs")


def test_tasks_are_made_and_moved_on_the_taskboard(
    visit: Visit, site: Site, alice: Person, bob: Person, project: dict[str, Any]
) -> None:
    milestone = sprint(site, project, alice)
    story = stories(site, project, alice, "Mill")[0]
    site.ask("PATCH", f"/userstories/{story['id']}", {"milestone": milestone["id"], "version": 1}, by=alice)
    smith, watcher = both(visit, alice, bob, f"/project/{project['slug']}/taskboard/{milestone['slug']}")
    smith.click(".bulk-action")
    write_in_bulk(smith, "/tasks", "Cut", "File")
    watcher.sees(".taskboard-row .taskboard-column:nth-child(2) tg-card", "Cut")
    with smith.sends("PATCH", "/tasks/"):
        smith.drag(".taskboard-row tg-card", ".taskboard-row .taskboard-column:nth-child(3)")
    for visitor in (smith, watcher):
        visitor.sees(".taskboard-row .taskboard-column:nth-child(3) tg-card", "Cut")


def test_an_issue_of_somebody_else_appears_in_the_list(
    visit: Visit, alice: Person, bob: Person, project: dict[str, Any]
) -> None:
    finder, watcher = both(visit, alice, bob, f"/project/{project['slug']}/issues")
    finder.click(".new-issue button >> nth=1")
    write_in_bulk(finder, "/issues", "Rust", "Dust")
    watcher.sees(".issues-table .row", "Dust")
    with finder.sends("GET", "/issues\\?.*q=rust"):
        finder.fill("tg-input-search input", "rust")
    finder.misses(".issues-table .row", "Dust")
    finder.sees(".issues-table .row", "Rust")
    finder.click(".new-issue button >> nth=0")
    finder.fill_in_box("[name=subject]", "Noise")
    with finder.sends("POST", "/issues$"):
        finder.in_box("#submitButton").click()
    watcher.sees(".issues-table .row", "Noise")
