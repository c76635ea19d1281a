"""Watching another instance, as it may watch us: its /well is asked for, and coordinators are told when it has been
unwell or silent for minutes, and when it is back.
"""

import asyncio
import time

import aiohttp
from pydantic import SecretStr

from engine.announcing import tell_coordinators
from engine.engine import Engine
from engine.log import Log
from engine.polling import NO_TIMER
from store.database import Tx

log = Log("peers")

ASK_EVERY = 60.0  # real seconds
ASK_TIMEOUT = 15.0  # seconds
TOLD_AFTER = 300.0  # real seconds that it may be unwell; a restart is not worth waking anybody


async def watch_peer(engine: Engine, url: SecretStr, every: float = ASK_EVERY, told_after: float = TOLD_AFTER) -> None:
    """Ask for `url`, the other's /well, once in `every` seconds; runs until cancelled."""
    well_at, told = time.monotonic(), False
    async with aiohttp.ClientSession(timeout=NO_TIMER) as session:
        while True:
            if await _is_well(session, url.get_secret_value()):
                well_at = time.monotonic()
                if told:
                    log.info("peer_well")
                    told = not await _tell(engine, "peer_back")
            elif not told and time.monotonic() - well_at >= told_after:
                log.error("peer_unwell")
                told = await _tell(engine, "peer_unwell")
            await asyncio.sleep(every)


async def _is_well(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with asyncio.timeout(ASK_TIMEOUT), session.get(url, allow_redirects=False) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False


async def _tell(engine: Engine, what: str) -> bool:
    """Tell the coordinators; False while we are locked ourselves and can tell nobody."""
    if not engine.unlocked.is_set():
        return False

    def tell(tx: Tx) -> None:
        tell_coordinators(tx, what)

    await engine.store.run(tell)
    engine.changed()
    return True
