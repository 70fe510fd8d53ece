"""The bell in the head of every page."""

from tests.front.site import Person, Site
from tests.front.visitor import Visit


def test_it_counts_while_one_looks_and_is_silenced(visit: Visit, site: Site, alice: Person) -> None:
    person = site.person("bella")
    project = site.project(alice, person)
    story = site.ask("POST", "/userstories", {"project": project["id"], "subject": "Mill"}, by=alice)
    visitor = visit(person)
    visitor.go("/notifications")
    visitor.listens(rf"^web_notifications\.{person.id}$")
    visitor.misses(".counter")
    site.ask(
        "PATCH",
        f"/userstories/{story['id']}",
        {"assigned_to": person.id, "assigned_users": [person.id], "version": 1},
        by=alice,
    )
    visitor.sees(".counter", "1")
    site.ask("PATCH", f"/userstories/{story['id']}", {"comment": f"@{person.username} look", "version": 2}, by=alice)
    visitor.sees(".counter", "2")
    visitor.go("/notifications")
    visitor.sees(".notifications-list .entry.new", "assigned you to")
    visitor.sees(".notifications-list .entry.new", "mentioned you in a comment")
    visitor.at("[tg-dropdown-notifications] a").hover()
    with visitor.sends("POST", "/web-notifications/set-as-read"):
        visitor.click(".navbar-dropdown-notifications .header .action")
    visitor.misses(".counter")


def test_an_entry_leads_to_what_it_tells_of(visit: Visit, site: Site, alice: Person) -> None:
    person = site.person("cleo")
    project = site.project(alice, person)
    issue = site.ask(
        "POST", "/issues", {"project": project["id"], "subject": "Rust", "assigned_to": person.id}, by=alice
    )
    visitor = visit(person)
    visitor.go("/notifications")
    with visitor.sends("PATCH", "/web-notifications/[0-9]+/set-as-read"):
        visitor.click(".notifications-list .entry-content p a >> nth=-1")
    visitor.arrives(f"/project/{project['slug']}/issue/{issue['ref']}")
