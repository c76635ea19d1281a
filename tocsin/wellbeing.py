"""Whether we are well, and the sign of life that says so to somebody outside.

The watch over us is outside: it alarms when our sign of life stays away, so we send none while anything is wrong.
"""

import asyncio
from dataclasses import dataclass

import aiohttp
from pydantic import SecretStr

from engine.engine import Engine
from engine.log import Log

log = Log("wellbeing")

SIGN_EVERY = 60.0  # seconds; the outside watch should wait for about three of them
SIGN_TIMEOUT = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Wellbeing:
    """What `/health` and the heartbeat go by."""

    engine: Engine

    @property
    def is_locked(self) -> bool:
        """Whether we only keep what comes, because our keys are not here."""
        return not self.engine.unlocked.is_set()

    def troubles(self) -> list[str]:
        """What is wrong at this moment, as words; empty while all is well."""
        if not self.is_locked and not self.engine.ready.is_set():
            return ["what came while we were away is still being read", *self.engine.troubles()]
        return self.engine.troubles()


async def give_signs_of_life(wellbeing: Wellbeing, url: SecretStr, every: float = SIGN_EVERY) -> None:
    """Ask for `url` once in `every` seconds while all is well; runs until cancelled. The address is a secret."""
    timeout = aiohttp.ClientTimeout(total=SIGN_TIMEOUT)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        while True:
            if troubles := wellbeing.troubles():
                log.warning("no_sign_of_life", troubles=len(troubles))
            else:
                await _sign(session, url.get_secret_value())
            await asyncio.sleep(every)


async def _sign(session: aiohttp.ClientSession, url: str) -> None:
    try:
        async with session.get(url) as answer:
            if answer.status >= 400:
                log.warning("sign_of_life_not_taken", status=answer.status)
    except (aiohttp.ClientError, TimeoutError, OSError) as failure:
        log.warning("sign_of_life_not_taken", fault=failure)
