"""Issues of forges, and comments on them."""

from typing import Any

import pytest

from taiga.projects.models import Issue, IssueStatus, WorkItem
from tests.webhooks.rocket import ORIGIN, Json, Rocket, opened


def test_an_opened_issue_becomes_one_here(believing: Rocket) -> None:
    assert believing.github("issues", opened()).status_code == 204
    issue = believing.reported()
    assert (issue.subject, issue.version, issue.external_reference) == ("Broken", 1, ["github", ORIGIN])
    assert issue.description == "See [GitHub#12](http://github.com/acme/rocket/issues/12) \n\nbye"
    assert issue.status is not None
    assert issue.status.slug == "new"
    assert issue.owner is not None
    assert (issue.owner.full_name, issue.watches.count()) == ("GitHub", 0)
    watchers = [one["full_name"] for one in believing.alice.get(f"/projects/{believing.project.pk}/watchers").json()]
    assert sorted(watchers) == ["Alice", "Bob", "GitHub"]
    assert believing.comments(issue.ref) == [
        (
            'Issue created by [octo](http://github.com/octo "See octo\'s GitHub profile") from '
            f'[GitHub#11]({ORIGIN} "Go to issue").'
        )
    ]


def test_it_follows_what_becomes_of_the_issue_there(believing: Rocket) -> None:
    believing.github("issues", opened())
    believing.github("issues", opened("edited", title="Repaired", body=None))
    assert (believing.reported().subject, believing.reported().description) == ("Repaired", "")
    believing.github("issues", opened("closed", state="closed"))
    assert believing.reported().status.is_closed
    assert believing.reported().finished_date is not None
    believing.github("issues", opened("reopened"))
    assert believing.reported().status.slug == "new"
    assert [one.split(" by ")[0] for one in believing.comments(believing.reported().ref)] == [
        *("Issue created", "Issue modified", "Issue closed", "Issue reopened"),
    ]
    assert (believing.reported().version, believing.reported().subject) == (1, "Repaired")


def test_the_project_chooses_the_status_of_closed_issues(believing: Rocket) -> None:
    rejected = IssueStatus.objects.get(project=believing.project, slug="rejected")
    believing.configure(close_status=rejected.pk)
    believing.github("issues", opened("closed", state="closed"))
    assert believing.reported().status == rejected
    foreign = IssueStatus.objects.exclude(project=believing.project).first()
    for chosen in (foreign.pk if foreign else 0, 999_999_999, "x", None):
        Issue.objects.filter(external_reference__isnull=False).delete()
        believing.configure(close_status=chosen)
        believing.github("issues", opened("closed", state="closed"))
        assert believing.reported().status.slug == "closed"


@pytest.mark.parametrize("missing", ["title", "html_url"])
@pytest.mark.parametrize("value", [None, "", {}, []])
def test_an_issue_without_subject_or_address_is_refused(believing: Rocket, missing: str, value: Any) -> None:
    assert believing.github("issues", opened(**{missing: value})).status_code == 400
    assert believing.github("issues", {"action": "opened"}).status_code == 400
    assert believing.github("issues", {"action": "labeled"}).status_code == 204
    assert believing.github("issues", {}).status_code == 204
    assert Issue.objects.filter(project=believing.project).count() == 1


def test_gitlab_and_bitbucket_tell_of_issues_too(believing: Rocket) -> None:
    attributes = {"action": "close", "iid": 21, "title": "G", "description": "#3 end", "url": "http://gl/a/r/issues/21"}
    repository = {"homepage": "http://gl/a/r"}
    payload = {"object_kind": "issue", "user": {"username": "gil"}, "repository": repository}
    assert believing.gitlab({**payload, "object_attributes": {**attributes, "state": "closed"}}).status_code == 204
    issue = believing.reported()
    assert (issue.description, issue.external_reference) == (
        "[GitLab#3](http://gl/a/r/issues/3) end",
        ["gitlab", attributes["url"]],
    )
    assert issue.status.is_closed
    assert '[gil](http://gl/gil "See gil\'s GitLab profile")' in believing.comments(issue.ref)[0]
    issue.delete()
    told = {"id": 5, "title": "B", "content": {"raw": "x"}, "links": {"html": {"href": "http://bb/5"}}}
    assert believing.bitbucket("issue:created", {"issue": told, "actor": {"nickname": "bit"}}).status_code == 204
    assert (believing.reported().subject, believing.reported().external_reference) == (
        "B",
        ["bitbucket", "http://bb/5"],
    )


def said(**more: Any) -> Json:
    told = {"body": "About #12 there", "html_url": f"{ORIGIN}#c1", **more}
    return {**opened("created"), "comment": told}


def test_a_comment_there_is_a_comment_here_on_all_that_came_of_the_issue(believing: Rocket) -> None:
    WorkItem.objects.filter(project=believing.project, ref__in=[1, 2, 3]).update(external_reference=["github", ORIGIN])
    assert believing.github("issue_comment", said()).status_code == 204
    expected = (
        '[octo](http://github.com/octo "See octo\'s GitHub profile") says in '
        f'[GitHub#11]({ORIGIN}#c1 "Go to comment"):\n\n'
        '"About [GitHub#12](http://github.com/acme/rocket/issues/12) there"'
    )
    assert [believing.comments(ref) for ref in (1, 2, 3, 4)] == [[expected], [expected], [expected], []]


def test_other_projects_do_not_hear_of_it(believing: Rocket) -> None:
    template = believing.carol.get("/project-templates").json()[0]["id"]
    body = {"name": "Soyuz", "description": "x", "creation_template": template}
    other = believing.carol.post("/projects", body).json()["id"]
    theirs = believing.carol.post(
        "/issues", {"project": other, "subject": "I", "external_reference": ["github", ORIGIN]}
    )
    assert theirs.status_code == 201
    assert believing.github("issue_comment", said()).status_code == 204
    assert believing.carol.get(f"/history/issue/{theirs.json()['id']}").json() == []


@pytest.mark.parametrize("comment", [{"body": None}, {"body": ""}, {"html_url": None}])
def test_an_empty_comment_is_refused_and_other_actions_are_ignored(believing: Rocket, comment: Json) -> None:
    assert believing.github("issue_comment", said(**comment)).status_code == 400
    assert believing.github("issue_comment", {**said(**comment), "action": "edited"}).status_code == 204


def test_a_note_is_heard_if_it_is_on_an_issue(believing: Rocket) -> None:
    WorkItem.objects.filter(project=believing.project, ref=3).update(external_reference=["gitlab", "http://gl/i/21"])
    attributes = {"note": "Hello", "noteable_type": "Issue", "url": "http://gl/i/21#n1"}
    payload = {"object_kind": "note", "user": {"username": "gil"}, "issue": {"iid": 21, "url": "http://gl/i/21"}}
    assert believing.gitlab({**payload, "object_attributes": attributes}).status_code == 204
    merge = {**attributes, "noteable_type": "MergeRequest"}
    assert believing.gitlab({**payload, "object_attributes": merge}).status_code == 204
    assert believing.comments(3) == ['gil says in [GitLab#21](http://gl/i/21#n1 "Go to comment"):\n\n"Hello"']


def test_a_bitbucket_comment_has_the_address_of_its_issue(believing: Rocket) -> None:
    WorkItem.objects.filter(project=believing.project, ref=3).update(external_reference=["bitbucket", "http://bb/5"])
    told = {"id": 5, "links": {"html": {"href": "http://bb/5"}}}
    payload = {"issue": told, "actor": {"nickname": "bit"}, "comment": {"id": 7, "content": {"raw": "Hello"}}}
    assert believing.bitbucket("issue:comment_created", payload).status_code == 204
    assert '[BitBucket#5](http://bb/5#comment-7 "Go to comment")' in believing.comments(3)[0]
