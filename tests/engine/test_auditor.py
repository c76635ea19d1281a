"""The auditor at work: what it makes of what it finds, and when it does not look."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from engine.auditing import Code
from engine.auditor import Auditor
from engine.hearing import State
from engine.metrics import Metrics
from store import deliveries, people
from store.database import Store, Tx
from tests.databases import KINDS, Hands, fresh_store
from tests.store.made import LANE, MINUTE, ana, call, call_for_help, responder


@dataclass
class Service:
    """As much of a service as an auditor sees."""

    store: Store
    clock: Hands
    metrics: Metrics = field(default_factory=Metrics)
    ready: bool = True
    state: State = State.HEARING
    told: int = 0

    def __post_init__(self) -> None:
        """With an auditor who has not looked yet."""
        self.auditor = Auditor(
            self.store,
            self.metrics,
            is_ready=lambda: self.ready,
            state=lambda: self.state,
            changed=self.changed,
        )

    def changed(self) -> None:
        """Somebody is to be told."""
        self.told += 1

    def number(self, name: str, **labels: str) -> float | None:
        """A number as it is exported."""
        return self.metrics.registry.get_sample_value(name, labels)


@pytest.fixture(params=KINDS)
async def service(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Service]:
    """A store in which nobody watches over Ana, although she has agreed on times."""
    clock = Hands()
    async with fresh_store(request.param, tmp_path, clock) as store:
        await store.run(lambda tx: people.change_defender(tx, ana(tx), times=(time(9, 0),)))
        yield Service(store, clock)


async def test_what_is_found_once_is_not_told(service: Service) -> None:
    await service.auditor.look()

    assert service.auditor.found == ()
    assert service.told == 0
    assert service.number("tocsin_audit_findings", code=Code.UNWATCHED.value) == 0


async def test_what_is_found_twice_is_told_and_counted_until_it_is_gone(service: Service) -> None:
    await service.auditor.look()
    await service.auditor.look()
    assert [one.code for one in service.auditor.found] == [Code.UNWATCHED]
    assert service.told == 1
    assert service.number("tocsin_audit_findings", code=Code.UNWATCHED.value) == 1

    await service.store.run(lambda tx: people.change_defender(tx, people.defenders(tx)[0].id, times=()))
    await service.auditor.look()

    assert service.auditor.troubles() == []
    assert service.number("tocsin_audit_findings", code=Code.UNWATCHED.value) == 0


@pytest.mark.parametrize("why", ["locked", "catching up"])
async def test_while_nothing_is_promised_nothing_is_found(service: Service, why: str) -> None:
    for _ in range(2):
        await service.auditor.look()
    service.ready, service.state = why != "locked", State.CATCHING_UP if why != "locked" else State.HEARING

    await service.auditor.look()
    await service.auditor.look()

    assert service.auditor.troubles() == []
    assert service.number("tocsin_audit_findings", code=Code.UNWATCHED.value) == 0


async def test_an_auditor_who_does_not_look_is_a_trouble(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.auditor.STALE_AFTER", -1.0)

    assert service.auditor.troubles() == ["nobody has looked whether all is well"]


async def test_how_long_an_alarm_waits_and_whether_it_arrived_are_numbers(service: Service) -> None:
    def wait(tx: Tx) -> None:
        bo = responder(tx)
        earlier = replace(tx, now=tx.now - 2 * MINUTE)
        deliveries.put(earlier, call(earlier, bo, call_for_help(tx, people.defenders(tx)[0].id, bo).id))
        [row] = deliveries.lease(tx, LANE, tx.now, tx.now + MINUTE, 9)
        deliveries.retry(tx, row.id, row.attempt, tx.now + MINUTE, "unknown", "no_answer")

    await service.store.run(wait)
    await service.auditor.look()

    assert service.number("tocsin_oldest_unsent_alarm_seconds") == 120.0
    assert service.number("tocsin_unknown_alarms") == 1

    service.clock.shown += timedelta(seconds=30)
    await service.auditor.look()
    assert service.number("tocsin_oldest_unsent_alarm_seconds") == 150.0
