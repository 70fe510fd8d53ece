"""What is written below items that a forge has something to tell of: markdown."""

import re
from urllib.parse import quote

from django.utils.translation import gettext as _

from taiga.projects.models import Kind
from taiga.webhooks.forges.events import Action, Comment, Commit, Forge, Issue, Person

REFERENCE = re.compile(r"(?<!\S)#(\d+)(?!\S)", re.ASCII)
"""An issue of the forge, where its number stands alone."""


def kind_name(kind: Kind) -> str:
    """What a kind of item is called in a sentence."""
    names = {
        Kind.EPIC: _("epic"),
        Kind.USERSTORY: _("user story"),
        Kind.TASK: _("task"),
        Kind.ISSUE: _("issue"),
    }
    return names[kind]


def changed_status(forge: Forge, commit: Commit, before: str, after: str) -> str:
    """A commit gave an item another status."""
    line = _("%(who)s changed the status from %(commit)s") % {
        "who": who(forge, commit.author),
        "commit": link_to(forge, commit),
    }
    word = _("Status")
    return f"{line}\n\n  - {word}: **{before}** → **{after}**"


def mentioned(forge: Forge, commit: Commit, kind: Kind) -> str:
    """A commit mentions an item."""
    told = {"kind": kind_name(kind), "who": who(forge, commit.author), "commit": link_to(forge, commit)}
    line = _("This %(kind)s has been mentioned by %(who)s in the %(commit)s") % told
    return f'{line} "{commit.message}"'


def issue(forge: Forge, told: Issue) -> str:
    """What became of an issue of the forge."""
    lines = {
        Action.CREATE: _("Issue created by %(who)s from %(issue)s."),
        Action.UPDATE: _("Issue modified by %(who)s from %(issue)s."),
        Action.CLOSE: _("Issue closed by %(who)s from %(issue)s."),
        Action.REOPEN: _("Issue reopened by %(who)s from %(issue)s."),
    }
    origin = link(f"{forge.label}#{told.number}", told.url, _("Go to issue"))
    return lines[told.action] % {"who": who(forge, told.person), "issue": origin}


def comment(forge: Forge, told: Comment) -> str:
    """Somebody said something about an issue of the forge."""
    origin = link(f"{forge.label}#{told.number}", told.url, _("Go to comment"))
    line = _("%(who)s says in %(comment)s:") % {"who": who(forge, told.person), "comment": origin}
    return f'{line}\n\n"{with_links(forge, told.text or "", told.project_url)}"'


def with_links(forge: Forge, text: str, project_url: str) -> str:
    """A text in which the forge's own #numbers lead to its issues."""
    if not project_url:
        return text
    return REFERENCE.sub(lambda found: link(f"{forge.label}{found[0]}", f"{project_url}/issues/{found[1]}"), text)


def who(forge: Forge, person: Person) -> str:
    """Somebody, with a link to his page there; the forge itself where nobody is named."""
    name = person.name or forge.label
    title = _("See %(name)s's %(forge)s profile") % {"name": name, "forge": forge.label}
    return link(name, person.url, title)


def link_to(forge: Forge, commit: Commit) -> str:
    """A commit."""
    title = _("See commit '%(id)s - %(summary)s'") % {"id": commit.id, "summary": commit.summary}
    return link(_("%(forge)s commit") % {"forge": forge.label}, commit.url, title)


def link(label: str, url: str | None, title: str = "") -> str:
    """A link in markdown that no part of it can break out of; without an address just its label."""
    label = re.sub(r"([\[\]])", r"\\\1", label)
    if not url or not url.startswith(("http://", "https://")):
        return label
    address = re.sub(r'[\s()<>"]', lambda found: quote(found[0]), url)
    told = title.replace('"', "'")
    return f'[{label}]({address} "{told}")' if told else f"[{label}]({address})"
