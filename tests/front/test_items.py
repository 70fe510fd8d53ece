"""The pages of stories, tasks, issues, epics and the wiki: what can be done there is done and kept."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.front.site import Person, Site
from tests.front.visitor import Visit, Visitor


@pytest.fixture
def project(site: Site, alice: Person, bob: Person) -> dict[str, Any]:
    return site.project(alice, bob)


@pytest.fixture
def story(site: Site, alice: Person, project: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = site.ask("POST", "/userstories", {"project": project["id"], "subject": "Mill"}, by=alice)
    return made


def at_story(visitor: Visitor, project: dict[str, Any], story: dict[str, Any]) -> None:
    visitor.go(f"/project/{project['slug']}/us/{story['ref']}")


def rename(visitor: Visitor, subject: str) -> None:
    visitor.click(".detail-subject")
    visitor.fill(".detail-title-wrapper input, .detail-title-wrapper textarea", subject)
    visitor.page.keyboard.press("Enter")


def choose(visitor: Visitor, button: str, choice: str) -> None:
    visitor.click(button)
    with visitor.sends("PATCH", r"/(userstories|issues|tasks|epics)/\d+$"):
        visitor.click(".popover a", choice)


def promote(visitor: Visitor) -> None:
    visitor.click("tg-promote-to-us-button button, .promote-button")
    with visitor.sends("POST", "/promote_to_user_story$"):
        visitor.confirm()


def test_a_story_is_worked_on_and_another_sees_what_became_of_it(
    visit: Visit, site: Site, alice: Person, project: dict[str, Any], story: dict[str, Any]
) -> None:
    visitor, patched = visit(alice), f"/userstories/{story['id']}$"
    at_story(visitor, project, story)
    with visitor.sends("PATCH", patched):
        rename(visitor, "Great mill")
    choose(visitor, ".js-edit-status", "In progress")
    choose(visitor, ".ticket-role-points.clickable", "5")
    with visitor.sends("PATCH", patched):
        visitor.click(".ticket-users-action", "Assign to me")
    visitor.click(".add-tag-text")
    visitor.fill(".tag-input", "brass")
    with visitor.sends("PATCH", patched):
        visitor.click("tg-svg.save")
    with visitor.sends("PATCH", patched):
        visitor.click(".team-requirement")
    visitor.click("tg-block-button .item-block")
    visitor.fill_in_box("textarea", "no steam")
    with visitor.sends("PATCH", patched):
        visitor.in_box("button, a.button-green").first.click()
    visitor.sees(".block-desc-container", "no steam")
    with visitor.sends("PATCH", patched):
        visitor.write(".duty-content", "It turns.")
    with visitor.sends("POST", f"/userstories/{story['id']}/watch$"):
        visitor.click("a[ng-click='vm.watch()']")
    kept = site.ask("GET", f"/userstories/{story['id']}", by=alice)
    assert (kept["subject"], kept["status_extra_info"]["name"], kept["total_points"]) == (
        "Great mill",
        "In progress",
        5,
    )
    assert (kept["assigned_users"], kept["tags"][0][0], kept["watchers"]) == ([alice.id], "brass", [alice.id])
    assert (kept["team_requirement"], kept["is_blocked"], kept["description"]) == (True, True, "It turns.")
    visitor.click(".history-tab", "Activities")
    visitor.sees(".activities, .history", "In progress")


def test_comments_are_written_changed_deleted_and_restored(
    visit: Visit, alice: Person, project: dict[str, Any], story: dict[str, Any]
) -> None:
    visitor = visit(alice)
    at_story(visitor, project, story)
    with visitor.sends("PATCH", "/userstories/"):
        visitor.write("tg-comment-wysiwyg", "Look here")
    visitor.sees(".comment-text", "Look here")
    visitor.hover_and_click(visitor.at(".comment-wrapper"), ".comment-option >> nth=0")
    with visitor.sends("POST", "/edit_comment"):
        visitor.write("tg-comment-edit-wysiwyg", " and there")
    visitor.sees(".comment-text", "Look here and there")
    visitor.hover_and_click(visitor.at(".comment-wrapper"), ".comment-option >> nth=1")
    visitor.sees(".deleted-comment-wrapper", "Comment deleted by")
    with visitor.sends("POST", "/undelete_comment"):
        visitor.click(".restore-comment")
    visitor.click(".comment-history")
    visitor.in_box("*", "Look here").first.wait_for()


def test_a_change_that_somebody_else_overtook_is_refused(
    visit: Visit, alice: Person, bob: Person, project: dict[str, Any], story: dict[str, Any]
) -> None:
    first, second = visit(alice), visit(bob)
    second.expected.append((400, r"/userstories/"))
    for visitor in (first, second):
        at_story(visitor, project, story)
    with first.sends("PATCH", "/userstories/"):
        rename(first, "Great mill")
    rename(second, "Small mill")
    second.sees("p", "Some other user inside Taiga has changed this before")
    at_story(second, project, story)
    second.sees(".detail-subject", "Great mill")


def test_a_story_has_tasks_files_and_a_due_date(
    visit: Visit, alice: Person, project: dict[str, Any], story: dict[str, Any], picture: Path
) -> None:
    visitor = visit(alice)
    at_story(visitor, project, story)
    visitor.click(".related-tasks .add-button")
    visitor.fill(".related-tasks input[type=text]", "Sort")
    with visitor.sends("POST", "/tasks$"):
        visitor.page.keyboard.press("Enter")
    visitor.sees(".related-tasks .js-related-task", "Sort")
    with visitor.sends("POST", "/userstories/attachments$"):
        visitor.upload("tg-attachments-full input[type=file]", picture)
    visitor.sees(".attachments-full, tg-attachments-full", "picture.png")
    link = visitor.at("tg-attachments-full .attachment-name a").get_attribute("href")
    assert link is not None
    assert visitor.context.request.get(link).body() == picture.read_bytes()
    visitor.click("sidebar tg-due-date button, sidebar .due-date-button")
    visitor.in_box(".suggestion, li button").first.click()
    with visitor.sends("PATCH", "/userstories/"):
        visitor.in_box("button").last.click()
    visitor.go(f"/project/{project['slug']}/timeline")
    visitor.sees("tg-user-timeline-item, .activity-item", "has uploaded a new attachment")


def test_a_file_is_described_and_deleted(
    visit: Visit, alice: Person, project: dict[str, Any], story: dict[str, Any], picture: Path
) -> None:
    visitor, file = visit(alice), ".single-attachment"
    at_story(visitor, project, story)
    with visitor.sends("POST", "/userstories/attachments$"):
        visitor.upload("tg-attachments-full input[type=file]", picture)
    visitor.fill(f"{file} [name=description]", "as it was built")
    with visitor.sends("PATCH", "/userstories/attachments/"):
        visitor.click(f"{file} [ng-click='vm.save()']")
    visitor.sees(f"{file} .attachment-comments", "as it was built")
    visitor.hover_and_click(visitor.at(file), "[ng-click='vm.delete()']")
    with visitor.sends("DELETE", "/userstories/attachments/"):
        visitor.confirm()
    visitor.misses(file)


def test_people_are_assigned_and_asked_to_watch(
    visit: Visit, site: Site, alice: Person, bob: Person, project: dict[str, Any]
) -> None:
    story = site.ask("POST", "/userstories", {"project": project["id"], "subject": "Mill"}, by=alice)
    visitor = visit(alice)
    at_story(visitor, project, story)
    for opens in ("openAssignedUsers()", "vm.openWatchers()"):
        visitor.click(f"a[ng-click='{opens}']")
        visitor.in_box(".user-list-item", "Bob").first.click()
        with visitor.sends("PATCH", f"/userstories/{story['id']}$"):
            visitor.in_box(".lb-select-user-confirm").click()
    with visitor.sends("POST", "/watch$"):
        visitor.click("a[ng-click='vm.watch()']")
    with visitor.sends("POST", "/unwatch$"):
        visitor.click("a[ng-click='vm.unwatch()']")
    kept = site.ask("GET", f"/userstories/{story['id']}", by=alice)
    assert (kept["assigned_users"], kept["watchers"]) == ([bob.id], [bob.id])


def test_one_goes_from_story_to_story(
    visit: Visit, site: Site, alice: Person, project: dict[str, Any], story: dict[str, Any]
) -> None:
    site.ask("POST", "/userstories", {"project": project["id"], "subject": "Store"}, by=alice)
    visitor = visit(alice)
    at_story(visitor, project, story)
    visitor.click(".detail-nav a[title*=ext]")
    visitor.sees(".detail-subject", "Store")
    visitor.click(".detail-nav a[title*=revious]")
    visitor.sees(".detail-subject", "Mill")


def test_custom_fields_of_every_type_are_filled_in(
    visit: Visit, site: Site, alice: Person, project: dict[str, Any], story: dict[str, Any]
) -> None:
    typed = {"text": "plain", "multiline": "two\nlines", "url": "http://example.com", "number": "3.5"}
    for kind in (*typed, "dropdown"):
        extra = {"extra": ["one", "two"]} if kind == "dropdown" else {}
        fields = {"project": project["id"], "name": kind, "type": kind, **extra}
        site.ask("POST", "/userstory-custom-attributes", fields, by=alice)
    visitor = visit(alice)
    at_story(visitor, project, story)

    def save(kind: str) -> None:
        with visitor.sends("PATCH", "/userstories/custom-attributes-values/"):
            visitor.at(".custom-attribute", kind).locator(".js-save-description").click()

    for kind, value in typed.items():
        visitor.at(".custom-attribute", kind).locator("input, textarea").first.fill(value)
        save(kind)
    visitor.at(".custom-attribute", "dropdown").locator("select").select_option(label="two")
    save("dropdown")
    at_story(visitor, project, story)
    for value in ("plain", "http://example.com", "3.5", "two"):
        visitor.sees(".custom-attribute .custom-field-value", value)


def test_a_story_is_deleted(visit: Visit, alice: Person, project: dict[str, Any], story: dict[str, Any]) -> None:
    visitor = visit(alice)
    at_story(visitor, project, story)
    visitor.click("tg-delete-button button, tg-delete-button a")
    with visitor.sends("DELETE", f"/userstories/{story['id']}$"):
        visitor.confirm()
    visitor.sees(".backlog, .kanban", "")


def test_an_issue_is_weighed_and_becomes_a_story(
    visit: Visit, site: Site, alice: Person, project: dict[str, Any]
) -> None:
    issue = site.ask("POST", "/issues", {"project": project["id"], "subject": "Rust"}, by=alice)
    visitor = visit(alice)
    visitor.go(f"/project/{project['slug']}/issue/{issue['ref']}")
    choose(visitor, "[tg-issue-severity-button] span", "Critical")
    choose(visitor, "[tg-issue-type-button] span", "Question")
    choose(visitor, "[tg-issue-priority-button] span", "High")
    choose(visitor, ".js-edit-status", "In progress")
    promote(visitor)
    visitor.sees(".detail-header", "This issue has been promoted to")


def test_a_task_is_assigned_closed_and_another_becomes_a_story(
    visit: Visit, site: Site, alice: Person, project: dict[str, Any], story: dict[str, Any]
) -> None:
    fields = {"project": project["id"], "user_story": story["id"], "subject": "Cut"}
    task = site.ask("POST", "/tasks", fields, by=alice)
    visitor = visit(alice)
    visitor.go(f"/project/{project['slug']}/task/{task['ref']}")
    with visitor.sends("PATCH", "/tasks/"):
        visitor.click(".ticket-users-action", "Assign to me")
    with visitor.sends("PATCH", "/tasks/"):
        visitor.click("label.is-iocaine")
    choose(visitor, ".js-edit-status", "Closed")
    visitor.sees(".ticket-title", "Closed")
    promote(visitor)
    visitor.arrives("/us/")
    visitor.sees(".detail-subject", "Cut")


def test_an_epic_gathers_stories(visit: Visit, alice: Person, project: dict[str, Any], story: dict[str, Any]) -> None:
    visitor = visit(alice)
    visitor.go(f"/project/{project['slug']}/epics")
    visitor.page.get_by_role("button", name=re.compile("add epic", re.IGNORECASE)).first.click()
    visitor.fill_in_box("[name=subject]", "Analysis")
    with visitor.sends("POST", "/epics$"):
        visitor.in_box(".create-epic-button").click()
    visitor.follow(".epic-row a", "Analysis")
    visitor.click("tg-related-userstories-create .add-button")
    visitor.fill_in_box(".single-creation input", "Anvil")
    with visitor.sends("POST", "/related_userstories/bulk_create$"):
        visitor.in_box(".create-user-story").click()
    visitor.sees("tg-related-userstory-row", "Anvil")
    visitor.click("tg-related-userstories-create .add-button")
    visitor.in_box("label[for=existing-user-story]").click()
    visitor.in_box("select.userstory").select_option(label=f"#{story['ref']} Mill")
    with visitor.sends("POST", "/related_userstories$"):
        visitor.in_box(".existing-user-story button").click()
    visitor.sees("tg-related-userstory-row", "Mill")
    at_story(visitor, project, story)
    visitor.sees(".belong-to-epics-wrapper", "Analysis")


def test_an_epic_changes_on_its_page_and_in_the_list(
    visit: Visit, site: Site, alice: Person, project: dict[str, Any], story: dict[str, Any]
) -> None:
    epic, other = (
        site.ask("POST", "/epics", {"project": project["id"], "subject": subject}, by=alice)
        for subject in ("Analysis", "Synthesis")
    )
    visitor = visit(alice)
    visitor.go(f"/project/{project['slug']}/epic/{epic['ref']}")
    choose(visitor, ".js-edit-status", "In progress")
    visitor.click(".epic-selector .tag-color")
    with visitor.sends("PATCH", f"/epics/{epic['id']}$"):
        visitor.click(".epic-selector .color-selector-option >> nth=3")
    at_story(visitor, project, story)
    visitor.click(".relate-to-epic-button")
    visitor.in_box("select.epic").select_option(label=f"#{other['ref']} Synthesis")
    with visitor.sends("POST", f"/epics/{other['id']}/related_userstories$"):
        visitor.in_box(".existing-epic-form ~ button, .existing-epic button").first.click()
    visitor.go(f"/project/{project['slug']}/epics")
    row = visitor.at(".epic-row", "Synthesis")
    row.locator(".status-holder button").click()
    with visitor.sends("PATCH", f"/epics/{other['id']}$"):
        row.locator(".epic-statuses li").filter(has_text="Done").click()
    visitor.at(".epic-row", "Synthesis").locator(".name").click()
    visitor.sees("tg-story-row", "Mill")
    seen = site.ask("GET", f"/epics/{epic['id']}", by=alice)
    assert (seen["status_extra_info"]["name"], seen["color"] != epic["color"]) == ("In progress", True)


def test_a_wiki_page_is_rewritten_and_forgotten(
    visit: Visit, site: Site, alice: Person, bob: Person, project: dict[str, Any]
) -> None:
    site.ask("POST", "/wiki", {"project": project["id"], "slug": "home", "content": "Turn"}, by=bob)
    site.ask("POST", "/wiki-links", {"project": project["id"], "title": "Manual"}, by=bob)
    visitor = visit(alice)
    visitor.go(f"/project/{project['slug']}/wiki/home")
    with visitor.sends("PATCH", "/wiki/"):
        visitor.write("tg-wiki-wysiwyg", " the crank")
    visitor.sees(".wiki-main", "Turn the crank")
    visitor.sees(".wiki-main", "times edited")
    visitor.go(f"/project/{project['slug']}/wiki/home")
    visitor.click(".history-tab")
    visitor.sees(".wiki-history-entry", "the crank")
    visitor.hover_and_click(visitor.at(".wiki-link", "Manual"), ".js-delete-link")
    with visitor.sends("DELETE", "/wiki-links/"):
        visitor.confirm()
    visitor.misses(".wiki-link", "Manual")
    visitor.click("tg-delete-button button, tg-delete-button a, .remove")
    visitor.expected.append((404, r"/wiki/by_slug"))
    with visitor.sends("DELETE", "/wiki/"):
        visitor.confirm()


def test_a_wiki_grows(visit: Visit, alice: Person, project: dict[str, Any], picture: Path) -> None:
    visitor = visit(alice)
    visitor.expected.append((404, r"/wiki/by_slug"))
    visitor.go(f"/project/{project['slug']}/wiki/home")
    with visitor.sends("POST", "/wiki$"):
        visitor.write("tg-wiki-wysiwyg", "Turn the crank")
    visitor.click(".wiki-nav .add-button")
    visitor.fill(".wiki-nav li.new input", "Manual of use")
    with visitor.sends("POST", "/wiki-links$"):
        visitor.page.keyboard.press("Enter")
    visitor.click(".wiki-nav .link-title", "Manual of use")
    with visitor.sends("POST", "/wiki/attachments$"):
        visitor.upload("tg-attachments-full input[type=file]", picture)
    visitor.go(f"/project/{project['slug']}/wiki-list")
    visitor.sees(".main", "manual-of-use")
