"""The mail backend: a server, a folder of files, or lines in the log."""

from taiga.configuration.env import BadSettings, Given

SHORT = {
    "smtp": "django.core.mail.backends.smtp.EmailBackend",
    "console": "django.core.mail.backends.console.EmailBackend",
    "log": "taiga.notifications.backends.Log",
    "file": "taiga.notifications.backends.Files",
    "dummy": "django.core.mail.backends.dummy.EmailBackend",
    "locmem": "django.core.mail.backends.locmem.EmailBackend",
}


def backend(given: Given) -> str:
    """The dotted name of the backend. Raises BadSettings."""
    if given.path("EMAIL_FILE_PATH"):
        return SHORT["file"]
    name = SHORT.get(given.text("EMAIL_BACKEND"), given.text("EMAIL_BACKEND"))
    if "." not in name:
        raise BadSettings(
            f"EMAIL_BACKEND: {name!r} is not allowed; say {', '.join(SHORT)}, or a dotted Django backend."
        )
    if name == SHORT["file"]:
        raise BadSettings("EMAIL_FILE_PATH: say into which folder mails are written.")
    if name == SHORT["smtp"] and given.flag("EMAIL_USE_TLS") and given.flag("EMAIL_USE_SSL"):
        raise BadSettings("EMAIL_USE_TLS, EMAIL_USE_SSL: both are on; choose one.")
    return name
