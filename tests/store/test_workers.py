"""Workers: who is alive, who is lost, and how that differs between a database of one and a database of several."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import DateTime, type_coerce, update

from store import workers
from store.database import Store, Tx
from store.tables.workers import WORKER
from tests.databases import Hands
from tests.keys import KEYRING


def ids(tx: Tx) -> set[object]:
    """Everybody who is remembered."""
    return {row.id for row in tx.connection.execute(WORKER.select())}


def silent_for(tx: Tx, span: timedelta) -> None:
    """Nobody has said for so long that they are alive."""
    shared = tx.connection.dialect.name == "postgresql"
    then = type_coerce(WORKER.c.seen_at, DateTime(timezone=True)) - span if shared else workers.LONG_AGO
    tx.connection.execute(update(WORKER).values(seen_at=then))


async def begun(url: str) -> Store:
    """One more run of the service."""
    store = await Store.open(url, Hands(), KEYRING)
    await store.run(workers.begin)
    return store


async def test_who_begins_is_alive_until_it_ends(store: Store) -> None:
    worker = await store.run(workers.begin)

    assert worker == store.worker
    assert await store.run(workers.lost) == []
    assert await store.run(workers.seen)

    await store.run(workers.end)

    assert await store.run(ids) == set()
    assert not await store.run(workers.seen)


async def test_nobody_finds_itself_lost(store: Store) -> None:
    await store.run(workers.begin)
    await store.run(lambda tx: silent_for(tx, timedelta(hours=1)))

    assert await store.run(workers.lost) == []


async def test_several_are_alive_beside_each_other_only_where_there_may_be_several(url: str, kind: str) -> None:
    one = await begun(url)
    other = await begun(url)

    assert await other.run(workers.lost) == ([] if kind == "postgresql" else [one.worker])

    await one.close()
    await other.close()


async def test_who_was_not_seen_for_eight_seconds_is_lost_and_who_comes_back_is_not(url: str, kind: str) -> None:
    one = await begun(url)
    other = await begun(url)
    if kind == "postgresql":
        await other.run(lambda tx: silent_for(tx, timedelta(seconds=7)))
        assert await other.run(workers.lost) == []

        await other.run(lambda tx: silent_for(tx, timedelta(seconds=1)))
    assert await other.run(workers.lost) == [one.worker]

    await one.run(workers.begin)

    assert await other.run(workers.lost) == []
    await one.close()
    await other.close()


async def test_who_ended_in_order_is_not_lost(url: str) -> None:
    one = await begun(url)
    await one.run(workers.end)
    await one.close()
    other = await begun(url)

    assert await other.run(workers.lost) == []
    await other.close()


async def test_the_lost_are_forgotten_in_the_end(url: str, kind: str) -> None:
    one = await begun(url)
    other = await begun(url)
    await other.run(lambda tx: silent_for(tx, timedelta(hours=1)))

    await other.run(workers.forget)

    assert await other.run(ids) == {other.worker}
    assert not await one.run(workers.seen)
    await one.close()
    await other.close()


async def test_who_is_alive_is_counted_and_who_is_lost_or_has_ended_is_not(store: Store) -> None:
    counts = [await store.run(workers.alive)]
    await store.run(workers.begin)
    others = [uuid4() for _ in range(2)]
    for other in others:
        await store.run(lambda tx, other=other: workers.begin(replace(tx, worker=other)))  # type: ignore[misc]
    shared = store.shared_at is not None
    counts.append(await store.run(workers.alive))
    await store.run(lambda tx: workers.end(replace(tx, worker=others[0])))
    counts.append(await store.run(workers.alive))
    await store.run(lambda tx: silent_for(tx, 2 * workers.LOST_AFTER))
    counts.append(await store.run(workers.alive))

    assert counts == ([1, 3, 2, 1] if shared else [1, 2, 2, 1])
