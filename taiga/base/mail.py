"""Mail that is sent once the transaction is committed; who sends it, `settings.MAIL` says."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def send(
    template: str,
    *,
    to: str,
    lang: str | None,
    context: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
) -> None:
    """Queue a mail in the current transaction. `context` is plain JSON; an empty `lang` means the server's language."""
    import_string(settings.MAIL)(template, to, lang or "", dict(context), dict(headers or {}))
