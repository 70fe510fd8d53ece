"""Wiki pages and the links of the wiki's menu."""

from typing import Any

from django.utils.translation import gettext as _

from taiga.base import clock, errors
from taiga.base.bodies import UNSET, Fields
from taiga.base.slugs import among, slugify, unique_slug
from taiga.changes.models import Change, ChangeType
from taiga.changes.record import Actor, change_of, publish, recorded
from taiga.projects.models import Attachment, Watch, WikiLink, WikiPage
from taiga.projects.permissions import Access, Can
from taiga.projects.queries import texts
from taiga.projects.services import attachments, freezing, watching
from taiga.projects.services.versions import ensure_no_conflict


def create(values: dict[str, Any], *, access: Access, by: Actor) -> WikiPage:
    """Create a page. Raises Invalid for a slug that is taken, Blocked."""
    comment = values.pop("comment", "") or ""
    values["version"] = max(1, values.get("version", 1))
    values.pop("watchers", None)
    values.pop("project", None)
    ensure_slug_is_free(access.project.id, values["slug"])
    access.ensure_open()
    page = WikiPage.objects.create(
        project_id=access.project.id, owner_id=by.id, last_modifier_id=by.id, **without_unset(values)
    )
    watching.ensure_policy_of_author(access, by)
    involved = watching.involve(page, access.project.slug, text=page.content, comment=comment, by=by)
    details = {"comment": comment, "comment_html": html(comment, access), "context": {**facts(page), **involved}}
    publish([change_of(page, ChangeType.CREATE, by=by, snapshot=snapshot(page, access), **details)])
    return page


def without_unset(values: dict[str, Any]) -> dict[str, Any]:
    """The fields that have a value."""
    return {name: value for name, value in values.items() if value is not UNSET}


def change(page: WikiPage, fields: Fields[Any], *, access: Access, by: Actor) -> None:
    """Change a page, comment on it, or both; `access` is to the project that the page will be in."""
    values = dict(fields.values)
    moved = page.project_id != access.project.id
    if "watchers" in values:
        watching.ensure_may_watch(access.project.id, values["watchers"])
    if moved or values.get("slug", page.slug) != page.slug:
        ensure_slug_is_free(access.project.id, values.get("slug", page.slug))
    ensure_no_conflict(page, values.pop("version", UNSET), fields.sent)
    access.ensure_open()
    comment = values.pop("comment", "") or ""
    watchers = values.pop("watchers", UNSET)
    values.pop("project", None)
    before, html_before = page.content, texts.html(page.content, page.project_id, page.project.slug)
    context = {**facts(page), "version": page.version + 1}
    details: dict[str, Any] = {"comment": comment, "comment_html": html(comment, access), "context": context}
    with recorded(page, by=by, freeze=freezing.freeze, **details) as recorder:
        for name, value in values.items():
            setattr(page, name, value)
        page.project_id = access.project.id
        page.last_modifier_id = by.id
        page.version += 1
        page.modified_date = clock.now()
        page.save()
        if moved or page.content != before:
            recorder.add_diff("content_html", html_before, html(page.content, access))
        if moved:
            watching.take_along(page.project_id, Watch.objects.filter(wiki_page=page), [page.owner_id])
            Attachment.objects.filter(wiki_page=page).update(project_id=page.project_id)
        if watchers is not UNSET:
            for role, people in watching.replace(page, watchers).items():
                recorder.add_people(role, people)
        recorder.context |= watching.involve(
            page, access.project.slug, text=page.content, comment=comment, by=by, former_text=before
        )


def delete(page: WikiPage, *, access: Access, by: Actor) -> None:
    """Delete a page; links to it stay."""
    access.ensure_open()
    publish([change_of(page, ChangeType.DELETE, by=by, snapshot=snapshot(page, access), context=facts(page))])
    attachments.delete_files_of(wiki_page=page)
    page.delete()


def ensure_slug_is_free(project_id: int, slug: str) -> None:
    """Refuse a second page of the same slug."""
    if WikiPage.objects.filter(project_id=project_id, slug=slug).exists():
        raise errors.Invalid({"__all__": [_("Wiki page with this Project and Slug already exists.")]})


def snapshot(page: WikiPage, access: Access) -> dict[str, Any]:
    """Everything that the history remembers of a page."""
    return {**freezing.freeze(page), "content_html": html(page.content, access), "attachments": []}


def facts(page: WikiPage) -> dict[str, Any]:
    """The facts of a page for timelines, and whom its changes concern."""
    watchers = Watch.objects.filter(wiki_page=page).values_list("user_id", flat=True)
    return {
        "facts": {"wikipage": {"id": page.pk, "slug": page.slug}},
        "people": sorted({*watchers, page.owner_id} - {None}),
    }


def html(text: str, access: Access) -> str:
    """Markdown of a project as HTML."""
    return texts.html(text, access.project.id, access.project.slug)


def create_link(title: str, order: int, *, access: Access, by: Actor) -> WikiLink:
    """Create a link in the menu. If its page is missing and the caller may add pages, create an empty one."""
    project = access.project
    existing = WikiLink.objects.filter(project_id=project.id)
    href = unique_slug(slugify(title) or "null", among(existing, "href"), max_length=500)
    link = WikiLink.objects.create(project_id=project.id, title=title, href=href, order=order)
    if access.may(Can.ADD_WIKI_PAGE) and not WikiPage.objects.filter(project_id=project.id, slug=href).exists():
        create({"slug": href, "content": ""}, access=access, by=by)
    return link


def editions(pages: list[WikiPage]) -> dict[int, int]:
    """The number of editions of each page: one, plus one for each visible change."""
    rows = Change.objects.filter(
        kind=WikiPage.type_key,
        object_id__in=[page.pk for page in pages],
        type=ChangeType.CHANGE,
        is_hidden=False,
        entry=None,
    )
    found = {page.pk: 1 for page in pages}
    for key in rows.values_list("object_id", flat=True):
        found[key] += 1
    return found


def change_link(link: WikiLink, values: dict[str, Any]) -> None:
    """Change the title or the order of a link."""
    for name, value in values.items():
        setattr(link, name, value)
    link.save()


def delete_link(link: WikiLink) -> None:
    """Delete a link."""
    link.delete()
