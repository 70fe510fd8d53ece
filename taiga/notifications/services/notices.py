"""From changes to mails: who gets one, what is gathered into one, and what it tells."""

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

from taiga.base import clock, jobs, writes
from taiga.base.database import unclaimed, writing
from taiga.changes.models import VERBS, Change, ChangeType
from taiga.notifications import links
from taiga.notifications.models import Mail, Notice
from taiga.notifications.queries import audience, scenes
from taiga.notifications.queries.scenes import Scene
from taiga.notifications.rendering import one_line
from taiga.notifications.services import telling
from taiga.notifications.subjects import CHANGE

EPOCH_OF_WINDOWS = 11_644_473_600
"""Seconds from the year 1601 to 1970."""
BATCH = 20
LONGEST, AGAIN = timedelta(days=1), timedelta(minutes=5)
"""For how long what goes wrong is tried again, and how soon."""
LOOKING = 5.0
"""Seconds between two looks for notices that are due."""
_looked = 0.0
log = logging.getLogger("taiga.mail")


def add(change: Change, scene: Scene, readers: Sequence[audience.Person]) -> None:
    """Tell people of a change by mail: at once, or with what the same person does to the object within a while."""
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
    """A round of the worker: make mails of the notices to which nothing was added for a while."""
    global _looked  # noqa: PLW0603 - each process looks in its own rhythm
    if time.monotonic() - _looked < LOOKING:
        return 0
    _looked = time.monotonic()
    return flush() if due().exists() else 0


def flush() -> int:
    """Make mails of all notices that are due; returns how many there were."""
    total = 0
    while True:
        with writing():
            notices = list(unclaimed(due())[:BATCH])
            for notice in notices:
                attempt(notice)
        total += len(notices)
        if len(notices) < BATCH:
            return total


def due() -> "QuerySet[Notice]":
    """The notices that have waited long enough; of those that lie further ahead than any does, nobody knows how long
    they have, since somebody set the clock back.
    """
    now = clock.now()
    waited = Q(updated_at__lte=now - timedelta(seconds=settings.CHANGE_NOTIFICATIONS_MIN_INTERVAL))
    return Notice.objects.filter(waited | Q(updated_at__gt=now + AGAIN)).order_by("id")


def attempt(notice: Notice) -> None:
    """Make the mails of one notice; what goes wrong with it holds up no other, and is tried again for a day."""
    try:
        with transaction.atomic():
            gathered(notice)
            notice.delete()
    except Exception:
        log.exception("notice %s could not be told", notice.pk)
        if clock.now() - notice.created_at > LONGEST:
            notice.delete()
        else:
            Notice.objects.filter(pk=notice.pk).update(updated_at=clock.now() + AGAIN)


def gathered(notice: Notice) -> None:
    """Tell what was gathered to those who may still know of it."""
    changes = list(Change.objects.filter(pk__in=notice.changes).order_by("id"))
    scene = scenes.of(changes[-1:]).get(changes[-1].pk) if changes else None
    if scene is None:
        return
    people = audience.people(scene.place.id, notice.recipients)
    send(changes, scene, [person for person in people if person.sees(notice.kind, scene.place)])


def send(changes: Sequence[Change], scene: Scene, readers: Iterable[audience.Person]) -> None:
    """Queue one mail for each reader; nothing is sent of something that is gone, or of changes that cancelled out."""
    last = changes[-1]
    entries = telling.entries(changes) if last.type == ChangeType.CHANGE else []
    if scene.subject is None or (last.type == ChangeType.CHANGE and not entries):
        return
    told = {**facts(last, scene.place, scene.subject), "entries": entries}
    writes.insert([mail(person, scene.place, told) for person in readers])
    transaction.on_commit(jobs.wake)


def facts(change: Change, place: audience.Place, subject: str) -> dict[str, Any]:
    """What the mail tells beside the changes themselves."""
    address = links.front(change.kind, slug=place.slug, ref=change.ref, page=subject)
    return {
        "kind": change.kind,
        "verb": VERBS[change.type],
        "ref": change.ref,
        "subject": subject,
        "link": None if change.type == ChangeType.DELETE else address,
        "project": {"name": place.name, "slug": place.slug},
        "changer": change.by_name,
    }


def mail(person: audience.Person, place: audience.Place, told: dict[str, Any]) -> Mail:
    """The mail for one person."""
    way_out = links.unsubscribe(person.id, place.id)
    return Mail(
        to=person.email,
        lang=person.lang or "",
        template=CHANGE,
        context={**told, "full_name": person.name, "unsubscribe": way_out},
        headers={**threading(place, told), **leaving(way_out)},
    )


def threading(place: audience.Place, told: dict[str, Any]) -> dict[str, str]:
    """The headers by which readers of mail put together what belongs to one object."""
    name = told["ref"] if told["ref"] is not None else quote(told["subject"], safe="")
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
    """The same for a well-known mail program: six bytes of a time, and sixteen of what the thread is called."""
    filetime = (int(time.time()) + EPOCH_OF_WINDOWS) * 10_000_000
    digest = md5(thread.encode(), usedforsecurity=False).digest()
    return b64encode(filetime.to_bytes(8, "big")[:6] + digest).decode()


def leaving(way_out: str) -> dict[str, str]:
    """How to hear no more of a project: with one click (RFC 8058), or in the settings of the front."""
    return {
        "List-Unsubscribe": f"<{way_out}>, <{links.front('mail-notifications')}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
