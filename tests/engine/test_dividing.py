"""Two processes on one PostgreSQL divide what is due: nothing is decided twice, and nothing that one of them lets go of
stays undecided."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from engine.happenings import Happenings
from engine.metrics import Metrics
from engine.planning import Book
from engine.timekeeping import ANOTHERS, Timekeeping
from escalation import lowering as lowering_machine
from escalation.lowering import Verdict, Want, Wish
from escalation.people import DefenderId, LoweringId
from store import deliveries, incidents, journal, lowerings, people, watches
from store.database import Store, Tx
from tests.databases import Hands, fresh_database
from tests.engine.test_timekeeping import ALARM, LADDERS, SECOND, enrol, keep
from tests.keys import KEYRING

PEOPLE = 24
PATIENCE = 20.0  # seconds

pytestmark = pytest.mark.postgres


@dataclass(frozen=True)
class Process:
    """One of them, as far as it keeps time."""

    store: Store
    timekeeping: Timekeeping


async def begin(url: str, clock: Hands) -> Process:
    store, metrics = await Store.open(url, clock, KEYRING), Metrics()
    return Process(store, Timekeeping(store, Happenings(Book(LADDERS.profiles, LADDERS.chains), metrics), metrics))


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
async def two(tmp_path: Path, clock: Hands) -> AsyncIterator[tuple[Process, Process]]:
    async with fresh_database("postgresql", tmp_path, migrated=True) as url:
        both = (await begin(url, clock), await begin(url, clock))
        yield both
        for one in both:
            await one.store.close()


class Holding:
    """A transaction of one process that has begun and does not end until it is told to."""

    def __init__(self, store: Store, claims: Callable[[Tx], list[object]]) -> None:
        self._begun, self._go_on, self.claimed = threading.Event(), threading.Event(), 0

        def work(tx: Tx) -> None:
            self.claimed = len(claims(tx))
            self._begun.set()
            assert self._go_on.wait(PATIENCE)

        self._task = asyncio.create_task(store.run(work))

    async def begun(self) -> None:
        assert await asyncio.to_thread(self._begun.wait, PATIENCE)

    async def let_go(self) -> None:
        self._go_on.set()
        await self._task


def enrol_all(tx: Tx) -> list[DefenderId]:
    return [enrol(tx, f"Ana {number}", str(700 + number)) for number in range(PEOPLE)]


def opened(tx: Tx) -> list[DefenderId]:
    """Whose incidents there are, each as often as there is one."""
    return sorted(one.defender for one in incidents.recent(tx, 9 * PEOPLE))


def alarms(tx: Tx) -> int:
    return sum(len(deliveries.of_incident(tx, one.id)) for one in incidents.recent(tx, 9 * PEOPLE))


async def test_a_storm_is_divided_and_each_alarm_is_decided_once(two: tuple[Process, Process], clock: Hands) -> None:
    one, other = two
    everybody = sorted(await one.store.run(enrol_all))
    clock.shown = ALARM + SECOND

    await asyncio.gather(keep(one.timekeeping), keep(other.timekeeping))
    await keep(one.timekeeping)

    assert await one.store.read(opened) == everybody
    assert await one.store.read(alarms) == PEOPLE
    entries = await one.store.read(lambda tx: journal.newest(tx, 99 * PEOPLE))
    assert sum(entry.event == "missed" for entry in entries) == PEOPLE


async def test_watches_that_another_holds_are_passed_over_and_looked_at_again(
    two: tuple[Process, Process], clock: Hands
) -> None:
    one, other = two
    everybody = sorted(await one.store.run(enrol_all))
    clock.shown = ALARM + SECOND
    held = Holding(one.store, lambda tx: list(watches.due(tx, tx.now, 5)))
    await held.begun()

    await asyncio.wait_for(keep(other.timekeeping), PATIENCE)  # and waits for nobody
    assert not await other.timekeeping.keep(deaf=False)  # the bell rings once more for what is still due
    decided = await other.store.read(opened)
    soon = await other.store.run(partial(other.timekeeping.next_wake, deaf=False))

    assert (held.claimed, len(decided)) == (5, PEOPLE - 5)
    assert soon == clock.shown + ANOTHERS
    await held.let_go()
    await keep(other.timekeeping)
    assert await other.store.read(opened) == everybody


async def test_incidents_that_another_holds_are_passed_over_and_looked_at_again(
    two: tuple[Process, Process], clock: Hands
) -> None:
    one, other = two
    await one.store.run(enrol_all)
    clock.shown = ALARM + SECOND
    await keep(one.timekeeping)
    clock.shown = due_at = await one.store.run(lambda tx: incidents.next_wake(tx) or tx.now)
    held = Holding(one.store, lambda tx: list(incidents.due(tx, tx.now, 5)))
    await held.begun()

    await asyncio.wait_for(keep(other.timekeeping), PATIENCE)
    left = await other.store.read(lambda tx: incidents.due(tx, due_at, 99))

    assert (held.claimed, len(left)) == (5, 5)
    await held.let_go()
    await keep(other.timekeeping)
    assert await other.store.read(lambda tx: incidents.due(tx, due_at, 99)) == []


async def test_what_was_asked_with_a_code_and_another_holds_is_passed_over_and_looked_at_again(
    two: tuple[Process, Process], clock: Hands
) -> None:
    one, other = two

    def ask(tx: Tx) -> None:
        for person in enrol_all(tx):
            wait = LADDERS.profiles["standard"].lowering_waits
            wish = Wish(Want.SIGN, given_at=tx.now)
            lowerings.save(tx, lowering_machine.begin(LoweringId(uuid4()), person, wish, Verdict.GOOD, wait, tx.now))

    await one.store.run(ask)
    clock.shown += 5 * SECOND
    held = Holding(one.store, lambda tx: list(lowerings.due(tx, tx.now, 5)))
    await held.begun()

    await asyncio.wait_for(keep(other.timekeeping), PATIENCE)
    left = await other.store.read(lambda tx: lowerings.due(tx, tx.now, 99))

    assert (held.claimed, len(left)) == (5, 5)
    await held.let_go()
    await keep(other.timekeeping)
    assert await other.store.read(lambda tx: lowerings.due(tx, tx.now, 99)) == []


async def test_what_comes_due_later_is_anothers_no_more(two: tuple[Process, Process], clock: Hands) -> None:
    one, other = two
    await one.store.run(enrol_all)
    await keep(other.timekeeping)

    soon = await other.store.run(partial(other.timekeeping.next_wake, deaf=False))

    assert soon is not None
    assert soon > clock.shown + ANOTHERS
    clock.shown = soon
    assert await other.store.run(partial(other.timekeeping.next_wake, deaf=False)) == soon
    assert len(await one.store.read(people.defenders)) == PEOPLE
