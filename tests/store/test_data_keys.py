"""Where the wrapped data keys are: in a file of their own, or in the transaction at hand."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest
from sqlalchemy import Connection, delete
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from store.data_keys import DataKeys
from store.database import Store, Tx
from store.refusals import KeysRefused
from store.tables.keys import DATA_KEY
from tests.databases import START

T = TypeVar("T")

PEOPLE = [UUID(int=number) for number in (1, 2, 3, 4)]


def keys_of(store: Store) -> DataKeys:
    return store.vault.data_keys


async def changing(store: Store, work: Callable[[Connection], T]) -> T:
    """Do `work` where the keys are."""

    def change(tx: Tx) -> T:
        with keys_of(store).changing(tx.connection) as own:
            return work(own)

    return await store.run(change)


@pytest.fixture
async def filled(store: Store) -> Store:
    """Four people, of whom the first two have keys wrapped by "old", the others by "new"."""

    def fill(own: Connection) -> None:
        own.execute(delete(DATA_KEY))  # the house has one, too
        for person in PEOPLE:
            kek = "old" if person in PEOPLE[:2] else "new"
            keys_of(store).put(own, person, kek, b"wrapped %d" % person.int, START)

    await changing(store, fill)
    return store


async def test_a_key_is_found_by_whose_it_is(filled: Store) -> None:
    keys = keys_of(filled)

    def find(tx: Tx) -> list[bytes | None]:
        return [keys.find(tx.connection, one) for one in (*PEOPLE, UUID(int=9))]

    assert await filled.run(find) == [b"wrapped 1", b"wrapped 2", b"wrapped 3", b"wrapped 4", None]


async def test_several_are_found_at_once_and_who_has_none_is_left_out(filled: Store) -> None:
    asked = [PEOPLE[0], PEOPLE[3], UUID(int=9)]

    found = await filled.run(lambda tx: keys_of(filled).find_some(tx.connection, asked))

    assert dict(found) == {PEOPLE[0]: b"wrapped 1", PEOPLE[3]: b"wrapped 4"}


async def test_a_key_that_was_removed_is_given_once(filled: Store) -> None:
    keys = keys_of(filled)

    given = [await filled.run(lambda tx: keys.remove(tx.connection, PEOPLE[1])) for _ in range(2)]

    assert given == [b"wrapped 2", None]
    assert await filled.run(lambda tx: keys.whose(tx.connection)) == {PEOPLE[0], PEOPLE[2], PEOPLE[3]}


async def test_the_keys_of_another_wrapping_key_come_in_order_a_few_at_a_time(filled: Store) -> None:
    keys = keys_of(filled)

    first = await changing(filled, lambda own: keys.of_another(own, "newest", 3))
    next_ones = await changing(filled, lambda own: keys.of_another(own, "newest", 3, after=PEOPLE[2]))
    old = await changing(filled, lambda own: keys.of_another(own, "new", 9))

    assert [whose for whose, _ in first] == PEOPLE[:3]
    assert next_ones == [(PEOPLE[3], b"wrapped 4")]
    assert [whose for whose, _ in old] == PEOPLE[:2]
    assert [await changing(filled, partial(counted, keys, kek)) for kek in ("newest", "new", "old")] == [4, 2, 2]


def counted(keys: DataKeys, kek: str, own: Connection) -> int:
    return keys.count_of_another(own, kek)


async def test_what_is_wrapped_again_stands_in_the_place_of_what_was(filled: Store) -> None:
    keys = keys_of(filled)

    await changing(filled, lambda own: keys.rewrap(own, PEOPLE[0], "new", b"wrapped anew"))

    assert await filled.run(lambda tx: keys.find(tx.connection, PEOPLE[0])) == b"wrapped anew"
    assert await changing(filled, lambda own: keys.count_of_another(own, "new")) == 1


async def test_epochs_follow_one_another_and_the_last_is_in_force(tmp_path: Path) -> None:
    keys = DataKeys.in_file(tmp_path / "keys.sqlite")
    with keys.changing(None) as own:
        assert keys.epoch(own) is None
        for number, kek in enumerate(("one", "two", "three")):
            keys.begin_epoch(own, kek, "root", START + timedelta(days=number))
        numbers = own.exec_driver_sql("SELECT n, kek FROM key_epoch ORDER BY n").all()
        ended = keys.ended(own)
        keys.insist_on_root(own, "root")
        with pytest.raises(KeysRefused, match="other keys"):
            keys.insist_on_root(own, "another")

    assert [tuple(row) for row in numbers] == [(1, "one"), (2, "two"), (3, "three")]
    assert ended == [("one", START + timedelta(days=1)), ("two", START + timedelta(days=2))]
    keys.close()


async def test_the_epoch_in_force_is_told_to_who_only_reads(store: Store) -> None:
    keys = keys_of(store)

    told = await store.read(lambda tx: keys.in_force(tx.connection))

    assert told is not None
    assert told == await changing(store, keys.epoch)


def test_a_file_is_written_by_one_connection_and_only_read_by_the_other(tmp_path: Path) -> None:
    keys = DataKeys.in_file(tmp_path / "keys.sqlite")
    assert keys.have_a_file
    assert not DataKeys.in_transaction().have_a_file
    assert keys.reading is not None

    with keys.reading.begin() as own, pytest.raises(OperationalError, match="readonly"):
        keys.put(own, PEOPLE[0], "kek", b"wrapped", START)
    with keys.changing(None) as own:
        keys.put(own, PEOPLE[0], "kek", b"wrapped", START)
    keys.close()


def test_a_file_that_was_let_go_of_is_held_open_by_nobody(tmp_path: Path) -> None:
    keys = DataKeys.in_file(tmp_path / "keys.sqlite")
    with keys.changing(None):
        """A connection that stays in its pool."""

    keys.close()

    held = [engine.pool for engine in (keys.writing, keys.reading) if engine is not None]
    assert [pool.checkedin() for pool in held if isinstance(pool, QueuePool)] == [0, 0]


def test_without_a_file_there_must_be_a_transaction() -> None:
    with pytest.raises(AssertionError), DataKeys.in_transaction().changing(None):
        """Nothing can be written here."""
