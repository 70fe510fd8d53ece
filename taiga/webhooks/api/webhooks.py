"""/webhooks and /webhooklogs: addresses that hear of changes, and what was sent to them."""

import hashlib
from typing import Annotated, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from pydantic import BeforeValidator

from taiga.base import outbound
from taiga.base.answers import Paged
from taiga.base.bodies import Body, FilledText, Key, Related, longest, to_filled_text, wrong
from taiga.base.database import writing
from taiga.base.paging import paged_rows
from taiga.base.requests import Reply, Request, created, no_content, ok
from taiga.base.routes import ANYBODY, Query, endpoint, route
from taiga.projects.api import lookup
from taiga.projects.models import Project
from taiga.projects.permissions import ADMIN, ADMIN_PERMISSIONS, Access
from taiga.webhooks.api import shapes
from taiga.webhooks.models import Webhook, WebhookLog
from taiga.webhooks.queries import webhooks as queries
from taiga.webhooks.services import deliveries, webhooks
from taiga.webhooks.services.pool import pool

ONLY_ADMINS = ADMIN_PERMISSIONS[0]
"""No role has it: to all but admins, webhooks are invisible."""
is_address = URLValidator(schemes=["http", "https"])


def to_address(value: Any) -> str:
    """An http(s) address; one that is plainly private only where that is allowed."""
    text = to_filled_text(value)
    try:
        is_address(text)
    except ValidationError:
        raise wrong(_("Enter a valid URL.")) from None
    if not settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESS and outbound.is_literally_private(text):
        raise wrong(_("The address is in a private network."))
    return text


class WebhookBody(Body):
    """A webhook."""

    project: Annotated[Key, Related(Project, ())]
    name: Annotated[FilledText, longest(250)]
    url: Annotated[str, BeforeValidator(to_address), longest(200)]
    key: FilledText


@endpoint(needs=ANYBODY, query=(lookup.PROJECT,), answers=Paged(shapes.WEBHOOK))
def listing(request: Request) -> Reply:
    """The webhooks of the projects that the caller administers, or of one."""
    project = lookup.project_parameter(request)
    found = queries.administered(request.viewer)
    if project is not None:
        found = found.filter(project=project)
    return paged_rows(request, queries.rows(found))


@endpoint(needs=ADMIN, answers=shapes.WEBHOOK)
def read(request: Request) -> Reply:
    """One webhook."""
    webhook = lookup.retrieve(request, Webhook.objects.all(), id=request.args["id"])
    return ok(queries.one(webhook.pk))


@endpoint(needs=ADMIN, accepts=WebhookBody, answers=shapes.WEBHOOK)
def create(request: Request) -> Reply:
    """A new webhook; a request that is repeated with its `Idempotency-Key` makes no other one."""
    values = WebhookBody.read(request.fields).values
    access = lookup.allow(request, values["project"])
    webhook = webhooks.create(values, access=access, request_key=request_key(request))
    return created(queries.one(webhook.pk))


def request_key(request: Request) -> str | None:
    """The digest of the header `Idempotency-Key`, which may be of any length."""
    key = request.header("Idempotency-Key")
    return hashlib.sha256(key.encode()).hexdigest() if key else None


@endpoint(needs=ADMIN, accepts=WebhookBody, answers=shapes.WEBHOOK)
def change(request: Request) -> Reply:
    """Another name, address or key, or another project of the caller's; the logs go with it."""
    webhook, access = for_change(request)
    values = WebhookBody.read(request.fields, partial=request.method == "PATCH").values
    target = values.get("project", webhook.project_id)
    if target != webhook.project_id:
        access.ensure_open()
        access = lookup.allow(request, target)
    webhooks.change(webhook, values, access=access)
    return ok(queries.one(webhook.pk))


@endpoint(needs=ADMIN, atomic=False)
def delete(request: Request) -> Reply:
    """The end of a webhook; nothing is delivered after the answer."""
    with writing():
        webhook, access = for_change(request)
        key = webhook.pk
        webhooks.delete(webhook, access=access)
    pool.wait_for(key)
    return no_content()


def for_change(request: Request) -> tuple[Webhook, Access]:
    """The webhook of the address, locked, and what the caller may do in its project."""
    webhook = lookup.for_change(request, Webhook, ONLY_ADMINS, id=request.args["id"])
    return webhook, lookup.access_or_404(request, webhook.project_id)


@endpoint(needs=ADMIN, answers=shapes.LOG, atomic=False)
def test(request: Request) -> Reply:
    """Send something that means nothing, and tell how it went."""
    webhook = lookup.for_action(request, Webhook.objects.all(), ONLY_ADMINS, id=request.args["id"])
    lookup.access_or_404(request, webhook.project_id).ensure_unblocked()
    return ok(queries.log_row(deliveries.test(webhook, by=request.viewer.id)))


def all_logs() -> Any:
    """The logs with their webhooks."""
    return WebhookLog.objects.select_related("webhook")


@endpoint(needs=ANYBODY, query=(Query("webhook", "integer", "Only those of this webhook."),), answers=Paged(shapes.LOG))
def logs(request: Request) -> Reply:
    """What was sent to the webhooks that the caller administers, or to one."""
    webhook = lookup.project_parameter(request, "webhook")
    found = queries.logs(request.viewer)
    if webhook is not None:
        found = found.filter(webhook=webhook)
        for mine in queries.administered(request.viewer).filter(pk=webhook):
            deliveries.wait_for_pending(mine)
    return paged_rows(request, found, queries.shown)


@endpoint(needs=ADMIN, answers=shapes.LOG)
def log(request: Request) -> Reply:
    """One log."""
    return ok(queries.log_row(lookup.retrieve(request, all_logs(), id=request.args["id"])))


@endpoint(needs=ADMIN, answers=shapes.LOG, atomic=False)
def resend(request: Request) -> Reply:
    """Send what a log holds once more, and tell how it went."""
    found = lookup.for_action(request, all_logs(), ONLY_ADMINS, id=request.args["id"])
    lookup.access_or_404(request, found.project_id).ensure_unblocked()
    return ok(queries.log_row(deliveries.resend(found)))


urls = [
    route("webhooks", GET=listing, POST=create),
    route("webhooks/{id}", GET=read, PUT=change, PATCH=change, DELETE=delete),
    route("webhooks/{id}/test", POST=test),
    route("webhooklogs", GET=logs),
    route("webhooklogs/{id}", GET=log),
    route("webhooklogs/{id}/resend", POST=resend),
]
