"""Sitemaps: which pages search engines may show."""

import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from taiga.base import clock
from taiga.projects.models import Project
from tests.activity import COLLECTIONS, Apollo

pytestmark = pytest.mark.django_db
SECTIONS = (
    *("generics", "projects", "project-backlogs", "project-kanbans", "epics", "milestones", "userstories", "tasks"),
    *("issues", "wikipages", "users"),
)
FRONT = "http://localhost:8000"
SPRINT = {"name": "One", "estimated_start": "2031-01-01", "estimated_finish": "2031-01-15"}
OF_PROJECTS = {
    "projects": "/project/apollo",
    "project-backlogs": "/project/apollo/backlog/",
    "project-kanbans": "/project/apollo/kanban/",
    "epics": "/project/apollo/epic/1",
    "userstories": "/project/apollo/us/2",
    "tasks": "/project/apollo/task/3",
    "issues": "/project/apollo/issue/4",
    "wikipages": "/project/apollo/wiki/home",
    "milestones": "/project/apollo/taskboard/one",
}


@pytest.fixture(autouse=True)
def wanted(settings: Settings) -> None:
    settings.FRONT_SITEMAP_ENABLED = True
    cache.clear()


def told(address: str) -> list[dict[str, str]]:
    """The entries of a document, by the names of what is told."""
    answer = Client().get(f"/front/{address}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/xml")
    assert answer["X-Robots-Tag"] == "noindex, noodp, noarchive"
    root = ET.fromstring(answer.content)
    return [{re.sub("{.*}", "", one.tag): one.text or "" for one in entry} for entry in root]


def places(section: str) -> list[str]:
    cache.clear()
    return [entry["loc"].removeprefix(FRONT) for entry in told(f"sitemap-{section}.xml")]


def filled(**more: Any) -> Apollo:
    apollo = Apollo()
    for kind in COLLECTIONS:
        apollo.make(kind, description="So far") if kind == "epic" else apollo.make(kind)
    assert apollo.alice.post("/milestones", {"project": apollo.project.pk, **SPRINT}).status_code == 201
    change(apollo, is_kanban_activated=True, **more)
    return apollo


def change(apollo: Apollo, **fields: Any) -> None:
    Project.objects.filter(pk=apollo.project.pk).update(**fields)


def test_the_index_names_every_section() -> None:
    assert [entry["loc"] for entry in told("sitemap.xml")] == [f"{FRONT}/front/sitemap-{one}.xml" for one in SECTIONS]


def test_without_the_setting_there_is_nothing(settings: Settings) -> None:
    settings.FRONT_SITEMAP_ENABLED = False
    for address in ("sitemap.xml", "sitemap-generics.xml"):
        assert Client().get(f"/front/{address}").status_code == 404


@pytest.mark.parametrize("section", list(OF_PROJECTS))
def test_only_what_everybody_may_see_is_told(section: str) -> None:
    apollo = filled()
    assert places(section) == []
    change(apollo, anon_permissions=["view_project"])
    assert places(section) == (["/project/apollo"] if section == "projects" else [])
    change(apollo, is_private=False, anon_permissions=[])
    assert places(section) == [OF_PROJECTS[section]]
    change(apollo, blocked_code="blocked-by-staff")
    assert places(section) == ([OF_PROJECTS[section]] if section.startswith("project-") else [])


@pytest.mark.parametrize("section", [one for one in OF_PROJECTS if one.startswith("project")])
@pytest.mark.parametrize("fields", [{"description": ""}, {"total_activity": 5}])
def test_a_project_of_which_nothing_is_to_be_told_is_left_out(section: str, fields: dict[str, Any]) -> None:
    apollo = filled(is_private=False)
    assert places(section)
    change(apollo, **fields)
    assert places(section) == []


def test_modules_that_are_off_are_left_out() -> None:
    apollo = filled(is_private=False)
    change(apollo, is_backlog_activated=False, is_kanban_activated=False, is_wiki_activated=False)
    assert [places(one) for one in ("project-backlogs", "project-kanbans", "wikipages")] == [[], [], []]


def test_it_says_how_often_a_page_changes() -> None:
    filled(is_private=False)
    today = clock.now().date().isoformat()
    (project,), (story,) = told("sitemap-projects.xml"), told("sitemap-userstories.xml")
    assert (project["changefreq"], project["priority"], project["lastmod"]) == ("daily", "0.8", today)
    assert (story["changefreq"], story["priority"], story["lastmod"]) == ("weekly", "0.5", today)
    with time_machine.travel(clock.now() + timedelta(days=100)):
        cache.clear()
        assert told("sitemap-projects.xml")[0]["changefreq"] == "monthly"
        assert told("sitemap-userstories.xml")[0]["changefreq"] == "monthly"
    assert told("sitemap-generics.xml")[1] == {"loc": f"{FRONT}/discover", "changefreq": "daily", "priority": "1"}


def test_people_are_told_while_their_accounts_are_open() -> None:
    apollo = Apollo()
    assert places("users") == ["/profile/alice", "/profile/bob", "/profile/carol"]
    apollo.users["bob"].is_active = False
    apollo.users["bob"].save()
    assert places("users") == ["/profile/alice", "/profile/carol"]


def test_a_long_section_comes_in_pages(settings: Settings) -> None:
    settings.FRONT_SITEMAP_PAGE_SIZE = 2
    Apollo()
    assert f"{FRONT}/front/sitemap-users.xml?p=2" in [entry["loc"] for entry in told("sitemap.xml")]
    assert [entry["loc"] for entry in told("sitemap-users.xml?p=2")] == [f"{FRONT}/profile/carol"]
    for page in ("0", "3", "x", "-1", ""):
        assert Client().get(f"/front/sitemap-users.xml?p={page}").status_code == 404
    assert Client().get("/front/sitemap-moons.xml").status_code == 404


def test_a_document_is_kept_for_a_while(settings: Settings) -> None:
    settings.FRONT_SITEMAP_CACHE_TIMEOUT = 60
    apollo = filled(is_private=False)
    before = told("sitemap-projects.xml")
    change(apollo, is_private=True)
    assert told("sitemap-projects.xml") == before
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert told("sitemap-projects.xml") == []
