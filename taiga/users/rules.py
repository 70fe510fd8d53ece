"""The rules for usernames, full names, e-mail addresses and passwords."""

import re
from html.entities import html5
from typing import Annotated, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from pydantic import AfterValidator, BeforeValidator

from taiga.base.bodies import Body, FilledText, Text, longest, shortest, to_text, wrong

SHORTEST_PASSWORD = 6
LONGEST_FULL_NAME = 36
LONGEST_PENDING_ADDRESS = 254
USERNAME = re.compile(r"[\w.-]+")
LINK = re.compile(r"https?:", re.IGNORECASE)
MARKUP = re.compile(
    r"""(?P<plain>[^<>&]+)
    | &(?P<entity>[A-Za-z][A-Za-z0-9]*|\#[0-9]+|\#x[0-9A-Fa-f]+);
    | <(?P<opened>[a-z]+)(?P<attributes>(?:\ (?:href|title)="[^"<>]*")*)>
    | </(?P<closed>[a-z]+)>""",
    re.VERBOSE,
)
TAGS: dict[str, tuple[str, ...]] = {
    "a": ("href", "title"),
    "abbr": ("title",),
    "acronym": ("title",),
    **dict.fromkeys(["b", "blockquote", "code", "em", "i", "li", "ol", "strong", "ul"], ()),
}
"""The tags that may be in a name, with their attributes."""


def to_username(text: str) -> str:
    """A username: letters and digits of any script, `.`, `-` and `_`. Raises a refusal."""
    if not USERNAME.fullmatch(text):
        raise wrong(_("Required. 255 characters or fewer. Letters, numbers and /./-/_ characters"))
    return text


def to_address(text: str) -> str:
    """An e-mail address of an allowed domain. Raises a refusal."""
    try:
        validate_email(text)
    except ValidationError:
        raise wrong(_("Enter a valid email address.")) from None
    if not is_admitted(text):
        raise wrong(_("You email domain is not allowed"))
    return text


def is_admitted(address: str) -> bool:
    """Whether addresses of this domain may have accounts."""
    domains = [domain.lower() for domain in settings.USER_EMAIL_ALLOWED_DOMAINS]
    return not domains or address.rpartition("@")[2].lower() in domains


def to_full_name(text: str) -> str:
    """A name without links, to which a mail that shows it could lead others. Raises a refusal."""
    if not is_fit(text):
        raise wrong(_("Invalid full name"))
    return text


def is_fit(name: str) -> bool:
    """Whether a text may be a full name."""
    return not LINK.search(name) and is_harmless(name)


def is_harmless(text: str) -> bool:
    """Whether sanitising the text as HTML would not change it: a few well-formed tags, no bare `<`, `>` or `&`."""
    open_tags: list[str] = []
    position = 0
    while position < len(text):
        part = MARKUP.match(text, position)
        if part is None or not is_allowed(part, open_tags):
            return False
        position = part.end()
    return not open_tags


def is_allowed(part: re.Match[str], open_tags: list[str]) -> bool:
    """Whether this piece of markup may follow; `open_tags` is updated."""
    if part["entity"]:
        return part["entity"].startswith("#") or f"{part['entity']};" in html5
    if part["opened"]:
        open_tags.append(part["opened"])
        names = re.findall(r" (\w+)=", part["attributes"])
        return part["opened"] in TAGS and all(name in TAGS[part["opened"]] for name in names)
    if part["closed"]:
        return bool(open_tags) and open_tags.pop() == part["closed"]
    return True


def trimmed(value: Any) -> str:
    """A value as text, without white space around it."""
    return to_text(value).strip()


Username = Annotated[FilledText, longest(255), AfterValidator(to_username)]
FullName = Annotated[FilledText, longest(LONGEST_FULL_NAME), AfterValidator(to_full_name)]
MaybeFullName = Annotated[Text, longest(LONGEST_FULL_NAME), AfterValidator(to_full_name)]
Address = Annotated[FilledText, BeforeValidator(trimmed), longest(255), AfterValidator(to_address)]
Password = Annotated[FilledText, shortest(SHORTEST_PASSWORD)]


class Account(Body):
    """What every account begins with."""

    full_name: FullName
    email: Address
    username: Username
    password: Password
