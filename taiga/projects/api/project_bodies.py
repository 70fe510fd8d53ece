"""The bodies of projects."""

from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BeforeValidator

from taiga.base.bodies import (
    UNSET,
    Body,
    Boolean,
    FilledText,
    MaybeFloat,
    MaybeInteger,
    MaybeKey,
    OneOf,
    Related,
    Text,
    longest,
    wrong,
)
from taiga.projects.api.workitems import Comment
from taiga.projects.models import (
    EpicStatus,
    IssueStatus,
    IssueType,
    Points,
    Priority,
    ProjectTemplate,
    Severity,
    Swimlane,
    TaskStatus,
    UserStoryStatus,
    WipLimitMode,
)
from taiga.projects.permissions import ANONYMOUS_PERMISSIONS, MEMBER_PERMISSIONS

VIDEOCONFERENCES = ("whereby-com", "jitsi", "custom", "talky")


def to_permissions(*allowed: str, null: list[str] | None) -> BeforeValidator:
    """A list of permissions; null stands for a default."""

    def read(value: Any) -> list[str] | None:
        if value is None:
            return null
        if not isinstance(value, list):
            raise wrong(_("Expected a list of permissions."))
        for position, code in enumerate(value, start=1):
            if code not in allowed:
                problem = {"position": position, "code": code}
                raise wrong(
                    _("Item %(position)s in the array did not validate: Value '%(code)s' is not a valid choice.")
                    % problem
                )
        return value

    return BeforeValidator(read)


def to_tags(value: Any) -> list[str]:
    """A list of texts, converted to lower case; duplicates are kept."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise wrong(_("Expected a list of tags."))
    for tag in value:
        if not isinstance(tag, str):
            raise wrong(_("Invalid tag '%s'. It must be the tag name.") % tag)
    return [tag.lower() for tag in value]


def to_palette(value: Any) -> list[list[str | None]]:
    """`[tag, colour]` pairs, or an object of them."""
    if value is None:
        return []
    pairs = list(value.items()) if isinstance(value, dict) else value
    if not isinstance(pairs, list) or not all(is_pair(pair) for pair in pairs):
        raise wrong(_("Expected a list of pairs of a tag and its colour."))
    return [[name, color] for name, color in pairs]


def is_pair(pair: Any) -> bool:
    """Whether it is a pair of a tag and a colour or null."""
    return isinstance(pair, (list, tuple)) and len(pair) == 2 and isinstance(pair[0], str) and is_text(pair[1])


def is_text(value: Any) -> bool:
    """Whether it is a text or null."""
    return value is None or isinstance(value, str)


def to_videoconferences(value: Any) -> str | None:
    """One of the services that the web front knows, or none."""
    if value in (None, ""):
        return None
    if value not in VIDEOCONFERENCES:
        raise wrong(_("Select a valid choice. %s is not one of the available choices.") % value)
    return str(value)


Tags = Annotated[list[str], BeforeValidator(to_tags)]
Palette = Annotated[list[list[str | None]], BeforeValidator(to_palette)]
AnonymousPermissions = Annotated[list[str], to_permissions(*ANONYMOUS_PERMISSIONS, null=[])]
MemberPermissions = Annotated[list[str], to_permissions(*MEMBER_PERMISSIONS, null=[])]
MaybePermissions = Annotated[list[str] | None, to_permissions(*MEMBER_PERMISSIONS, null=None)]
Videoconferences = Annotated[str | None, BeforeValidator(to_videoconferences)]


class ProjectBody(Body):
    """The fields of a project, for creating and editing."""

    name: Annotated[FilledText, longest(250)]
    description: FilledText
    is_private: Boolean = True
    tags: Tags = []
    total_milestones: MaybeInteger = UNSET
    total_story_points: MaybeFloat = UNSET
    anon_permissions: AnonymousPermissions = []
    public_permissions: MemberPermissions = []
    videoconferences: Videoconferences = UNSET
    videoconferences_extra_data: Annotated[Text, longest(250)] = UNSET


class NewProject(ProjectBody):
    """The fields of a new project; its modules follow from the template."""

    creation_template: Annotated[MaybeKey, Related(ProjectTemplate, ())] = None
    tags_colors: Palette = []


class EditedProject(ProjectBody):
    """The fields for editing a project. Fields that only the server's staff may set are missing."""

    is_contact_activated: Boolean = True
    is_epics_activated: Boolean = False
    is_backlog_activated: Boolean = True
    is_kanban_activated: Boolean = False
    is_wiki_activated: Boolean = True
    is_issues_activated: Boolean = True
    is_looking_for_people: Boolean = False
    looking_for_people_note: Text = ""
    wip_limit_mode: Annotated[str, OneOf(*WipLimitMode.values)] = UNSET
    comment: Comment = ""
    default_epic_status: Annotated[MaybeKey, Related(EpicStatus)] = None
    default_us_status: Annotated[MaybeKey, Related(UserStoryStatus)] = None
    default_task_status: Annotated[MaybeKey, Related(TaskStatus)] = None
    default_issue_status: Annotated[MaybeKey, Related(IssueStatus)] = None
    default_issue_type: Annotated[MaybeKey, Related(IssueType)] = None
    default_points: Annotated[MaybeKey, Related(Points)] = None
    default_priority: Annotated[MaybeKey, Related(Priority)] = None
    default_severity: Annotated[MaybeKey, Related(Severity)] = None
    default_swimlane: Annotated[MaybeKey, Related(Swimlane)] = None
