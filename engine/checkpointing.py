"""Checkpoints of the journal: soon after anything about an incident, hourly at least, and into the hands of others.

A checkpoint that only we hold binds nobody who has our keys. So each goes into a folder that somebody else can take it
from, and one a day, or after an incident has ended, to the partner organisations in their chat and by mail: quietly,
and as a notice that may be lost, for the next one says all that this one said.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from escalation.people import Role
from store import addresses, checkpoints, deliveries, people
from store.checkpoints import Kept
from store.database import Store, Tx
from store.records import Address, NewDelivery

from .announcing import tell_coordinators
from .letter import Operation
from .log import Log
from .queueing import NOTICE_LIFE
from .urgency import Urgency

log = Log("checkpoints")

TRIES_AGAIN_AFTER = 60.0  # real seconds
LOOKS_EVERY = 2.0  # real seconds; what happens to an incident comes in many entries
HANDED_OUT_EVERY = timedelta(hours=24)
HANDED_OUT_AT_MOST_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Holders:
    """Who keeps checkpoints besides us: whoever looks after the folder `drop`, and the `partners`."""

    drop: Path | None = None
    partners: bool = False


class Checkpointing:
    """Lets the tree over the journal grow, and hands its checkpoints out."""

    def __init__(self, store: Store, holders: Holders, is_ours: Callable[[], bool] = lambda: True) -> None:
        """Nothing is signed before it is asked for; `is_ours` says whether it is this worker that signs."""
        self._store = store
        self._holders = holders
        self._is_ours = is_ours
        self._dropped = 0  # entries in the newest checkpoint that was put into the folder
        self._not_before = 0.0  # monotonic seconds; after the folder could not be written

    async def run(self) -> None:
        """Look every other second, until cancelled."""
        while True:
            if self._is_ours():
                await self.look()
            await asyncio.sleep(LOOKS_EVERY)

    async def look(self) -> None:
        """Sign if it is time to, and let others have what they do not have yet. Works while we are locked."""
        if await self._store.read(_wants_one):
            await self._sign()
        if self._holders.drop is not None and time.monotonic() >= self._not_before:
            await self._drop(self._holders.drop)
        if self._holders.partners and await self._store.read(_is_to_be_handed_out):
            await self._store.run(_hand_out)

    async def _sign(self) -> None:
        await self._store.run(_mark_hour)
        more = True
        while more:
            more = await self._store.run(checkpoints.place)

    async def _drop(self, folder: Path) -> None:
        newest = await self._store.read(checkpoints.newest)
        if newest is None or newest.size <= self._dropped:
            return
        try:
            await asyncio.to_thread(_put, folder, newest)
        except OSError as fault:
            log.error("checkpoint_not_kept", fault=fault)
            self._not_before = time.monotonic() + TRIES_AGAIN_AFTER
            await self._store.run(_tell_that_nobody_has_it)
        else:
            self._dropped = newest.size


def _wants_one(tx: Tx) -> bool:
    return checkpoints.incident_waits(tx) or checkpoints.is_due(tx)


def _mark_hour(tx: Tx) -> None:
    if checkpoints.is_due(tx):
        checkpoints.mark_hour(tx)


def _put(folder: Path, one: Kept) -> None:
    """Write a checkpoint into the folder, into a file of its own that is whole from its beginning."""
    path = folder / f"checkpoint-{one.size:012}.txt"
    unfinished = path.with_suffix(".part")
    unfinished.write_text(one.note, encoding="utf-8", newline="")
    unfinished.replace(path)


def _to_hand_out(tx: Tx) -> Kept | None:
    return checkpoints.to_hand_out(tx, HANDED_OUT_EVERY, HANDED_OUT_AT_MOST_EVERY)


def _is_to_be_handed_out(tx: Tx) -> bool:
    return not tx.vault.is_locked and _to_hand_out(tx) is not None


def _hand_out(tx: Tx) -> None:
    """Queue the checkpoint for every partner organisation, in each way that there is to it."""
    what = _to_hand_out(tx)
    if what is None:
        return
    for partner in people.responders(tx):
        if partner.role is Role.PARTNER and partner.state == "active":
            for way in addresses.of_person(tx, partner.id):
                deliveries.put(tx, _to(way, what, tx))
    checkpoints.handed_out(tx, what)


def _to(way: Address, what: Kept, tx: Tx) -> NewDelivery:
    return NewDelivery(
        person=way.person,
        side=way.side,
        channel=way.channel,
        address_id=way.id,
        operation=Operation.SEND.value,
        template="responder.checkpoint",
        words={"note": what.note},
        urgency=Urgency.NOTICE,
        alarm=False,
        incident=None,
        tier=None,
        round=0,
        message_id=None,
        not_before=tx.now,
        expires_at=tx.now + NOTICE_LIFE,
        dedupe=f"checkpoint:{what.size}:{way.id}",
    )


def _tell_that_nobody_has_it(tx: Tx) -> None:
    if not tx.vault.is_locked:
        tell_coordinators(tx, "checkpoint_not_kept", once=f"checkpoint_not_kept:{tx.now:%Y%m%d}")
