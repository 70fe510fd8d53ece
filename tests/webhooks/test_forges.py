"""Hooks of repositories: who may call, and what follows for items here."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from taiga.projects.models import Issue, IssueStatus, Project, WorkItem
from taiga.users.models import AuthData, User
from taiga.webhooks.services.system_users import system_user
from tests.webhooks.rocket import SECRET, Json, Rocket

SENDER = {"id": 990011, "login": "octo", "html_url": "http://github.com/octo"}
REPOSITORY = {"html_url": "http://github.com/acme/rocket"}
ORIGIN = "http://github.com/acme/rocket/issues/11"
FORGES = ["github", "gitlab", "bitbucket", "gogs"]


@pytest.fixture
def rocket(db: None) -> Rocket:
    """Alice's project, with a story #1, a task #2, an issue #3 and an epic #4."""
    found = Rocket()
    found.configure(valid_origin_ips=[])
    for kind in ("userstory", "task", "issue", "epic"):
        found.make(kind)
    return found


def item(rocket: Rocket, ref: int) -> WorkItem:
    return WorkItem.objects.select_related("status").get(project=rocket.project, ref=ref)


def comments(rocket: Rocket, ref: int) -> list[str]:
    """What is written below an item, oldest first."""
    found = item(rocket, ref)
    return [one["comment"] for one in reversed(rocket.history(found.kind, found.pk))]


def pushed(*messages: str) -> Json:
    commits = [
        {"id": f"abc{number}", "url": f"http://github.com/acme/rocket/commit/{number}", "message": message}
        for number, message in enumerate(messages, start=1)
    ]
    return {"sender": SENDER, "repository": REPOSITORY, "commits": commits}


def opened(action: str = "opened", **issue: Any) -> Json:
    told = {"number": 11, "title": "Broken", "body": "See #12 \n\nbye", "html_url": ORIGIN, "state": "open", **issue}
    return {"action": action, "issue": told, "sender": SENDER, "repository": REPOSITORY}


def reported(rocket: Rocket) -> Issue:
    """The issue that GitHub told of."""
    return Issue.objects.select_related("status").get(project=rocket.project, external_reference__isnull=False)


# ── who may call ──


@pytest.mark.parametrize("forge", FORGES)
def test_only_post_is_answered_and_only_for_projects_that_there_are(rocket: Rocket, forge: str) -> None:
    assert rocket.nobody.get(f"/{forge}-hook?project={rocket.project.pk}").status_code == 405
    for project in ("", "?project=", "?project=x", "?project=999999999"):
        assert rocket.nobody.post(f"/{forge}-hook{project}", {}).status_code == 400


@pytest.mark.parametrize("forge", FORGES)
def test_a_project_that_was_never_configured_believes_nobody(db: None, forge: str) -> None:
    rocket = Rocket()
    rocket.make("userstory")
    for secret in ("", "None"):
        signature = hmac.new(secret.encode(), b"{}", "sha1").hexdigest()
        headers = {"X_Hub_Signature": f"sha1={signature}", "X_GitHub_Event": "push", "X_Event_Key": "repo:push"}
        assert rocket.call(forge, b"{}", key=secret, **headers).status_code == 400


@pytest.mark.parametrize("signature", ["", "nonsense", "sha1=", "sha1=00", "sha256=00"])
def test_github_must_sign_what_it_says(rocket: Rocket, signature: str) -> None:
    reply = rocket.call("github", pushed("tg-1"), X_GitHub_Event="push", X_Hub_Signature=signature)
    assert reply.status_code == 400
    assert reply.json()["_error_type"].endswith("BadRequest")
    assert comments(rocket, 1) == []


def test_gogs_signs_or_sends_the_secret_but_a_wrong_signature_is_wrong(rocket: Rocket) -> None:
    payload = {**pushed("tg-1"), "secret": SECRET}
    body = json.dumps(payload).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert rocket.call("gogs", body, X_Gogs_Signature=signature).status_code == 204
    assert rocket.call("gogs", payload).status_code == 204
    assert rocket.call("gogs", payload, X_Gogs_Signature="0" * 64).status_code == 400
    assert rocket.call("gogs", {**payload, "secret": "other"}).status_code == 400
    assert rocket.call("gogs", pushed("tg-1")).status_code == 400
    assert len(comments(rocket, 1)) == 2


@pytest.mark.parametrize(
    ("networks", "status"),
    [
        ([], 204),
        (["203.0.113.0/24"], 204),
        (["203.0.113.9/24", "10.0.0.1"], 204),
        (["0.0.0.0/0"], 204),
        (["198.51.100.0/24"], 400),
        (["nonsense"], 400),
        (["203.0.113.7", "nonsense"], 400),
        ("203.0.113.7", 400),
    ],
)
def test_a_key_is_good_from_the_allowed_addresses_only(rocket: Rocket, networks: Any, status: int) -> None:
    rocket.configure(valid_origin_ips=networks)
    for path in ("gitlab-hook", "bitbucket-hook"):
        address = f"/api/v1/{path}?project={rocket.project.pk}&key={SECRET}"
        reply = Client().post(address, {}, content_type="application/json", REMOTE_ADDR="203.0.113.7")
        assert reply.status_code == status


def test_an_address_that_a_stranger_claims_to_forward_for_is_not_believed(rocket: Rocket, settings: Settings) -> None:
    rocket.configure(valid_origin_ips=["203.0.113.7"])
    address = f"/api/v1/gitlab-hook?project={rocket.project.pk}&key={SECRET}"

    def status() -> int:
        reply = Client().post(
            address,
            {},
            content_type="application/json",
            REMOTE_ADDR="198.51.100.1",
            headers={"X-Forwarded-For": "203.0.113.7"},
        )
        return reply.status_code

    assert status() == 400
    settings.TAIGA_TRUSTED_PROXIES = ["198.51.100.1"]
    assert status() == 204


@pytest.mark.parametrize("key", ["", "other"])
def test_a_wrong_key_is_no_key(rocket: Rocket, key: str) -> None:
    assert rocket.call("gitlab", pushed("tg-1"), key=key).status_code == 400
    assert rocket.call("bitbucket", pushed("tg-1"), key=key, X_Event_Key="repo:push").status_code == 400


def test_an_empty_secret_lets_nobody_in(rocket: Rocket) -> None:
    config = {forge: {"secret": "", "valid_origin_ips": []} for forge in FORGES}
    rocket.alice.patch(f"/projects/{rocket.project.pk}/modules", config)
    body = json.dumps({**pushed("tg-1"), "secret": ""}).encode()
    signature = hmac.new(b"", body, "sha1").hexdigest()
    assert rocket.call("github", body, X_GitHub_Event="push", X_Hub_Signature=f"sha1={signature}").status_code == 400
    assert rocket.call("gitlab", body).status_code == 400
    assert rocket.call("gogs", body).status_code == 400


def test_what_is_no_json_or_not_for_us_does_no_harm(rocket: Rocket) -> None:
    assert rocket.github("push", b"not json").status_code == 400
    assert rocket.call("gitlab", b"not json", key=SECRET).status_code == 400
    assert rocket.call("gogs", b"not json").status_code == 400
    assert rocket.gitlab(None).status_code == 204
    for payload in ([], "text", 1, {}, {"commits": None}, {"commits": [None]}, {"commits": {"a": 1}}):
        assert rocket.github("push", payload).status_code == 204
        assert rocket.gitlab(payload).status_code == 204
        assert rocket.bitbucket("repo:push", payload).status_code == 204
    for event in ("ping", "star", ""):
        assert rocket.github(event, {"zen": "x"}).status_code == 204
    assert rocket.github("push", {"commits": [{"id": "1", "url": "u"}]}).status_code == 400


def test_a_blocked_project_is_not_written_to_but_an_archived_one_is(rocket: Rocket) -> None:
    Project.objects.filter(pk=rocket.project.pk).update(archived_code="by-staff")
    assert rocket.github("push", pushed("tg-1 #done")).status_code == 204
    assert item(rocket, 1).is_closed
    Project.objects.filter(pk=rocket.project.pk).update(blocked_code="by-staff")
    assert rocket.github("push", pushed("tg-1 #new")).status_code == 451
    assert rocket.call("github", pushed("tg-1 #new")).status_code == 400
    assert item(rocket, 1).is_closed


# ── commits ──


def test_a_commit_gives_items_of_all_kinds_their_statuses(rocket: Rocket) -> None:
    assert (
        rocket.github("push", pushed("TG-1 #done, tg-2  #closed Tg-3 #closed", "tg-4 #in-progress")).status_code == 204
    )
    statuses = [item(rocket, ref).status.slug for ref in (1, 2, 3, 4)]  # type: ignore[union-attr]
    assert statuses == ["done", "closed", "closed", "in-progress"]
    assert (item(rocket, 1).is_closed, item(rocket, 1).version) == (True, 1)
    assert item(rocket, 2).finished_date is not None
    assert comments(rocket, 4) == [
        '[octo](http://github.com/octo "See octo\'s GitHub profile") changed the status from '
        "[GitHub commit](http://github.com/acme/rocket/commit/2 \"See commit 'abc2 - tg-4 #in-progress'\")\n\n"
        "  - Status: **New** → **In progress**"
    ]
    [entry] = rocket.history("epic", item(rocket, 4).pk)
    assert (entry["user"]["name"], entry["values_diff"]["status"]) == ("GitHub", ["New", "In progress"])


def test_a_commit_that_mentions_an_item_comments_on_it_once(rocket: Rocket) -> None:
    message = "Nothing done\n\nsee tg-1, again TG-1, and tg-2 #closed with tg-2"
    assert rocket.github("push", pushed(message, "work on #1 and TG1")).status_code == 204
    assert comments(rocket, 1) == [
        'This user story has been mentioned by [octo](http://github.com/octo "See octo\'s GitHub profile") in the '
        "[GitHub commit](http://github.com/acme/rocket/commit/1 \"See commit 'abc1 - Nothing done'\") "
        f'"{message}"'
    ]
    assert len(comments(rocket, 2)) == 1
    assert item(rocket, 1).watches.count() == 0


def test_the_same_item_may_change_its_status_twice(rocket: Rocket) -> None:
    assert rocket.github("push", pushed("tg-1 #done tg-1 #new")).status_code == 204
    assert len(comments(rocket, 1)) == 2
    assert not item(rocket, 1).is_closed


@pytest.mark.parametrize("wrong", ["tg-99 #closed", "see tg-99", "tg-2 #nope", "tg-2 #rejected", f"tg-{'9' * 30}"])
def test_what_can_not_be_done_is_told_and_what_came_before_stays(rocket: Rocket, wrong: str) -> None:
    reply = rocket.github("push", pushed("tg-1 #done", wrong, "tg-3 #closed"))
    assert reply.status_code == 400
    assert reply.json()["_error_type"].endswith("BadRequest")
    assert item(rocket, 1).is_closed
    assert (comments(rocket, 2), comments(rocket, 3)) == ([], [])


def test_a_link_can_not_be_broken_by_what_stands_in_it(rocket: Rocket) -> None:
    payload = pushed('tg-1 say "hello" ](javascript:alert(1))')
    payload["sender"] = {"login": "o](x)[y", "html_url": 'javascript:alert("x")'}
    payload["commits"][0]["url"] = "http://github.com/a b)(c"
    assert rocket.github("push", payload).status_code == 204
    [entry] = rocket.history("userstory", item(rocket, 1).pk)
    assert 'href="javascript:' not in entry["comment_html"]
    assert 'href="http://github.com/a%20b%29%28c"' in entry["comment_html"]


def test_a_gitlab_push_names_the_authors_of_commits(rocket: Rocket) -> None:
    commit = {"id": "abc", "url": "http://gitlab.com/c/1", "message": "tg-2 #closed", "author": {"name": "Gil Lab"}}
    assert rocket.gitlab({"commits": [commit]}).status_code == 204
    assert comments(rocket, 2)[0].startswith("Gil Lab changed the status from [GitLab commit](http://gitlab.com/c/1 ")


def test_a_bitbucket_push_brings_the_commits_of_all_branches(rocket: Rocket) -> None:
    def commit(number: int, message: str) -> Json:
        author = {"user": {"uuid": "{u}", "nickname": "bit", "links": {"html": {"href": "http://bitbucket.org/bit"}}}}
        links = {"html": {"href": f"http://bitbucket.org/c/{number}"}}
        return {"hash": f"h{number}", "message": message, "author": author, "links": links}

    changes = [{"commits": [commit(1, "tg-1 #ready")]}, {"commits": None}, {"commits": [commit(2, "tg-2")]}]
    assert rocket.bitbucket("repo:push", {"push": {"changes": changes}}).status_code == 204
    assert '[bit](http://bitbucket.org/bit "See bit\'s BitBucket profile") changed' in comments(rocket, 1)[0]
    assert "[BitBucket commit](http://bitbucket.org/c/2 \"See commit 'h2 - tg-2'\")" in comments(rocket, 2)[0]


# ── issues ──


def test_an_opened_issue_becomes_one_here(rocket: Rocket) -> None:
    assert rocket.github("issues", opened()).status_code == 204
    issue = reported(rocket)
    assert (issue.subject, issue.version, issue.external_reference) == ("Broken", 1, ["github", ORIGIN])
    assert issue.description == "See [GitHub#12](http://github.com/acme/rocket/issues/12) \n\nbye"
    assert issue.status is not None
    assert issue.status.slug == "new"
    assert issue.owner is not None
    assert (issue.owner.full_name, issue.watches.count()) == ("GitHub", 0)
    assert comments(rocket, issue.ref) == [
        'Issue created by [octo](http://github.com/octo "See octo\'s GitHub profile") from '
        f'[GitHub#11]({ORIGIN} "Go to issue").'
    ]


def test_it_follows_what_becomes_of_the_issue_there(rocket: Rocket) -> None:
    rocket.github("issues", opened())
    rocket.github("issues", opened("edited", title="Repaired", body=None))
    assert (reported(rocket).subject, reported(rocket).description) == ("Repaired", "")
    rocket.github("issues", opened("closed", state="closed"))
    assert reported(rocket).status.is_closed  # type: ignore[union-attr]
    assert reported(rocket).finished_date is not None
    rocket.github("issues", opened("reopened"))
    assert reported(rocket).status.slug == "new"  # type: ignore[union-attr]
    assert [one.split(" by ")[0] for one in comments(rocket, reported(rocket).ref)] == [
        *("Issue created", "Issue modified", "Issue closed", "Issue reopened"),
    ]
    assert (reported(rocket).version, reported(rocket).subject) == (1, "Repaired")


def test_the_project_chooses_the_status_of_closed_issues(rocket: Rocket) -> None:
    rejected = IssueStatus.objects.get(project=rocket.project, slug="rejected")
    rocket.configure(close_status=rejected.pk)
    rocket.github("issues", opened("closed", state="closed"))
    assert reported(rocket).status == rejected
    foreign = IssueStatus.objects.exclude(project=rocket.project).first()
    for chosen in (foreign.pk if foreign else 0, 999_999_999, "x", None):
        Issue.objects.filter(external_reference__isnull=False).delete()
        rocket.configure(close_status=chosen)
        rocket.github("issues", opened("closed", state="closed"))
        assert reported(rocket).status.slug == "closed"  # type: ignore[union-attr]


@pytest.mark.parametrize("missing", ["title", "html_url"])
@pytest.mark.parametrize("value", [None, "", {}, []])
def test_an_issue_without_subject_or_address_is_refused(rocket: Rocket, missing: str, value: Any) -> None:
    assert rocket.github("issues", opened(**{missing: value})).status_code == 400
    assert rocket.github("issues", {"action": "opened"}).status_code == 400
    assert rocket.github("issues", {"action": "labeled"}).status_code == 204
    assert rocket.github("issues", {}).status_code == 204
    assert Issue.objects.filter(project=rocket.project).count() == 1


def test_gitlab_and_bitbucket_tell_of_issues_too(rocket: Rocket) -> None:
    attributes = {"action": "close", "iid": 21, "title": "G", "description": "#3 end", "url": "http://gl/a/r/issues/21"}
    repository = {"homepage": "http://gl/a/r"}
    payload = {"object_kind": "issue", "user": {"username": "gil"}, "repository": repository}
    assert rocket.gitlab({**payload, "object_attributes": {**attributes, "state": "closed"}}).status_code == 204
    issue = reported(rocket)
    assert (issue.description, issue.external_reference) == (
        "[GitLab#3](http://gl/a/r/issues/3) end",
        ["gitlab", attributes["url"]],
    )
    assert issue.status.is_closed  # type: ignore[union-attr]
    assert '[gil](http://gl/gil "See gil\'s GitLab profile")' in comments(rocket, issue.ref)[0]
    issue.delete()
    told = {"id": 5, "title": "B", "content": {"raw": "x"}, "links": {"html": {"href": "http://bb/5"}}}
    assert rocket.bitbucket("issue:created", {"issue": told, "actor": {"nickname": "bit"}}).status_code == 204
    assert (reported(rocket).subject, reported(rocket).external_reference) == ("B", ["bitbucket", "http://bb/5"])


# ── comments ──


def said(**more: Any) -> Json:
    told = {"body": "About #12 there", "html_url": f"{ORIGIN}#c1", **more}
    return {**opened("created"), "comment": told}


def test_a_comment_there_is_a_comment_here_on_all_that_came_of_the_issue(rocket: Rocket) -> None:
    WorkItem.objects.filter(project=rocket.project, ref__in=[1, 2, 3]).update(external_reference=["github", ORIGIN])
    assert rocket.github("issue_comment", said()).status_code == 204
    expected = (
        '[octo](http://github.com/octo "See octo\'s GitHub profile") says in '
        f'[GitHub#11]({ORIGIN}#c1 "Go to comment"):\n\n'
        '"About [GitHub#12](http://github.com/acme/rocket/issues/12) there"'
    )
    assert [comments(rocket, ref) for ref in (1, 2, 3, 4)] == [[expected], [expected], [expected], []]


def test_other_projects_do_not_hear_of_it(rocket: Rocket) -> None:
    other = rocket.carol.post("/projects", {"name": "Soyuz", "description": "x", "creation_template": 1}).json()["id"]
    theirs = rocket.carol.post("/issues", {"project": other, "subject": "I", "external_reference": ["github", ORIGIN]})
    assert theirs.status_code == 201
    assert rocket.github("issue_comment", said()).status_code == 204
    assert rocket.carol.get(f"/history/issue/{theirs.json()['id']}").json() == []


@pytest.mark.parametrize("comment", [{"body": None}, {"body": ""}, {"html_url": None}])
def test_an_empty_comment_is_refused_and_other_actions_are_ignored(rocket: Rocket, comment: Json) -> None:
    assert rocket.github("issue_comment", said(**comment)).status_code == 400
    assert rocket.github("issue_comment", {**said(**comment), "action": "edited"}).status_code == 204


def test_a_note_is_heard_if_it_is_on_an_issue(rocket: Rocket) -> None:
    WorkItem.objects.filter(project=rocket.project, ref=3).update(external_reference=["gitlab", "http://gl/i/21"])
    attributes = {"note": "Hello", "noteable_type": "Issue", "url": "http://gl/i/21#n1"}
    payload = {"object_kind": "note", "user": {"username": "gil"}, "issue": {"iid": 21, "url": "http://gl/i/21"}}
    assert rocket.gitlab({**payload, "object_attributes": attributes}).status_code == 204
    merge = {**attributes, "noteable_type": "MergeRequest"}
    assert rocket.gitlab({**payload, "object_attributes": merge}).status_code == 204
    assert comments(rocket, 3) == ['gil says in [GitLab#21](http://gl/i/21#n1 "Go to comment"):\n\n"Hello"']


def test_a_bitbucket_comment_has_the_address_of_its_issue(rocket: Rocket) -> None:
    WorkItem.objects.filter(project=rocket.project, ref=3).update(external_reference=["bitbucket", "http://bb/5"])
    told = {"id": 5, "links": {"html": {"href": "http://bb/5"}}}
    payload = {"issue": told, "actor": {"nickname": "bit"}, "comment": {"id": 7, "content": {"raw": "Hello"}}}
    assert rocket.bitbucket("issue:comment_created", payload).status_code == 204
    assert '[BitBucket#5](http://bb/5#comment-7 "Go to comment")' in comments(rocket, 3)[0]


# ── in whose name ──


def test_a_linked_account_writes_in_its_own_name(rocket: Rocket) -> None:
    AuthData.objects.create(user=rocket.users["bob"], key="github", value="990011")
    rocket.github("push", pushed("tg-1"))
    [entry] = rocket.history("userstory", item(rocket, 1).pk)
    assert entry["user"]["username"] == "bob"
    User.objects.filter(pk=rocket.id("bob")).update(is_active=False)
    rocket.github("push", pushed("tg-1"))
    assert rocket.history("userstory", item(rocket, 1).pk)[0]["user"]["name"] == "GitHub"


def test_a_forge_has_one_account_with_a_picture_that_nobody_can_use(rocket: Rocket) -> None:
    for _ in range(2):
        rocket.github("push", pushed("tg-1"))
    user = User.objects.get(is_system=True)
    assert (user.is_active, user.full_name, user.has_usable_password()) == (False, "GitHub", False)
    assert user.username.startswith("github-")
    assert user.email == f"{user.username}@taiga.io"
    entry = rocket.history("userstory", item(rocket, 1).pk)[0]
    assert entry["user"]["photo"].endswith("logo.png.80x80_q85_crop.jpg")


def test_an_account_with_the_name_of_a_forge_is_not_taken_for_it(rocket: Rocket) -> None:
    impostor = User.objects.create_user("github-0", "x@example.com")
    rocket.github("push", pushed("tg-1"))
    assert rocket.history("userstory", item(rocket, 1).pk)[0]["user"]["pk"] != impostor.pk


def test_what_a_forge_does_is_told_to_webhooks(rocket: Rocket) -> None:
    hook = rocket.hook("http://127.0.0.1:9/hook")
    rocket.logs(hook)
    rocket.github("push", pushed("tg-1 #done"))
    [payload] = rocket.sent(hook)[-1:]
    assert (payload["by"]["full_name"], payload["change"]["diff"]["status"]) == (
        "GitHub",
        {"from": "New", "to": "Done"},
    )


def test_pictures_are_made_for_every_forge(db: None) -> None:
    from taiga.webhooks.api.hooks import FORGES as forges

    assert [system_user(forge).photo_format for forge in forges] == ["jpg"] * 4
