"""The reasons for which a project can be blocked or archived."""

from django.conf import settings

from taiga.projects.services import deletion

BLOCKED = (
    *("blocked-by-nonpayment", "blocked-by-staff", "blocked-by-owner-leaving", deletion.DELETING),
    *settings.EXTRA_BLOCKING_CODES,
)
ARCHIVED = ("archived-by-staff", *settings.EXTRA_ARCHIVED_CODES)
