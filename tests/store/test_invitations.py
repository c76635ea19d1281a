"""Invitations: used once, in time, by the side they are for."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from store import invitations
from store.database import Store, Tx
from store.tables.people import INVITATION
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


@pytest.mark.parametrize("typed", ["k7q2-10ab", "K7Q2 10AB", "K7Q2–10AB", "K7Q210AB", "k7q2-ioab", " K7Q2-LOAB "])
async def test_a_code_is_the_same_however_it_was_typed(store: Store, typed: str) -> None:
    person = await store.run(ana)
    await store.run(lambda tx: invitations.new(tx, "defender", person, "K7Q2-10AB", tx.now + THREE_DAYS))

    assert await store.run(lambda tx: invitations.redeem(tx, "defender", "K7Q2-10AC")) is None
    assert await store.run(lambda tx: invitations.redeem(tx, "defender", typed)) == person


async def test_what_is_kept_of_a_code_cannot_be_made_without_our_keys(store: Store) -> None:
    person = await store.run(ana)
    await store.run(lambda tx: invitations.new(tx, "defender", person, "K7Q2-10AB", tx.now + THREE_DAYS))

    kept = await store.read(lambda tx: tx.connection.execute(select(INVITATION.c.code_hash)).scalar())

    assert kept is not None
    assert len(kept) == 32
    assert kept == await store.read(lambda tx: tx.vault.blind("invitation:defender", "K7Q210AB"))
