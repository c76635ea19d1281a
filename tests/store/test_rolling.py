"""A new version is brought to one machine after the other: the older one goes on meanwhile, where the newer says so."""

import asyncio

import pytest

from store import people, schema, workers
from store.database import SchemaRefused, Store
from tests.databases import Hands
from tests.keys import KEYRING
from tests.store.made import ana
from tests.store.test_opening import in_database

ONE_STEP_ON = (
    "ALTER TABLE delivery ADD COLUMN colour varchar",
    "CREATE TABLE later (id integer PRIMARY KEY)",
    "UPDATE alembic_version SET version_num = 'later'",
)


async def test_a_worker_goes_on_while_another_brings_the_schema_one_step_on(url: str, kind: str) -> None:
    if kind == "sqlite":
        return
    store = await Store.open(url, Hands(), KEYRING)
    await store.run(workers.begin)
    over = asyncio.Event()

    async def go_on() -> int:
        count = 0
        while not over.is_set():
            await store.run(ana)
            count += 1
        return count

    going = asyncio.create_task(go_on())
    await asyncio.to_thread(in_database, url, *ONE_STEP_ON)
    await store.run(ana)
    over.set()

    count = await going
    assert await store.read(lambda tx: len(people.defenders(tx))) == count + 1
    await store.close()


async def test_who_is_one_step_behind_may_begin_only_where_the_newer_schema_says_so(url: str, kind: str) -> None:
    await (await Store.open(url, Hands(), KEYRING)).close()
    in_database(url, *ONE_STEP_ON)

    with pytest.raises(SchemaRefused, match="another version"):
        await Store.open(url, Hands(), KEYRING)
    in_database(url, f"INSERT INTO compatible VALUES ('{schema.head()}')")

    if kind == "sqlite":  # of which there is one, so that nobody is in the middle of anything
        with pytest.raises(SchemaRefused, match="another version"):
            await Store.open(url, Hands(), KEYRING)
        return
    store = await Store.open(url, Hands(), KEYRING)
    await store.run(ana)
    await store.close()


async def test_several_that_begin_at_once_on_an_empty_database_bring_it_up_once(url: str, kind: str) -> None:
    if kind == "sqlite":
        return
    stores = await asyncio.gather(*(Store.open(url, Hands(), KEYRING) for _ in range(4)))

    for store in stores:
        await store.run(workers.begin)
    assert await stores[0].run(workers.lost) == []
    await asyncio.gather(*(store.close() for store in stores))
