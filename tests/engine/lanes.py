"""A lane on a real store, with a channel that takes what a test lets it take."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from engine.clock import SystemClock
from engine.happenings import Happenings
from engine.letter import Letter, Receipt
from engine.metrics import Metrics
from engine.outbox import Lane
from engine.pace import Limits
from engine.planning import Book
from engine.queueing import queue_for_person
from engine.urgency import Urgency
from escalation.people import Role
from store import addresses, people
from store.database import Store, Tx
from tests.databases import fresh_store

NAME = "responder:telegram"


@dataclass
class Mouth:
    """A channel that notes what it is given, in order, as (address, number).

    What is for somebody "silent" hangs until `let_go`."""

    said: list[tuple[str, object]] = field(default_factory=list)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def deliver(self, address: str, letter: Letter) -> Receipt:
        if address.startswith("silent"):
            await self.let_go.wait()
        self.said.append((address, letter.words.get("number")))
        return Receipt(str(letter.key))

    async def until_said(self, address: str, times: int = 1, within: float = 5.0) -> None:
        """Wait until so many letters were taken for `address`."""
        async with asyncio.timeout(within):
            while sum(1 for to, _ in self.said if to == address) < times:  # noqa: ASYNC110
                await asyncio.sleep(0.005)


@dataclass
class Office:
    """A running lane, its store and its mouth."""

    store: Store
    lane: Lane
    mouth: Mouth
    running: "asyncio.Task[None]"

    async def person(self, name: str) -> UUID:
        """Somebody who is reached at the address of the same name."""

        def add(tx: Tx) -> UUID:
            person = people.add_responder(tx, name, Role.CONTACT, language="en")
            addresses.add(tx, person, "responder", "telegram", name, verified=True)
            return person

        return await self.store.run(add)

    async def write(self, person: UUID, urgency: Urgency, times: int = 1) -> None:
        """Queue so many letters, numbered from 0."""

        def put(tx: Tx) -> None:
            for number in range(times):
                queue_for_person(tx, person, "responder", "responder.back", {"number": number}, urgency)

        await self.store.run(put)
        self.lane.kick()


@asynccontextmanager
async def office(
    folder: Path, limits: Limits, mouth: Mouth | None = None, kind: str = "sqlite"
) -> AsyncIterator[Office]:
    """A lane that runs until the end of the block."""
    mouth, clock, metrics = mouth or Mouth(), SystemClock(), Metrics()
    async with fresh_store(kind, folder, clock.now) as store:
        happenings = Happenings(Book({}, {}), metrics)
        lane = Lane(NAME, mouth, store, clock, happenings, metrics, lambda: lane.kick(), limits)
        running = asyncio.create_task(lane.run())
        try:
            yield Office(store, lane, mouth, running)
        finally:
            mouth.let_go.set()
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            await lane.stop()
