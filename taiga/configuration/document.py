"""The settings as the tables of docs/deployment.md."""

from taiga.configuration.table import OBSOLETE, TABLE, Setting

KINDS = {
    "flag": "true or false",
    "number": "number",
    "number or none": "number, or none",
    "list": "list",
    "networks": "list",
    "callers": "list",
    "language": "a language",
    "path": "path",
    "rate": "rates",
}


def markdown() -> str:
    """A table for each section, and one of the names that are accepted and ignored."""
    lines = []
    for section in TABLE:
        lines += [f"### {section.title}", "", "| name | allowed | default | meaning |", "|---|---|---|---|"]
        lines += [_row(setting) for setting in section.settings]
        lines.append("")
    lines += ["### Accepted and ignored", "", "| name | why |", "|---|---|"]
    lines += [f"| `{name}` | {why} |" for name, why in OBSOLETE.items()]
    return "\n".join(lines) + "\n"


def _row(setting: Setting) -> str:
    name = f"`{setting.name}`" + "".join(f", `{other}`" for other in setting.also)
    allowed = ", ".join(f"`{choice}`" for choice in setting.choices) or KINDS.get(setting.kind, "text")
    default = f"`{_default(setting)}`" if setting.default else ""
    return f"| {name} | {allowed} | {default} | {setting.meaning} |"


def _default(setting: Setting) -> str:
    return setting.default.replace(",", ", ") if setting.kind in ("list", "networks", "callers") else setting.default
