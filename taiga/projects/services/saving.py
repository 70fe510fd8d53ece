"""The state of one item while it is being saved."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import compress
from operator import ne
from typing import Any

from taiga.changes.record import Actor, Recorder
from taiga.projects.models import WorkItem
from taiga.projects.permissions import Access

OtherOrders = Callable[[], dict[int, int]]
"""Returns the orders that further items of the list want; called when the item itself is reordered."""
ALWAYS_WRITTEN = {"version", "modified_date"}


@dataclass
class Saving:
    """One item while it is being saved.

    `values` are the sent fields, `found` columns of the related objects they name, `before` the frozen item (None for a
    new one), `other_orders` returns the orders that other items want.

    Collected on the way: `orders` of moved items, `watchers` who came and went, `exceeded` WIP limits. `loaded` are the
    columns as they were.
    """

    item: WorkItem
    values: dict[str, Any]
    found: dict[str, tuple[Any, ...]]
    access: Access
    by: Actor
    before: dict[str, Any] | None
    other_orders: OtherOrders = dict
    recorder: Recorder = field(default_factory=Recorder)
    orders: dict[int, int] = field(default_factory=dict)
    watchers: dict[str, set[int]] = field(default_factory=dict)
    exceeded: list[dict[str, Any]] = field(default_factory=list)
    loaded: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.loaded = dict(vars(self.item))

    def changed(self, *names: str) -> bool:
        """Whether any of these columns has another value now."""
        now = vars(self.item)
        return self.before is not None and any(self.loaded[name] != now[name] for name in names)

    def columns(self) -> list[str]:
        """The columns that have to be written."""
        now = vars(self.item)
        return sorted({*compress(now, map(ne, now.values(), self.loaded.values())), *ALWAYS_WRITTEN})
