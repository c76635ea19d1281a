"""Builds of the service that are broken as others are: each loses alarms, and the simulation must notice.

Each is the real one with one part joined differently; none of this can be reached from the service itself.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import DBAPIError

from engine.engine import Engine, Source
from engine.happenings import Happenings
from engine.intake import Intake
from engine.letter import Letter, Receipt
from engine.splitting import RawUpdate
from engine.timekeeping import Timekeeping
from escalation.incident import Incident
from escalation.incident_state import Phase
from escalation.incident_words import Event, TookIt
from simulation.build import Build, Lanes
from store import deliveries, incidents, watches
from store.database import Store, Tx

FOR_EVER = timedelta(days=3650)


class ConfirmsFirst(Intake):
    """Has the offset move while the updates are still in the hands of a task (as the libraries' own pollers do, where
    half a second passed until one was stored)."""

    async def keep(self, updates: list[RawUpdate]) -> None:
        """Begin to keep them."""
        self.under_way = asyncio.create_task(self._keep_later(updates))

    async def _keep_later(self, updates: list[RawUpdate]) -> None:
        await asyncio.sleep(0.5)
        with suppress(DBAPIError):  # the disk is full, say: nobody waits any more who could be told
            await super().keep(updates)


class JobsInMemory(Timekeeping):
    """Knows of a deadline from having set it, and of none that was set before it was started."""

    forgets = False

    def _keep(self, tx: Tx, *more: Any, **named: Any) -> bool:
        if self.forgets:
            self.forgets = False
            for watch in watches.due(tx, tx.now + FOR_EVER, 1000):
                self._put_off[watch] = tx.now + FOR_EVER
        return super()._keep(tx, *more, **named)


class AckEndsAll(Happenings):
    """Takes "on it" for the end of all calling (as many do: the one who has it has it)."""

    __slots__ = ()

    def to_incident(self, tx: Tx, incident: Incident, event: Event, **more: Any) -> Incident:
        """Whoever takes it keeps it."""
        decided = super().to_incident(tx, incident, event, **more)
        if isinstance(event, TookIt) and decided.phase is Phase.HELD:
            deliveries.cancel(tx, incident.id)
            decided = replace(decided, held_until=tx.now + timedelta(hours=20))
            incidents.save(tx, decided)
        return decided


class ConfirmsBeforeItCommits(Build):
    """With an intake that lets go of what it has not kept yet."""

    def engine(self, store: Store, sources: Sequence[Source], channels: Lanes, **more: Any) -> Engine:
        """See `Build.engine`."""
        engine = super().engine(store, sources, channels, **more)
        for intake in engine.intakes.values():
            intake.__class__ = ConfirmsFirst
        return engine


class HoldsDeadlinesAsJobs(Build):
    """With a timekeeper who remembers by heart."""

    def engine(self, store: Store, sources: Sequence[Source], channels: Lanes, **more: Any) -> Engine:
        """See `Build.engine`."""
        engine = super().engine(store, sources, channels, **more)
        engine._timekeeping.__class__ = JobsInMemory
        engine._timekeeping.forgets = bool(self.running)  # type: ignore[attr-defined]
        return engine


class LetsAnAckEndAll(Build):
    """With somebody who believes that "on it" is the end."""

    def engine(self, store: Store, sources: Sequence[Source], channels: Lanes, **more: Any) -> Engine:
        """See `Build.engine`."""
        engine = super().engine(store, sources, channels, **more)
        object.__setattr__(engine.happenings, "__class__", AckEndsAll)  # it is frozen
        return engine


class RecordsFirst:
    """A channel whose letters are settled as accepted before they are handed over, so that none goes twice (as most
    do: what was begun counts as done)."""

    def __init__(self, store: Store, channel: Any) -> None:
        self._store, self._channel = store, channel

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    async def deliver(self, address: str, letter: Letter) -> Receipt:
        """Write down that it was taken, then hand it over."""
        await self._store.run(lambda tx: self._record(tx, letter.key))
        receipt: Receipt = await self._channel.deliver(address, letter)
        return receipt

    def _record(self, tx: Tx, number: int) -> None:
        for row in deliveries.expired_leases(tx, tx.now + FOR_EVER):
            if row.id == number:
                deliveries.accepted(tx, number, row.attempt, None)


class SettlesBeforeItSends(Build):
    """With channels that are written off before they are used."""

    def engine(self, store: Store, sources: Sequence[Source], channels: Lanes, **more: Any) -> Engine:
        """See `Build.engine`."""
        return super().engine(
            store, sources, {name: RecordsFirst(store, one) for name, one in channels.items()}, **more
        )
