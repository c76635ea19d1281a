"""Colleagues: what makes several runs of the service on one database one service.

Each says every two seconds that it is alive, and looks who is not any more: what the lost had in hand belongs to
nobody, and is taken up again. One polls for each bot and tells the others how well it hears, so that silence means the
same to all of them. Who has changed something says so to the others; what gets lost of that costs no more than a sweep.
A worker that is alone does nothing of this.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Protocol

from store import inbox, listening, news, workers
from store.database import Store, Tx
from store.news import Word

from .discreet import Discreet
from .log import Log
from .reach import Reach
from .waking import Waking

log = Log("colleagues")

TOLD_EVERY = 0.1  # real seconds at least between two words to the others


class Lane(Protocol):
    """What is asked of a lane here."""

    reach: Reach

    def kick(self) -> None:
        """Look for what may be sent."""

    async def release_lost(self, *, everything: bool = False) -> int:
        """Settle as unknown what the lost were sending."""


@dataclass(slots=True, repr=False)
class Colleagues(Discreet):
    """This worker among the others. `polls` says of which sources it hears itself, `heard` takes in how well
    another does: the source, when its messenger answered in monotonic seconds, and whether more waits there."""

    store: Store
    waking: Waking
    lanes: Sequence[Lane]
    polls: Callable[[str], bool]
    keeps_house: Callable[[], bool]
    heard: Callable[[str, float, bool], None]
    _answers: dict[str, tuple[float, bool]] = field(default_factory=dict)
    _fed: dict[str, float] = field(default_factory=dict)
    _words: set[Word] = field(default_factory=set)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _guard: int | None = None

    async def begin(self) -> None:
        """Be one of them from now on; what the lost were reading is read by others."""
        await self.store.run(self._begin)
        await self.store.run(lambda tx: inbox.give_back(tx, workers.lost(tx)))

    async def end(self) -> None:
        """Be none of them any more; nothing may be in hand but updates that nobody has read to the end."""
        await self.store.run(_leave)

    def run(self, tasks: asyncio.TaskGroup) -> None:
        """Have all of it run until `tasks` end."""
        if self.store.shared_at is not None:
            tasks.create_task(self._keep(), name="look after the lost")
            tasks.create_task(self._tell(), name="tell the others")
            hearing = news.hear(self.store.shared_at, str(self.store.worker), self._told)
            tasks.create_task(hearing, name="hear the others")

    def answered(self, source: str, more_waits: bool) -> None:
        """The messenger of `source` has answered us."""
        for lane in self.lanes:
            lane.reach.believe(time.monotonic())
        self._answers[source] = time.monotonic(), more_waits
        self.heard(source, time.monotonic(), more_waits)

    def unanswered(self) -> None:
        """The messenger has not answered us for a while: what others can send, they should."""
        for lane in self.lanes:
            lane.reach.doubt(time.monotonic())

    def came(self, urgent: bool) -> None:
        """Something is in the inbox: a call for help if `urgent`."""
        self.waking.came(urgent)
        self.say(Word.CALLED if urgent else Word.ARRIVED)

    def say(self, *words: Word) -> None:
        """Let the others know, soon."""
        self._words.update(words)
        self._news.set()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(workers.SEEN_EVERY)
            if await self.store.run(partial(self._look, dict(self._answers))):
                await self._release()
                self.waking.everything()
            for source, (ago, behind) in (await self.store.read(listening.heard)).items():
                at = time.monotonic() - ago.total_seconds()
                if not self.polls(source) and at > self._fed.get(source, 0.0) + 0.5:
                    self._fed[source] = at
                    self.heard(source, at, behind)

    def _begin(self, tx: Tx) -> None:
        if self.store.shared_at is None:
            workers.forget(tx)  # those who were lost when the one before us began
        self._guard = self.store.holding.guard
        workers.begin(tx, self._guard)

    def _look(self, answers: Mapping[str, tuple[float, bool]], tx: Tx) -> bool:
        """Say that we are alive, and how well we hear; gives whether the lost have something in hand."""
        if self._guard != self.store.holding.guard or not workers.seen(tx):
            self._begin(tx)
        for source, (at, behind) in answers.items():
            if self.polls(source):
                listening.note(tx, source, timedelta(seconds=time.monotonic() - at), behind=behind)
        if self.keeps_house():
            workers.forget(tx)
        return workers.have_in_hand(tx, workers.lost(tx))

    async def _release(self) -> None:
        given_back = await self.store.run(lambda tx: inbox.give_back(tx, workers.lost(tx)))
        settled = [await lane.release_lost() for lane in self.lanes]
        log.info("taken_over", updates=given_back, deliveries=sum(settled))

    async def _tell(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            words, self._words = frozenset(self._words), set()
            await self.store.run(lambda tx, words=words: news.tell(tx, words))  # type: ignore[misc]
            await asyncio.sleep(TOLD_EVERY)

    def _told(self, words: frozenset[Word]) -> None:
        if Word.CALLED in words:
            self.waking.came(urgent=True)
        elif Word.ARRIVED in words:
            self.waking.came(urgent=False)
        if Word.MOVED in words:
            self.waking.moved.set()
            for lane in self.lanes:
                lane.kick()


def _leave(tx: Tx) -> None:
    inbox.give_back(tx, [workers.WorkerId(tx.worker)])
    workers.end(tx)
