"""A project with a webhook, a receiver, and a worker that sends in the thread of the test."""

from collections.abc import Iterator

import pytest

from taiga.webhooks.services import deliveries, pool
from tests.base.receiver import Receiver, listening
from tests.webhooks.rocket import Rocket


@pytest.fixture
def rocket(db: None) -> Rocket:
    return Rocket()


@pytest.fixture
def believing(rocket: Rocket) -> Rocket:
    """The same project with configured forges, a story #1, a task #2, an issue #3 and an epic #4."""
    rocket.configure(valid_origin_ips=[])
    for kind in ("userstory", "task", "issue", "epic"):
        rocket.make(kind)
    return rocket


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


@pytest.fixture(autouse=True)
def sent_by_the_test(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other threads can't see what a test has not committed; a test marked with `transaction` has the real pool."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        monkeypatch.setattr(pool.pool, "start_next", start_next)


def start_next() -> bool:
    delivery = deliveries.claim()
    if delivery is not None:
        deliveries.deliver(delivery)
    return delivery is not None
