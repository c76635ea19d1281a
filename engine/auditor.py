"""The auditor at work: every half a minute it looks, and what it finds twice in a row is logged, counted and told.

Once would be too rash: a look may fall between a thing and what follows from it. While we are locked or catching up
nothing is promised, and nothing is looked at.
"""

import asyncio
import time
from collections.abc import Callable

from store import audit_looks
from store.database import Store, Tx

from .announcing import tell_coordinators
from .auditing import Code, Finding, Round, audit
from .hearing import State
from .log import Log
from .metrics import Metrics

log = Log("auditor")

EVERY = 30.0  # real seconds
STALE_AFTER = 120.0  # real seconds without a look, before that is a finding itself


class Auditor:
    """Looks at the database while the service runs. `is_ready` says whether anything is promised at the moment, `state`
    how well we hear; `changed` is called when somebody is to be told."""

    def __init__(
        self,
        store: Store,
        metrics: Metrics,
        *,
        is_ready: Callable[[], bool],
        state: Callable[[], State],
        changed: Callable[[], None],
    ) -> None:
        """Nothing is looked at before `run`."""
        self._store = store
        self._metrics = metrics
        self._is_ready = is_ready
        self._state = state
        self._changed = changed
        self._round = Round()
        self._before: frozenset[Code] = frozenset()
        self._looked_at = time.monotonic()
        self.found: tuple[Finding, ...] = ()

    async def run(self, every: float = EVERY) -> None:
        """Look once in `every` seconds, until cancelled."""
        while True:
            await asyncio.sleep(every)
            await self.look()

    async def look(self) -> None:
        """Look once, and say what was found now as it was the time before."""
        self._looked_at = time.monotonic()
        if not self._is_ready() or self._state() is State.CATCHING_UP:
            self._before, self.found = frozenset(), ()
            self._count()
            return
        began = time.monotonic()
        seen = await self._store.read(self._audit)
        self._metrics.audit_seconds.set(time.monotonic() - began)
        self.found = tuple(one for one in seen if one.code in self._before)
        self._before = frozenset(one.code for one in seen)
        self._count()
        for one in self.found:
            log.error("audit_found", code=one.code.value, rows=min(one.count, 1000), age=one.age)
        if self.found:
            await self._store.run(_tell)
            self._changed()

    def troubles(self) -> list[str]:
        """What is wrong, as words; empty while the auditor is content."""
        if time.monotonic() - self._looked_at > STALE_AFTER:
            return ["nobody has looked whether all is well"]
        return [f"the audit found: {code}" for code in dict.fromkeys(one.code.value for one in self.found)]

    def stops_sending(self) -> bool:
        """Whether something was found by which what should be said may not be said."""
        return any(one.stops_sending for one in self.found)

    def _count(self) -> None:
        for code in Code:
            rows = sum(one.count for one in self.found if one.code is code)
            self._metrics.audit_findings.labels(code.value).set(rows)

    def _audit(self, tx: Tx) -> list[Finding]:
        unsent = audit_looks.oldest_unsent(tx)
        waited = (tx.now - unsent).total_seconds() if unsent is not None else 0.0
        self._metrics.oldest_unsent.set(max(0.0, waited))
        self._metrics.unknown_alarms.set(audit_looks.unknown_alarms(tx))
        return audit(tx, deaf=self._state() is State.DEAF, round_=self._round)


def _tell(tx: Tx) -> None:
    tell_coordinators(tx, "audit", once=f"audit:{tx.now:%Y%m%d%H}")
