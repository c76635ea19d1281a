"""Leasing and settling: one worker at a time, and a late one changes nothing."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from store import deliveries, workers
from store.database import Store, Tx
from store.deliveries import Hand
from store.records import DeliveryRow
from store.tables.messages import ATTEMPT, DELIVERY
from tests.databases import Hands
from tests.store.made import LANE, MINUTE, ana, call, call_for_help, responder


def lease(tx: Tx, limit: int = 99) -> list[DeliveryRow]:
    """Take what is ready now."""
    return deliveries.lease(tx, LANE, tx.now, tx.now + MINUTE, limit)


def attempts(tx: Tx) -> list[tuple[int, str | None, str | None]]:
    """Every try, as (number, outcome, detail)."""
    tried = select(ATTEMPT.c.n, ATTEMPT.c.outcome, ATTEMPT.c.detail).order_by(ATTEMPT.c.delivery, ATTEMPT.c.n)
    return [(number, outcome, detail) for number, outcome, detail in tx.connection.execute(tried)]


async def called(store: Store) -> tuple[UUID, DeliveryRow]:
    """An incident, and its first call on its way."""

    def work(tx: Tx) -> tuple[UUID, DeliveryRow]:
        bo = responder(tx)
        incident = call_for_help(tx, ana(tx), bo).id
        deliveries.put(tx, call(tx, bo, incident))
        (row,) = lease(tx)
        return incident, row

    return await store.run(work)


async def state(store: Store, incident: UUID) -> tuple[str, int, bool]:
    """Where its one delivery stands: (state, attempt, maybe_repeat)."""
    (row,) = await store.read(lambda tx: deliveries.of_incident(tx, incident))
    return row.state, row.attempt, row.maybe_repeat


async def test_many_workers_never_take_the_same(store: Store) -> None:
    def prepare(tx: Tx) -> None:
        bo = responder(tx)
        for _ in range(40):
            deliveries.put(tx, call(tx, bo))

    await store.run(prepare)

    taken = await asyncio.gather(*(store.run(lambda tx: lease(tx, 3)) for _ in range(20)))

    numbers = [row.id for rows in taken for row in rows]
    assert len(numbers) == len(set(numbers)) == 40


async def test_what_was_taken_is_on_record_before_it_is_sent(store: Store) -> None:
    await called(store)

    assert await store.read(attempts) == [(1, None, None)]


async def test_what_is_accepted_is_done(store: Store) -> None:
    incident, row = await called(store)

    assert await store.run(lambda tx: deliveries.accepted(tx, row.id, row.attempt, "55"))

    assert await state(store, incident) == ("accepted", 1, False)
    assert await store.read(attempts) == [(1, "accepted", None)]
    assert await store.run(lease) == []


async def test_a_temporary_failure_is_tried_again_in_its_time(store: Store, clock: Hands) -> None:
    incident, row = await called(store)
    later = clock.shown + MINUTE

    assert await store.run(lambda tx: deliveries.retry(tx, row.id, 1, later, "temp", "flood"))

    assert await state(store, incident) == ("pending", 1, False)
    assert await store.run(lease) == []
    clock.shown = later
    assert [again.attempt for again in await store.run(lease)] == [2]
    assert await store.read(attempts) == [(1, "temp", "flood"), (2, None, None)]


async def test_once_it_may_have_arrived_every_later_try_says_so(store: Store) -> None:
    _, row = await called(store)
    await store.run(lambda tx: deliveries.retry(tx, row.id, 1, tx.now, "unknown", "cut"))
    (second,) = await store.run(lease)
    await store.run(lambda tx: deliveries.retry(tx, row.id, 2, tx.now, "temp", "flood"))
    (third,) = await store.run(lease)

    assert [row.maybe_repeat, second.maybe_repeat, third.maybe_repeat] == [False, True, True]


async def test_a_permanent_failure_is_not_tried_again(store: Store) -> None:
    incident, row = await called(store)

    assert await store.run(lambda tx: deliveries.failed(tx, row.id, 1, "perm", "blocked"))

    assert await state(store, incident) == ("failed", 1, False)
    assert await store.run(lease) == []


async def test_who_comes_back_after_another_has_settled_changes_nothing(store: Store) -> None:
    incident, row = await called(store)
    await store.run(lambda tx: deliveries.retry(tx, row.id, 1, tx.now, "unknown", "lease_ran_out"))
    await store.run(lease)  # another worker has it now, as attempt 2

    def come_back_late(tx: Tx) -> list[bool]:
        return [
            deliveries.accepted(tx, row.id, 1, "55"),
            deliveries.failed(tx, row.id, 1, "perm", "blocked"),
            deliveries.retry(tx, row.id, 1, tx.now, "temp", "flood"),
            deliveries.defer(tx, row.id, 1, tx.now),
        ]

    assert await store.run(come_back_late) == [False] * 4
    assert await state(store, incident) == ("sending", 2, True)
    assert await store.read(attempts) == [(1, "unknown", "lease_ran_out"), (2, None, None)]


async def test_a_settle_counts_once(store: Store) -> None:
    _, row = await called(store)

    settled = await asyncio.gather(*(store.run(lambda tx: deliveries.accepted(tx, row.id, 1, "55")) for _ in range(8)))

    assert settled.count(True) == 1


async def test_a_lease_that_ran_out_is_found(store: Store, clock: Hands) -> None:
    _, row = await called(store)

    clock.shown += MINUTE
    assert await store.read(lambda tx: deliveries.expired_leases(tx, tx.now)) == []
    clock.shown += timedelta(seconds=1)
    (lost,) = await store.read(lambda tx: deliveries.expired_leases(tx, tx.now))

    assert (lost.id, lost.attempt) == (row.id, 1)


async def anothers(store: Store) -> UUID:
    """Another worker, which has one letter in hand."""
    other = uuid4()

    def work(tx: Tx) -> None:
        theirs = replace(tx, worker=other)
        workers.begin(theirs)
        bo = responder(tx)
        deliveries.put(tx, call(tx, bo, call_for_help(tx, ana(tx), bo).id))
        assert len(lease(theirs)) == 1

    await store.run(work)
    return other


async def lost_to(store: Store, *, at_start: bool = False) -> int:
    """How much we find that nobody is sending any more."""
    found = await store.read(lambda tx: deliveries.expired_leases(tx, tx.now, at_start=at_start))
    return len(found)


async def test_what_a_living_worker_has_in_hand_is_nobody_elses_whatever_our_clock_says(
    store: Store, clock: Hands
) -> None:
    await anothers(store)

    clock.shown += 60 * MINUTE

    assert [await lost_to(store), await lost_to(store, at_start=True)] == [0, 0]


async def test_what_a_worker_had_in_hand_that_is_gone_is_found_at_once(store: Store) -> None:
    other = await anothers(store)
    assert await lost_to(store) == 0

    await store.run(lambda tx: workers.end(replace(tx, worker=other)))

    assert await lost_to(store) == 1


async def test_at_a_start_nothing_is_in_our_own_hand(store: Store) -> None:
    await called(store)

    assert [await lost_to(store), await lost_to(store, at_start=True)] == [0, 1]


async def test_who_is_taken_for_lost_learns_that_a_letter_is_not_theirs_any_more(store: Store) -> None:
    _, row = await called(store)
    before = await store.read(lambda tx: deliveries.in_hand(tx, row.id, 1))

    await store.run(lambda tx: deliveries.retry(tx, row.id, 1, tx.now, "unknown", "lost"))
    given_back = await store.read(lambda tx: deliveries.in_hand(tx, row.id, 1))
    await store.run(lease)
    taken_again = await store.read(lambda tx: deliveries.in_hand(tx, row.id, 1))

    assert [before, given_back, taken_again] == [Hand.OURS, Hand.ANOTHERS, Hand.ANOTHERS]


async def test_a_settled_letter_is_in_nobodys_hand(store: Store) -> None:
    _, row = await called(store)
    holders = select(DELIVERY.c.worker)
    assert await store.read(lambda tx: tx.connection.execute(holders).scalars().all()) == [store.worker]

    await store.run(lambda tx: deliveries.accepted(tx, row.id, 1, "55"))

    assert await store.read(lambda tx: tx.connection.execute(holders).scalars().all()) == [None]


async def test_what_is_given_back_untried_counts_for_nothing(store: Store, clock: Hands) -> None:
    incident, row = await called(store)

    assert await store.run(lambda tx: deliveries.defer(tx, row.id, 1, clock.shown + MINUTE))

    assert await state(store, incident) == ("pending", 0, False)
    assert await store.read(attempts) == []
    clock.shown += MINUTE
    assert [again.attempt for again in await store.run(lease)] == [1]


async def test_what_is_given_back_after_it_was_taken_back_is_not_tried(store: Store) -> None:
    incident, row = await called(store)
    await store.run(lambda tx: deliveries.cancel(tx, incident))

    assert await store.run(lambda tx: deliveries.defer(tx, row.id, 1, tx.now))

    assert (await state(store, incident))[0] == "cancelled"
    assert await store.run(lease) == []
