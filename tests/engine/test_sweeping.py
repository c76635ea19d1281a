"""The sweep goes from chat to chat, and what goes wrong in one stops it in no other."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.metrics import Metrics
from engine.sweeping import EVERY, Sweeping
from escalation.people import Role
from rehearsal.clock import RehearsalClock
from store import chat_messages, people
from store.chat_messages import STANDS_FOR
from store.database import Store, Tx
from store.tables.messages import DELIVERY
from tests.databases import KINDS, START, fresh_store
from tests.store.made import ana, responder

HOUR = timedelta(hours=1)


@dataclass
class Broom:
    """A channel that deletes, and fails by a fault of ours at the chats named in `trips_over`."""

    trips_over: set[str]
    cleared: list[str] = field(default_factory=list)

    async def clear(self, address: str, message_ids: Sequence[int]) -> None:
        """Delete, or fail as nobody foresaw."""
        if address in self.trips_over:
            raise LookupError(address)
        self.cleared.append(address)


def house(tx: Tx) -> None:
    """Three defenders with a message each whose time is over, and a coordinator."""
    for chat in ("1", "2", "3"):
        chat_messages.note(tx, ana(tx), chat, 7, tx.now - STANDS_FOR)
    responder(tx, "Dara", Role.COORDINATOR)


def told(tx: Tx) -> int:
    """How many words of trouble were queued."""
    return len(tx.connection.execute(select(DELIVERY.c.id)).all())


@pytest.mark.parametrize("kind", KINDS)
async def test_a_fault_at_one_chat_keeps_no_other_from_being_swept(kind: str, tmp_path: Path) -> None:
    clock, broom, metrics = RehearsalClock(START), Broom({"1"}), Metrics()
    async with fresh_store(kind, tmp_path, clock.now) as store:
        sweeping = Sweeping(store, clock, broom, metrics, lambda: None)
        await store.run(house)

        await sweeping.sweep(broom)
        first = sorted(broom.cleared), await store.read(told)
        clock.advance(EVERY)
        await sweeping.sweep(broom)
        again = await store.read(told)
        clock.advance(HOUR)
        await sweeping.sweep(broom)
        later = await store.read(told)
        left = await _left(store)
        broom.trips_over.clear()
        await sweeping.sweep(broom)

        assert first == (["2", "3"], 1)
        assert again == 1
        assert later == 2
        assert left == 1
        assert await _left(store) == 0
    assert metrics.registry.get_sample_value("tocsin_quarantined_total", {"what": "chat"}) == 3.0


async def _left(store: Store) -> int:
    """How many messages stand."""

    def standing(tx: Tx) -> int:
        return sum(chat_messages.standing(tx, one.id) for one in people.defenders(tx))

    return await store.read(standing)


async def test_a_fault_does_not_end_the_task_that_sweeps(tmp_path: Path) -> None:
    clock, broom = RehearsalClock(), Broom({"1", "2", "3"})
    async with fresh_store("sqlite", tmp_path, clock.now) as store:
        await store.run(house)
        sweeping = Sweeping(store, clock, broom, Metrics(), lambda: None)
        running = asyncio.create_task(sweeping.run())
        async with asyncio.timeout(5):
            while sweeping.is_behind():  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        broom.trips_over.clear()

        clock.advance(EVERY)
        async with asyncio.timeout(5):
            while len(broom.cleared) < 3:  # noqa: ASYNC110
                await asyncio.sleep(0.005)

        assert not running.done()
        running.cancel()
        await asyncio.wait({running})
