"""Parts and forms of the project itself."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from taiga.projects.models import NotifyLevel, NotifyPolicy, Project, ProjectTemplate
from taiga.projects.services import blocking_codes
from taiga.transfer import files, forms
from taiga.transfer.loading import Loading
from taiga.transfer.problems import Wrong
from taiga.transfer.sections import Row

COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}")


def colours(value: Any) -> list[list[str | None]]:
    """The colours of tags: pairs of a tag and a colour, or null. Raises Wrong."""
    if not isinstance(value, list):
        raise Wrong(_("Expected a list."))
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):
            raise Wrong(_("The colour of a tag must be a pair of the tag and a colour."))
        if pair[1] is not None and not (isinstance(pair[1], str) and COLOUR.fullmatch(pair[1])):
            raise Wrong(_("'%s' is not a colour.") % pair[1])
    return value


def template(value: Any) -> int | None:
    """The template of a project, by slug; None on a server without templates. Raises Wrong."""
    found = ProjectTemplate.objects.filter(slug=forms.text(value)).values_list("id", flat=True).first()
    if found is None and ProjectTemplate.objects.exists():
        raise Wrong(_("Object with slug=%s does not exist.") % value)
    return found


COLOURS = forms.plain(colours)
TEMPLATE = forms.Form(lambda value, loading: template(value), path="__slug")
BLOCKED_CODE, ARCHIVED_CODE = (
    forms.limited_text(255, frozenset(one)) for one in (blocking_codes.BLOCKED, blocking_codes.ARCHIVED)
)
VIDEOCONFERENCES = forms.limited_text(250, frozenset(("", "whereby-com", "jitsi", "custom", "talky")))


class Followers:
    """`watchers` of the project: the people with notification policies."""

    key = "watchers"

    def read(self, value: Any, row: Row, loading: Loading) -> None:
        """Members get a policy anyway, so a person who is not in the list loses nothing."""
        addresses = row.attempt(self.key, forms.LISTING.read, value, loading) if value is not None else []
        for address in addresses or ():
            person = row.attempt(self.key, loading.person, address)
            if person is not None:
                loading.followers.add(person)

    def write(self, ids: Sequence[int], dumping: Any) -> Mapping[int, Any]:
        """Sorted by username."""
        policies = NotifyPolicy.objects.filter(project__in=ids).exclude(notify_level=NotifyLevel.NONE)
        addresses = policies.order_by("user__username").values_list("user__email", flat=True)
        return {key: list(addresses) for key in ids}


class TransferToken:
    """An offer of ownership that nobody has accepted yet, which must not work in a copy."""

    key = "transfer_token"

    def read(self, value: Any, row: Row, loading: Loading) -> None:
        """Empty, where a dump has the key, as a Taiga leaves it after a load."""
        if self.key in row.data:
            row.instance.transfer_token = ""

    def write(self, ids: Sequence[int], dumping: Any) -> Mapping[int, Any]:
        """The token."""
        return dict(Project.objects.filter(pk__in=ids).values_list("pk", self.key))


class Logo:
    """The logo of the project."""

    key = "logo"

    def read(self, value: Any, row: Row, loading: Loading) -> None:
        """Kept like an upload."""
        file = row.attempt(self.key, loading.files.keep, value, "project") if not row.wrong else None
        if file is not None:
            row.instance.logo, row.instance.logo_format = file.path, file.thumbnail_format

    def write(self, ids: Sequence[int], dumping: Any) -> Mapping[int, Any]:
        """The file itself."""
        return {key: files.of(path) for key, path in Project.objects.filter(pk__in=ids).values_list("pk", "logo")}
