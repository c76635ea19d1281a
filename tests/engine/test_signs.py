"""Signs of life: which watch one is for, what it proves, and to whom it is told."""

from datetime import datetime, timedelta
from functools import partial

import pytest

from engine import signs
from escalation import watch_words
from escalation.incident_words import Kind
from escalation.people import DefenderId
from escalation.watch import Watch
from store import watches
from store.database import Store, Tx
from tests.databases import START, Hands

from .asking import HAPPENINGS, open_for, timer, unproved, watch_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EARLIER, LATER = START - timedelta(minutes=9), START + HOUR


@pytest.mark.parametrize("given_at", [None, EARLIER, LATER])
async def test_what_is_given_moves_what_is_due_next_and_proves_nothing(
    store: Store, ana: DefenderId, given_at: datetime | None
) -> None:
    await store.run(lambda tx: timer(tx, ana, 3 * HOUR))

    await store.run(lambda tx: signs.tapped(HAPPENINGS, tx, ana, given_at))

    found = await store.read(lambda tx: watches.of_defender(tx, ana))
    assert {one.due_at for one in found} == {START + HOUR + DAY, START + 3 * HOUR}
    assert await unproved(store, ana) == {"Daily": min(given_at or START, START), "Timer": None}


async def test_what_was_proved_settles_every_watch(store: Store, clock: Hands, ana: DefenderId) -> None:
    await store.run(lambda tx: timer(tx, ana, HOUR))
    clock.shown += HOUR
    for watch in await store.read(lambda tx: watches.of_defender(tx, ana)):
        await store.run(partial(ring, watch))
    await store.run(lambda tx: signs.tapped(HAPPENINGS, tx, ana, None))
    doubted = await unproved(store, ana)

    await store.run(lambda tx: signs.proved(HAPPENINGS, tx, ana, tx.now, forced=False))

    assert doubted == {"Daily": START + HOUR, "Timer": START + HOUR}
    assert await unproved(store, ana) == {"Daily": None, "Timer": None}


def ring(watch: Watch, tx: Tx) -> None:
    """Let a watch see how late it is."""
    HAPPENINGS.to_watch(tx, watch, watch_words.TimePassed())


@pytest.mark.parametrize(("forced", "heard"), [(False, START), (True, None)])
async def test_open_calls_hear_of_a_sign_that_nobody_forced(
    store: Store, ana: DefenderId, forced: bool, heard: datetime | None
) -> None:
    await store.run(lambda tx: HAPPENINGS.open(tx, ana, Kind.PANIC, "1"))

    await store.run(lambda tx: signs.proved(HAPPENINGS, tx, ana, EARLIER, forced=forced))

    assert [one.checked_in_at for one in await open_for(store, ana)] == [heard]


@pytest.mark.parametrize(("given_at", "settles"), [(None, True), (LATER, True), (EARLIER, False)])
async def test_a_good_check_in_says_nothing_about_what_was_given_after_it(
    store: Store, ana: DefenderId, given_at: datetime | None, settles: bool
) -> None:
    await store.run(lambda tx: signs.tapped(HAPPENINGS, tx, ana, START))

    await store.run(lambda tx: signs.good_sign(HAPPENINGS, tx, ana, given_at))

    assert (await watch_of(store, ana)).unproved_at == (None if settles else START)


async def test_a_good_check_in_settles_what_is_due_and_is_told_to_open_calls(store: Store, ana: DefenderId) -> None:
    await store.run(lambda tx: HAPPENINGS.open(tx, ana, Kind.PANIC, "1"))

    await store.run(lambda tx: signs.good_sign(HAPPENINGS, tx, ana, EARLIER))

    watch = await watch_of(store, ana)
    assert (watch.due_at, watch.unproved_at, watch.owed) == (START + HOUR + DAY, None, None)
    assert [one.checked_in_at for one in await open_for(store, ana)] == [START]


@pytest.mark.parametrize("known_at_once", [True, False])
@pytest.mark.parametrize(("covert", "left"), [(True, {Kind.MISSED, Kind.DURESS}), (False, set())])
async def test_no_check_in_closes_a_silence_while_a_covert_call_is_open(
    store: Store, ana: DefenderId, known_at_once: bool, covert: bool, left: set[Kind]
) -> None:
    await store.run(lambda tx: HAPPENINGS.open(tx, ana, Kind.MISSED, "1"))
    if covert:
        await store.run(lambda tx: HAPPENINGS.open(tx, ana, Kind.DURESS, "2"))

    if known_at_once:
        await store.run(lambda tx: signs.good_sign(HAPPENINGS, tx, ana, None))
    else:
        await store.run(lambda tx: signs.proved(HAPPENINGS, tx, ana, tx.now, forced=False))

    assert {one.kind for one in await open_for(store, ana)} == left
