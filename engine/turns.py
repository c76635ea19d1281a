"""Turns: what only one of several workers does at a time, such as asking a messenger for what it has.

Whoever holds the turn does it, and stops as soon as it is not sure to hold it any more; the others ask for it every two
seconds. A worker that is alone has every turn.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine

from store.holding import Holding

KEPT_EVERY = 2.0  # real seconds
RESTS_FOR = 10.0  # real seconds in which whoever gave up a turn lets the others have it

HOUSE = "house"  # what is done once for all: the sweep of chats, pruning, checkpoints, trials, alarms of the auditor


class Turns:
    """The turns that this worker has, and those that it waits for."""

    def __init__(self, holding: Holding) -> None:
        """Nothing is asked for before `keep`, but the house."""
        self._holding = holding
        self._wanted = [HOUSE]
        self._rests_until: dict[str, float] = {}
        self._moved = asyncio.Event()

    def has(self, name: str) -> bool:
        """Whether it is this worker's turn."""
        return self._holding.holds(name)

    def keeps_house(self) -> bool:
        """Whether this worker does what is done once for all."""
        return self.has(HOUSE)

    async def ask(self) -> None:
        """Say that this worker is there, and take whatever is free."""
        await self._holding.keep()
        for name in self._wanted:
            if not self.has(name) and time.monotonic() >= self._rests_until.get(name, 0.0):
                await self._holding.take(name)
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def keep(self) -> None:
        """Ask every two seconds, until cancelled."""
        while not self._holding.is_alone:
            await self.ask()
            await asyncio.sleep(KEPT_EVERY)
        await asyncio.Event().wait()

    async def while_it_lasts(self, name: str, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Do `work` whenever it is this worker's turn, until cancelled. Who comes to the end of it gives the turn up
        for a while. Raises what `work` raises."""
        self._wanted.append(name)
        while True:
            while not self.has(name):
                await self._moved.wait()
            working = asyncio.create_task(work(), name=name)
            try:
                while self.has(name) and not working.done():
                    moved = asyncio.ensure_future(self._moved.wait())
                    await asyncio.wait({working, moved}, return_when=asyncio.FIRST_COMPLETED)
                    moved.cancel()
            finally:
                working.cancel()
                await asyncio.wait({working})
            if not working.cancelled():
                working.result()
                self._rests_until[name] = time.monotonic() + RESTS_FOR
                await self._holding.let_go(name)
