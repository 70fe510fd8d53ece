"""Whatever people write, and wherever: no answer of the API, no page and no mail holds anything that could run."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from taiga.notifications import links, samples
from taiga.notifications.rendering import rendered
from taiga.projects.models import Project
from taiga.users.models import User
from tests.activity import COLLECTIONS, Apollo, working
from tests.base.inspector import complaints, executables
from tests.base.markdown_project import vectors

pytestmark = pytest.mark.django_db
VECTORS = [vector for vector in vectors() if "\0" not in vector]  # of that the API takes none
AT_ONCE = 16
CHUNKS = ["\n\n".join(VECTORS[at : at + AT_ONCE]) for at in range(0, len(VECTORS), AT_ONCE)]
SHORT = [" ".join(vector.split()) for vector in VECTORS if len(vector) < 200]
SOMETHING = "something"
"""Written in between: texts that have nothing in common take long to compare."""
SHOWN_AS_HTML = ("_html", "_diff")


def htmls(value: Any, name: str = "") -> Iterator[str]:
    """All that clients show as HTML in an answer."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from htmls(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from htmls(inner, name)
    elif isinstance(value, str) and (name == "html" or name.endswith(SHOWN_AS_HTML)):
        yield value


def ensure_harmless(*answers: Any) -> int:
    """Look at all HTML in some answers; returns how many texts there were."""
    found = [html for answer in answers for html in htmls(answer)]
    assert [html for html in set(found) if complaints(html) or executables(html)] == []
    return len(found)


def rich_text(kind: str, text: str) -> dict[str, Any]:
    """A body with a text in each field that is markdown."""
    if kind == "wiki":
        return {"content": text, "comment": text}
    return {"description": text, "is_blocked": True, "blocked_note": text, "comment": text}


def as_rendered(apollo: Apollo, text: str) -> str:
    """The text as HTML, says the address that previews it."""
    reply = apollo.alice.post("/wiki/render", {"content": text, "project_id": apollo.project.pk})
    html: str = reply.json()["data"]
    return html


@pytest.mark.parametrize("kind", list(COLLECTIONS))
def test_no_rich_text_of_any_kind_is_shown_with_a_script_in_it(kind: str) -> None:
    apollo = Apollo()
    key = apollo.make(kind)
    fields = ("html",) if kind == "wiki" else ("description_html", "blocked_note_html")
    version, seen = 1, 0
    for chunk in CHUNKS:
        for text in (chunk, SOMETHING):
            body = {**rich_text(kind, text), "version": version}
            now = apollo.bob.patch(f"/{COLLECTIONS[kind]}/{key}", body).json()
            version = now["version"]
            if text == chunk:
                assert [now[name] for name in fields] == [as_rendered(apollo, chunk)] * len(fields)
            seen += ensure_harmless(now)
    entries = apollo.history(kind, key, "?page_size=1000")
    assert [one["comment"] for one in reversed(entries)][::2] == CHUNKS
    path = f"/history/{kind}/{key}"
    for chunk in CHUNKS[::4]:
        edited = apollo.bob.post(f"{path}/edit_comment?id={entries[0]['id']}", {"comment": chunk})
        assert edited.status_code == 200
    former = apollo.bob.get(f"{path}/comment_versions?id={entries[0]['id']}").json()
    assert len(former) == len(CHUNKS[::4])
    seen += ensure_harmless(entries, former, apollo.timeline(query="?page_size=1000"))
    ensure_harmless(apollo.alice.get(f"/projects/{apollo.project.pk}/changes?page_size=1000").json())
    assert seen > len(CHUNKS) * (len(fields) + 4)


def test_a_preview_is_harmless_for_members_and_for_strangers() -> None:
    apollo = Apollo()
    for caller in (apollo.alice, apollo.carol, apollo.nobody):
        for chunk in CHUNKS:
            reply = caller.post("/wiki/render", {"content": chunk, "project_id": apollo.project.pk})
            assert reply.status_code == 200
            ensure_harmless({"html": reply.json()["data"]})


@pytest.mark.parametrize("kind", ["epic", "userstory", "task", "issue"])
def test_values_of_custom_fields_are_compared_as_text(kind: str) -> None:
    apollo = Apollo()
    key = apollo.make(kind)
    path = f"/{COLLECTIONS[kind]}/custom-attributes-values/{key}"
    fields = [
        apollo.alice.post(
            f"/{kind}-custom-attributes", {"project": apollo.project.pk, "name": SHORT[number][:64], "type": type_}
        ).json()["id"]
        for number, type_ in enumerate(("text", "multiline", "richtext", "url"))
    ]
    for chunk in CHUNKS:
        for text in (chunk, SOMETHING):
            body = {"attributes_values": {str(field): text for field in fields}, "version": 1}
            assert apollo.alice.patch(path, body).status_code == 200
    assert ensure_harmless(apollo.history(kind, key, "?page_size=1000")) >= len(CHUNKS) * len(fields)


def test_no_mail_of_a_change_runs_what_somebody_wrote() -> None:
    """Names, titles, texts and comments."""
    apollo = Apollo()
    with working():
        key = apollo.make("issue", assigned_to=apollo.id("bob"))
    mail.outbox.clear()
    for number, chunk in enumerate(CHUNKS):
        line = " ".join(chunk.split())
        User.objects.update(full_name=line[:250])
        Project.objects.filter(pk=apollo.project.pk).update(name=line[:250])
        with working():
            apollo.change("issue", key, subject=line, tags=[f"{number}{line[:60]}"], comment=chunk)
    sent: list[Any] = mail.outbox
    told = [str(one.alternatives[0].content) for one in sent]
    assert len(told) == len(CHUNKS)
    assert [html for html in told if executables(html)] == []
    assert all("alert(" in html for html in told)


def hostile(value: Any, text: str) -> Any:
    """Facts in which whatever people can write is this; addresses are made by the server."""
    if isinstance(value, dict):
        return {name: one if name in ("comment_html", "field") else hostile(one, text) for name, one in value.items()}
    if isinstance(value, list):
        return [hostile(one, text) for one in value]
    is_written = isinstance(value, str) and value and not value.startswith("http")
    return text if is_written and value not in {one.rpartition(".")[2] for one in samples.kinds()} else value


@pytest.mark.parametrize("name", samples.kinds())
def test_no_mail_of_any_kind_runs_what_is_in_its_facts(name: str) -> None:
    kind, facts = samples.sample(name)
    for chunk in (" ".join(SHORT[at::3]) for at in range(3)):
        told = {**hostile(facts, chunk), **{key: facts[key] for key in ("kind", "verb") if key in facts}}
        words = rendered(kind, told, "en")
        assert "alert(" in words.html
        assert executables(words.html) == []
        assert "\n" not in words.subject


def test_the_page_that_ends_mails_shows_the_name_of_the_project_as_text() -> None:
    apollo = Apollo()
    address = links.unsubscribe(apollo.id("bob"), apollo.project.pk).removeprefix("http://localhost:8000")
    for name in SHORT:
        Project.objects.filter(pk=apollo.project.pk).update(name=name)
        page = Client().get(address).content.decode()
        assert [one for one in executables(page) if one not in {"tag form", "tag button"}] == [], name
