"""Looking after the keys while the service runs."""

import asyncio

from engine.log import Log
from store.database import Store
from store.rotation import look_after

log = Log("keys")

EVERY = 60.0  # seconds


async def look_after_keys(store: Store, every: float = EVERY) -> None:
    """Take new keys from the folder and destroy old ones whose time is over, until cancelled."""
    while True:
        if destroyed := await look_after(store):
            log.info("old_keys_destroyed", keys=destroyed)
        await asyncio.sleep(every)
