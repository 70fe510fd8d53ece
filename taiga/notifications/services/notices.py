"""From changes to mails: who gets a mail, which changes share one, and its content and headers."""

import logging
import time
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import timedelta
from hashlib import md5
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from taiga.base import clock, front_pages, jobs, writes
from taiga.base.database import unclaimed, writing
from taiga.changes.models import VERBS, Change, ChangeType
from taiga.notifications import links
from taiga.notifications.models import Mail, Notice
from taiga.notifications.queries import audience, scenes
from taiga.notifications.queries.scenes import Scene
from taiga.notifications.rendering import one_line
from taiga.notifications.services import mail_entries
from taiga.notifications.subjects import CHANGE

EPOCH_OF_WINDOWS = 11_644_473_600
"""Seconds from 1601, where a FILETIME of Windows begins, to 1970."""
BATCH_SIZE = 20
RETRIED_FOR, RETRY_AFTER = timedelta(days=1), timedelta(minutes=5)
"""How long, and how often, a notice is tried again after a failure."""
INTERVAL = 5.0
"""Seconds between two looks for notices that are due."""
_last_look = 0.0
log = logging.getLogger("taiga.mail")


def add(change: Change, scene: Scene, readers: Sequence[audience.Person]) -> None:
    """Mail a change to some people: now, or together with further changes of the object by the same person."""
    if not readers:
        return
    if not settings.CHANGE_NOTIFICATIONS_MIN_INTERVAL:
        send([change], scene, readers)
        return
    notice, _made = Notice.objects.get_or_create(
        kind=change.kind,
        object_id=change.object_id,
        type=change.type,
        owner_id=change.by_id,
        project_id=scene.place.id,
    )
    notice.changes = [*notice.changes, change.pk]
    notice.recipients = sorted({*notice.recipients, *(person.id for person in readers)})
    notice.updated_at = clock.now()
    notice.save()


def send_due() -> int:
    """A round of the worker: mail the notices to which nothing was added for the interval that is set."""
    global _last_look  # noqa: PLW0603 - each process has its own
    if time.monotonic() - _last_look < INTERVAL:
        return 0
    _last_look = time.monotonic()
    return flush() if due().exists() else 0


def flush() -> int:
    """Mail all notices that are due; returns how many."""
    total = 0
    while True:
        with writing():
            notices = list(unclaimed(due())[:BATCH_SIZE])
            for notice in notices:
                attempt(notice)
        total += len(notices)
        if len(notices) < BATCH_SIZE:
            return total


def due() -> "QuerySet[Notice]":
    """The notices that have waited long enough.

    A time further ahead than any that is ever set was written before the clock was set back, and counts as past.
    """
    now = clock.now()
    waited = Q(updated_at__lte=now - timedelta(seconds=settings.CHANGE_NOTIFICATIONS_MIN_INTERVAL))
    return Notice.objects.filter(waited | Q(updated_at__gt=now + RETRY_AFTER)).order_by("id")


def attempt(notice: Notice) -> None:
    """Mail a notice. A failure does not affect other notices, and is tried again for a day."""
    try:
        with transaction.atomic():
            gathered(notice)
            notice.delete()
    except Exception:
        log.exception("notice %s could not be mailed", notice.pk)
        if clock.now() - notice.created_at > RETRIED_FOR:
            notice.delete()
        else:
            Notice.objects.filter(pk=notice.pk).update(updated_at=clock.now() + RETRY_AFTER)


def gathered(notice: Notice) -> None:
    """Mail the changes of a notice to those of its recipients who may still see the object."""
    changes = list(Change.objects.filter(pk__in=notice.changes).order_by("id"))
    scene = scenes.of(changes[-1:]).get(changes[-1].pk) if changes else None
    if scene is None:
        return
    people = audience.people(scene.place.id, notice.recipients)
    send(changes, scene, [person for person in people if person.sees(notice.kind, scene.place)])


def send(changes: Sequence[Change], scene: Scene, readers: Iterable[audience.Person]) -> None:
    """Queue a mail for each reader; none if the object does not exist any more, or if the changes cancel each other
    out.
    """
    last = changes[-1]
    entries = mail_entries.of(changes) if last.type == ChangeType.CHANGE else []
    if scene.subject is None or (last.type == ChangeType.CHANGE and not entries):
        return
    context = {**facts(last, scene.place, scene.subject), "entries": entries}
    writes.insert([mail(person, scene.place, context) for person in readers])
    transaction.on_commit(jobs.wake)


def facts(change: Change, place: audience.Place, subject: str) -> dict[str, Any]:
    """The context of a mail without the changes themselves."""
    address = front_pages.address(change.kind, slug=place.slug, ref=change.ref, page=subject)
    return {
        "kind": change.kind,
        "verb": VERBS[change.type],
        "ref": change.ref,
        "subject": subject,
        "link": None if change.type == ChangeType.DELETE else address,
        "project": {"name": place.name, "slug": place.slug},
        "changer": change.by_name,
    }


def mail(person: audience.Person, place: audience.Place, context: dict[str, Any]) -> Mail:
    """The mail for one person."""
    url = links.unsubscribe(person.id, place.id)
    return Mail(
        to=person.email,
        lang=person.lang or "",
        template=CHANGE,
        context={**context, "full_name": person.name, "unsubscribe": url},
        headers={**thread_headers(place, context), **unsubscribe_headers(url)},
    )


def thread_headers(place: audience.Place, context: dict[str, Any]) -> dict[str, str]:
    """The headers by which mail programs group the mails about an object."""
    name = context["ref"] if context["ref"] is not None else quote(context["subject"], safe="")
    domain = links.domain()
    about = f"{place.slug}/{name}"
    thread = f"<{about}@{domain}>"
    project = one_line(place.name).replace("<", "").replace(">", "")
    return {
        "Message-ID": f"<{about}/{int(time.time())}.{uuid4().hex[:12]}@{domain}>",
        "In-Reply-To": thread,
        "References": thread,
        "List-ID": f"Taiga/{project} <taiga.{place.slug}@{domain}>",
        "Thread-Index": thread_index(thread),
    }


def thread_index(thread: str) -> str:
    """The value of Outlook's header `Thread-Index`: the first six bytes of a FILETIME, and an MD5 of the thread's
    id.
    """
    filetime = (int(time.time()) + EPOCH_OF_WINDOWS) * 10_000_000
    digest = md5(thread.encode(), usedforsecurity=False).digest()
    return b64encode(filetime.to_bytes(8, "big")[:6] + digest).decode()


def unsubscribe_headers(url: str) -> dict[str, str]:
    """The headers to unsubscribe with one click (RFC 8058), or in the settings of the front."""
    return {
        "List-Unsubscribe": f"<{url}>, <{front_pages.address('mail-notifications')}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
