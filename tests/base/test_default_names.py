"""The names of default values are translated; names that people chose stay."""

import ast
import gettext
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import to_locale

from taiga.projects.default_templates import KANBAN, NAMES, SCRUM
from tests.projects.apollo import Apollo

FOREIGN = [code for code, _name in settings.LANGUAGES if code != "en"]
EVERY_LANGUAGE = pytest.mark.parametrize("code", [*FOREIGN, "en"])
SECTIONS = {"Timeline", "Epics", "Backlog", "Kanban", "Issues", "TeamWiki"}
LINES = {"Future sprint", "Project End", "Unassigned"}
RECORDED = {
    "de": {
        "New": "Neu",
        "In progress": "In Arbeit",
        "Ready for test": "Bereit zum Testen",
        "Closed": "Geschlossen",
        "Needs Info": "Information wird benötigt",
        "UX": "UX",
        "Design": "Design",
        "Front": "Front",
        "Back": "Back",
        "Product Owner": "Projekteigentümer",
        "Stakeholder": "Stakeholder",
        "No active account found with the given credentials": (
            "Kein aktives Konto mit den angegebenen Anmeldeinformationen gefunden"
        ),
    },
    "es": {
        "New": "Nueva",
        "Ready for test": "Lista para testear",
        "Closed": "Cerrada",
        "This field is required.": "Este campo es requerido.",
    },
    "fr": {"Closed": "Fermé"},
}
"""What clients have seen so far."""


class Nothing(gettext.NullTranslations):
    """Translates nothing."""

    def gettext(self, message: str) -> str:
        return ""


def folder(code: str) -> Path:
    return Path(settings.LOCALE_PATHS[0], to_locale(code), "LC_MESSAGES")


def catalog(code: str) -> gettext.NullTranslations:
    """The compiled texts of a language; a missing one is empty."""
    with (folder(code) / "django.mo").open("rb") as file:
        found = gettext.GNUTranslations(file)
    found.add_fallback(Nothing())
    return found


def written(code: str) -> Iterator[tuple[str, str]]:
    """The texts and translations in the source, a line each."""
    message = ""
    for line in (folder(code) / "django.po").read_text().split('"Plural-Forms:')[1].splitlines():
        keyword, _space, quoted = line.partition(" ")
        if keyword == "msgid":
            message = ast.literal_eval(quoted)
        elif keyword == "msgstr":
            yield message, ast.literal_eval(quoted)


@EVERY_LANGUAGE
def test_every_default_name_is_in_the_catalog(code: str) -> None:
    texts = catalog(code)
    assert {name for name in NAMES | SECTIONS | LINES if not texts.gettext(name)} == set()


@EVERY_LANGUAGE
def test_what_is_compiled_is_what_is_written(code: str) -> None:
    texts = catalog(code)
    assert len(dict(written(code))) >= len(NAMES | SECTIONS | LINES)
    assert {message: (text, told) for message, text in written(code) if (told := texts.gettext(message)) != text} == {}


@EVERY_LANGUAGE
@pytest.mark.parametrize("template", [SCRUM, KANBAN], ids=lambda template: template["slug"])
def test_no_two_values_of_a_list_are_called_the_same(code: str, template: dict[str, object]) -> None:
    texts = catalog(code)
    for name, rows in template.items():
        if isinstance(rows, list) and name != "points":
            assert len({texts.gettext(row["name"]) for row in rows}) == len(rows), name


@pytest.mark.parametrize("code", RECORDED)
def test_words_that_clients_know_are_exact(code: str) -> None:
    texts = catalog(code)
    assert {name: texts.gettext(name) for name in RECORDED[code]} == RECORDED[code]


@pytest.mark.django_db
@pytest.mark.parametrize("code", FOREIGN)
def test_the_api_tells_names_in_the_language_it_is_asked_in(code: str) -> None:
    apollo, texts = Apollo(), catalog(code)
    listed = [row["name"] for row in apollo.listed("/issue-statuses", Accept_Language=code)]
    assert listed == [texts.gettext(row["name"]) for row in SCRUM["issue_statuses"]]
    assert [row["name"] for row in apollo.listed("/issue-statuses")] == [row["name"] for row in SCRUM["issue_statuses"]]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Auf der Werft", "Monday", "Yes", "description"])
def test_a_name_that_somebody_chose_stays_even_if_it_is_a_text_of_the_program(name: str) -> None:
    apollo = Apollo()
    status = apollo.made("/task-statuses", name=name)
    task = apollo.task(status=status["id"])
    spanish = {"Accept_Language": "es"}
    project = apollo.alice.get(f"/projects/{apollo.project.pk}", **spanish).json()
    assert name in {row["name"] for row in apollo.listed("/task-statuses", **spanish)}
    assert name in {row["name"] for row in project["task_statuses"]}
    assert apollo.alice.get(f"/tasks/{task['id']}", **spanish).json()["status_extra_info"]["name"] == name
