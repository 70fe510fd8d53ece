"""The comments that are added to items for events of a forge, in markdown."""

import re
from urllib.parse import quote

from django.utils.translation import gettext as _

from taiga.projects.models import Kind
from taiga.webhooks.forges.events import Action, Comment, Commit, Forge, Issue, Person

REFERENCE = re.compile(r"(?<!\S)#(\d+)(?!\S)", re.ASCII)
"""The number of an issue of the forge, if it stands alone."""


def kind_name(kind: Kind) -> str:
    """The name of a kind of item in a sentence."""
    names = {
        Kind.EPIC: _("epic"),
        Kind.USERSTORY: _("user story"),
        Kind.TASK: _("task"),
        Kind.ISSUE: _("issue"),
    }
    return names[kind]


def changed_status(forge: Forge, commit: Commit, before: str, after: str) -> str:
    """For a commit that changed the status of an item."""
    line = _("%(who)s changed the status from %(commit)s") % {
        "who": who(forge, commit.author),
        "commit": link_to(forge, commit),
    }
    word = _("Status")
    return f"{line}\n\n  - {word}: **{before}** → **{after}**"


def mentioned(forge: Forge, commit: Commit, kind: Kind) -> str:
    """For a commit that mentions an item."""
    values = {"kind": kind_name(kind), "who": who(forge, commit.author), "commit": link_to(forge, commit)}
    line = _("This %(kind)s has been mentioned by %(who)s in the %(commit)s") % values
    return f'{line} "{commit.message}"'


def issue(forge: Forge, event: Issue) -> str:
    """For an event of an issue."""
    lines = {
        Action.CREATE: _("Issue created by %(who)s from %(issue)s."),
        Action.UPDATE: _("Issue modified by %(who)s from %(issue)s."),
        Action.CLOSE: _("Issue closed by %(who)s from %(issue)s."),
        Action.REOPEN: _("Issue reopened by %(who)s from %(issue)s."),
    }
    origin = link(f"{forge.label}#{event.number}", event.url, _("Go to issue"))
    return lines[event.action] % {"who": who(forge, event.person), "issue": origin}


def comment(forge: Forge, event: Comment) -> str:
    """For a comment on an issue."""
    origin = link(f"{forge.label}#{event.number}", event.url, _("Go to comment"))
    line = _("%(who)s says in %(comment)s:") % {"who": who(forge, event.person), "comment": origin}
    return f'{line}\n\n"{with_links(forge, event.text or "", event.project_url)}"'


def with_links(forge: Forge, text: str, project_url: str) -> str:
    """The text with references to issues of the forge as links."""
    if not project_url:
        return text
    return REFERENCE.sub(lambda found: link(f"{forge.label}{found[0]}", f"{project_url}/issues/{found[1]}"), text)


def who(forge: Forge, person: Person) -> str:
    """The name of a person, as a link to their page at the forge; the name of the forge if the person is unknown."""
    name = person.name or forge.label
    title = _("See %(name)s's %(forge)s profile") % {"name": name, "forge": forge.label}
    return link(name, person.url, title)


def link_to(forge: Forge, commit: Commit) -> str:
    """A commit, as a link."""
    title = _("See commit '%(id)s - %(summary)s'") % {"id": commit.id, "summary": commit.summary}
    return link(_("%(forge)s commit") % {"forge": forge.label}, commit.url, title)


def link(label: str, url: str | None, title: str = "") -> str:
    """A link in markdown whose parts are escaped; without a web address only its label."""
    label = re.sub(r"([\[\]])", r"\\\1", label)
    if not url or not url.startswith(("http://", "https://")):
        return label
    address = re.sub(r'[\s()<>"]', lambda found: quote(found[0]), url)
    quoted = title.replace('"', "'")
    return f'[{label}]({address} "{quoted}")' if quoted else f"[{label}]({address})"
