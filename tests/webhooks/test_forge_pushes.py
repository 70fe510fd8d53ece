"""Commits that mention items."""

import pytest

from tests.webhooks.rocket import Json, Rocket, pushed


def test_a_commit_gives_items_of_all_kinds_their_statuses(believing: Rocket) -> None:
    assert (
        believing.github("push", pushed("TG-1 #done, tg-2  #closed Tg-3 #closed", "tg-4 #in-progress")).status_code
        == 204
    )
    statuses = [believing.item(ref).status.slug for ref in (1, 2, 3, 4)]
    assert statuses == ["done", "closed", "closed", "in-progress"]
    assert (believing.item(1).is_closed, believing.item(1).version) == (True, 1)
    assert believing.item(2).finished_date is not None
    assert believing.comments(4) == [
        (
            '[octo](http://github.com/octo "See octo\'s GitHub profile") changed the status from '
            "[GitHub commit](http://github.com/acme/rocket/commit/2 \"See commit 'abc2 - tg-4 #in-progress'\")\n\n"
            "  - Status: **New** → **In progress**"
        )
    ]
    [entry] = believing.history("epic", believing.item(4).pk)
    assert (entry["user"]["name"], entry["values_diff"]["status"]) == ("GitHub", ["New", "In progress"])


def test_a_commit_that_mentions_an_item_comments_on_it_once(believing: Rocket) -> None:
    message = "Nothing done\n\nsee tg-1, again TG-1, and tg-2 #closed with tg-2"
    assert believing.github("push", pushed(message, "work on #1 and TG1")).status_code == 204
    assert believing.comments(1) == [
        (
            'This user story has been mentioned by [octo](http://github.com/octo "See octo\'s GitHub profile") in the '
            "[GitHub commit](http://github.com/acme/rocket/commit/1 \"See commit 'abc1 - Nothing done'\") "
            f'"{message}"'
        )
    ]
    assert len(believing.comments(2)) == 1
    assert believing.item(1).watches.count() == 0


def test_the_same_item_may_change_its_status_twice(believing: Rocket) -> None:
    assert believing.github("push", pushed("tg-1 #done tg-1 #new")).status_code == 204
    assert len(believing.comments(1)) == 2
    assert not believing.item(1).is_closed


@pytest.mark.parametrize("wrong", ["tg-99 #closed", "see tg-99", "tg-2 #nope", "tg-2 #rejected", f"tg-{'9' * 30}"])
def test_what_can_not_be_done_is_told_and_what_came_before_stays(believing: Rocket, wrong: str) -> None:
    reply = believing.github("push", pushed("tg-1 #done", wrong, "tg-3 #closed"))
    assert reply.status_code == 400
    assert reply.json()["_error_type"].endswith("BadRequest")
    assert believing.item(1).is_closed
    assert (believing.comments(2), believing.comments(3)) == ([], [])


def test_a_link_can_not_be_broken_by_what_stands_in_it(believing: Rocket) -> None:
    payload = pushed('tg-1 say "hello" ](javascript:alert(1))')
    payload["sender"] = {"login": "o](x)[y", "html_url": 'javascript:alert("x")'}
    payload["commits"][0]["url"] = "http://github.com/a b)(c"
    assert believing.github("push", payload).status_code == 204
    [entry] = believing.history("userstory", believing.item(1).pk)
    assert 'href="javascript:' not in entry["comment_html"]
    assert 'href="http://github.com/a%20b%29%28c"' in entry["comment_html"]


def test_a_gitlab_push_names_the_authors_of_commits(believing: Rocket) -> None:
    commit = {"id": "abc", "url": "http://gitlab.com/c/1", "message": "tg-2 #closed", "author": {"name": "Gil Lab"}}
    assert believing.gitlab({"commits": [commit]}).status_code == 204
    assert believing.comments(2)[0].startswith("Gil Lab changed the status from [GitLab commit](http://gitlab.com/c/1 ")


def test_a_bitbucket_push_brings_the_commits_of_all_branches(believing: Rocket) -> None:
    def commit(number: int, message: str) -> Json:
        author = {"user": {"uuid": "{u}", "nickname": "bit", "links": {"html": {"href": "http://bitbucket.org/bit"}}}}
        links = {"html": {"href": f"http://bitbucket.org/c/{number}"}}
        return {"hash": f"h{number}", "message": message, "author": author, "links": links}

    changes = [{"commits": [commit(1, "tg-1 #ready")]}, {"commits": None}, {"commits": [commit(2, "tg-2")]}]
    assert believing.bitbucket("repo:push", {"push": {"changes": changes}}).status_code == 204
    assert '[bit](http://bitbucket.org/bit "See bit\'s BitBucket profile") changed' in believing.comments(1)[0]
    assert "[BitBucket commit](http://bitbucket.org/c/2 \"See commit 'h2 - tg-2'\")" in believing.comments(2)[0]


def test_a_commit_leaves_a_story_in_its_place_on_the_board(believing: Rocket) -> None:
    before = believing.item(1).kanban_order
    assert believing.github("push", pushed("tg-1 #ready")).status_code == 204
    [entry] = believing.history("userstory", believing.item(1).pk)
    assert (believing.item(1).kanban_order, list(entry["diff"])) == (before, ["status"])
