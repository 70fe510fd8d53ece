"""Sitemaps: which pages of the front search engines may show, for operators who want theirs to be found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from taiga.base import clock, front_pages
from taiga.projects.models import Epic, Issue, Milestone, Project, Task, UserStory, WikiPage
from taiga.projects.permissions import Can
from taiga.users.models import User

SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
HEADERS = {"X-Robots-Tag": "noindex, noodp, noarchive"}
"""The sitemap itself is nothing to be found."""
LIVELY = 5
"""A project with no more rows in its timeline than this is not worth finding."""
Rhythm = Callable[[datetime | None], str]


def always(often: str) -> Rhythm:
    """Pages that change in one rhythm."""
    return lambda modified: often


def calming(days: int, often: str) -> Rhythm:
    """Pages that change often, and monthly once nobody has touched them for so many days."""

    def rhythm(modified: datetime | None) -> str:
        return "monthly" if modified and modified < clock.now() - timedelta(days=days) else often

    return rhythm


@dataclass(frozen=True)
class Section:
    """Pages of one kind: `parts` are the columns that fill the address, `modified` is the column of the last change."""

    page: str
    rows: Callable[[], "QuerySet[Any]"]
    priority: str
    rhythm: Rhythm
    parts: dict[str, str]
    modified: str | None = "modified_date"

    def count(self) -> int:
        """How many there are."""
        return self.rows().count()

    def entries(self, start: int, end: int) -> Iterable[str]:
        """Some of them."""
        columns = [*self.parts.values(), *([self.modified] if self.modified else [])]
        for row in self.rows().order_by("id").values_list(*columns)[start:end]:
            given = dict(zip(self.parts, row, strict=False))
            modified = row[-1] if self.modified else None
            yield entry(front_pages.address(self.page, **given), self.rhythm, self.priority, modified)


GENERICS = {
    "home": "monthly",
    "discover": "daily",
    "login": "monthly",
    "register": "monthly",
    "forgot-password": "monthly",
}
"""Pages that every front has, and how often they change."""


class Generics:
    """The section of them."""

    def count(self) -> int:
        """How many there are."""
        return len(GENERICS)

    def entries(self, start: int, end: int) -> Iterable[str]:
        """Some of them."""
        pages = list(GENERICS.items())[start:end]
        return [entry(front_pages.address(page), always(often), "1", None) for page, often in pages]


def entry(address: str, rhythm: Rhythm, priority: str, modified: datetime | None) -> str:
    """One page."""
    last = f"<lastmod>{modified.date().isoformat()}</lastmod>" if modified else ""
    told = f"<changefreq>{rhythm(modified)}</changefreq><priority>{priority}</priority>"
    return f"<url><loc>{escape(address)}</loc>{last}{told}</url>"


def shown(*codes: str, below: str = "") -> Q:
    """Projects that are public, or show these things to everybody; `below` is the way to the project."""
    open_to_all = Q()
    for code in codes:
        open_to_all &= Q(**{f"{below}anon_permissions__holds_any": [code]})
    return Q(**{f"{below}is_private": False}) | open_to_all


def projects(*codes: str, **more: Any) -> "QuerySet[Project]":
    """Projects worth finding."""
    lively = Project.objects.filter(shown(Can.VIEW_PROJECT, *codes), total_activity__gt=LIVELY, **more)
    return lively.exclude(description="")


def inside(model: Any, *codes: str, **more: Any) -> "QuerySet[Any]":
    """What such projects show, while they are not blocked."""
    found: QuerySet[Any] = model.objects.filter(shown(*codes, below="project__"), project__blocked_code=None, **more)
    return found


SLUG, OF_PROJECT = {"slug": "slug"}, {"slug": "project__slug"}
ITEM = {**OF_PROJECT, "ref": "ref"}
NAMED = {**OF_PROJECT, "page": "slug"}
QUARTER = calming(90, "weekly")
SECTIONS: dict[str, Section | Generics] = {
    "generics": Generics(),
    "projects": Section("project", lambda: projects(blocked_code=None), "0.8", calming(30, "daily"), SLUG),
    "project-backlogs": Section(
        "backlog", lambda: projects(Can.VIEW_US, is_backlog_activated=True), "0.1", QUARTER, SLUG
    ),
    "project-kanbans": Section("kanban", lambda: projects(Can.VIEW_US, is_kanban_activated=True), "0.1", QUARTER, SLUG),
    "epics": Section(Epic.type_key, lambda: inside(Epic, Can.VIEW_EPICS).exclude(description=""), "0.5", QUARTER, ITEM),
    "milestones": Section(
        Milestone.type_key,
        lambda: inside(Milestone, Can.VIEW_MILESTONES, Can.VIEW_US, Can.VIEW_TASKS).exclude(name=""),
        "0.1",
        QUARTER,
        NAMED,
    ),
    "userstories": Section(UserStory.type_key, lambda: inside(UserStory, Can.VIEW_US), "0.5", QUARTER, ITEM),
    "tasks": Section(Task.type_key, lambda: inside(Task, Can.VIEW_TASKS), "0.5", QUARTER, ITEM),
    "issues": Section(Issue.type_key, lambda: inside(Issue, Can.VIEW_ISSUES), "0.5", QUARTER, ITEM),
    "wikipages": Section(
        WikiPage.type_key,
        lambda: inside(WikiPage, Can.VIEW_WIKI_PAGES, project__is_wiki_activated=True),
        "0.6",
        QUARTER,
        NAMED,
    ),
    "users": Section(
        "profile",
        lambda: User.objects.filter(is_active=True, is_system=False),
        "0.5",
        always("weekly"),
        {"username": "username"},
        modified=None,
    ),
}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The sections, page by page."""
    return answer("index", index_text)


@require_safe
def section(request: HttpRequest, name: str) -> HttpResponse:
    """One page of a section: 404 for one that is not there."""
    found, asked = SECTIONS.get(name), request.GET.get("p", "1")
    if found is None or not asked.isdecimal() or not 1 <= int(asked) <= pages_of(found):
        raise Http404
    size = settings.FRONT_SITEMAP_PAGE_SIZE
    end = int(asked) * size
    return answer(f"{name}:{asked}", lambda: document("urlset", found.entries(end - size, end)))


def pages_of(found: Section | Generics) -> int:
    """How many pages a section has; an empty one has one."""
    return max(1, -(-found.count() // settings.FRONT_SITEMAP_PAGE_SIZE))


def index_text() -> str:
    """The index: a section of several pages stands there with each."""
    addresses = [
        f"{settings.TAIGA_URL}/front/sitemap-{name}.xml" + (f"?p={page}" if page > 1 else "")
        for name, found in SECTIONS.items()
        for page in range(1, pages_of(found) + 1)
    ]
    return document("sitemapindex", (f"<sitemap><loc>{escape(one)}</loc></sitemap>" for one in addresses))


def document(root: str, entries: Iterable[str]) -> str:
    """A whole document."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{SCHEMA}">\n' + "\n".join(entries) + f"\n</{root}>\n"
    )


def answer(name: str, text: Callable[[], str]) -> HttpResponse:
    """A document, which is kept for a while; nothing where no sitemaps are wanted."""
    if not settings.FRONT_SITEMAP_ENABLED:
        raise Http404
    kept = cache.get_or_set(f"sitemap:{name}", text, settings.FRONT_SITEMAP_CACHE_TIMEOUT)
    return HttpResponse(kept, content_type="application/xml", headers=HEADERS)


urls = [
    path("front/sitemap.xml", index),
    path("front/sitemap-<slug:name>.xml", section),
]
