"""What came is read once, and nobody's flood keeps anybody else waiting."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from engine.acts import ChoseLanguage
from engine.committing import Committing
from engine.door import Glance
from engine.happenings import Happenings
from engine.metrics import Metrics
from engine.planning import Book
from engine.reading import BATCH, Reader
from engine.turn import Turn
from escalation.people import Role
from store import addresses, deliveries, inbox, people
from store.database import Store, Tx
from tests.databases import KINDS, fresh_store


@dataclass
class Listener:
    """A door that notes who wrote, answers each, and waits until as many as `together` are reading."""

    together: int = 1
    read_chats: list[str] = field(default_factory=list)
    source: str = "responders"

    def __post_init__(self) -> None:
        self._all_here = asyncio.Barrier(self.together)
        self.begun = asyncio.Event()

    def glance(self, update: Mapping[str, Any]) -> Glance:
        return Glance(None)

    async def read(self, update: Mapping[str, Any], turn: Turn) -> None:
        self.begun.set()
        async with asyncio.timeout(5):
            await self._all_here.wait()
        self.read_chats.append(turn.chat)
        turn.act(ChoseLanguage("fr"))
        turn.say("responder.back")

    async def greet_stranger(self, chat: str) -> None:
        pass


def reader_of(store: Store, door: Listener) -> Reader:
    book, metrics = Book({}, {}), Metrics()
    return Reader(store, {door.source: door}, Committing(Happenings(book, metrics)), book, metrics, urgent=False)


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    async with fresh_store(request.param, tmp_path) as opened:
        yield opened


async def write(store: Store, *chats: str) -> None:
    """Have these people, whom we know, write in this order."""

    def keep(tx: Tx) -> None:
        for chat in dict.fromkeys(chats):
            person = people.add_responder(tx, chat, Role.CONTACT, language="en")
            addresses.add(tx, person, "responder", "telegram", chat, verified=True)
        for number, chat in enumerate(chats):
            whose = addresses.blind(tx, "responder", "telegram", chat)
            inbox.keep(tx, "responders", number, whose, b"{}", urgent=False)

    await store.run(keep)


async def test_who_writes_a_hundred_messages_keeps_nobody_else_waiting(store: Store) -> None:
    await write(store, *["max"] * 5 * BATCH, "ana")
    door = Listener()

    await reader_of(store, door).read_all()

    assert "ana" in door.read_chats[:2]
    assert len(door.read_chats) == 5 * BATCH + 1


async def test_what_two_machines_read_at_once_is_done_once(store: Store) -> None:
    await write(store, "ana")
    door = Listener(together=2)

    one, other = (reader_of(store, door).read_all() for _ in range(2))
    reading = asyncio.create_task(one)
    await door.begun.wait()  # and now the other takes it as well, as if the first had been thought lost
    await asyncio.gather(reading, other)

    assert await store.read(deliveries.pending_counts) == {"responder:telegram": 1}
