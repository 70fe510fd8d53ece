"""/wiki and /wiki-links: pages, rendering, and the wiki's menu."""

import re
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BeforeValidator, Field

from taiga.base import clock, errors
from taiga.base.answers import INTEGER, TEXT, Paged, object_of
from taiga.base.bodies import UNSET, Body, FilledText, Integer, Key, Place, Related, Text, longest, to_text, wrong
from taiga.base.paging import paged_rows
from taiga.base.requests import Reply, Request, created, no_content, number, ok
from taiga.base.routes import ANYBODY, Query, endpoint, route
from taiga.projects.api import lookup, shapes
from taiga.projects.api.workitems import Comment, People
from taiga.projects.models import Project, Watch, WikiLink, WikiPage
from taiga.projects.permissions import TO_MODIFY_OR_JUST_COMMENT, WIKI, Can, visible
from taiga.projects.queries import texts
from taiga.projects.queries.rows import project_extra_info
from taiga.projects.services import wiki as services

SLUG = Query("slug", "string", "The page with this slug.")
THE_SLUG = Query("slug", "string", "The slug of the page.", required=True)


def to_slug(value: Any) -> str:
    """Letters and digits of any script, `_` and `-`."""
    text = to_text(value)
    if not re.fullmatch(r"[-\w]+", text):
        raise wrong(_("Enter a valid 'slug' consisting of letters, numbers, underscores or hyphens."))
    return text


class PageBody(Body):
    """The fields of a page."""

    project: Annotated[Key, Related(Project, ())]
    slug: Annotated[str, BeforeValidator(to_slug), longest(500)]
    content: Text = UNSET
    watchers: People = UNSET
    comment: Comment = ""
    version: Integer = UNSET


class LinkBody(Body):
    """The fields of a link."""

    project: Annotated[Key, Related(Project, ())]
    title: Annotated[FilledText, longest(500)]
    order: Place = Field(default_factory=clock.milliseconds)


def serialized(request: Request, pages: list[WikiPage]) -> list[dict[str, Any]]:
    """Pages as the API shows them; a constant number of queries, plus those for what their texts refer to."""
    editions = services.editions(pages)
    watchers: dict[int, set[int]] = {page.pk: set() for page in pages}
    for key, user in Watch.objects.filter(wiki_page__in=pages).values_list("wiki_page_id", "user_id"):
        watchers[key].add(user)
    return [
        {
            "project": page.project_id,
            "project_extra_info": project_extra_info(page.project),
            "is_watcher": request.viewer.id in watchers[page.pk],
            "total_watchers": len(watchers[page.pk]),
            "id": page.pk,
            "slug": page.slug,
            "content": page.content,
            "owner": page.owner_id,
            "last_modifier": page.last_modifier_id,
            "created_date": clock.stamp(page.created_date),
            "modified_date": clock.stamp(page.modified_date),
            "html": texts.html(page.content, page.project_id, page.project.slug),
            "editions": editions[page.pk],
            "version": page.version,
        }
        for page in pages
    ]


def serialized_page(request: Request, page: WikiPage) -> dict[str, Any]:
    """A single page."""
    return serialized(request, [errors.still_there(with_projects().filter(pk=page.pk))])[0]


def with_projects() -> Any:
    """The pages with their projects."""
    return WikiPage.objects.select_related("project")


@endpoint(needs=ANYBODY, query=(lookup.PROJECT, SLUG), answers=Paged(shapes.PAGE))
def listing(request: Request) -> Reply:
    """The pages that the caller may see."""
    project = lookup.project_parameter(request)
    pages = with_projects().filter(visible(request.viewer, Can.VIEW_WIKI_PAGES, "project__"))
    if project is not None:
        pages = pages.filter(project_id=project)
    if "slug" in request.query:
        pages = pages.filter(slug=request.query["slug"])
    ordered = pages.order_by("project__name", "project", "slug")
    return paged_rows(request, ordered, lambda page: serialized(request, list(page)))


@endpoint(needs=Can.ADD_WIKI_PAGE, accepts=PageBody, answers=shapes.PAGE)
def create(request: Request) -> Reply:
    """A new page."""
    values = PageBody.read(request.fields).values
    access = lookup.allow(request, values["project"])
    page = services.create(values, access=access, by=lookup.actor(request))
    return created(serialized_page(request, page))


@endpoint(needs=Can.VIEW_WIKI_PAGES, answers=shapes.PAGE)
def read(request: Request) -> Reply:
    """One page."""
    return ok(serialized_page(request, lookup.retrieve(request, with_projects(), id=request.args["id"])))


@endpoint(needs=Can.VIEW_WIKI_PAGES, query=(lookup.THE_PROJECT, THE_SLUG), answers=shapes.PAGE)
def by_slug(request: Request) -> Reply:
    """One page by its slug and its project's id."""
    project = number(request.query.get("project"))
    slug = request.query.get("slug")
    page = lookup.retrieve(request, with_projects(), project_id=project, slug=slug)
    return ok(serialized_page(request, page))


@endpoint(needs=TO_MODIFY_OR_JUST_COMMENT, accepts=PageBody, answers=shapes.PAGE)
def change(request: Request) -> Reply:
    """Change a page, comment on it, or both."""
    return changed(request, partial=True)


@endpoint(needs=TO_MODIFY_OR_JUST_COMMENT, accepts=PageBody, answers=shapes.PAGE)
def replace(request: Request) -> Reply:
    """The same, with all fields."""
    return changed(request, partial=False)


def changed(request: Request, *, partial: bool) -> Reply:
    """PUT and PATCH. Moving a page to another project needs permission in both."""
    page = lookup.for_change(request, WikiPage, WIKI.view, id=request.args["id"])
    fields = PageBody.read(request.fields, partial=partial)
    access = lookup.access_or_404(request, page.project_id)
    target = fields.values.get("project", page.project_id)
    if target != page.project_id:
        access.ensure(WIKI.modify)
        access.ensure_open()
        access = lookup.allow(request, target)
    services.change(page, fields, access=access, by=lookup.actor(request))
    return ok(serialized_page(request, page))


@endpoint(needs=Can.DELETE_WIKI_PAGE)
def delete(request: Request) -> Reply:
    """Delete a page."""
    page = lookup.for_change(request, WikiPage, WIKI.view, id=request.args["id"])
    services.delete(page, access=lookup.access_or_404(request, page.project_id), by=lookup.actor(request))
    return no_content()


@endpoint(
    needs=ANYBODY, accepts=object_of("content", "project_id", content=TEXT, project_id=INTEGER), answers=shapes.RENDERED
)
def render(request: Request) -> Reply:
    """Render Markdown as HTML.

    Callers who may not see the project get no titles of its items and pages and no names of members; nobody gets titles
    and files of kinds that they may not see.
    """
    content, project = request.fields.get("content"), request.fields.get("project_id")
    if not content:
        raise errors.Invalid({"content": _("'%s' parameter is mandatory") % "content"})
    if not project:
        raise errors.Invalid({"project_id": _("'%s' parameter is mandatory") % "project_id"})
    key = number(project)
    access = lookup.access(request, key) if key is not None else None
    if access is None:
        raise errors.Missing("No Project matches the given query.")
    if not access.may(Can.VIEW_PROJECT):
        return ok({"data": texts.plain_html(str(content))})
    return ok({"data": texts.html_for(access, str(content))})


def serialized_link(link: WikiLink) -> dict[str, Any]:
    """A link as the API shows it."""
    return {"id": link.pk, "project": link.project_id, "title": link.title, "href": link.href, "order": link.order}


@endpoint(needs=ANYBODY, query=(lookup.PROJECT,), answers=Paged(shapes.LINK))
def links(request: Request) -> Reply:
    """The links of wikis that the caller may read."""
    project = lookup.project_parameter(request)
    found = WikiLink.objects.filter(visible(request.viewer, Can.VIEW_WIKI_PAGES, "project__"))
    if project is not None:
        found = found.filter(project_id=project)
    ordered = found.order_by("project__name", "project", "order", "id")
    return paged_rows(request, ordered, lambda page: [serialized_link(link) for link in page])


@endpoint(needs=Can.ADD_WIKI_LINK, accepts=LinkBody, answers=shapes.LINK)
def create_link(request: Request) -> Reply:
    """Create a link, and its page if the caller may add one."""
    values = LinkBody.read(request.fields).values
    access = lookup.allow(request, values["project"])
    access.ensure_open()
    link = services.create_link(values["title"], values["order"], access=access, by=lookup.actor(request))
    return created(serialized_link(link))


@endpoint(needs=Can.VIEW_WIKI_LINKS, answers=shapes.LINK)
def read_link(request: Request) -> Reply:
    """One link."""
    return ok(serialized_link(lookup.retrieve(request, WikiLink.objects.all(), id=request.args["id"])))


@endpoint(needs=Can.MODIFY_WIKI_LINK, accepts=LinkBody, answers=shapes.LINK)
def change_link(request: Request) -> Reply:
    """Change the title or the order of a link; its target stays."""
    return changed_link(request, partial=True)


@endpoint(needs=Can.MODIFY_WIKI_LINK, accepts=LinkBody, answers=shapes.LINK)
def replace_link(request: Request) -> Reply:
    """The same, with all fields."""
    return changed_link(request, partial=False)


def changed_link(request: Request, *, partial: bool) -> Reply:
    """PUT and PATCH."""
    link = lookup.for_change(request, WikiLink, Can.VIEW_WIKI_PAGES, id=request.args["id"])
    values = LinkBody.read(request.fields, partial=partial).values
    lookup.access_or_404(request, link.project_id).ensure_open()
    if values.pop("project", link.project_id) != link.project_id:
        raise errors.Invalid({"project": [_("A link can't be moved to another project.")]})
    services.change_link(link, values)
    return ok(serialized_link(link))


@endpoint(needs=Can.DELETE_WIKI_LINK)
def delete_link(request: Request) -> Reply:
    """Delete a link; its page stays."""
    link = lookup.for_change(request, WikiLink, Can.VIEW_WIKI_PAGES, id=request.args["id"])
    lookup.access_or_404(request, link.project_id).ensure_open()
    services.delete_link(link)
    return no_content()


urls = [
    route("wiki", GET=listing, POST=create),
    route("wiki/by_slug", GET=by_slug),
    route("wiki/render", POST=render),
    route("wiki/{id}", GET=read, PUT=replace, PATCH=change, DELETE=delete),
    route("wiki-links", GET=links, POST=create_link),
    route("wiki-links/{id}", GET=read_link, PUT=replace_link, PATCH=change_link, DELETE=delete_link),
]
