"""Intake: from the messenger into the durable inbox, before anybody is told that we have it.

Who sends is looked up by their chat. A stranger leaves no row and gets the constant reply, at a bounded rate; what
comes from a group or a channel to which somebody has added a bot leaves nothing and gets nothing. A good invitation is
redeemed here, in the transaction that keeps the update, so that it can be used once and is never lost.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from store import addresses, inbox, invitations, people
from store.database import Store, Tx
from store.marks import apart

from . import enrolment
from .door import Door, Glance
from .metrics import Metrics
from .splitting import RawUpdate
from .strangers import Strangers

CHANNEL = "telegram"
KEPT_ASIDE = 50  # updates an hour that nobody can be named for; a stranger must not fill the disk with them
SIDES = {"defenders": "defender", "responders": "responder"}


def side_of(source: str) -> str:
    """Whose bot gives the updates of this source."""
    return SIDES[apart(source)[0]]


class Intake:
    """Keeps what one door's messenger gives. `arrived` is called with True when a call for help is among it."""

    def __init__(
        self, store: Store, door: Door, strangers: Strangers, metrics: Metrics, arrived: Callable[[bool], None]
    ) -> None:
        """Nothing is read before `keep` is called."""
        self._store = store
        self._door = door
        self._side, self._bot = side_of(door.source), apart(door.source)[1]
        self._strangers = strangers
        self._metrics = metrics
        self._arrived = arrived
        self._kept_aside: dict[int, int] = {}

    async def keep(self, updates: list[RawUpdate]) -> None:
        """Make the batch durable in one transaction; when this returns, the messenger may forget it."""
        glanced = [(update, self._glance(update)) for update in updates]
        strangers, urgent, kept = await self._store.run(lambda tx: self._keep_all(tx, glanced))
        self._metrics.updates.labels(self._door.source).inc(kept)
        for chat in strangers:
            self._strangers.greet(self._door, chat)
        if kept:
            self._arrived(urgent)

    def _glance(self, update: RawUpdate) -> Glance:
        """What can be told from an update; a code for which its chat has no try left is none, each for itself."""
        glance = Glance(None) if update.content is None else self._door.glance(update.content)
        if glance.code is None or glance.chat is None or self._may_try(glance.chat):
            return glance
        return replace(glance, code=None)

    def _may_try(self, chat: str) -> bool:
        return self._strangers.may_try_code(self._side, chat, time.monotonic())

    def _keep_all(self, tx: Tx, glanced: list[tuple[RawUpdate, Glance]]) -> tuple[list[str], bool, int]:
        strangers: list[str] = []
        urgent, kept = False, 0
        for update, glance in glanced:
            if glance.elsewhere:
                continue
            if glance.chat is None:
                self._keep_unreadable(tx, update)
            elif not self._is_known(tx, glance):
                strangers.append(glance.chat)
            elif self._keep(tx, update, glance.chat, urgent=glance.urgent):
                urgent, kept = urgent or glance.urgent, kept + 1
        return strangers, urgent, kept

    def _keep(self, tx: Tx, update: RawUpdate, chat: str, *, urgent: bool) -> bool:
        whose = addresses.blind(tx, self._side, CHANNEL, chat)
        return inbox.keep(tx, self._door.source, update.update_id, whose, update.raw, urgent)

    def _is_known(self, tx: Tx, glance: Glance) -> bool:
        """Whether the sender is somebody we know, or has just become so by a good invitation.

        No invitation is redeemed while we are locked: it stays good until we can."""
        if glance.chat is None:
            return False
        known = addresses.person_at(tx, self._side, CHANNEL, glance.chat)
        if known is not None and not self._has_left(tx, known):
            return True
        if not glance.code or tx.vault.is_locked:
            return known is not None
        person = invitations.redeem(tx, self._side, glance.code)
        if person is None:
            return known is not None
        if known is not None:
            addresses.forget(tx, known)
        enrolment.begin(tx, self._side, person, glance.code, glance.chat, self._bot)
        return True

    def _has_left(self, tx: Tx, person: UUID) -> bool:
        return people.state_of(tx, self._side, person) in (None, "left", "removed")

    def _keep_unreadable(self, tx: Tx, update: RawUpdate) -> None:
        """An update without a sender we could know: counted, never acted on, and a few an hour kept to be looked at."""
        self._metrics.set_aside.labels(self._door.source).inc()
        hour = int(tx.now.timestamp() // 3600)
        self._kept_aside = {hour: self._kept_aside.get(hour, 0) + 1}
        if self._kept_aside[hour] <= KEPT_ASIDE:
            inbox.keep_aside(tx, self._door.source, update.update_id, update.raw, "no_sender")
