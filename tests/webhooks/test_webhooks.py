"""/webhooks and /webhooklogs: permissions, and what is refused."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from pytest_django import Settings

from taiga.projects.models import Project
from taiga.webhooks.models import Webhook
from tests.base.receiver import Receiver
from tests.webhooks.rocket import Rocket
from tests.world import Caller, join, person, project_of

NOWHERE = "http://127.0.0.1:9/hook"
PARALLEL = 8


def test_an_admin_makes_edits_and_deletes_a_webhook(rocket: Rocket) -> None:
    hook = rocket.hook(NOWHERE, key="schlüssel")
    shown = {"id": hook, "project": rocket.project.pk, "name": "Hook", "url": NOWHERE, "key": "schlüssel"}
    assert rocket.alice.get(f"/webhooks/{hook}").json() == {**shown, "logs_counter": 0}
    changed = rocket.alice.patch(f"/webhooks/{hook}", {"name": "Other"})
    assert changed.json() == {**shown, "name": "Other", "logs_counter": 0}
    assert rocket.alice.put(f"/webhooks/{hook}", {"name": "Other"}).json().keys() == {"project", "url", "key"}
    assert rocket.alice.delete(f"/webhooks/{hook}").status_code == 204
    assert rocket.alice.get(f"/webhooks/{hook}").status_code == 404


def test_a_request_that_is_repeated_with_its_key_makes_no_other_webhook(rocket: Rocket) -> None:
    """Without a key, with another one, in another project or after the webhook's end it is a request like any other."""

    long = {"Idempotency_Key": "k" * 1000}
    there = project_of(rocket.alice.user, "Gemini").pk
    first = rocket.hook(NOWHERE, headers=long, key="one")
    assert rocket.hook(NOWHERE, headers=long, key="two") == first
    assert rocket.alice.get(f"/webhooks/{first}").json()["key"] == "one"
    others = [
        rocket.hook(NOWHERE),
        rocket.hook(NOWHERE),
        rocket.hook(NOWHERE, headers={"Idempotency_Key": ""}),
        rocket.hook(NOWHERE, headers={"Idempotency_Key": "k" * 1001}),
        rocket.hook(NOWHERE, headers=long, project=there),
    ]
    assert len({first, *others}) == 6
    assert rocket.alice.patch(f"/webhooks/{others[-1]}", {"project": rocket.project.pk}).status_code == 200
    assert rocket.alice.delete(f"/webhooks/{first}").status_code == 204
    assert rocket.hook(NOWHERE, headers=long) not in {first, *others}


@pytest.mark.django_db(transaction=True)
def test_requests_with_one_key_that_run_at_once_make_one_webhook() -> None:
    rocket = Rocket()
    barrier = Barrier(PARALLEL)

    def make(number: int) -> int:
        try:
            barrier.wait(30)
            return rocket.hook(NOWHERE, headers={"Idempotency_Key": "workflow"}, key=f"secret {number}")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(PARALLEL) as threads:
        made = set(threads.map(make, range(PARALLEL)))
    assert made == set(Webhook.objects.values_list("pk", flat=True))
    assert len(made) == 1


def test_whoever_may_not_make_a_webhook_gets_none_by_its_key(rocket: Rocket) -> None:
    rocket.hook(NOWHERE)
    body = {"project": rocket.project.pk, "name": "Hook", "url": NOWHERE, "key": "k"}
    assert rocket.alice.post("/webhooks", body, Idempotency_Key="k").status_code == 201
    for caller, status in ((rocket.bob, 403), (rocket.carol, 403), (Caller(), 401)):
        assert caller.post("/webhooks", body, Idempotency_Key="k").status_code == status


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "n" * 251),
        ("key", ""),
        ("url", ""),
        ("url", "nonsense"),
        ("url", "ftp://example.com/hook"),
        ("url", "javascript:alert(1)"),
        ("url", f"http://example.com/{'x' * 200}"),
        ("project", 999_999_999),
        ("project", None),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_made(rocket: Rocket, field: str, value: Any) -> None:
    body = {"project": rocket.project.pk, "name": "Hook", "url": NOWHERE, "key": "k", field: value}
    reply = rocket.alice.post("/webhooks", body)
    assert (reply.status_code, list(reply.json())) == (400, [field])
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://localhost:8000/x", "https://10.1.2.3/x", "http://169.254.169.254/", "http://[::1]/"],
)
def test_plainly_private_addresses_are_refused_unless_they_are_allowed(
    rocket: Rocket, settings: Settings, url: str
) -> None:
    body = {"project": rocket.project.pk, "name": "Hook", "url": url, "key": "k"}
    settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESS = False
    reply = rocket.alice.post("/webhooks", body)
    assert (reply.status_code, list(reply.json())) == (400, ["url"])
    settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESS = True
    assert rocket.alice.post("/webhooks", body).status_code == 201


def test_only_admins_know_of_webhooks(rocket: Rocket, receiver: Receiver) -> None:
    hook = rocket.hook(receiver.url())
    log = rocket.alice.post(f"/webhooks/{hook}/test").json()["id"]
    body = {"project": rocket.project.pk, "name": "Hook", "url": NOWHERE, "key": "k"}
    for caller, read, action in ((rocket.nobody, 401, 401), (rocket.carol, 403, 404), (rocket.bob, 403, 404)):
        assert caller.get("/webhooks").json() == []
        assert caller.get(f"/webhooklogs?webhook={hook}").json() == []
        assert caller.get(f"/webhooks/{hook}").status_code == read
        assert caller.get(f"/webhooklogs/{log}").status_code == read
        assert caller.post("/webhooks", body).status_code == read
        assert caller.patch(f"/webhooks/{hook}", {"name": "x"}).status_code == read
        assert caller.put(f"/webhooks/{hook}", body).status_code == read
        assert caller.delete(f"/webhooks/{hook}").status_code == read
        assert caller.post(f"/webhooks/{hook}/test").status_code == action
        assert caller.post(f"/webhooklogs/{log}/resend").status_code == action
    assert Webhook.objects.get().name == "Hook"
    assert len(receiver.requests) == 1


def test_lists_show_what_the_caller_administers(rocket: Rocket) -> None:
    root = Caller(person("root", is_superuser=True))
    other = project_of(rocket.users["carol"], "Soyuz")
    ours = [rocket.hook(NOWHERE, name="B"), rocket.hook(NOWHERE, name="A"), rocket.hook(NOWHERE, name="B")]
    theirs = rocket.hook(NOWHERE, by=rocket.carol, project=other.pk, name="C")
    ordered = [ours[1], ours[2], ours[0]]
    assert [one["id"] for one in rocket.alice.get("/webhooks").json()] == ordered
    assert [one["id"] for one in rocket.carol.get("/webhooks").json()] == [theirs]
    assert [one["id"] for one in root.get("/webhooks").json()] == [*ordered, theirs]
    assert [one["id"] for one in root.get(f"/webhooks?project={other.pk}").json()] == [theirs]
    assert rocket.alice.get("/webhooks?page_size=2&page=2").json()[0]["id"] == ours[0]
    assert rocket.alice.get("/webhooks?project=x").status_code == 400


def test_a_webhook_moves_only_to_a_project_that_one_administers(rocket: Rocket) -> None:
    hook = rocket.hook(NOWHERE)
    theirs = project_of(rocket.users["carol"], "Soyuz")
    assert rocket.alice.patch(f"/webhooks/{hook}", {"project": theirs.pk}).status_code == 403
    join(rocket.users["alice"], theirs, is_admin=True)
    assert rocket.alice.patch(f"/webhooks/{hook}", {"project": theirs.pk}).json()["project"] == theirs.pk


def test_blocked_projects_refuse_all_and_archived_ones_all_but_tests(rocket: Rocket, receiver: Receiver) -> None:
    hook = rocket.hook(receiver.url())
    body = {"project": rocket.project.pk, "name": "Hook", "url": NOWHERE, "key": "k"}
    rows = Project.objects.filter(pk=rocket.project.pk)
    for column, refused, tested in (("archived_code", 403, 200), ("blocked_code", 451, 451)):
        rows.update(**{"archived_code": None, column: "by-staff"})
        assert rocket.alice.post("/webhooks", body).status_code == refused
        assert rocket.alice.patch(f"/webhooks/{hook}", {"name": "x"}).status_code == refused
        assert rocket.alice.delete(f"/webhooks/{hook}").status_code == refused
        assert rocket.alice.post(f"/webhooks/{hook}/test").status_code == tested
        assert rocket.alice.get(f"/webhooks/{hook}").status_code == 200


def test_logs_are_only_read(rocket: Rocket, receiver: Receiver) -> None:
    log = rocket.alice.post(f"/webhooks/{rocket.hook(receiver.url())}/test").json()["id"]
    assert rocket.alice.post("/webhooklogs", {}).status_code == 405
    for method in ("PUT", "PATCH", "DELETE"):
        assert rocket.alice.ask(method, f"/webhooklogs/{log}", {}).status_code == 405
    assert rocket.alice.get(f"/webhooks/{log}/test").status_code == 405
