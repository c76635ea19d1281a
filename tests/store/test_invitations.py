"""Invitations: used once, in time, by the side they are for."""

import asyncio
from datetime import timedelta

from store import invitations
from store.database import Store, Tx
from tests.databases import Hands
from tests.store.made import ana, responder

THREE_DAYS = timedelta(hours=72)


async def test_among_many_who_try_at_once_one_is_let_in(store: Store) -> None:
    person = await store.run(responder)
    await store.run(lambda tx: invitations.new(tx, "responder", person, "hash", tx.now + THREE_DAYS))

    tries = await asyncio.gather(
        *(store.run(lambda tx: invitations.redeem(tx, "responder", "hash")) for _ in range(64))
    )

    assert [one for one in tries if one is not None] == [person]


async def test_a_code_is_worth_nothing_to_the_other_side(store: Store) -> None:
    person = await store.run(ana)
    await store.run(lambda tx: invitations.new(tx, "defender", person, "hash", tx.now + THREE_DAYS))

    assert await store.run(lambda tx: invitations.redeem(tx, "responder", "hash")) is None
    assert await store.run(lambda tx: invitations.redeem(tx, "defender", "other hash")) is None
    assert await store.run(lambda tx: invitations.redeem(tx, "defender", "hash")) == person


async def test_a_code_that_is_too_old_is_worth_nothing(store: Store, clock: Hands) -> None:
    person = await store.run(ana)
    await store.run(lambda tx: invitations.new(tx, "defender", person, "hash", tx.now + THREE_DAYS))

    clock.shown += THREE_DAYS

    assert await store.run(lambda tx: invitations.redeem(tx, "defender", "hash")) is None


async def test_a_new_code_ends_the_one_before(store: Store) -> None:
    person = await store.run(ana)

    def invite_twice(tx: Tx) -> None:
        invitations.new(tx, "defender", person, "first", tx.now + THREE_DAYS)
        invitations.new(tx, "defender", person, "second", tx.now + THREE_DAYS)

    await store.run(invite_twice)

    assert await store.run(lambda tx: invitations.redeem(tx, "defender", "first")) is None
    assert await store.run(lambda tx: invitations.redeem(tx, "defender", "second")) == person


async def test_a_withdrawn_code_is_worth_nothing(store: Store) -> None:
    person = await store.run(ana)
    await store.run(lambda tx: invitations.new(tx, "defender", person, "hash", tx.now + THREE_DAYS))

    await store.run(lambda tx: invitations.withdraw(tx, person))

    assert await store.run(lambda tx: invitations.redeem(tx, "defender", "hash")) is None
