"""What the Markdown renderer looks up in a project: mentioned members, referenced items, attachments."""

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
    """A project, as the Markdown renderer uses it."""

    id: int
    slug: str
    access: Access | None = None
    """The permissions of the reader; None where the text is shown to everybody who sees its item."""

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
        """The full names of the members among these user names."""
        members = Membership.objects.filter(project_id=self.id, user__username__in=list(usernames))
        return {
            username: full_name or username
            for username, full_name in members.values_list("user__username", "user__full_name")
        }

    def items(self, refs: Collection[int]) -> Mapping[int, tuple[str, str]]:
        """The kinds and subjects of existing items, by #ref."""
        found = WorkItem.objects.filter(project_id=self.id, ref__in=list(refs))
        if self.access is not None:
            found = found.filter(kind__in=visible_kinds(self.access))
        return {ref: (kind, subject) for ref, kind, subject in found.values_list("ref", "kind", "subject")}

    def attachment_urls(self, attachments: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], str]:
        """The signed URLs of the files that belong to this project."""
        wanted = {number for _, number in attachments}
        files = Attachment.objects.filter(pk__in=wanted, project_id=self.id)
        if self.access is not None:
            seen = Q(item__kind__in=visible_kinds(self.access))
            files = files.filter(seen | Q(item=None) if self.access.may(WIKI.view) else seen)
        paths = dict(files.values_list("pk", "attached_file"))
        return {(kind, number): media.media_url(path) for kind, number in attachments if (path := paths.get(number))}


def visible_kinds(access: Access) -> list[Kind]:
    """The kinds of items that a reader may see."""
    return [kind for kind, can in ITEMS.items() if access.may(can.view)]


def html(text: str, project_id: int, slug: str) -> str:
    """Markdown as sanitised HTML."""
    return markdown.render(text, ProjectText(project_id, slug)).html if text else ""


def html_for(access: Access, text: str) -> str:
    """The same, limited to references that the reader may see."""
    return markdown.render(text, ProjectText(access.project.id, access.project.slug, access)).html


def comment_fields(comment: str, project_id: int, slug: str) -> dict[str, str]:
    """A comment as changes store it: its text and its HTML."""
    return {"comment": comment, "comment_html": html(comment, project_id, slug)}


def plain_html(text: str) -> str:
    """The same for a reader who may not see the project: references stay plain text."""
    return markdown.render(text, None).html


def mentioned(text: str, project_id: int, slug: str) -> list[str]:
    """The user names that a text mentions."""
    return markdown.render(text, ProjectText(project_id, slug)).mentions
