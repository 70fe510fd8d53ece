"""Warns of importers that are enabled without their keys, which must not keep the server from starting."""

from collections.abc import Mapping
from pathlib import Path

NEEDS: dict[str, dict[str, str]] = {
    "github": {"client_id": "GITHUB_IMPORTER_CLIENT_ID", "client_secret": "GITHUB_IMPORTER_CLIENT_SECRET"},
    "trello": {"api_key": "TRELLO_IMPORTER_API_KEY", "secret_key": "TRELLO_IMPORTER_SECRET_KEY"},
    "jira": {
        "consumer_key": "JIRA_IMPORTER_CONSUMER_KEY",
        "cert": "JIRA_IMPORTER_CERT",
        "pub_cert": "JIRA_IMPORTER_PUB_CERT",
    },
    "asana": {"app_id": "ASANA_IMPORTER_APP_ID", "app_secret": "ASANA_IMPORTER_APP_SECRET"},
}
IN_PEM_FORM = ("JIRA_IMPORTER_CERT", "JIRA_IMPORTER_PUB_CERT")


def warnings(importers: Mapping[str, Mapping[str, object]]) -> list[str]:
    """A warning for each importer that is enabled and cannot work."""
    lines = []
    for importer, needs in NEEDS.items():
        given = importers[importer]
        reasons = [reason for key, name in needs.items() if (reason := _reason(name, str(given[key])))]
        if given["active"] and reasons:
            lines.append(f"ENABLE_{importer.upper()}_IMPORTER is on, but {'; '.join(reasons)}.")
    return lines


def _reason(name: str, value: str) -> str:
    if not value:
        return f"{name} is not given"
    if name not in IN_PEM_FORM or "-----BEGIN" in value:
        return ""
    try:
        text = Path(value).read_text(encoding="ascii", errors="replace")
    except OSError as problem:
        return f"the file that {name} names can't be read ({problem.strerror})"
    return "" if "-----BEGIN" in text else f"the file that {name} names holds no key in PEM form"
