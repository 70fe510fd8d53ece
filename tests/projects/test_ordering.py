"""The rules by which items change places, on the examples of the described system."""

from typing import Any

import pytest

from taiga.projects.services.ordering import shifted
from tests.activity import Apollo, counted


def orders(text: str) -> dict[str, int]:
    """`a1 b2` as orders."""
    return {pair[0]: int(pair[1:]) for pair in text.split()}


@pytest.mark.parametrize(
    ("base", "wanted", "result"),
    [
        ("a1 b2 c3 d4 e5 f6", "d2", "d2 b3 c4"),
        ("a1 b2 c3 d4 e5 f6", "a3", "a3 c4 d5 e6 f7"),
        ("a1 b2 c3 d4 e5 f6", "d2 e3", "d2 e3 b4 c5"),
        ("a1 b2 c3 d4 e5 f6", "a4 b5", "a4 b5 d6 e7 f8"),
        ("a0 b1", "b0", "b0 a1"),
        ("a1 b2 c3 d3 e3 f4", "a3", "a3 c4 d4 e4 f5"),
        ("a1 b2 c3 d3 e3 f4", "c3 d3 a4 x3", "c3 d3 a4 e5 f6"),
        ("x1 c4 a5 b1", "b1", "b1 x2 c5 a6"),
        ("a1", "", ""),
    ],
)
def test_others_step_back_from_the_places_that_some_want(base: str, wanted: str, result: str) -> None:
    keys = {key: number for number, key in enumerate(sorted({*orders(base), *orders(wanted)}))}
    found = shifted(
        {keys[key]: order for key, order in orders(base).items()},
        [(keys[key], order) for key, order in orders(wanted).items()],
    )
    assert found == {keys[key]: order for key, order in orders(result).items()}


@pytest.mark.parametrize(
    ("base", "wanted", "result"),
    [
        ("a0 b0 c0 d1 e99 f0", "f0", "a1 b1 c1 d2 e100"),
        ("a1 b2 c3 d4 e7 f6 g7", "e7 g8", "g8"),
        ("a1", "a1", ""),
    ],
)
def test_rows_that_end_where_they_were_need_not_be_written(base: str, wanted: str, result: str) -> None:
    before = {ord(key): order for key, order in orders(base).items()}
    found = shifted(before, [(ord(key), order) for key, order in orders(wanted).items()])
    written = {key: order for key, order in found.items() if before[key] != order}
    assert written == {ord(key): order for key, order in orders(result).items()}


@pytest.fixture
def board(db: Any) -> "Board":
    return Board()


class Board:
    """Alice's backlog (or a cell of her kanban board) with the stories a to e."""

    def __init__(self) -> None:
        self.apollo = Apollo(is_kanban_activated=True)
        self.keys = {key: self.apollo.make("userstory", subject=key) for key in "abcde"}
        self.names = {key: name for name, key in self.keys.items()}

    def move(self, column: str, moved: str, *, before: str = "", after: str = "") -> str:
        """Have some moved; the renumbered ones as the answer tells them."""
        body: dict[str, Any] = {"project_id": self.apollo.project.pk}
        body["bulk_userstories"] = [self.keys[name] for name in moved]
        body |= {"before_userstory_id": self.keys[before]} if before else {}
        body |= {"after_userstory_id": self.keys[after]} if after else {}
        body |= {"status_id": self.apollo.status("us", "new")} if column == "kanban_order" else {}
        reply = self.apollo.alice.post(f"/userstories/bulk_update_{column}", body)
        assert reply.status_code == 200, reply.content
        return " ".join(f"{self.names[row['id']]}{row[column]}" for row in reply.json())

    def stand(self, column: str) -> str:
        """All of them, as the list tells them."""
        rows = self.apollo.alice.get(f"/userstories?project={self.apollo.project.pk}&order_by={column}").json()
        return " ".join(f"{row['subject']}{row[column]}" for row in rows)


@pytest.mark.parametrize("column", ["backlog_order", "kanban_order"])
def test_stories_are_renumbered_from_their_new_place_on(board: Board, column: str) -> None:
    assert board.move(column, "cd") == "c1 d2 a3 b4 e5"
    assert board.move(column, "d", after="a") == "d4 b5 e6"
    assert board.move(column, "e", before="c") == "e1 c2 a3 d4 b5"
    assert board.stand(column) == "e1 c2 a3 d4 b5"


@pytest.mark.parametrize("column", ["backlog_order", "kanban_order"])
def test_a_story_may_be_put_beside_itself(board: Board, column: str) -> None:
    board.move(column, "abcde")
    assert board.move(column, "cb", before="c") == "c3 b4 d5 e6"
    assert board.move(column, "c", after="c") == "c4 b5 d6 e7"
    assert board.stand(column) == "a1 c4 b5 d6 e7"


def test_a_move_writes_no_row_that_keeps_its_order(board: Board) -> None:
    board.move("kanban_order", "abcde")
    with counted() as statements:
        board.move("kanban_order", "b", before="a")
    written = next(one for one in statements if 'SET "kanban_order"' in one)
    assert [str(board.keys[name]) in written for name in "bacde"] == [True, True, False, False, False]
