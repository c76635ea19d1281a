"""Transactions: all or nothing, one after the other, and nobody's writing is lost."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from escalation.people import DefenderId, Role
from store import incidents, journal, people
from store.database import Store, Tx
from store.tables.people import ADDRESS, DEFENDER
from tests.databases import Hands, fresh_database, fresh_store
from tests.keys import KEYRING
from tests.store.made import ana, call_for_help, responder


class Mistake(Exception):
    """Something goes wrong in the middle."""


def names(tx: Tx) -> list[str]:
    """Who is in the database."""
    return sorted(one.name for one in people.defenders(tx))


async def test_what_fails_leaves_nothing_behind(store: Store) -> None:
    def half(tx: Tx) -> None:
        ana(tx)
        raise Mistake

    with pytest.raises(Mistake):
        await store.run(half)

    assert await store.read(names) == []


async def test_one_bad_part_leaves_the_others(store: Store) -> None:
    def three(tx: Tx) -> None:
        for name, chat in (("Bo", "1"), ("Cleo", "1 as well"), ("Dara", "3")):
            try:
                with tx.savepoint():
                    responder(tx, name, chat=chat)
                    if name == "Cleo":
                        tx.connection.execute(text("UPDATE responder SET role = 'king'"))
            except DBAPIError:
                journal.write(tx, "set_aside")

    await store.run(three)

    assert [one.name for one in await store.read(people.responders)] == ["Bo", "Dara"]
    assert len(await store.read(lambda tx: journal.newest(tx, 9))) == 1


async def test_forty_who_read_and_write_at_once_all_count(store: Store) -> None:
    opened = await store.run(lambda tx: call_for_help(tx, ana(tx), responder(tx)))

    def count_on(tx: Tx) -> None:
        incident = incidents.load(tx, opened.id)
        assert incident is not None
        incidents.save(tx, replace(incident, proposals=incident.proposals + 1))

    await asyncio.gather(*(store.run(count_on) for _ in range(40)))

    counted = await store.read(lambda tx: incidents.load(tx, opened.id))
    assert counted is not None
    assert counted.proposals == 40


async def test_two_services_on_one_database_lose_nothing(kind: str, tmp_path: Path) -> None:
    async with fresh_database(kind, tmp_path, migrated=True) as url:
        stores = [await Store.open(url, Hands(), KEYRING) for _ in range(2)]
        opened = await stores[0].run(lambda tx: call_for_help(tx, ana(tx), responder(tx)))

        def count_on(tx: Tx) -> None:
            incident = incidents.load(tx, opened.id)
            assert incident is not None
            incidents.save(tx, replace(incident, proposals=incident.proposals + 1))

        await asyncio.gather(*(stores[number % 2].run(count_on) for number in range(40)))
        counted = await stores[0].read(lambda tx: incidents.load(tx, opened.id))
        for store in stores:
            await store.close()

    assert counted is not None
    assert counted.proposals == 40


async def test_a_cause_that_many_see_at_once_opens_one_incident(store: Store) -> None:
    def prepare(tx: Tx) -> DefenderId:
        responder(tx)
        return ana(tx)

    defender = await store.run(prepare)

    def panic(tx: Tx) -> None:
        if not incidents.open_of_defender(tx, defender):
            call_for_help(tx, defender, *people.active_of_role(tx, Role.CONTACT))

    await asyncio.gather(*(store.run(panic) for _ in range(20)))

    assert len(await store.read(lambda tx: incidents.recent(tx, 99))) == 1


async def test_who_only_reads_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError):
        await store.read(ana)

    assert await store.read(names) == []


async def test_reading_waits_for_nobody_who_writes(store: Store) -> None:
    loop, writing, may_end = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def write_slowly(tx: Tx) -> None:
        ana(tx)
        loop.call_soon_threadsafe(writing.set)
        asyncio.run_coroutine_threadsafe(may_end.wait(), loop).result(timeout=20)

    slow = asyncio.create_task(store.run(write_slowly))
    await writing.wait()
    seen_meanwhile = await store.read(names)
    may_end.set()
    await slow

    assert seen_meanwhile == []
    assert await store.read(names) == ["Ana"]


async def test_closing_lets_what_runs_come_to_its_end(kind: str, tmp_path: Path) -> None:
    async with fresh_database(kind, tmp_path, migrated=True) as url:
        store = await Store.open(url, Hands(), KEYRING)
        under_way = asyncio.create_task(store.run(ana))
        await asyncio.sleep(0)
        await store.close()
        person = await under_way
        again = await Store.open(url, Hands(), KEYRING)
        found = await again.read(lambda tx: people.defender(tx, person))
        await again.close()

    assert found is not None


async def test_an_error_shows_nothing_of_the_row(store: Store) -> None:
    def no_such_state(tx: Tx) -> None:
        responder(tx, "Bo", chat="+57 300 000 0001")
        tx.connection.execute(text("UPDATE responder SET state = 'royal'"))

    def same_address(tx: Tx) -> None:
        responder(tx, "Bo", chat="+57 300 000 0001")
        responder(tx, "Cleo", chat="another")
        tx.connection.execute(update(ADDRESS).values(blind="+57 300 000 0001"))

    for work in (no_such_state, same_address):
        with pytest.raises(DBAPIError) as told:
            await store.run(work)
        shown = f"{told.value} {told.value!r} {told.value.orig} {told.value.orig!r}"
        assert "Bo" not in shown
        assert "0001" not in shown


@pytest.mark.postgres
async def test_two_who_block_each_other_both_come_through(tmp_path: Path) -> None:
    async with fresh_store("postgresql", tmp_path) as store:
        people_of_both = await store.run(lambda tx: (ana(tx), ana(tx)))
        holding = [asyncio.Event(), asyncio.Event()]
        loop = asyncio.get_running_loop()
        begun = [0, 0]

        def cross(number: int) -> Callable[[Tx], None]:
            def work(tx: Tx) -> None:
                begun[number] += 1
                first, second = people_of_both[number], people_of_both[1 - number]
                tx.connection.execute(update(DEFENDER).where(DEFENDER.c.id == first).values(safe_word="a hash"))
                loop.call_soon_threadsafe(holding[number].set)
                asyncio.run_coroutine_threadsafe(holding[1 - number].wait(), loop).result(timeout=20)
                tx.connection.execute(update(DEFENDER).where(DEFENDER.c.id == second).values(safe_word="a hash"))

            return work

        await asyncio.gather(*(store.run(cross(number)) for number in (0, 1)))

        kept = await store.read(lambda tx: tx.connection.execute(select(DEFENDER.c.safe_word)).scalars().all())
        assert list(kept) == ["a hash", "a hash"]
        assert sum(begun) > 2


@pytest.mark.postgres
async def test_who_ran_into_another_goes_alone_and_so_comes_through(tmp_path: Path) -> None:
    async with fresh_store("postgresql", tmp_path) as store:
        everybody = await store.run(lambda tx: [ana(tx) for _ in range(4)])
        begun = [0] * 12

        def greet_all(number: int) -> Callable[[Tx], None]:
            order = random.Random(number).sample(everybody, len(everybody))

            def work(tx: Tx) -> None:
                begun[number] += 1
                for person in order:
                    tx.connection.execute(update(DEFENDER).where(DEFENDER.c.id == person).values(safe_word="a hash"))
                    tx.connection.execute(text("SELECT pg_sleep(0.02)"))  # so that they do run into each other

            return work

        await asyncio.gather(*(store.run(greet_all(number)) for number in range(12)))

        assert sum(begun) > 12
        assert max(begun) == 2
