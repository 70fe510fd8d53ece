"""The texts of all mails, their preview page, and how to unsubscribe."""

import re

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from taiga.notifications import links, plain_text, samples
from taiga.notifications.rendering import rendered
from taiga.projects.models import NotifyPolicy
from tests.activity import Apollo, heard, working
from tests.world import PASSWORD, person

EVERY_MAIL = pytest.mark.parametrize("name", samples.kinds())
TOKENS = {
    "registered_user": ["/verify-email/a-token", "/cancel-account/a-token"],
    "send_verification": ["/verify-email/a-token"],
    "change_email": ["/change-email/a-token"],
    "password_recovery": ["/change-password/a-token"],
    "membership_invitation": ["/invitation/a-token"],
    "membership_notification": ["/project/apollo"],
    "transfer_request": ["/project/apollo/admin/"],
    "transfer_start": ["/project/apollo/transfer/a-token"],
    "transfer_reject": ["/project/apollo/admin/"],
    "contact_notification": ["/profile/alice", "/project/apollo/admin/"],
    "dump_project": ["/media/exports/apollo.json"],
}


@EVERY_MAIL
@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_mail_says_the_same_in_html_and_in_text(name: str, lang: str) -> None:
    mail = rendered(*samples.sample(name), lang)
    assert mail.subject
    assert not re.search(r"\{[a-z]|%\(", mail.subject + mail.text)
    assert f'<html lang="{lang}"' in mail.html
    for address in TOKENS.get(name, []):
        assert address in mail.text
        assert address in mail.html
    addresses = {one for one in re.findall(r'href="([^"#]+)"', mail.html) if one.startswith("http")}
    assert all(one.replace("&amp;", "&") in mail.text for one in addresses)


@EVERY_MAIL
def test_every_mail_is_translated(name: str) -> None:
    english, spanish = (rendered(*samples.sample(name), lang) for lang in ("en", "es"))
    assert english.subject != spanish.subject
    words = [line for line in english.text.splitlines() if re.fullmatch(r"[A-Z][a-z]+( [a-z']+){3,}[.:]", line)]
    given = "\n".join(str(value) for value in samples.FACTS.values())
    assert not [line for line in words if line in spanish.text and line not in given]


def test_an_unknown_language_is_the_servers() -> None:
    mail = rendered(*samples.sample("password_recovery"), "tlh")
    assert mail.subject == "Recover your password"


def test_texts_read_from_right_to_left_where_the_language_does() -> None:
    assert '<html lang="ar" dir="rtl">' in rendered(*samples.sample("password_recovery"), "ar").html


@pytest.mark.parametrize(("lang", "arrow"), [("he", "←"), ("es", "→")])
def test_a_change_points_from_the_old_value_to_the_new_one_as_the_language_is_read(lang: str, arrow: str) -> None:
    html = rendered(*samples.sample("userstories.userstory.change"), lang).html
    assert set(re.findall(r"</bdi> (.) <bdi", html)) == {arrow}


def test_values_are_shown_as_they_are_and_never_obeyed() -> None:
    facts = {**samples.FACTS, "project": {"name": "<b>A</b> & {token}", "slug": "a"}, "text": "<script>x</script>\ny"}
    mail = rendered("membership_invitation", facts, "en")
    assert mail.subject.startswith("[<b>A</b> & {token}]")
    assert "&lt;b&gt;A&lt;/b&gt; &amp; {token}" in mail.html
    assert "<script>" not in mail.html
    assert "<b>A</b> & {token}" in mail.text
    assert "<script>x</script>\ny" in mail.text


def test_text_is_made_of_html() -> None:
    html = (
        "<head><title>no</title><style>no{}</style></head><h1>Head</h1><p>One\n  two <a href='http://x/y'>three</a>"
        "<br>four &amp; five</p><ul><li>six</li><li>seven</li></ul><pre>a\n  b</pre>"
        "<p><a href='http://x'>http://x</a> <a href='#z'>here</a><img alt='pic' src='p'></p>"
    )
    assert plain_text.of(html) == (
        "Head\n\nOne two three: http://x/y\nfour & five\n\n- six\n- seven\n\na\n  b\n\nhttp://x herepic\n"
    )


@pytest.mark.django_db
def test_the_page_of_all_mails_is_for_superusers(settings: Settings) -> None:
    person("root", is_superuser=True, is_staff=True)
    person("eve")
    client = Client()
    assert client.get("/dev/mails").status_code == 404
    assert client.login(username="eve", password=PASSWORD)
    assert client.get("/dev/mails").status_code == 404
    assert client.login(username="root", password=PASSWORD)
    page = client.get("/dev/mails?mail=tasks.task.change&lang=es").content.decode()
    assert "tarea" in page
    assert client.get("/dev/mails?mail=nonsense").status_code == 404
    settings.DEBUG = True
    assert Client().get("/dev/mails").status_code == 200
    translation.activate("en")


@pytest.mark.django_db
def test_one_click_ends_the_mails_of_a_project_and_a_look_does_not() -> None:
    apollo = Apollo()
    address = links.unsubscribe(apollo.id("bob"), apollo.project.pk).removeprefix("http://localhost:8000")
    client = Client()
    page = client.get(address)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert level(apollo) == 1
    done = client.post(address, {"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    assert level(apollo) == 3
    assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert NotifyPolicy.objects.get(user=apollo.id("alice"), project=apollo.project).notify_level == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("lang", "direction"), [("ar", "rtl"), ("he", "rtl"), ("es", "ltr"), ("en", "ltr")])
def test_the_page_of_one_click_reads_in_the_direction_of_its_language(lang: str, direction: str) -> None:
    apollo = Apollo()
    address = links.unsubscribe(apollo.id("bob"), apollo.project.pk).removeprefix("http://localhost:8000")
    client = Client(headers={"Accept-Language": lang})
    for page in (client.get(address), client.post(address)):
        assert f'<html lang="{lang}" dir="{direction}">' in page.content.decode()


@pytest.mark.django_db
def test_nobody_can_make_such_an_address_himself() -> None:
    apollo = Apollo()
    good = links.unsubscribe(apollo.id("bob"), apollo.project.pk).rpartition("/")[2]
    other = links.unsubscribe(apollo.id("alice"), apollo.project.pk).rpartition("/")[2]
    forged = [
        good[:-1] + ("a" if good[-1] != "a" else "b"),
        other.split(":")[0] + good[good.index(":") :],
        "x",
        "1:2:3",
    ]
    for token in forged:
        assert Client().post(f"/api/v1/unsubscribe/{token}").status_code == 404
    assert level(apollo) == 1
    gone = links.unsubscribe(999_999, apollo.project.pk).rpartition("/")[2]
    assert Client().post(f"/api/v1/unsubscribe/{gone}").status_code == 404


def level(apollo: Apollo) -> int:
    """Bob's notification level."""
    policy = NotifyPolicy.objects.get(user=apollo.id("bob"), project=apollo.project)
    return policy.notify_level


@pytest.mark.django_db
def test_an_announcement_reaches_everybody_who_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    with heard(monkeypatch) as messages, working():
        call_command("emit_notification_message", "Stop", "Back at noon")
    assert messages == [("notifications", {"title": "Stop", "desc": "Back at noon"})]
