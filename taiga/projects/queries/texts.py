"""What the text renderer asks of a project: members that are mentioned, items that are referred to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from taiga.base import markdown
from taiga.base.media import signing as media
from taiga.projects.models import Attachment, Kind, Membership, WorkItem
from taiga.projects.permissions import ITEMS, WIKI, Access


@dataclass(frozen=True)
class ProjectText:
    """A project as the renderer sees it."""

    id: int
    slug: str
    access: Access | None = None
    """What the reader may see; everything where a text is shown to whoever sees the item it belongs to."""

    @property
    def front(self) -> str:
        """The address of the front."""
        return settings.TAIGA_URL

    @property
    def media(self) -> str:
        """The address of uploaded files."""
        return settings.MEDIA_URL

    @property
    def static(self) -> str:
        """The address of pictures that come with the program."""
        return f"{settings.TAIGA_ORIGIN}{settings.STATIC_URL}"

    def member_names(self, usernames: Collection[str]) -> Mapping[str, str]:
        """The full names of those that are members, by user name."""
        members = Membership.objects.filter(project_id=self.id, user__username__in=list(usernames))
        return {
            username: full_name or username
            for username, full_name in members.values_list("user__username", "user__full_name")
        }

    def items(self, refs: Collection[int]) -> Mapping[int, tuple[str, str]]:
        """The kinds and subjects of those items that exist, by #ref."""
        found = WorkItem.objects.filter(project_id=self.id, ref__in=list(refs))
        if self.access is not None:
            found = found.filter(kind__in=seen_kinds(self.access))
        return {ref: (kind, subject) for ref, kind, subject in found.values_list("ref", "kind", "subject")}

    def attachment_urls(self, attachments: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], str]:
        """The current addresses of those files that are this project's."""
        wanted = {number for _, number in attachments}
        files = Attachment.objects.filter(pk__in=wanted, project_id=self.id)
        if self.access is not None:
            seen = Q(item__kind__in=seen_kinds(self.access))
            files = files.filter(seen | Q(item=None) if self.access.may(WIKI.view) else seen)
        paths = dict(files.values_list("pk", "attached_file"))
        return {(kind, number): media.media_url(path) for kind, number in attachments if (path := paths.get(number))}


def seen_kinds(access: Access) -> list[Kind]:
    """The kinds of items that a reader may see."""
    return [kind for kind, can in ITEMS.items() if access.may(can.view)]


def html(text: str, project_id: int, slug: str) -> str:
    """Markdown as HTML that is safe to show."""
    return markdown.render(text, ProjectText(project_id, slug)).html if text else ""


def html_for(access: Access, text: str) -> str:
    """The same for somebody who typed the text and may not see all that it refers to."""
    return markdown.render(text, ProjectText(access.project.id, access.project.slug, access)).html


def commented(comment: str, project_id: int, slug: str) -> dict[str, str]:
    """A comment as a change tells it: its text, and what it looks like."""
    return {"comment": comment, "comment_html": html(comment, project_id, slug)}


def plain_html(text: str) -> str:
    """The same for somebody who may not see the project: what it refers to stays plain text."""
    return markdown.render(text, None).html


def mentioned(text: str, project_id: int, slug: str) -> list[str]:
    """The user names of members that a text mentions."""
    return markdown.render(text, ProjectText(project_id, slug)).mentions
