"""Watches: found when they are due, and by whom they belong to."""

from dataclasses import replace
from datetime import time, timedelta
from uuid import UUID, uuid4

from escalation import watch as watch_machine
from escalation.ladder import Pace
from escalation.people import DefenderId, WatchId
from escalation.routine import Daily
from escalation.watch import Watch
from escalation.watch_words import Paused, Stopped, Tapped, TimePassed
from store import watches
from store.database import Store, Tx
from tests.databases import START, Hands
from tests.store.made import MINUTE, ana

HOUR = timedelta(hours=1)
PACE = Pace((), 30 * MINUTE)


def daily(defender: DefenderId, wall_time: time) -> Watch:
    """A routine; the first due time is today."""
    return watch_machine.begin(WatchId(uuid4()), defender, Daily((wall_time,), "UTC"), PACE, START)


async def kept(store: Store, *wall_times: time) -> tuple[DefenderId, list[Watch]]:
    """Ana's watches, one for each time."""

    def work(tx: Tx) -> tuple[DefenderId, list[Watch]]:
        defender = ana(tx)
        own = [daily(defender, wall_time) for wall_time in wall_times]
        for watch in own:
            watches.save(tx, watch)
        return defender, own

    return await store.run(work)


async def test_a_watch_is_due_when_it_wants_to_wake_and_the_longest_overdue_comes_first(store: Store) -> None:
    _, (late, early, later) = await kept(store, time(11), time(10), time(12))

    assert await store.read(watches.next_wake) == START + 2 * HOUR
    assert await store.read(lambda tx: watches.due(tx, START, 9)) == []
    assert await store.read(lambda tx: watches.due(tx, START + 2 * HOUR, 9)) == [early.id]
    assert await store.read(lambda tx: watches.due(tx, START + 9 * HOUR, 2)) == [early.id, late.id]
    assert await store.read(lambda tx: watches.due(tx, START + 9 * HOUR, 9)) == [early.id, late.id, later.id]


async def test_what_was_saved_again_is_as_it_was_saved_last(store: Store) -> None:
    defender, (watch,) = await kept(store, time(10))
    overdue, _ = watch_machine.decide(watch, TimePassed(), START + 2 * HOUR)

    await store.run(lambda tx: watches.save(tx, overdue))

    assert await store.read(lambda tx: watches.of_defender(tx, defender)) == (overdue,)
    assert await store.read(watches.next_wake) == START + 2 * HOUR + PACE.grace


async def test_a_resting_watch_wants_nothing(store: Store) -> None:
    _, (watch,) = await kept(store, time(10))
    resting, _ = watch_machine.decide(watch, Stopped(), START)

    await store.run(lambda tx: watches.save(tx, resting))

    assert await store.read(watches.next_wake) is None
    assert await store.read(lambda tx: watches.due(tx, START + 99 * HOUR, 9)) == []
    assert await store.read(lambda tx: watches.load(tx, watch.id)) == resting


async def test_a_timer_that_was_ended_by_a_row_is_still_waited_for(store: Store) -> None:
    def keep(tx: Tx) -> Watch:
        length, pace = HOUR, Pace((), timedelta(minutes=30))
        timer = watch_machine.begin_timer(WatchId(uuid4()), ana(tx), length, pace, START)
        tapped, _ = watch_machine.decide(timer, Tapped(), START)
        watches.save(tx, timer)
        watches.save(tx, tapped)
        return tapped

    tapped = await store.run(keep)

    assert tapped.phase is watch_machine.Phase.RESTING
    assert await store.read(lambda tx: watches.load(tx, tapped.id)) == tapped
    assert await store.read(lambda tx: watches.overdue_alarms(tx, START + 2 * HOUR)) == [tapped.id]


async def test_after_an_outage_those_are_found_whose_time_has_come(store: Store) -> None:
    _, (due, paused, not_yet) = await kept(store, time(10), time(10, 30), time(22))
    silent, _ = watch_machine.decide(paused, Paused(HOUR), START)
    await store.run(lambda tx: watches.save(tx, silent))

    assert await store.read(lambda tx: watches.overdue_alarms(tx, START + 3 * HOUR)) == [due.id]
    assert not_yet.id not in await store.read(lambda tx: watches.overdue_alarms(tx, START + 13 * HOUR))


async def test_everybody_has_their_own(store: Store) -> None:
    _, (first,) = await kept(store, time(10))
    other, (second,) = await kept(store, time(10))

    assert await store.read(lambda tx: watches.of_defender(tx, other)) == (second,)
    assert await store.read(lambda tx: watches.load(tx, first.id)) == first
    assert await store.read(lambda tx: watches.load(tx, UUID(int=0))) is None


async def test_instants_come_back_in_utc(store: Store, clock: Hands) -> None:
    defender, (watch,) = await kept(store, time(10))
    assert watch.due_at is not None
    elsewhere = watch.due_at.astimezone(clock.shown.astimezone().tzinfo)
    await store.run(lambda tx: watches.save(tx, replace(watch, due_at=elsewhere)))

    (loaded,) = await store.read(lambda tx: watches.of_defender(tx, defender))
    wakes = await store.read(watches.next_wake)

    assert loaded.due_at == watch.due_at
    assert wakes is not None
    assert wakes.isoformat() == "2026-03-02T10:00:00+00:00"
