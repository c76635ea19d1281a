"""A clock that is put back keeps no call, no grace and no timer waiting, and coordinators hear of it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from engine.happenings import Happenings
from engine.metrics import Metrics
from engine.planning import Book
from engine.timekeeping import Timekeeping
from engine.urgency import Urgency
from escalation import lowering as lowering_machine
from escalation import watch as watch_machine
from escalation.incident_words import Kind
from escalation.lowering import Verdict, Want, Wish
from escalation.people import LoweringId, Role, WatchId
from store import addresses, alive, deliveries, incidents, lowerings, people, watches
from store.database import Store, Tx
from tests.databases import KINDS, START, Hands, fresh_store
from tests.engine.test_timekeeping import LADDERS, enrol

LANE = "responder:telegram"
MINUTE = timedelta(minutes=1)
STEPS = [timedelta(minutes=15), timedelta(hours=3), timedelta(hours=24)]
BOOK = Book(LADDERS.profiles, LADDERS.chains)


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Hands) -> AsyncIterator[Store]:
    async with fresh_store(request.param, tmp_path, clock) as opened:
        yield opened


def time_of(store: Store) -> Timekeeping:
    metrics = Metrics()
    return Timekeeping(store, Happenings(BOOK, metrics), metrics)


def call(tx: Tx) -> None:
    """Ana calls for help; her first tier is to be told, and Dara is on duty."""
    ana = enrol(tx)
    dara = people.add_responder(tx, "Dara", Role.COORDINATOR, language="en")
    people.change_responder(tx, dara, state="active", consented_at=tx.now)
    addresses.add(tx, dara, "responder", "telegram", "55", verified=True)
    assert Happenings(BOOK, Metrics()).open(tx, ana, Kind.PANIC, "panic:1") is not None


def leave(tx: Tx, most: int = 99) -> list[str]:
    """What leaves now, by what it is."""
    rows = deliveries.lease(tx, LANE, tx.now, tx.now + MINUTE, most, anyhow=Urgency.PANIC_FIRST)
    return [row.template for row in rows]


@pytest.mark.parametrize("step", STEPS)
async def test_a_first_alert_that_was_never_put_off_leaves_whatever_the_clock_shows(
    store: Store, clock: Hands, step: timedelta
) -> None:
    await store.run(call)
    clock.shown -= step

    assert await store.run(leave) == ["responder.alarm", "responder.alarm"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("restarted", [False, True])
async def test_what_was_put_off_a_moment_waits_a_moment(
    store: Store, clock: Hands, step: timedelta, restarted: bool
) -> None:
    def put_off(tx: Tx) -> None:
        for row in deliveries.lease(tx, LANE, tx.now, tx.now + MINUTE, 99):
            deliveries.retry(tx, row.id, row.attempt, tx.now + MINUTE, "temp", "down")

    timekeeping = time_of(store)
    await timekeeping.begin()
    await store.run(call)
    await timekeeping.keep(deaf=False)
    await store.run(put_off)
    clock.shown -= step

    if restarted:
        await time_of(store).begin()
    else:
        await timekeeping.keep(deaf=False)

    assert "responder.alarm" not in await store.run(leave)
    clock.shown += MINUTE
    assert (await store.run(leave)).count("responder.alarm") == 2


async def test_what_was_on_its_way_is_given_up_as_soon_as_before(store: Store, clock: Hands) -> None:
    timekeeping = time_of(store)
    await store.run(call)
    await timekeeping.keep(deaf=False)
    assert await store.run(leave)
    clock.shown -= timedelta(hours=3)

    await timekeeping.keep(deaf=False)

    clock.shown += MINUTE + timedelta(seconds=1)
    assert await store.read(lambda tx: len(deliveries.expired_leases(tx, tx.now))) == 2


@pytest.mark.parametrize("step", STEPS)
async def test_an_open_call_goes_on_in_its_rhythm(store: Store, clock: Hands, step: timedelta) -> None:
    timekeeping = time_of(store)
    await store.run(call)
    await timekeeping.keep(deaf=False)
    next_at = await store.read(incidents.next_wake)
    assert next_at is not None
    clock.shown -= step

    await timekeeping.keep(deaf=False)
    await timekeeping.keep(deaf=False)

    assert await store.read(incidents.next_wake) == next_at - step


async def test_a_forced_code_calls_as_soon_as_it_would_have(store: Store, clock: Hands) -> None:
    def tap(tx: Tx) -> None:
        wait = timedelta(hours=24)
        forced = lowering_machine.begin(LoweringId(uuid4()), enrol(tx), Wish(Want.SIGN), Verdict.FORCED, wait, tx.now)
        lowerings.save(tx, forced)

    timekeeping = time_of(store)
    await store.run(tap)
    await timekeeping.keep(deaf=False)
    clock.shown -= timedelta(hours=6)
    await timekeeping.keep(deaf=False)
    clock.shown += timedelta(seconds=2)

    await timekeeping.keep(deaf=False)

    found = await store.read(lambda tx: incidents.recent(tx, 9))
    assert [incident.kind for incident in found] == [Kind.DURESS]


async def test_a_timer_and_a_grace_that_run_are_no_longer_than_they_were(store: Store, clock: Hands) -> None:
    def set_timer(tx: Tx) -> None:
        ana = enrol(tx)
        pace = LADDERS.profiles["standard"].pace
        watches.save(tx, watch_machine.begin_timer(WatchId(uuid4()), ana, timedelta(hours=2), pace, tx.now))

    timekeeping = time_of(store)
    await store.run(set_timer)
    clock.shown = START + timedelta(minutes=70)  # nine o'clock has passed
    while await timekeeping.keep(deaf=False):
        pass
    clock.shown -= timedelta(hours=12)
    await timekeeping.keep(deaf=False)

    clock.shown += timedelta(minutes=21)
    while await timekeeping.keep(deaf=False):
        pass
    after_the_grace = await store.read(lambda tx: len(incidents.recent(tx, 9)))
    clock.shown += timedelta(minutes=60)
    while await timekeeping.keep(deaf=False):
        pass

    assert after_the_grace == 1
    silent_since = await store.read(watches.next_wake)
    assert silent_since is not None
    assert silent_since > START  # tomorrow's time by the clock: today's was missed, and is not asked for again


async def test_coordinators_health_and_metrics_tell_of_it_once(store: Store, clock: Hands) -> None:
    timekeeping = time_of(store)
    await store.run(call)
    await timekeeping.keep(deaf=False)
    await store.run(leave)
    clock.shown -= timedelta(minutes=40)

    for _ in range(3):
        await timekeeping.keep(deaf=False)
        clock.shown += timedelta(seconds=5)

    assert timekeeping.clock.troubles() == ["the clock was put back by 40 minutes"]
    assert await store.run(leave) == ["responder.trouble"]


async def test_small_steps_back_add_up_and_are_noticed(store: Store, clock: Hands) -> None:
    timekeeping = time_of(store)
    for _ in range(4):
        await timekeeping.keep(deaf=False)
        clock.shown -= timedelta(seconds=40)

    assert timekeeping.clock.troubles()


async def test_a_clock_that_goes_on_or_shivers_is_no_trouble(store: Store, clock: Hands) -> None:
    timekeeping = time_of(store)
    for seconds in (5, -30, 40, 3600, -50, 0):
        clock.shown += timedelta(seconds=seconds)
        await timekeeping.keep(deaf=False)

    assert timekeeping.clock.troubles() == []
    assert await store.read(alive.last) == clock.shown
