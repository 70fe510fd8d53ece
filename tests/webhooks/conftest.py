"""A project with a webhook, a receiver that listens, and a worker that sends in the thread of the test."""

from collections.abc import Iterator

import pytest

from taiga.webhooks.services import couriers, deliveries
from tests.base.receiver import Receiver, listening
from tests.webhooks.rocket import Rocket


@pytest.fixture
def rocket(db: None) -> Rocket:
    return Rocket()


@pytest.fixture
def believing(rocket: Rocket) -> Rocket:
    """The same project, which believes forges: with a story #1, a task #2, an issue #3 and an epic #4."""
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
    """Other threads can't see what a test has not committed; a test marked with `transaction` has real couriers."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        monkeypatch.setattr(couriers.couriers, "send_out", send_out)


def send_out() -> bool:
    delivery = deliveries.claim()
    if delivery is not None:
        deliveries.carry(delivery)
    return delivery is not None
