"""Strangers: one constant reply, at a bounded rate, and nothing kept but two counters in memory."""

import asyncio
from collections import OrderedDict
from time import monotonic

from .door import Door

SAME_CHAT_AGAIN = 600.0  # seconds before one chat is answered once more
REPLIES_A_SECOND = 1.0  # of one bot, to all strangers together; the rest of its pace belongs to the people we know
BURST = 5.0
REMEMBERED = 2_000  # chats; the oldest is forgotten first
CODE_TRIES = 5  # an hour and chat; nobody else's code is ever locked by it
HOUR = 3600.0


class Strangers:
    """Greets the unknown without being slowed down by them."""

    def __init__(self) -> None:
        """Nothing is remembered over a restart, and nothing needs to be."""
        self._greeted: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._tries: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()
        self._allowances: dict[str, tuple[float, float]] = {}  # by source: replies left, and when that was so
        self._tasks: set[asyncio.Task[None]] = set()

    def greet(self, door: Door, chat: str) -> bool:
        """Have `door` send its one reply to `chat`, unless the bound is reached; gives whether it will."""
        now, key = monotonic(), (door.source, chat)
        left, counted_at = self._allowances.get(door.source, (BURST, now))
        left = min(BURST, left + (now - counted_at) * REPLIES_A_SECOND)
        self._allowances[door.source] = (left, now)
        if now - self._greeted.get(key, now - SAME_CHAT_AGAIN) < SAME_CHAT_AGAIN or left < 1:
            return False
        self._allowances[door.source] = (left - 1, now)
        self._greeted[key] = now
        _forget_oldest(self._greeted)
        task = asyncio.create_task(door.greet_stranger(chat), name="greet a stranger")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    def may_try_code(self, source: str, chat: str, now: float) -> bool:
        """Whether this chat may have another invitation code looked up, five in an hour."""
        since, tries = self._tries.get((source, chat), (now, 0))
        if now - since > HOUR:
            since, tries = now, 0
        self._tries[source, chat] = (since, tries + 1)
        _forget_oldest(self._tries)
        return tries < CODE_TRIES

    async def close(self) -> None:
        """Let the replies under way end, within a second."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)
        for task in self._tasks:
            task.cancel()


def _forget_oldest(
    memory: "OrderedDict[tuple[str, str], float] | OrderedDict[tuple[str, str], tuple[float, int]]",
) -> None:
    while len(memory) > REMEMBERED:
        memory.popitem(last=False)
