"""Whether we are well, and the sign of life that says so to somebody outside.

The watch over us is outside: it alarms when our sign of life stays away, so we send none while anything is wrong: while
time is not kept, while the auditor finds what no promise allows, while nothing shows that what we send is taken, and
while trials fail.
"""

import asyncio
from dataclasses import dataclass
from typing import Protocol

import aiohttp
from pydantic import SecretStr

from engine.auditor import Auditor
from engine.engine import Engine
from engine.log import Log
from engine.polling import NO_TIMER

from .proving import Proofs

log = Log("wellbeing")

SIGN_EVERY = 60.0  # seconds; the outside watch should wait for about three of them
SIGN_TIMEOUT = 10.0  # seconds
ALARMED = "responders"  # whose messenger alarms leave by


class Watcher(Protocol):
    """Whoever watches a part of us."""

    def troubles(self) -> list[str]:
        """What is wrong, as words that name nobody and no kind of incident; empty while all is well."""


@dataclass(frozen=True, slots=True)
class Wellbeing:
    """What `/health` and the heartbeat go by. Parts that are not there have no troubles."""

    engine: Engine
    auditor: Auditor | None = None
    proofs: Proofs | None = None
    trials: Watcher | None = None

    @property
    def is_locked(self) -> bool:
        """Whether we only keep what comes, because our keys are not here."""
        return not self.engine.unlocked.is_set()

    def troubles(self) -> list[str]:
        """What is wrong at this moment, as words; empty while all is well."""
        if self.is_locked:
            return self.engine.troubles()
        if not self.engine.ready.is_set():
            return ["what came while we were away is still being read", *self.engine.troubles()]
        watchers: tuple[Watcher | None, ...] = (self.auditor, self.proofs, self.trials)
        found = [trouble for watcher in watchers if watcher is not None for trouble in watcher.troubles()]
        return [*self.engine.troubles(), *found]

    def alerting_is_degraded(self) -> bool:
        """Whether somebody who calls for help had better use another way as well.

        It is the same for everybody, and for minutes: what it goes by is how alarms leave, not whose."""
        if self.is_locked or not self.engine.ready.is_set():
            return False
        stands = self.auditor is not None and self.auditor.stops_sending()
        return stands or (self.proofs is not None and self.proofs.is_in_doubt(ALARMED))


async def give_signs_of_life(wellbeing: Wellbeing, url: SecretStr, every: float = SIGN_EVERY) -> None:
    """Ask for `url` once in `every` seconds while all is well; runs until cancelled. The address is a secret."""
    async with aiohttp.ClientSession(timeout=NO_TIMER) as session:
        while True:
            if troubles := wellbeing.troubles():
                log.warning("no_sign_of_life", troubles=len(troubles))
            else:
                await _sign(session, url.get_secret_value())
            await asyncio.sleep(every)


async def _sign(session: aiohttp.ClientSession, url: str) -> None:
    try:
        async with asyncio.timeout(SIGN_TIMEOUT), session.get(url) as answer:
            if answer.status >= 400:
                log.warning("sign_of_life_not_taken", status=answer.status)
    except (aiohttp.ClientError, TimeoutError, OSError) as failure:
        log.warning("sign_of_life_not_taken", fault=failure)
