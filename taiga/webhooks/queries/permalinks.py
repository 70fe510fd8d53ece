"""Addresses of the front's pages in payloads."""

from urllib.parse import quote

from django.conf import settings

PAGES = {
    "epic": "/project/{project}/epic/{name}",
    "userstory": "/project/{project}/us/{name}",
    "task": "/project/{project}/task/{name}",
    "issue": "/project/{project}/issue/{name}",
    "milestone": "/project/{project}/taskboard/{name}",
    "wikipage": "/project/{project}/wiki/{name}",
    "project": "/project/{project}",
    "profile": "/profile/{name}",
}


def of(page: str, name: object = "", *, project: str = "") -> str:
    """The absolute address of a page; `name` is the reference, slug or username of the object."""
    return settings.TAIGA_URL + PAGES[page].format(project=quote(project), name=quote(str(name)))
