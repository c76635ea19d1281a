"""Bar F2, to the end of the way: the answer to a row is handed to the messenger as soon, whatever the row says, and so
is the answer to what is sent in the second in which the row is looked at."""

import asyncio
import json
import random
import statistics
import time as real
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from aiogram.types import Update as Decoded
from sqlalchemy import select

from engine.clock import SystemClock
from engine.committing import Committing
from engine.door import Door
from engine.happenings import Happenings
from engine.letter import Letter, Receipt
from engine.metrics import Metrics
from engine.outbox import Lane
from engine.pace import Limits
from engine.reading import Reader
from escalation import incident_words as said
from escalation.incident_words import Kind, Outcome
from escalation.people import DefenderId
from store import inbox, incidents
from store.database import Tx
from store.tables.calling import INCIDENT
from tests.bars.conftest import Bar
from tests.bars.test_f_duress import (
    ALIKE_AT,
    AS_SOON,
    BOOK,
    ROWS,
    Bench,
    _blind,
    _chat,
    enrolled,
    same_distribution,
)  # fmt: skip
from tests.bot.conftest import NOWHERE, opened
from tests.databases import Hands, fresh_store

FAST = Limits(a_second=None, chat_every=0.0)
OF_A_ROW, OF_LATER = 2, 1  # letters into the chat
WITHIN = 1.0  # seconds after the last tap in which the next message may be sent: the row is looked at in the middle


class Standing(SystemClock):
    """The hands of the bench, as the clock of a lane."""

    def __init__(self, hands: Hands) -> None:
        """Shows what the hands show."""
        self.now = hands  # type: ignore[method-assign]


@dataclass
class Mouths:
    """A messenger that takes everything at once and notes when."""

    taken: dict[str, list[float]] = field(default_factory=dict)

    async def deliver(self, address: str, letter: Letter) -> Receipt:
        self.taken.setdefault(address, []).append(real.perf_counter())
        return Receipt(str(letter.key))

    async def after(self, address: str, letters: int) -> float:
        """When the last of so many letters was taken; waits for them."""
        async with asyncio.timeout(20):
            while len(self.taken.get(address, ())) < letters:  # noqa: ASYNC110
                await asyncio.sleep(0.0005)
        return self.taken.pop(address)[letters - 1]


@dataclass
class Way(Bench):
    """The bench with a lane to either side, as they run while the service does."""

    mouths: Mouths = field(default_factory=Mouths)
    lanes: list[Lane] = field(default_factory=list)
    later: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in ROWS})

    async def whole(self, name: str, chance: random.Random) -> None:
        """A row until its answer is delivered, and a wish for more time sent a little after it, until its is."""
        raw = await self.store.run(partial(self._last_tap, name))
        self.took[name].append(await self._sent(name, raw, OF_A_ROW))
        offset = chance.uniform(-WITHIN / 2, WITHIN / 2)  # seconds from the look
        self.update += 1
        text = json.dumps(_text(_chat(name), "/later 5m", self.update)).encode()
        looking = None if offset < 0 else asyncio.create_task(self._looked())
        if offset > 0:
            await asyncio.sleep(offset)
        self.later[name].append(await self._sent(name, text, OF_LATER))
        await (looking or self._looked())
        await self.store.run(partial(_all_is_over, self.happenings, self.people[name]))
        await self._quiet()

    async def _sent(self, name: str, raw: bytes, letters: int) -> float:
        """How long it took from the inbox until so many letters were taken."""
        await self.store.run(lambda tx: inbox.keep(tx, "defenders", self.update, _blind(tx, name), raw, urgent=False))
        begun = real.perf_counter()
        assert await self.reader.read_all() == 1
        self._kick()
        return await self.mouths.after(str(_chat(name)), letters) - begun

    async def _looked(self) -> None:
        self.clock.shown += timedelta(seconds=2)
        await self.store.run(self._look)
        self._kick()

    async def _quiet(self) -> None:
        """Wait until nothing is on its way any more."""
        self._kick()
        quiet = 0
        while quiet < 3:
            await asyncio.sleep(0.005)
            quiet = 0 if any(lane.is_behind() for lane in self.lanes) else quiet + 1
        self.mouths.taken.clear()

    def _kick(self) -> None:
        for lane in self.lanes:
            lane.kick()


def _text(chat: int, text: str, number: int) -> dict[str, object]:
    who = {"id": chat, "is_bot": False, "first_name": "A"}
    place = {"id": chat, "type": "private"}
    return {"update_id": number, "message": {"message_id": number, "date": 1, "chat": place, "from": who, "text": text}}


def _all_is_over(happenings: Happenings, defender: DefenderId, tx: Tx) -> None:
    """Close what is open, so that the next force begins anew."""
    for one in incidents.open_of_defender(tx, defender):
        first, second, *_ = [call.person for call in one.calls]
        proposed = happenings.to_incident(tx, one, said.Closed(first, Outcome.SAFE))
        if proposed.closed_at is None:
            happenings.to_incident(tx, proposed, said.Closed(second, Outcome.SAFE))


async def bench(folder: Path, each: int, seed: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """How long each row and each message after it took, `each` times for each person, in an order drawn by lot."""
    clock, chance = Hands(), random.Random(seed)
    async with fresh_store("sqlite", folder, clock) as store:
        happenings, metrics, mouths = Happenings(BOOK, Metrics()), Metrics(), Mouths()
        door: Door = opened(NOWHERE).door
        reader = Reader(store, {"defenders": door}, Committing(happenings), BOOK, Metrics(), urgent=False)
        who = {name: await store.run(partial(enrolled, name, _chat(name))) for name in ROWS}
        lanes = [
            Lane(name, mouths, store, Standing(clock), happenings, metrics, lambda: None, FAST)
            for name in ("defender:telegram", "responder:telegram")
        ]
        running = [asyncio.create_task(lane.run()) for lane in lanes]
        way = Way(store, reader, happenings, clock, who, {name: [] for name in ROWS}, mouths=mouths, lanes=lanes)
        order = [name for name in ROWS for _ in range(each)]
        chance.shuffle(order)
        forced = 0
        for name in [*ROWS, *order]:
            await way.whole(name, chance)
            forced += name == "Bea"
        assert len(await store.run(lambda tx: _closed(tx, who["Bea"]))) == forced
        reader.close()
        for lane, task in zip(lanes, running, strict=True):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await lane.stop()
    return tuple({name: took[1:] for name, took in kept.items()} for kept in (way.took, way.later))  # type: ignore[return-value] # two


def _closed(tx: Tx, defender: DefenderId) -> list[Kind]:
    rows = tx.connection.execute(select(INCIDENT.c.id).where(INCIDENT.c.defender == defender)).scalars().all()
    found = [incidents.load(tx, one) for one in rows]
    return [one.kind for one in found if one is not None and one.kind is Kind.DURESS and one.closed_at is not None]


@pytest.mark.real_time
async def test_f2_the_answer_to_a_forced_row_is_delivered_as_soon_and_so_is_the_next(tmp_path: Path, bar: Bar) -> None:
    each = bar.size(5, 1000)
    Decoded.model_rebuild()
    runs = [await bench(folder, each, seed) for seed, folder in enumerate(_folders(tmp_path))]
    told = []
    for what, part in (("answers", 0), ("next ones", 1)):
        took = {name: [amount for run in runs for amount in run[part][name]] for name in ROWS}
        pairs = [("Ana", "Bea"), ("Ana", "Cora")]
        alike = min(same_distribution(took[one], took[other]) for one, other in pairs)
        apart = max(abs(statistics.fmean(took[one]) - statistics.fmean(took[other])) for one, other in pairs)
        assert alike > (ALIKE_AT if each >= 1000 else ALIKE_AT**3)
        assert apart < (AS_SOON if each >= 1000 else 1.0)
        told.append(f"{what} p ≥ {alike:.2f}, means {apart * 1000:.1f} ms apart")
    bar.holds(
        "a good, a forced and a wrong code are answered as soon until the answer is handed to the messenger, and so is "
        "what is sent in the second in which they are looked at",
        f"{2 * each} of each: {'; '.join(told)}",
    )


def _folders(tmp_path: Path) -> list[Path]:
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()
    return folders
