"""Auditors that look inside, every few minutes of a seed: the service's own, and one who compares its records with what
the messenger has.
"""

import asyncio
from functools import partial
from uuid import UUID

from engine.auditing import Code, audit

from .ledger import Ledger
from .machine import IN_EARNEST
from .people import Defender, Responder
from .weather import Weather
from .world import World

AUDITED_EVERY = 400.0  # seconds
MAY_BE_FOUND = frozenset({Code.TIME_NOT_KEPT, Code.UNBOUND, Code.CHECKPOINT_OLD})  # at the pace of a simulation
FAIR_FOR = 300.0  # seconds, before what the service's own auditor finds counts


class Auditing:
    """Whoever may look into the store while a seed runs."""

    def __init__(
        self, world: World, weather: Weather, defenders: list[Defender], responders: list[Responder], every: float
    ) -> None:
        """Looks `every` so many seconds, once people have their ids."""
        self._world, self._weather, self._every = world, weather, max(every, AUDITED_EVERY)
        people: list[Defender | Responder] = [*defenders, *responders]
        self._names: dict[UUID, str] = {one.id: one.name for one in people if one.id is not None}
        accounts = {one.id: one.phone.id for one in people if one.id is not None}
        self._ledger = Ledger(world.stage.messenger, accounts)

    async def now_and_then(self) -> None:
        """Look until the world ends."""
        while True:
            await asyncio.sleep(self._every)
            await self.look()

    async def look(self) -> None:
        """Look once; what is recorded is compared in any weather, what is due only where nothing excuses a delay."""
        world = self._world
        if not world.is_up():
            return
        store = world.build.running[-1].store
        for row in await store.read(self._ledger.compare):
            world.breaks(f"a message to {self._names[row.person]} is recorded as accepted, and was never taken")
        fair = self._weather.fair_since("in", "out", "service", "clock", "a chat")
        if fair is None or world.loop.time() - fair < FAIR_FOR or not world.is_up():
            return
        for found in await store.read(partial(audit, deaf=False)):
            if found.code not in MAY_BE_FOUND and (world.tempo is IN_EARNEST or found.code is not Code.LEASE_LAPSED):
                world.breaks(f"the auditor finds {found.code.value}: {found.count}, for {found.age}")
