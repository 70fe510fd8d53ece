"""The settings of a project, and its whole life: handed on, copied, taken away, left and deleted."""

from pathlib import Path
from typing import Any

import pytest

from tests.front.site import Person, Site
from tests.front.visitor import Visit, Visitor

HANDLE = "tg-svg[svg-icon=icon-draggable]"
LISTS = {
    "status": ("userstory-statuses", "us_statuses"),
    "points": ("points", "points"),
    "priorities": ("priorities", "priorities"),
    "severities": ("severities", "severities"),
    "types": ("issue-types", "issue_types"),
}


@pytest.fixture
def project(site: Site, alice: Person, bob: Person) -> dict[str, Any]:
    return site.project(alice, bob)


def settings(visitor: Visitor, project: dict[str, Any], page: str) -> None:
    visitor.go(f"/project/{project['slug']}/admin/{page}")


@pytest.mark.parametrize("page", LISTS)
def test_a_list_of_values_is_changed(
    visit: Visit, site: Site, alice: Person, project: dict[str, Any], page: str
) -> None:
    path, listed = LISTS[page]
    visitor, place = visit(alice), f"[type={path}] "
    settings(visitor, project, f"project-values/{page}")
    visitor.click(f"{place}.show-add-new")
    visitor.fill(f"{place}.new-value [name=name]", "Extra")
    if page == "points":
        visitor.fill(f"{place}.new-value [name=value]", "7")
    with visitor.sends("POST", f"/{path}$"):
        visitor.click(f"{place}.new-value .add-new")
    visitor.hover_and_click(visitor.page.locator(f"{place}.visualization").nth(1), ".edit-value")
    visitor.fill(f"{place}.edition [name=name]", "Renamed")
    with visitor.sends("PATCH", f"/{path}/"):
        visitor.click(f"{place}.edition .save")
    with visitor.sends("PATCH", f"/{path}/"):
        visitor.drag(
            f"{place}.sortable > div:nth-child(2) {HANDLE}", f"{place}.sortable > div:nth-child(1) {HANDLE}", 8
        )
    visitor.hover_and_click(visitor.page.locator(f"{place}.visualization").nth(2), ".delete-value")
    with visitor.sends("DELETE", f"/{path}/"):
        visitor.confirm()
    names = [one["name"] for one in site.ask("GET", f"/projects/{project['id']}", by=alice)[listed]]
    before = [one["name"] for one in project[listed]]
    assert names == ["Renamed", before[0], *before[3:], "Extra"]


@pytest.mark.parametrize("kind", ["epic", "userstory", "task", "issue"])
def test_custom_fields_are_made_changed_and_deleted(
    visit: Visit, site: Site, alice: Person, project: dict[str, Any], kind: str
) -> None:
    fields = {"project": project["id"], "name": "Due", "type": "date"}
    site.ask("POST", f"/{kind}-custom-attributes", fields, by=alice)
    visitor, place = visit(alice), f"[ng-init*=\"init('{kind}')\"] "
    settings(visitor, project, "project-values/custom-fields")
    visitor.click(f"{place}.show-add-new")
    visitor.fill(f"{place}.js-new-custom-field [name=name]", "Weight")
    visitor.at(f"{place}.js-new-custom-field select").select_option(label="Number")
    with visitor.sends("POST", f"/{kind}-custom-attributes$"):
        visitor.click(f"{place}.js-create-custom-field-button")
    rows = visitor.page.locator(f"{place}.js-view-custom-field")
    visitor.hover_and_click(rows.filter(has_text="Weight"), ".js-edit-custom-field-button")
    visitor.fill(f"{place}.js-edit-custom-field [name=name]", "Mass")
    with visitor.sends("PATCH", f"/{kind}-custom-attributes/"):
        visitor.click(f"{place}.js-update-custom-field-button")
    visitor.hover_and_click(rows.filter(has_text="Due"), ".js-delete-custom-field-button")
    with visitor.sends("DELETE", f"/{kind}-custom-attributes/"):
        visitor.confirm()
    kept = site.ask("GET", f"/{kind}-custom-attributes?project={project['id']}", by=alice)
    assert [(one["name"], one["type"]) for one in kept] == [("Mass", "number")]


def test_the_signs_of_due_dates_are_changed(visit: Visit, site: Site, alice: Person, project: dict[str, Any]) -> None:
    fields = {"project": project["id"], "name": "Run", "color": "#ff0000", "days_to_due": 1}
    site.ask("POST", "/task-due-dates", fields, by=alice)
    visitor, place = visit(alice), "[type=task-due-dates] "
    settings(visitor, project, "project-values/due-dates")
    visitor.click(f"{place}.show-add-new")
    visitor.fill(f"{place}.new-value [name=name]", "Hurry")
    visitor.fill(f"{place}.new-value [name=days_to_due_abs]", "3")
    with visitor.sends("POST", "/task-due-dates$"):
        visitor.click(f"{place}.add-new-due-date")
    rows = visitor.page.locator(f"{place}.visualization")
    visitor.hover_and_click(rows.filter(has_text="Hurry"), ".edit-value")
    visitor.fill(f"{place}.edition [name=name]", "Soon")
    with visitor.sends("PATCH", "/task-due-dates/"):
        visitor.click(f"{place}.edition .save")
    visitor.hover_and_click(rows.filter(has_text="Run"), ".delete-due-date")
    with visitor.sends("DELETE", "/task-due-dates/"):
        visitor.confirm()
    kept = site.ask("GET", f"/projects/{project['id']}", by=alice)["task_duedates"]
    assert [(one["name"], one["days_to_due"]) for one in kept if not one["by_default"]] == [
        *[(one["name"], one["days_to_due"]) for one in project["task_duedates"] if not one["by_default"]],
        ("Soon", 3),
    ]


def test_what_new_items_begin_with_is_chosen(visit: Visit, site: Site, alice: Person, project: dict[str, Any]) -> None:
    visitor = visit(alice)
    settings(visitor, project, "project-profile/default-values")
    visitor.at("#default-value-us").select_option(label="Ready")
    visitor.at("#default-value-severity").select_option(label="Critical")
    with visitor.sends("PATCH", f"/projects/{project['id']}$"):
        visitor.click("form button[type=submit]")
    story = site.ask("POST", "/userstories", {"project": project["id"], "subject": "x"}, by=alice)
    assert story["status_extra_info"]["name"] == "Ready"


def test_lanes_and_limits_are_set(visit: Visit, alice: Person, project: dict[str, Any]) -> None:
    visitor = visit(alice)
    settings(visitor, project, "project-values/kanban-power-ups")
    visitor.click("button", "New swimlane")
    visitor.fill("#admin-swimlanes-form-input", "Silk")
    with visitor.sends("POST", "/swimlanes$"):
        visitor.click(".add-swimlane")
    visitor.page.get_by_text("Silk", exact=True).first.wait_for()  # the lanes are drawn anew
    limit = visitor.page.locator("tg-wip-limit-selector").first
    limit.locator("button").first.click()
    limit.locator("input").fill("2")
    with visitor.sends("PATCH", "/swimlane-userstory-statuses/"):
        limit.locator("button").first.click()
    visitor.go(f"/project/{project['slug']}/kanban")
    visitor.sees(".kanban-swimlane-title", "Silk")


def test_tags_are_made_merged_renamed_and_deleted(
    visit: Visit, site: Site, alice: Person, project: dict[str, Any]
) -> None:
    story = site.ask(
        "POST", "/userstories", {"project": project["id"], "subject": "x", "tags": ["iron", "tin"]}, by=alice
    )
    visitor = visit(alice)
    settings(visitor, project, "project-values/tags")
    visitor.click(".show-add-new")
    visitor.fill(".add-tag-container [name=tag]", "brass")
    with visitor.sends("POST", "/create_tag$"):
        visitor.click(".add-tag-container .add-new")
    visitor.hover_and_click(visitor.at(".tag-row.visualization", "brass"), ".mix-tags")
    visitor.click(".mixing-row", "iron")
    with visitor.sends("POST", "/mix_tags$"):
        visitor.click(".mixing-confirm")
    visitor.hover_and_click(visitor.at(".tag-row.visualization", "brass"), ".edit-value")
    visitor.fill(".tag-row.edition [name=to_tag]", "bronze")
    with visitor.sends("POST", "/edit_tag$"):
        visitor.click(".tag-row.edition .save")
    visitor.hover_and_click(visitor.at(".tag-row.visualization", "tin"), ".delete-tag")
    with visitor.sends("POST", "/delete_tag$"):
        visitor.confirm()
    assert site.ask("GET", f"/userstories/{story['id']}", by=alice)["tags"] == [["bronze", None]]


def test_a_role_loses_a_permission_and_a_member_becomes_administrator(
    visit: Visit, site: Site, alice: Person, bob: Person, project: dict[str, Any]
) -> None:
    visitor = visit(alice)
    settings(visitor, project, "roles")
    visitor.click(".admin-submenu-roles a, .sidebar a", "Front")
    visitor.click(".category-config .resume", "User Stories")
    with visitor.sends("PATCH", "/roles/"):
        visitor.switch(".category-item[data-id=delete_us] input")
    seen = site.ask("GET", f"/projects/{project['id']}", by=bob)
    assert "delete_us" not in seen["my_permissions"]
    settings(visitor, project, "memberships")
    with visitor.sends("PATCH", "/memberships/"):
        visitor.switch(".row-admin .check input")
    assert site.ask("GET", f"/projects/{project['id']}", by=bob)["i_am_admin"] is True


def test_a_role_is_made_and_deleted(visit: Visit, site: Site, alice: Person, project: dict[str, Any]) -> None:
    visitor = visit(alice)
    settings(visitor, project, "roles")
    visitor.click("[tg-new-role] .add-button")
    visitor.fill("[tg-new-role] .new", "Smith")
    with visitor.sends("POST", "/roles$"):
        visitor.page.keyboard.press("Enter")
    visitor.sees(".role-name", "Smith")
    visitor.click(".edit-role ~ .total .edit-value, .total .edit-value")
    visitor.fill(".edit-role input", "Farrier")
    with visitor.sends("PATCH", "/roles/"):
        visitor.click(".edit-role .save")
    assert "Farrier" in [one["name"] for one in site.ask("GET", f"/roles?project={project['id']}", by=alice)]
    visitor.click(".action-buttons button", "Delete")
    with visitor.sends("DELETE", "/roles/"):
        visitor.confirm()
    assert [one["name"] for one in site.ask("GET", f"/roles?project={project['id']}", by=alice)] == [
        one["name"] for one in project["roles"]
    ]


def test_a_member_is_removed_and_an_invitation_sent_again(
    visit: Visit, site: Site, alice: Person, bob: Person, project: dict[str, Any]
) -> None:
    body = {"project": project["id"], "role": project["roles"][0]["id"], "username": f"{site.unused('x')}@a.test"}
    site.ask("POST", "/memberships", body, by=alice)
    visitor = visit(alice)
    settings(visitor, project, "memberships")
    with visitor.sends("POST", "/resend_invitation$"):
        visitor.click(".row-status .resend")
    visitor.page.locator(".admin-membership-table .row").filter(has_text="Bob").locator(".delete").click()
    with visitor.sends("DELETE", "/memberships/"):
        visitor.confirm()
    visitor.misses(".admin-membership-table .row", "Bob")


def test_a_forge_gets_another_secret(visit: Visit, site: Site, alice: Person, project: dict[str, Any]) -> None:
    visitor = visit(alice)
    for forge in ("github", "gitlab", "bitbucket", "gogs"):
        settings(visitor, project, f"third-parties/{forge}")
        visitor.fill("#secret-key", f"{forge}-secret")
        with visitor.sends("PATCH", "/modules$"):
            visitor.click("form button[type=submit]")
    told = site.ask("GET", f"/projects/{project['id']}/modules", by=alice)
    assert {forge: told[forge]["secret"] for forge in told} == {forge: f"{forge}-secret" for forge in told}


def test_modules_details_and_logo_are_changed(
    visit: Visit, alice: Person, project: dict[str, Any], picture: Path
) -> None:
    visitor = visit(alice)
    settings(visitor, project, "project-profile/modules")
    with visitor.sends("PATCH", "/projects/"):
        visitor.switch("#functionality-wiki")
    visitor.misses("tg-project-navigation a, .menu a", "Wiki")
    settings(visitor, project, "project-profile/details")
    with visitor.sends("POST", "/change_logo$"):
        visitor.upload("#logo-field", picture)
    visitor.fill("#project-description", "Of steam")
    with visitor.sends("PATCH", "/projects/"):
        visitor.click("form button[type=submit]")
    visitor.go(f"/project/{project['slug']}/timeline")
    visitor.sees(".single-project", "Of steam")


def test_a_webhook_is_tried_changed_and_deleted(
    visit: Visit, site: Site, alice: Person, project: dict[str, Any]
) -> None:
    visitor = visit(alice)
    settings(visitor, project, "third-parties/webhooks")
    for field, text in {
        "name": "ours",
        "url": f"{site.base}/api/v1/nowhere".replace("localhost", "127.0.0.1"),
        "key": "secret",
    }.items():
        visitor.fill(f".new-webhook-form [name={field}]", text)
    with visitor.sends("POST", "/webhooks$"):
        visitor.click(".new-webhook-form a")
    visitor.at(".single-webhook-wrapper").hover()
    with visitor.sends("POST", "/test$"):
        visitor.click(".test-webhook")
    visitor.click(".toggle-history")
    visitor.click(".toggle-log")
    visitor.sees(".history-single-response", "Request")
    with visitor.sends("POST", "/resend$"):
        visitor.click(".resend-request")
    visitor.hover_and_click(visitor.at(".single-webhook-wrapper"), ".edit-webhook")
    visitor.fill(".edition-mode [name=name]", "theirs")
    with visitor.sends("PATCH", "/webhooks/"):
        visitor.click(".edition-mode .edit-existing")
    visitor.hover_and_click(visitor.at(".single-webhook-wrapper", "theirs"), ".delete-webhook")
    with visitor.sends("DELETE", "/webhooks/"):
        visitor.confirm()
    visitor.misses(".single-webhook-wrapper")


def test_reports_have_addresses_for_spreadsheets(visit: Visit, alice: Person, project: dict[str, Any]) -> None:
    visitor = visit(alice)
    settings(visitor, project, "project-profile/reports")
    for place, name in enumerate(("epics", "userstories", "tasks", "issues")):
        part = visitor.page.locator("section.project-csv").nth(place)
        with visitor.sends("POST", f"/regenerate_{name}_csv_uuid$"):
            part.locator("a[ng-click*=regenerate]").click()
        answer = visitor.context.request.get(part.locator("input").input_value())
        assert answer.text().startswith("id,ref,subject")


def test_a_project_is_taken_out_and_brought_in(
    visit: Visit, site: Site, alice: Person, project: dict[str, Any], tmp_path: Path
) -> None:
    site.ask("POST", "/userstories", {"project": project["id"], "subject": "Mill"}, by=alice)
    visitor, file = visit(alice), tmp_path / "dump.json"
    settings(visitor, project, "project-profile/export")
    with visitor.sends("GET", "/exporter/"):
        visitor.click(".button-export")
    link = visitor.at(".result-message a").get_attribute("href")
    assert link is not None
    file.write_bytes(visitor.context.request.get(link).body())
    visitor.go("/project/new/import")
    with visitor.sends("POST", "/importer/load_dump$"):
        visitor.upload("input[type=file]", file)
    visitor.arrives(f"/project/{project['slug']}-1/")
    visitor.go(f"/project/{project['slug']}-1/backlog")
    visitor.sees(".us-item-row", "Mill")


def test_a_project_is_copied(visit: Visit, site: Site, alice: Person, project: dict[str, Any]) -> None:
    visitor, name = visit(alice), site.unused("Copy")
    visitor.go("/project/new/duplicate")
    visitor.at("#project-selector-dropdown").select_option(label=project["name"])
    visitor.fill("[name=projectForm] input[type=text]", name)
    visitor.fill("[name=projectForm] textarea", "Again")
    with visitor.sends("POST", "/duplicate$"):
        visitor.click("[name=projectForm] button[type=submit]")
    visitor.sees("h1", name)


def test_an_admin_asks_for_a_project_and_declines_it(
    visit: Visit, site: Site, alice: Person, bob: Person, project: dict[str, Any]
) -> None:
    member = next(
        one for one in site.ask("GET", f"/memberships?project={project['id']}", by=alice) if one["user"] == bob.id
    )
    site.ask("PATCH", f"/memberships/{member['id']}", {"is_admin": True}, by=alice)
    visitor = visit(bob)
    settings(visitor, project, "project-profile/details")
    visitor.click("a, button", "Request ownership")
    with visitor.sends("POST", "/transfer_request$"):
        visitor.in_box("button, a", "Request").last.click()
    site.ask("POST", f"/projects/{project['id']}/transfer_start", {"user": bob.id, "reason": "Take it"}, by=alice)
    link = site.mailed(bob.told["email"], rf"(/project/{project['slug']}/transfer/\S+)")
    visitor.go(link)
    with visitor.sends("POST", "/transfer_reject$"):
        visitor.click(".transfer-project-options a, .transfer-project-options button", "Reject")
    visitor.arrives("/$")
    visitor.expected.append((400, r"/transfer_validate_token$"))
    visitor.go(link)
    visitor.sees("h1", "Not found")


def test_a_project_is_handed_on_left_and_deleted(
    visit: Visit, site: Site, alice: Person, bob: Person, project: dict[str, Any]
) -> None:
    owner, heir = visit(alice), visit(bob)
    settings(owner, project, "project-profile/details")
    owner.click("a[ng-click='changeOwner()']")
    owner.in_box(".user-list-item", "Bob").click()
    with owner.sends("POST", "/transfer_start$"):
        owner.in_box("button[type=submit]").click()
    heir.go(site.mailed(bob.told["email"], rf"(/project/{project['slug']}/transfer/\S+)"))
    with heir.sends("POST", "/transfer_accept$"):
        heir.click(".transfer-project-options button", "Accept")
    owner.go(f"/project/{project['slug']}/team")
    owner.click("a", "Leave this project")
    with owner.sends("POST", "/leave$"):
        owner.confirm()
    settings(heir, project, "project-profile/details")
    heir.click(".delete-project")
    with heir.sends("DELETE", "/projects/"):
        heir.click(".lightbox-delete-project .js-confirm")
    heir.arrives("/$")
    heir.misses(".list-itemtype-project a", project["name"])
