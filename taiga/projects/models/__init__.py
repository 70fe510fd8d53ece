"""All that a project is made of."""

from taiga.projects.models.attachment import Attachment
from taiga.projects.models.attributes import (
    Attribute,
    Coloured,
    CustomAttribute,
    CustomAttributeType,
    DueDate,
    EpicCustomAttribute,
    EpicStatus,
    IssueCustomAttribute,
    IssueDueDate,
    IssueStatus,
    IssueType,
    Kind,
    Points,
    Priority,
    Severity,
    Status,
    StatusTransition,
    Swimlane,
    SwimlaneUserStoryStatus,
    TaskCustomAttribute,
    TaskDueDate,
    TaskStatus,
    UserStoryCustomAttribute,
    UserStoryDueDate,
    UserStoryStatus,
)
from taiga.projects.models.membership import Membership, Role
from taiga.projects.models.milestone import Milestone
from taiga.projects.models.project import (
    ContactEntry,
    Like,
    ModulesConfig,
    Project,
    ProjectTemplate,
    Section,
    UserProjectSettings,
    WipLimitMode,
)
from taiga.projects.models.watching import NotifyLevel, NotifyPolicy, Watch
from taiga.projects.models.wiki import WikiLink, WikiPage
from taiga.projects.models.workitem import (
    AssignedUser,
    Epic,
    Issue,
    RelatedUserStory,
    RolePoints,
    Task,
    UserStory,
    Vote,
    WorkItem,
)

__all__ = [
    "AssignedUser", "Attachment", "Attribute", "Coloured", "ContactEntry", "CustomAttribute", "CustomAttributeType",
    "DueDate", "Epic", "EpicCustomAttribute", "EpicStatus", "Issue", "IssueCustomAttribute", "IssueDueDate",
    "IssueStatus", "IssueType", "Kind", "Like", "Membership", "Milestone", "ModulesConfig", "NotifyLevel",
    "NotifyPolicy", "Points", "Priority", "Project", "ProjectTemplate", "RelatedUserStory", "Role", "RolePoints",
    "Section", "Severity", "Status", "StatusTransition", "Swimlane", "SwimlaneUserStoryStatus", "Task",
    "TaskCustomAttribute", "TaskDueDate", "TaskStatus", "UserProjectSettings", "UserStory", "UserStoryCustomAttribute",
    "UserStoryDueDate", "UserStoryStatus", "Vote", "Watch", "WikiLink", "WikiPage", "WipLimitMode", "WorkItem",
]
