"""What goes wrong, on demand: a slow or failing messenger, cut connections, updates given twice, a whole outage.

A fault is meant for one bot, and narrower if you like: one chat, one method, so many times. Without a method it
hits everything a bot says and asks but getUpdates; "*" hits that as well. Real seconds throughout.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from .accounts import BotAccount
from .phone import Phone

EVERYTHING = "*"
POLLING = "getupdates"
Target = Phone | int | None


class Trouble(StrEnum):
    """The ways in which it goes wrong."""

    SLOW = "slow"
    FAIL = "fail"
    CUT_BEFORE = "cut before"
    CUT_AFTER = "cut after"
    HANG = "hang"
    TWICE = "twice"


@dataclass(eq=False)
class Fault:
    """One thing that goes wrong. `hits` counts how often it did, `holds` how many calls wait in it; `end` takes it back
    and frees them."""

    trouble: Trouble
    bot: BotAccount
    chat_id: int | None
    method: str | None
    times: int | None
    seconds: float = 0.0
    status: int = 0
    hits: int = 0
    holds: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    @property
    def spent(self) -> bool:
        return self.ended.is_set() or (self.times is not None and self.hits >= self.times)

    def meets(self, bot: BotAccount, method: str, chat_id: object) -> bool:
        if self.spent or bot is not self.bot:
            return False
        if self.method is None and method == POLLING:
            return False
        if self.method not in (None, EVERYTHING, method):
            return False
        return self.chat_id is None or str(self.chat_id) == str(chat_id)

    def end(self) -> None:
        self.ended.set()

    async def wait(self) -> None:
        """Let the seconds pass, or the fault be taken back."""
        self.holds += 1
        try:
            async with asyncio.timeout(self.seconds):
                await self.ended.wait()
        except TimeoutError:
            return
        finally:
            self.holds -= 1


class Faults:
    """The faults in force, oldest first; a call meets the first that fits."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def slow(
        self, bot: BotAccount, seconds: float, *, chat: Target = None, method: str | None = None,
        times: int | None = None,
    ) -> Fault:  # fmt: skip
        """Calls are done, but only after `seconds`."""
        return self._add(Trouble.SLOW, bot, chat, method, times, seconds=seconds)

    def fail(
        self, bot: BotAccount, status: int = 502, *, chat: Target = None, method: str | None = None,
        times: int | None = None,
    ) -> Fault:  # fmt: skip
        """Calls are not done, and answered with an error of the server."""
        return self._add(Trouble.FAIL, bot, chat, method, times, status=status)

    def cut_before(
        self, bot: BotAccount, *, chat: Target = None, method: str | None = None, times: int | None = None
    ) -> Fault:
        """The connection breaks and nothing was done."""
        return self._add(Trouble.CUT_BEFORE, bot, chat, method, times)

    def cut_after(
        self, bot: BotAccount, *, chat: Target = None, method: str | None = None, times: int | None = None
    ) -> Fault:
        """The call is done and the connection breaks before its answer."""
        return self._add(Trouble.CUT_AFTER, bot, chat, method, times)

    def hang(
        self, bot: BotAccount, seconds: float = 30.0, *, chat: Target = None, method: str | None = None,
        times: int | None = None,
    ) -> Fault:  # fmt: skip
        """Nothing is done and nothing comes back for `seconds`; then the connection breaks."""
        return self._add(Trouble.HANG, bot, chat, method, times, seconds=seconds)

    def twice(self, bot: BotAccount, *, chat: Target = None, times: int | None = 1) -> Fault:
        """The next updates are given once more after they were confirmed, under the same id."""
        return self._add(Trouble.TWICE, bot, chat, EVERYTHING, times)

    @property
    def holding(self) -> int:
        """How many calls wait for an answer that is kept from them."""
        return sum(fault.holds for fault in self._faults)

    def clear(self) -> None:
        """Everything works again, and who hangs is let go."""
        for fault in self._faults:
            fault.end()
        self._faults.clear()

    def met(self, bot: BotAccount, method: str, chat_id: object) -> Fault | None:
        """The fault that this call runs into, which counts as one hit."""
        return self._hit(lambda fault: fault.trouble is not Trouble.TWICE and fault.meets(bot, method, chat_id))

    def gives_twice(self, bot: BotAccount, chat_id: int) -> bool:
        return self._hit(lambda fault: fault.trouble is Trouble.TWICE and fault.meets(bot, "", chat_id)) is not None

    def _hit(self, fits: Callable[[Fault], bool]) -> Fault | None:
        for fault in self._faults:
            if fits(fault):
                fault.hits += 1
                return fault
        return None

    def _add(
        self, trouble: Trouble, bot: BotAccount, chat: Target, method: str | None, times: int | None, *,
        seconds: float = 0.0, status: int = 0,
    ) -> Fault:  # fmt: skip
        chat_id = chat.id if isinstance(chat, Phone) else chat
        wanted = None if method is None else method.lower()
        fault = Fault(trouble, bot, chat_id, wanted, times, seconds=seconds, status=status)
        self._faults = [known for known in self._faults if known.holds or not known.spent]
        self._faults.append(fault)
        return fault


class Outage:
    """The messenger out of reach of the service: its calls hang and are cut when it is over, none of them done. `holds`
    counts those that hang."""

    def __init__(self) -> None:
        self.holds = 0
        self._over = asyncio.Event()
        self._over.set()

    @property
    def standing_still(self) -> bool:
        return not self._over.is_set()

    def begin(self) -> None:
        self._over.clear()

    def end(self) -> None:
        self._over.set()

    async def wait_until_over(self) -> None:
        self.holds += 1
        try:
            await self._over.wait()
        finally:
            self.holds -= 1
