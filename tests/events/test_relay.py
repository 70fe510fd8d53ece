"""Messages between processes: once, in order, and without harm while the bus is down."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

import pytest

from taiga.events import relay as relays
from taiga.events.bus.memory import MemoryBus
from taiga.events.messages import Frame, Message, encode
from taiga.events.relay import Outage, Relay, without_credentials
from tests.events.wires import Wire, WireBus

pytestmark = pytest.mark.anyio


class Process:
    """The messages that a process receives from the others."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self.heard: list[str] = []
        self.connections = 0

    def send(self, *texts: str) -> None:
        self.relay.send([frame(text) for text in texts])

    def deliver(self, frames: Iterable[Frame]) -> None:
        self.heard += [one.text for one in frames]

    def connected(self) -> None:
        self.connections += 1


def frame(text: str) -> Frame:
    return encode(Message(routing_key="notifications", data=text))


def texts(*data: str) -> list[str]:
    return [frame(one).text for one in data]


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def processes(*relays: Relay) -> AsyncIterator[list[Process]]:
    """Processes that are connected by a bus."""
    made = [Process(relay) for relay in relays]
    listening = [asyncio.create_task(one.relay.listen(one.deliver, one.connected)) for one in made]
    await until(lambda: all(one.connections for one in made))
    yield made
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    for one in made:
        await asyncio.to_thread(one.relay.close)


def on(wire: Wire) -> Relay:
    return Relay(WireBus(wire, asyncio.get_running_loop()))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relays, "SHORTEST_WAIT", 0.02)
    monkeypatch.setattr(relays, "LONGEST_WAIT", 0.05)


async def test_others_hear_it_once_and_in_order_and_the_sender_not_at_all() -> None:
    wire = Wire()
    async with processes(on(wire), on(wire), on(wire)) as (one, two, three):
        expected = [str(n) for n in range(250)]
        one.send(*expected)
        await until(lambda: len(two.heard) == len(three.heard) == 250)
        assert two.heard == three.heard == texts(*expected)
        two.send("after")
        await until(lambda: one.heard == texts("after"))
        assert len(two.heard) == 250


async def test_what_is_sent_during_an_outage_arrives_after_it(caplog: pytest.LogCaptureFixture) -> None:
    wire = Wire()
    async with processes(on(wire), on(wire)) as (one, two):
        wire.sever()
        one.send("a", "b")
        one.send("c")
        await asyncio.sleep(0.2)
        wire.mend()
        await until(lambda: two.connections == 2)
        one.send("d")
        await until(lambda: two.heard[-1:] == texts("d"))
    told = [record.getMessage() for record in caplog.records]
    assert len([line for line in told if "can't be reached" in line]) == 1
    assert "The event bus is reached again; 0 messages were lost" in told


async def test_a_batch_that_is_sent_twice_arrives_once() -> None:
    wire = Wire()
    async with processes(on(wire), on(wire)) as (one, two):
        wire.loses_answers = True
        one.send("a", "b")
        one.send("c")
        await until(lambda: len(two.heard) >= 3)
        await asyncio.sleep(0.1)
        assert two.heard == texts("a", "b", "c")


async def test_a_long_outage_costs_the_oldest_messages_and_says_how_many(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(relays, "OUTBOX", 10)
    monkeypatch.setattr(relays, "BATCH_SIZE", 1)
    wire = Wire()
    async with processes(on(wire)) as (one,):
        wire.sever()
        one.send("first")
        await until(lambda: any("can't be reached" in record.getMessage() for record in caplog.records))
        one.send(*[str(n) for n in range(25)])
        one.send("last")
        wire.mend()
        await until(lambda: any("16 messages were lost" in record.getMessage() for record in caplog.records))


async def test_something_strange_on_the_bus_is_passed_over() -> None:
    wire = Wire()
    async with processes(on(wire), on(wire)) as (one, two):
        stranger = WireBus(wire, asyncio.get_running_loop())
        stranger.send(["hello?", '{"origin":"x","number":1,"frame":{"a":1}}', "\x00", ""])
        one.send("fine")
        await until(lambda: two.heard == texts("fine"))
        assert two.connections == 1


def carriers() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "events-relay"}


async def test_closing_sends_what_is_left_and_does_not_wait_for_a_dead_bus() -> None:
    wire, before = Wire(), carriers()
    async with processes(on(wire), on(wire)) as (one, two):
        one.send(*[str(n) for n in range(500)])
        await asyncio.to_thread(one.relay.close)
        await until(lambda: len(two.heard) == 500)
        wire.sever()
        two.send("into the void")
        await asyncio.to_thread(two.relay.close)
    assert carriers() <= before


async def test_a_single_process_has_nobody_to_tell() -> None:
    before = carriers()
    async with processes(Relay(MemoryBus())) as (one,):
        one.send("a")
        assert one.heard == []
        assert carriers() <= before


def test_waits_grow_to_a_bound_and_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    outage, waits = Outage("heard"), []
    for _ in range(9):
        outage.note(ConnectionError())
        waits.append(outage.wait)
    outage.end("")
    outage.note(ConnectionError())
    assert [*waits, outage.wait] == [0.25, 0.5, 1, 2, 4, 8, 15, 15, 15, 0.25]


def test_no_password_gets_into_the_log() -> None:
    problem = ValueError("no such host in redis://:secret@bus:6379/0\nand more")
    assert without_credentials(problem) == "ValueError: no such host in redis://…@bus:6379/0"
