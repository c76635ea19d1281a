"""A call for help of somebody we know is made, or it waits and is said loudly; it is never set aside."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.committing import Committing
from engine.door import Glance
from engine.happenings import Happenings
from engine.metrics import Metrics
from engine.planning import Book
from engine.reading import TRIES, Reader
from engine.turn import Turn
from escalation.incident_words import Kind
from escalation.people import Role
from store import addresses, deliveries, inbox, incidents, people
from store.database import Store, Tx
from store.tables.messages import DELIVERY
from tests.databases import KINDS, fresh_store
from tests.engine.test_timekeeping import LADDERS, enrol

WHOLE, EMPTY = Book(LADDERS.profiles, LADDERS.chains), Book({}, {})


@dataclass
class Broken:
    """A door with a fault: where it glances, or where it reads."""

    at: str
    source: str = "defenders"

    def glance(self, update: Mapping[str, Any]) -> Glance:
        if self.at == "glance":
            raise RuntimeError("a fault of the door's")
        return Glance("700", urgent=True)

    async def read(self, update: Mapping[str, Any], turn: Turn) -> None:
        raise RuntimeError("a fault of the door's")

    async def greet_stranger(self, chat: str) -> None:
        pass


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    async with fresh_store(request.param, tmp_path) as opened:
        yield opened


def reader_of(store: Store, at: str, book: Book = WHOLE) -> Reader:
    metrics = Metrics()
    door = Broken(at)
    return Reader(store, {door.source: door}, Committing(Happenings(book, metrics)), book, metrics, urgent=True)


async def call(store: Store, chat: str = "700") -> None:
    """Ana, who is known, calls for help; Dara is on duty."""

    def keep(tx: Tx) -> None:
        enrol(tx)
        dara = people.add_responder(tx, "Dara", Role.COORDINATOR, language="en")
        people.change_responder(tx, dara, state="active", consented_at=tx.now)
        addresses.add(tx, dara, "responder", "telegram", "55", verified=True)
        whose = addresses.blind(tx, "defender", "telegram", chat)
        inbox.keep(tx, "defenders", 1, whose, b'{"message": {}}', urgent=True)

    await store.run(keep)


async def read_often(reader: Reader) -> None:
    """Read until every try was made."""
    for _ in range(TRIES + 2):
        await reader.read_all()
    reader.close()


async def kinds(store: Store) -> list[Kind]:
    return [incident.kind for incident in await store.read(lambda tx: incidents.recent(tx, 9))]


async def told(store: Store) -> int:
    """How many letters wait about trouble, which belong to no incident."""
    chosen = select(DELIVERY.c.id).where(DELIVERY.c.incident.is_(None), DELIVERY.c.side == "responder")
    return await store.read(lambda tx: len(tx.connection.execute(chosen).all()))


@pytest.mark.parametrize("at", ["glance", "read"])
async def test_a_call_that_no_door_can_read_is_made_without_its_words(store: Store, at: str) -> None:
    await call(store)

    await read_often(reader_of(store, at))

    assert await kinds(store) == [Kind.PANIC]
    assert await store.read(inbox.counts) == {"waiting": 0, "done": 1, "aside": 0}


@pytest.mark.parametrize("at", ["glance", "read"])
async def test_a_call_that_cannot_even_be_made_waits_loudly_until_it_can(store: Store, at: str) -> None:
    await call(store)
    reader = reader_of(store, at, EMPTY)

    await read_often(reader)

    assert await store.read(inbox.counts) == {"waiting": 1, "done": 0, "aside": 0}
    assert await kinds(store) == []
    assert reader.troubles() == ["a call for help could not be passed on"]
    assert await told(store) == 1

    await read_often(reader_of(store, at, WHOLE))

    assert await kinds(store) == [Kind.PANIC]
    assert await store.read(inbox.counts) == {"waiting": 0, "done": 1, "aside": 0}


async def test_a_call_that_waits_keeps_no_later_one_waiting(store: Store) -> None:
    def call_again(tx: Tx) -> None:
        whose = addresses.blind(tx, "defender", "telegram", "700")
        inbox.keep(tx, "defenders", 2, whose, b'{"message": {}}', urgent=True)

    await call(store)
    reader = reader_of(store, "glance", EMPTY)
    await read_often(reader)
    await store.run(call_again)

    await read_often(reader)

    tries = await store.read(lambda tx: [row.tries for row in inbox.waiting(tx, 9, urgent=True)])
    assert tries == [TRIES, TRIES]


async def test_what_nobody_we_know_has_sent_is_set_aside(store: Store) -> None:
    await call(store, chat="999")

    await read_often(reader_of(store, "read"))

    assert await kinds(store) == []
    assert await store.read(inbox.counts) == {"waiting": 0, "done": 0, "aside": 1}
    assert (await store.read(deliveries.pending_counts)) == {"responder:telegram": 1}
