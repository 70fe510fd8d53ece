"""Coming in: accounts, invitations, passwords and what people say of themselves."""

from collections.abc import Callable
from pathlib import Path

from tests.front.site import PASSWORD, Person, Site
from tests.front.visitor import Visit, Visitor


def sign_up(visitor: Visitor, username: str) -> None:
    form = "form.register-form "
    for field, text in {
        "username": username,
        "full_name": "Ada Lovelace",
        "email": f"{username}@a.test",
        "password": PASSWORD,
    }.items():
        visitor.fill(f"{form}[name={field}]", text)
    visitor.click(f"{form}button")


def make_project(visitor: Visitor, template: str, name: str) -> None:
    visitor.go(f"/project/new/{template}")
    visitor.fill("[name=projectForm] input[type=text]", name)
    visitor.fill("[name=projectForm] textarea", "Of brass")
    with visitor.sends("POST", "/projects$"):
        visitor.click("[name=projectForm] button[type=submit]")


def log_in(visitor: Visitor, username: str, password: str) -> None:
    visitor.go("/login")
    visitor.fill("[name=username]", username)
    visitor.fill("[name=password]", password)
    visitor.click("form button")


def test_a_person_registers_verifies_the_address_and_makes_projects(visit: Visit, site: Site) -> None:
    ada, name = visit(), site.unused("ada")
    ada.go("/register")
    sign_up(ada, name)
    ada.sees("h1", "Projects Dashboard")
    ada.go("/verify-email/" + site.mailed(f"{name}@a.test", r"/verify-email/([\w-]+)"))
    with ada.sends("POST", "/users/change_email"):
        ada.click(".verify-email-form a")
    make_project(ada, "scrum", site.unused("Mill"))
    ada.sees(".backlog", "The backlog is empty!")
    make_project(ada, "kanban", site.unused("Loom"))
    ada.sees(".kanban .task-colum-name", "Ready for test")


def test_somebody_who_is_invited_registers_and_is_in_the_project(visit: Visit, site: Site, alice: Person) -> None:
    project, name = site.project(alice), site.unused("carol")
    owner, carol = visit(alice), visit()
    owner.go(f"/project/{project['slug']}/admin/memberships")
    owner.click(".action-buttons button")
    owner.in_box(".add-member-suggest-filter-input").press_sequentially(f"{name}@a.test")
    owner.in_box(".add-member-suggest-filter-addmail").click()
    owner.in_box(".invite-members-single-role").select_option(label="Design")
    with owner.sends("POST", "/memberships/bulk_create"):
        owner.in_box(".invite-members-single-send").click()
    owner.sees(".admin-membership-table .row", "Pending")

    carol.go("/invitation/" + site.mailed(f"{name}@a.test", r"/invitation/([\w-]+)"))
    carol.sees(".invitation-text", project["name"])
    sign_up(carol, name)
    carol.arrives(f"/project/{project['slug']}/timeline")
    owner.go(f"/project/{project['slug']}/team")
    owner.sees(".team-members, [tg-team-members]", "Ada Lovelace")


def test_somebody_who_is_invited_logs_in_and_is_in_the_project(visit: Visit, site: Site, alice: Person) -> None:
    project, person = site.project(alice), site.person("ina")
    address = f"{site.unused('other')}@a.test"
    invited = {"project": project["id"], "role": project["roles"][0]["id"], "username": address}
    site.ask("POST", "/memberships", invited, by=alice)
    link, visitor = "/invitation/" + site.mailed(address, r"/invitation/([\w-]+)"), visit()
    visitor.go(link)
    visitor.fill("form.login-form [name=username]", person.username)
    visitor.fill("form.login-form [name=password]", PASSWORD)
    visitor.click("form.login-form button")
    visitor.arrives(f"/project/{project['slug']}/timeline")
    visitor.expected.append((404, r"/invitations/"))
    visitor.go(link)
    visitor.arrives("/$")


def test_a_session_goes_on_when_its_token_is_not_good_any_more(visit: Visit, site: Site, alice: Person) -> None:
    visitor = visit(alice)
    visitor.expected.append((401, r"/api/v1/"))
    visitor.go("/")
    visitor.page.evaluate("localStorage.token = JSON.stringify('an.old.one')")
    with visitor.sends("POST", "/auth/refresh$"):
        visitor.page.goto("/notifications")
    visitor.sees("h1", "My events")
    visitor.page.evaluate("localStorage.token = localStorage.refresh = JSON.stringify('an.old.one')")
    visitor.page.goto("/notifications")
    visitor.arrives("/login")


def test_a_wrong_password_is_refused_and_the_right_one_leads_home(visit: Visit, site: Site) -> None:
    person, visitor = site.person("dora"), visit()
    visitor.expected.append((401, r"/auth$"))
    log_in(visitor, person.username, "wrong")
    visitor.sees("p", "username/email or password are incorrect")
    log_in(visitor, person.username, PASSWORD)
    visitor.sees("h1", "Projects Dashboard")


def test_a_forgotten_password_is_set_anew_by_mail(visit: Visit, site: Site) -> None:
    person, visitor = site.person("emma"), visit()
    visitor.go("/forgot-password")
    visitor.fill("form [name=username]", person.username)
    with visitor.sends("POST", "/users/password_recovery"):
        visitor.click("form button")
    visitor.go("/change-password/" + site.mailed(person.told["email"], r"/change-password/([\w-]+)"))
    for place in (0, 1):
        visitor.page.locator("form input[type=password]").nth(place).fill("battery-staple-7")
    with visitor.sends("POST", "/users/change_password_from_recovery"):
        visitor.click("form button")
    log_in(visitor, person.username, "battery-staple-7")
    visitor.sees("h1", "Projects Dashboard")


def test_a_person_changes_photo_name_language_and_password(visit: Visit, site: Site, picture: Path) -> None:
    person = site.person("fanny")
    visitor = visit(person)
    visitor.go("/user-settings/user-profile")
    with visitor.sends("POST", "/users/change_avatar"):
        visitor.upload("#avatar-field", picture)
    visitor.shows("img[src*='picture.png']")
    with visitor.sends("POST", "/users/remove_avatar"):
        visitor.click(".js-use-gravatar")
    visitor.fill("#full-name", "Fanny Mendelssohn")
    visitor.at("#lang").select_option(label="Deutsch")
    with visitor.sends("PATCH", f"/users/{person.id}$"):
        visitor.click("form button[type=submit]")
    visitor.sees("h1", "Benutzereinstellungen")
    visitor.go("/user-settings/user-change-password")
    for place, password in enumerate((PASSWORD, "battery-staple-7", "battery-staple-7")):
        visitor.page.locator("form input[type=password]").nth(place).fill(password)
    with visitor.sends("POST", "/users/change_password"):
        visitor.click("form button[type=submit]")
    visitor.go("/profile")
    visitor.sees("h1", "Fanny Mendelssohn")


def test_a_new_address_holds_once_its_mail_was_answered(visit: Visit, site: Site) -> None:
    person = site.person("greta")
    visitor, address = visit(person), f"{person.username}@new.test"
    visitor.go("/user-settings/user-profile")
    visitor.fill("#email", address)
    with visitor.sends("PATCH", f"/users/{person.id}$"):
        visitor.click("form button[type=submit]")
    visitor.go("/change-email/" + site.mailed(address, r"/change-email/([\w-]+)"))
    with visitor.sends("POST", "/users/change_email"):
        visitor.click(".change-email-form a, form a, form button")
    assert site.ask("GET", "/users/me", by=person)["email"] == address


def test_people_choose_what_they_are_told_and_where_a_project_opens(visit: Visit, site: Site) -> None:
    person = site.person("hanna")
    project = site.project(person)
    visitor = visit(person)
    changes: dict[str, Callable[[], None]] = {
        "mail-notifications": lambda: visitor.click("label", "All"),
        "live-notifications": lambda: visitor.click("label", "None"),
        "web-notifications": lambda: visitor.switch(".check input"),
    }
    for page, change in changes.items():
        visitor.go(f"/user-settings/{page}")
        with visitor.sends("PATCH", "/notify-policies/"):
            change()
    visitor.go("/user-settings/user-project-settings")
    with visitor.sends("PATCH", "/user-project-settings/"):
        visitor.at("select").select_option(label="Kanban")
    policy = site.ask("GET", "/notify-policies", by=person)[0]
    assert (policy["notify_level"], policy["live_notify_level"], policy["web_notify_level"]) == (2, 3, False)
    visitor.go("/projects/")
    visitor.follow(".list-itemtype-project .project-title", project["name"])
    visitor.sees(".kanban h1", "Kanban")


def test_somebody_who_leaves_cannot_come_back(visit: Visit, site: Site) -> None:
    person = site.person("ida")
    visitor = visit(person)
    visitor.go("/user-settings/user-profile")
    visitor.click(".delete-account")
    with visitor.sends("DELETE", f"/users/{person.id}$"):
        visitor.in_box("button").filter(has_text="Delete").last.click()
    nobody = visit()
    nobody.expected.append((401, r"/auth$"))
    log_in(nobody, person.username, PASSWORD)
    nobody.sees("p", "username/email or password are incorrect")
