"""The table of contents: one line per module of addresses."""

from django.contrib import admin
from django.urls import path

from taiga import front, pages, sitemaps
from taiga.auth.api import accounts, applications, auth
from taiga.base.dispatch import Dispatcher
from taiga.base.index import index
from taiga.base.media.serve import serve as media
from taiga.base.routes import Router
from taiga.history.api import entries as history
from taiga.history.api import feed
from taiga.notifications.api import bell, preview, unsubscribe
from taiga.projects.api import (
    attachments,
    attributes,
    bulk,
    contact,
    custom_values,
    epics,
    issues,
    likes,
    logos,
    memberships,
    milestones,
    modules,
    notify_policies,
    people,
    project_copies,
    project_settings,
    project_stats,
    project_tags,
    projects,
    promotion,
    related_userstories,
    reports,
    roles,
    search,
    stats,
    swimlanes,
    tasks,
    templates,
    transfer_ownership,
    transitions,
    userstories,
    voting,
    watching,
    wiki,
)
from taiga.timeline.api import timelines
from taiga.transfer.api import exporter, importer, load_dump, trackers
from taiga.users.api import feedback, locales, passwords, storage, users
from taiga.webhooks.api import hooks, webhooks

ROUTES = [
    *auth.urls,
    *accounts.urls,
    *applications.urls,
    *users.urls,
    *passwords.urls,
    *storage.urls,
    *feedback.urls,
    *locales.urls,
    *people.urls,
    *notify_policies.urls,
    *project_settings.urls,
    *contact.urls,
    *stats.urls,
    *projects.urls,
    *project_copies.urls,
    *project_stats.urls,
    *project_tags.urls,
    *logos.urls,
    *likes.urls,
    *transfer_ownership.urls,
    *modules.urls,
    *templates.urls,
    *memberships.urls,
    *roles.urls,
    *attributes.urls,
    *swimlanes.urls,
    *transitions.urls,
    *milestones.urls,
    *watching.urls,
    *voting.urls,
    *bulk.urls,
    *custom_values.urls,
    *attachments.urls,
    *promotion.urls,
    *related_userstories.urls,
    *epics.urls,
    *userstories.urls,
    *tasks.urls,
    *issues.urls,
    *wiki.urls,
    *search.urls,
    *reports.urls,
    *history.urls,
    *feed.urls,
    *timelines.urls,
    *bell.urls,
    *unsubscribe.urls,
    *webhooks.urls,
    *hooks.urls,
    *exporter.urls,
    *importer.urls,
    *load_dump.urls,
    *trackers.urls,
]
ROUTER = Router([index(ROUTES), *ROUTES])
API = Dispatcher(ROUTER)
BELOW = "/api/v1/"
"""Where the API is. Its middleware answers before the patterns are looked at, but for the pages that lie there."""
PAGES = frozenset((f"/{pages.DOCUMENT}", f"/{pages.DOCS}"))

urlpatterns = [
    *pages.urls(ROUTER.routes),
    path("media/<path:path>", media),
    path("admin/", admin.site.urls),
    *preview.urls,
    *sitemaps.urls,
    *front.urls(),
]
