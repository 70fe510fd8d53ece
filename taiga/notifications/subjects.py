"""The subjects of all mails, by template. Placeholders in braces are filled from the context."""

from typing import Any

from django.utils.translation import gettext_lazy as _

SUBJECTS: dict[str, Any] = {
    "registered_user": _("Welcome to Taiga, {full_name}"),
    "send_verification": _("Verify your e-mail address"),
    "change_email": _("Confirm your new e-mail address"),
    "password_recovery": _("Recover your password"),
    "membership_invitation": _("[{project[name]}] You have been invited to the project"),
    "membership_notification": _("[{project[name]}] You are now a member of the project"),
    "transfer_request": _("[{project[name]}] {requester} would like to become the owner of the project"),
    "transfer_start": _("[{project[name]}] {owner} would like to transfer the project to you"),
    "transfer_accept": _("[{project[name]}] {new_owner} is now the owner of the project"),
    "transfer_reject": _("[{project[name]}] {rejecter} has declined to take over the project"),
    "contact_notification": _("[{project[name]}] {full_name} sent you a message about the project"),
    "feedback_notification": _("Feedback from {full_name} <{email}>"),
    "dump_project": _("[{project[name]}] The export is ready"),
    "export_error": _("[{project[name]}] The export failed"),
    "load_dump": _("[{project[name]}] The import is complete"),
    "import_error": _("The import of your project failed"),
    "trello_import_success": _("[{project[name]}] The import from Trello is complete"),
    "jira_import_success": _("[{project[name]}] The import from Jira is complete"),
    "github_import_success": _("[{project[name]}] The import from GitHub is complete"),
    "asana_import_success": _("[{project[name]}] The import from Asana is complete"),
    "importer_import_error": _("The import of your project failed"),
}
CHANGES: dict[tuple[str, str], Any] = {
    ("epics.epic", "create"): _('[{project[name]}] Created the epic #{ref} "{subject}"'),
    ("epics.epic", "change"): _('[{project[name]}] Updated the epic #{ref} "{subject}"'),
    ("epics.epic", "delete"): _('[{project[name]}] Deleted the epic #{ref} "{subject}"'),
    ("userstories.userstory", "create"): _('[{project[name]}] Created the user story #{ref} "{subject}"'),
    ("userstories.userstory", "change"): _('[{project[name]}] Updated the user story #{ref} "{subject}"'),
    ("userstories.userstory", "delete"): _('[{project[name]}] Deleted the user story #{ref} "{subject}"'),
    ("tasks.task", "create"): _('[{project[name]}] Created the task #{ref} "{subject}"'),
    ("tasks.task", "change"): _('[{project[name]}] Updated the task #{ref} "{subject}"'),
    ("tasks.task", "delete"): _('[{project[name]}] Deleted the task #{ref} "{subject}"'),
    ("issues.issue", "create"): _('[{project[name]}] Created the issue #{ref} "{subject}"'),
    ("issues.issue", "change"): _('[{project[name]}] Updated the issue #{ref} "{subject}"'),
    ("issues.issue", "delete"): _('[{project[name]}] Deleted the issue #{ref} "{subject}"'),
    ("wiki.wikipage", "create"): _('[{project[name]}] Created the wiki page "{subject}"'),
    ("wiki.wikipage", "change"): _('[{project[name]}] Updated the wiki page "{subject}"'),
    ("wiki.wikipage", "delete"): _('[{project[name]}] Deleted the wiki page "{subject}"'),
}
ALIKE = {
    "load_dump": "import_success",
    "trello_import_success": "import_success",
    "jira_import_success": "import_success",
    "github_import_success": "import_success",
    "asana_import_success": "import_success",
    "importer_import_error": "import_error",
}
"""Templates that use the texts of another one, from which they differ in their subjects only."""
CHANGE = "change"
"""The template of mails about changes."""


def subject_of(template: str, context: dict[str, Any]) -> str:
    """The subject of a mail in the active language."""
    words = CHANGES[context["kind"], context["verb"]] if template == CHANGE else SUBJECTS[template]
    return str(words).format_map(context)
