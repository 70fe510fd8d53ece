"""Reads the settings from the environment and `.env`, and refuses invalid ones before anything else starts."""

import difflib
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.conf.locale import LANG_INFO
from django.core.exceptions import ImproperlyConfigured

from taiga.configuration.table import OBSOLETE, SETTINGS, Setting

YES = {"true", "1", "yes", "on", "y", "t"}
NO = {"false", "0", "no", "off", "n", "f"}
RATE = re.compile(r"[1-9]\d*/(s|sec|second|m|min|minute|h|hour|d|day)s?", re.IGNORECASE)
LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.*)")
QUOTED = re.compile(r"""(?P<quote>["'])(?P<text>.*?)(?<!\\)(?P=quote)\s*(#.*)?""")

Value = str | bool | int | None | Path | list[str]


class BadSettings(ImproperlyConfigured):
    """Invalid settings. The message names all of them."""


@dataclass(frozen=True)
class Given:
    """The values of all settings, each of the type that the table declares, and warnings."""

    values: Mapping[str, Value]
    warnings: list[str] = field(default_factory=list)

    def text(self, name: str) -> str:
        """The value of a text, secret, language or choice."""
        value = self.values[name]
        assert isinstance(value, str), name
        return value

    def flag(self, name: str, *, otherwise: bool = False) -> bool:
        """The value of a flag; `otherwise` if it is not set and has no default."""
        value = self.values[name]
        return otherwise if value is None else bool(value)

    def number(self, name: str) -> int:
        """The value of a number."""
        value = self.values[name]
        assert isinstance(value, int), name
        return value

    def number_or_none(self, name: str) -> int | None:
        """The value of a number that may be none."""
        return None if self.values[name] is None else self.number(name)

    def words(self, name: str) -> list[str]:
        """The value of a list, networks, callers or rates."""
        value = self.values[name]
        assert isinstance(value, list), name
        return value

    def path(self, name: str) -> Path | None:
        """The value of a path; None if it is not set and has no default."""
        value = self.values[name]
        assert value is None or isinstance(value, Path), name
        return value


def read(environ: Mapping[str, str]) -> Given:
    """The settings. The environment takes precedence over the file, and a setting's own name over its other names.

    Raises BadSettings.
    """
    file = Path(environ.get("TAIGA_ENV_FILE", ".env"))
    from_file = parse_file(file.read_text(encoding="utf-8"), str(file)) if file.is_file() else {}
    values: dict[str, Value] = {}
    problems: list[str] = []
    for setting in SETTINGS.values():
        raw = _given_for(setting, environ, from_file)
        try:
            values[setting.name] = READERS[setting.kind](setting, setting.default if raw is None else raw)
        except ValueError as problem:
            shown = "the value given" if setting.kind == "secret" else repr(raw)
            problems.append(f"{setting.name}: {shown} is not allowed; {problem}.")
    if problems:
        raise BadSettings("\n".join(problems))
    return Given(values, _unknown(environ, from_file))


def parse_file(text: str, source: str) -> dict[str, str]:
    """The values of `NAME=value` lines, with Docker Compose's rules for quotes, `export` and comments. Raises
    BadSettings.
    """
    found = {}
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = LINE.fullmatch(stripped)
        if match is None:
            raise BadSettings(f"{source}, line {number}: write NAME=value.")
        found[match["name"]] = _unquoted(match["value"])
    return found


def _unquoted(value: str) -> str:
    quoted = QUOTED.fullmatch(value)
    if quoted is None:
        return re.split(r"(?:^|\s)#", value, maxsplit=1)[0].strip()
    if quoted["quote"] == "'":
        return quoted["text"]
    return re.sub(r"\\(.)", lambda escape: {"n": "\n"}.get(escape[1], escape[1]), quoted["text"])


def _given_for(setting: Setting, environ: Mapping[str, str], from_file: Mapping[str, str]) -> str | None:
    """What the operator has set; None for nothing, and for an empty value, as which Compose passes unset variables."""
    for name in (setting.name, *setting.also):
        for source in (environ, from_file):
            if source.get(name, "").strip():
                return source[name].strip()
    return None


def _flag(_setting: Setting, raw: str) -> bool | None:
    if not raw:
        return None
    if raw.lower() in YES | NO:
        return raw.lower() in YES
    raise ValueError("say true or false")


def _number(setting: Setting, raw: str) -> int:
    if not re.fullmatch(r"\d{1,20}", raw) or int(raw) < setting.least:
        raise ValueError(f"a whole number of at least {setting.least} is")
    if int(raw) > setting.most:
        raise ValueError(f"a whole number of at most {setting.most} is")
    return int(raw)


def _number_or_none(setting: Setting, raw: str) -> int | None:
    return None if raw.lower() in ("", "none", "null") else _number(setting, raw)


def _words(_setting: Setting, raw: str) -> list[str]:
    return [word for word in re.split(r"[\s,]+", raw) if word]


def _networks(setting: Setting, raw: str) -> list[str]:
    words = _words(setting, raw)
    try:
        for word in words:
            ipaddress.ip_network(word, strict=False)
    except ValueError:
        raise ValueError(f"{word} is neither an address nor a network such as 10.0.0.0/8") from None
    return words


def _callers(setting: Setting, raw: str) -> list[str]:
    words = _words(setting, raw)
    try:
        _networks(setting, " ".join(word for word in words if not word.isdecimal()))
    except ValueError as problem:
        raise ValueError(f"{problem}, nor the id of a user") from None
    return words


def _language(_setting: Setting, raw: str) -> str:
    if LANG_INFO.keys() & {raw.lower(), raw.lower().partition("-")[0]}:
        return raw
    raise ValueError("say a language such as en-us or de")


def _text(setting: Setting, raw: str) -> str:
    if raw and setting.begins and not raw.startswith(setting.begins):
        raise ValueError(f"begin with {' or '.join(setting.begins)}")
    return raw


def _choice(setting: Setting, raw: str) -> str:
    if raw.lower() in setting.choices:
        return raw.lower()
    raise ValueError(f"choose one of {', '.join(setting.choices)}")


def _path(_setting: Setting, raw: str) -> Path | None:
    return Path(raw).expanduser().absolute() if raw else None


def _rates(setting: Setting, raw: str) -> list[str]:
    """An empty list stands for `none`, which lifts a default limit."""
    rates = [] if raw.lower() == "none" else _words(setting, raw)
    if all(RATE.fullmatch(rate) for rate in rates):
        return rates
    raise ValueError("say how many in which time, such as 100/minute, or none")


READERS: dict[str, Callable[[Setting, str], Value]] = {
    "text": _text,
    "secret": _text,
    "flag": _flag,
    "number": _number,
    "number or none": _number_or_none,
    "list": _words,
    "networks": _networks,
    "callers": _callers,
    "language": _language,
    "choice": _choice,
    "path": _path,
    "rate": _rates,
}


def _unknown(environ: Mapping[str, str], from_file: Mapping[str, str]) -> list[str]:
    """Warnings for names that look like settings but are none, which most often are typing errors."""
    known = {*SETTINGS, *OBSOLETE, *OWN, *(name for setting in SETTINGS.values() for name in setting.also)}
    names = [*from_file, *(name for name in environ if name.startswith("TAIGA_"))]
    warnings = []
    for name in dict.fromkeys(names):
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
            warnings.append(f"{name}: no such setting" + (f"; did you mean {close[0]}?" if close else "."))
    return warnings


OWN = {"TAIGA_ENV_FILE", "TAIGA_SERVED_AT"}
"""Environment variables that the program sets for itself, or that select the file."""
