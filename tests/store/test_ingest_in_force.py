"""To which ingest key what comes in is sealed: the one that the database says, whatever lies in the folder of who takes
it in, locked or not; and never one that is gone."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update

from store import inbox, ingest
from store.cipher import new_key
from store.data_keys import path_beside
from store.database import Store, Tx
from store.key_files import KeyFile, key_id
from store.keyring import Keyring, plainly
from store.made_keys import ingest_file
from store.refusals import Locked
from store.rotation import KEPT_FOR, look_after, rotate
from store.tables.keys import INGEST_KEY
from tests.databases import START, Hands

DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Keyring.fresh(START).save(tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
def elsewhere(folder: Path, tmp_path: Path) -> Path:
    """The folder of another machine, copied before anything was changed, without the key-encryption key."""
    copied = tmp_path / "elsewhere"
    shutil.copytree(folder, copied)
    next(copied.glob("kek-*")).unlink()
    return copied


@pytest.fixture
async def store(url: str, folder: Path, clock: Hands) -> AsyncIterator[Store]:
    """A store that is unlocked, with a folder of its own."""
    opened = await Store.open(url, clock, Keyring.load(folder))
    yield opened
    await opened.close()


@pytest.fixture
async def locked(url: str, store: Store, elsewhere: Path, clock: Hands) -> AsyncIterator[Store]:
    """A store on the same database that is locked and hears of no change of the keys."""
    opened = await Store.open(url, clock, Keyring.load(elsewhere))
    yield opened
    await opened.close()


def ids(store: Store) -> list[str]:
    """The ingest keys that are here, the oldest first."""
    return [one.id for one in store.vault.keyring.files if one.use == "ingest"]


async def keep(store: Store, number: int) -> None:
    await store.run(lambda tx: inbox.keep(tx, "defenders", number, "chat", b"sos %d" % number, urgent=True))


async def waiting(store: Store) -> list[bytes]:
    found = await store.run(lambda tx: inbox.waiting(tx, 99, urgent=True))
    return [row.raw for row in found]


async def handle_all(store: Store) -> None:
    for row in await store.run(lambda tx: inbox.waiting(tx, 99, urgent=True)):
        await store.run(partial(inbox.done, row_id=row.id))


def put(tx: Tx, file: KeyFile, *, proof: str | None = None) -> None:
    """Put an ingest key in force, with this proof or the right one."""
    with tx.vault.data_keys.changing(tx.connection) as own:
        tx.vault.begin_ingest(own, file.fields["public"], tx.now)
        if proof is not None:
            own.execute(update(INGEST_KEY).where(INGEST_KEY.c.n == 2).values(proof=proof))


async def test_each_change_of_the_key_brings_a_new_one_for_what_comes_in_and_what_waits_goes_on_opening(
    store: Store,
) -> None:
    await keep(store, 1)
    await rotate(store, plainly)
    await keep(store, 2)
    await rotate(store, plainly)
    await keep(store, 3)

    assert await waiting(store) == [b"sos 1", b"sos 2", b"sos 3"]
    assert len(set(ids(store))) == 3
    assert await store.read(inbox.sealed_to) == set(ids(store))


async def test_who_is_locked_and_has_heard_of_no_change_seals_to_the_key_in_force(
    store: Store, locked: Store, clock: Hands
) -> None:
    await keep(locked, 1)
    await rotate(store, plainly)
    await keep(locked, 2)
    first = await waiting(store)
    await handle_all(store)
    clock.shown += KEPT_FOR + DAY
    await look_after(store)
    await keep(locked, 3)

    assert locked.vault.is_locked
    assert len(ids(store)) == 1
    assert ids(locked) != ids(store)
    assert (first, await waiting(store)) == ([b"sos 1", b"sos 2"], [b"sos 3"])


async def test_who_starts_locked_with_keys_of_before_seals_to_the_key_in_force(
    url: str, store: Store, elsewhere: Path, clock: Hands
) -> None:
    await rotate(store, plainly)
    clock.shown += KEPT_FOR + DAY
    await look_after(store)

    late = await Store.open(url, clock, Keyring.load(elsewhere))
    await keep(late, 1)
    is_locked = late.vault.is_locked
    await late.close()

    assert is_locked
    assert await waiting(store) == [b"sos 1"]


async def test_an_old_ingest_key_stays_while_something_waits_that_is_sealed_to_it(
    store: Store, folder: Path, clock: Hands
) -> None:
    [old] = ids(store)
    await keep(store, 1)
    await rotate(store, plainly)

    clock.shown += KEPT_FOR + DAY
    await look_after(store)
    kept = ids(store), await waiting(store)
    await handle_all(store)
    await look_after(store)

    assert kept == ([old, *ids(store)], [b"sos 1"])
    assert not (folder / f"ingest-{old}.key").exists()


async def test_what_was_set_aside_keeps_no_key(store: Store, clock: Hands) -> None:
    [old] = ids(store)
    await store.run(lambda tx: inbox.keep_aside(tx, "defenders", 1, b"{", "unreadable"))
    await rotate(store, plainly)

    clock.shown += KEPT_FOR + DAY
    await look_after(store)

    assert old not in ids(store)


@pytest.mark.parametrize("is_here", [True, False])
async def test_a_key_that_we_did_not_put_in_force_is_sealed_to_by_nobody(
    store: Store, locked: Store, is_here: bool
) -> None:
    """Whoever can write into the database could otherwise read what comes in."""
    theirs = ingest_file(new_key(), START)
    ours = store.vault.keyring.newest_ingest
    await store.run(partial(put, file=ours if is_here else theirs, proof="0" * 32))

    await keep(store, 1)
    await keep(locked, 2)

    assert await store.read(inbox.sealed_to) == {ours.id}
    assert await waiting(store) == [b"sos 1", b"sos 2"]


async def test_a_row_is_waited_for_whose_key_is_in_force_and_has_not_come(store: Store) -> None:
    newer = ingest_file(store.vault.keyring.kek(store.vault.keyring.kek_ids[0]), START + DAY)
    await store.run(partial(put, file=newer))
    await keep(store, 1)

    with pytest.raises(Locked):
        await waiting(store)
    is_locked = store.vault.is_locked
    store.vault.keyring.add(newer)

    assert is_locked
    assert await waiting(store) == [b"sos 1"]
    assert not store.vault.is_locked


async def test_a_row_that_asks_for_a_key_of_nobody_holds_nobody_up(store: Store) -> None:
    theirs = ingest_file(new_key(), START)

    def keep_theirs(tx: Tx) -> None:
        inbox.keep(tx, "defenders", 1, "chat", b"sos 1", urgent=True)
        tx.known.put("sealed to", "inbox", theirs.fields["public"])
        inbox.keep(tx, "defenders", 2, "chat", b"sos 2", urgent=True)

    await store.run(keep_theirs)

    assert await waiting(store) == [b"sos 1", b""]
    assert not store.vault.is_locked


# Keys that were put back


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_where_the_data_keys_were_put_back_from_before_no_key_that_is_gone_is_sealed_to(
    url: str, folder: Path, tmp_path: Path, clock: Hands
) -> None:
    file, aside = path_beside(tmp_path / "tocsin.sqlite"), tmp_path / "aside"
    await (await Store.open(url, clock, Keyring.load(folder))).close()
    shutil.copy(file, aside)
    kek = [one for one in Keyring.load(folder).files if one.use == "kek"]
    clock.shown += DAY
    store = await Store.open(url, clock, Keyring.load(folder))
    await rotate(store, plainly)
    clock.shown += KEPT_FOR + DAY
    await look_after(store)
    [newest] = ids(store)
    await store.close()
    shutil.copy(aside, file)
    kek[0].write(folder)  # from the copy in the safe

    again = await Store.open(url, clock, Keyring.load(folder))
    await keep(again, 1)
    found = await waiting(again), await again.read(inbox.sealed_to), again.vault.is_locked
    await again.close()

    assert found == ([b"sos 1"], {newest}, False)


@pytest.mark.parametrize("days", [-1, 0, 1])
async def test_an_older_folder_puts_no_key_of_its_own_in_force(
    url: str, store: Store, elsewhere: Path, clock: Hands, days: int
) -> None:
    """Only one that was made after the key in force was, which is gone."""
    clock.shown += 2 * DAY
    in_force = ingest_file(store.vault.keyring.kek(store.vault.keyring.kek_ids[0]), clock())
    await store.run(partial(put, file=in_force))
    beside = ingest_file(new_key(), clock() + days * DAY)
    beside.write(elsewhere)

    other = await Store.open(url, clock, Keyring.load(elsewhere))
    found = await other.read(lambda tx: key_id(tx.vault.sealed_to(tx.connection)))
    await other.close()

    assert found == (beside.id if days > 0 else in_force.id)


async def test_a_key_in_force_that_is_here_stays_in_force(url: str, store: Store, folder: Path, clock: Hands) -> None:
    [in_force] = ids(store)
    ingest_file(new_key(), START + DAY).write(folder)  # by a change that was cut short

    again = await Store.open(url, clock, Keyring.load(folder))
    found = await again.read(lambda tx: tx.vault.data_keys.ingest_in_force(tx.connection))
    await again.close()

    assert found is not None
    assert (found.n, key_id(found.public)) == (1, in_force)


async def test_the_keys_that_were_in_force_are_numbered_and_told_with_their_ends(store: Store, clock: Hands) -> None:
    begun = []
    for _ in range(2):
        clock.shown += DAY
        await rotate(store, plainly)
        begun.append(clock())

    def look(tx: Tx) -> list[tuple[str, object]]:
        with tx.vault.data_keys.changing(tx.connection) as own:
            return [(key_id(public), at) for public, at in tx.vault.data_keys.ingest_ended(own)]

    newest = await store.read(lambda tx: tx.vault.data_keys.ingest_in_force(tx.connection))
    assert newest is not None
    assert (newest.n, key_id(newest.public), newest.began_at) == (3, ids(store)[-1], begun[-1])
    assert newest.proof == store.vault.blind("ingest", newest.public.hex())
    assert await store.run(look) == list(zip(ids(store)[:2], begun, strict=True))
    assert len(newest.public) == ingest.MLKEM_PUBLIC_BYTES + 32
