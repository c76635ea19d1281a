"""Taking: what leaves next is leased and made into letters, in one transaction for all of it."""

import asyncio
import time
from collections.abc import Collection, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta

from store import deliveries
from store.database import Tx
from store.dossiers import Dossier
from store.leasing import NOBODY
from store.records import DeliveryRow
from store.states import StateUnreadable

from .announcing import tell_coordinators
from .buttons import with_tokens
from .composing import Batch
from .discreet import Discreet
from .letter import Channel, Letter
from .planning import Book
from .reach import AT_ONCE
from .urgency import Urgency


@dataclass(frozen=True, slots=True, repr=False)
class InHand(Discreet):
    """One delivery that was taken, and is to be sent. `told` is its incident as the letter tells of it; `at` is when it
    was taken, in seconds of a clock that goes on while the process stands still."""

    row: DeliveryRow
    letter: Letter
    told: Dossier | None
    at: float


@dataclass(frozen=True, slots=True)
class Took:
    """What was taken at once. `more` when there may be more that is ready; `ready_at` is when the next one may be sent,
    None when none waits."""

    in_hand: list[InHand]
    more: bool
    ready_at: datetime | None


@dataclass(frozen=True, slots=True, repr=False)
class Taking(Discreet):
    """Takes what is in one lane."""

    lane: str
    channel: Channel
    book: Book

    def take(
        self,
        tx: Tx,
        at: float,
        until: datetime,
        limit: int,
        least_urgent: Urgency,
        full: Collection[str],
        late: timedelta = AT_ONCE,
    ) -> Took:
        """Up to `limit` deliveries, which belong to nobody else until then; `at` as in `InHand`. `full`: the addresses
        whose chats have no room. Nothing that has been ready for less than `late`."""
        anyhow = NOBODY if late else Urgency.PANIC_FIRST
        rows = deliveries.lease(
            tx, self.lane, tx.now - late, until, limit,
            least_urgent=least_urgent, full=[int(chat) for chat in full], anyhow=anyhow,
        )  # fmt: skip
        in_hand = self._made_into_letters(tx, rows, at) if rows else []
        more = len(rows) >= limit
        return Took(in_hand, more, tx.now if more else deliveries.next_ready(tx, self.lane))

    def _made_into_letters(self, tx: Tx, rows: list[DeliveryRow], at: float) -> list[InHand]:
        batch = Batch(tx.looking(), rows, self.book)
        composed = [(row, letter) for row in rows if (letter := self._compose(tx, batch, row)) is not None]
        told = batch.dossiers
        return [
            InHand(row, letter, None if row.incident is None else told.get(row.incident), at)
            for (row, _), letter in zip(composed, with_tokens(tx, self.channel, composed), strict=True)
        ]

    def _compose(self, tx: Tx, batch: Batch, row: DeliveryRow) -> Letter | None:
        try:
            letter = batch.letter(row)
        except StateUnreadable:
            deliveries.failed(tx, row.id, row.attempt, "perm", "unreadable")
            tell_coordinators(tx, "not_decided", once=f"not_decided:{tx.now:%Y%m%d%H}")
            return None
        if letter is None:
            deliveries.failed(tx, row.id, row.attempt, "perm", "incident_closed")
        return letter


def seconds_that_pass() -> float:
    """Seconds that go on while the process, or the whole machine, stands still."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


async def to_its_end(step: Coroutine[object, object, Took]) -> Took:
    """Do `step`; who is cancelled meanwhile ends only after it, so that nothing is taken that nobody sends."""
    doing = asyncio.ensure_future(step)
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await doing
        raise
