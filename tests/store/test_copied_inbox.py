"""What came in raw, in copies: it goes with the data keys and comes back with them, and is in no copy of the data."""

import asyncio
import sqlite3
from base64 import b64encode
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from store import inbox
from store.copies import Copies, put_back, take
from store.database import Store, Tx
from store.keyring import Keyring, plainly
from store.rotation import KEPT_FOR, look_after, rotate
from store.tables.messages import INBOX
from tests.databases import START, Hands, fresh_database

RAW = select(INBOX.c.source, INBOX.c.update_id, INBOX.c.state, INBOX.c.raw).order_by(INBOX.c.id)


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    made = Keyring.fresh(START)
    made.save(tmp_path / "keys")
    return made


def came(tx: Tx) -> None:
    """Two that wait with the same number at two bots, one that was set aside, one that nobody knows, one handled."""
    inbox.keep(tx, "defenders", 1, "chat", b"one", urgent=False)
    inbox.keep(tx, "defenders@1002", 1, "chat", b"two", urgent=False)
    inbox.keep(tx, "defenders", 2, "chat", b"aside", urgent=False)
    inbox.keep_aside(tx, "defenders", 3, b"{", "unreadable")
    inbox.keep(tx, "defenders", 4, "chat", b"done", urgent=False)
    rows = inbox.waiting(tx, 9, urgent=False)
    inbox.set_aside(tx, rows[2].id, "unreadable")
    inbox.done(tx, rows[3].id)


async def copied(url: str, into: Path) -> Copies:
    await asyncio.to_thread(into.mkdir)
    return await take(url, into)


def sealed(tx: Tx) -> dict[tuple[str, int], bytes]:
    """What is there raw, as it is sealed."""
    rows = tx.connection.execute(RAW).all()
    return {(row.source, row.update_id): row.raw for row in rows if row.raw is not None}


def states(tx: Tx) -> list[tuple[str, int, str, int | None]]:
    """Every row, and how long what is there raw is."""
    return [(*row[:3], None if row.raw is None else len(row.raw)) for row in tx.connection.execute(RAW)]


def inside(path: Path, raw: bytes) -> bool:
    """Whether these bytes are in a copy, of either kind."""
    content = path.read_bytes()
    return raw in content or raw[200:400] in content or b64encode(raw) in content


def waits(tx: Tx) -> list[bytes]:
    return [row.raw for row in inbox.waiting(tx, 9, urgent=False)]


async def test_what_waits_is_copied_with_the_data_keys_and_what_was_set_aside_nowhere(
    url: str, tmp_path: Path, keyring: Keyring
) -> None:
    store = await Store.open(url, Hands(), keyring)
    await store.run(came)
    before = await store.read(sealed)

    copies = await copied(url, tmp_path / "copy")
    after = await store.read(sealed)
    public = keyring.ingest_public
    await store.close()

    assert len(before) == 4
    assert after == before
    assert {where: (inside(copies.main, raw), inside(copies.keys, raw)) for where, raw in before.items()} == {
        ("defenders", 1): (False, True),
        ("defenders@1002", 1): (False, True),
        ("defenders", 2): (False, False),
        ("defenders", 3): (False, False),
    }
    assert not inside(copies.main, public)
    assert not inside(copies.keys, public)


async def test_what_waited_waits_again_where_both_copies_are_put_back(
    kind: str, url: str, tmp_path: Path, keyring: Keyring
) -> None:
    store = await Store.open(url, Hands(), keyring)
    await store.run(came)
    before = await store.read(states)
    copies = await copied(url, tmp_path / "copy")
    await store.close()

    async with fresh_database(kind, tmp_path / "other") as other:
        (tmp_path / "other").mkdir(exist_ok=True)
        again = await put_back(copies, other, Hands(), keyring)
        found = await again.run(waits), await again.read(states)
        await again.run(lambda tx: inbox.keep(tx, "defenders", 5, "chat", b"new", urgent=False))
        then = await again.run(waits), again.vault.is_locked
        await again.close()
        reopened = await Store.open(other, Hands(), keyring)
        last = await reopened.run(waits)
        await reopened.close()
        (tmp_path / "second").mkdir()
        twice = await take(other, tmp_path / "second")

    whole = {row[:3]: row[3] for row in before}
    assert found[0] == [b"one", b"two"]
    assert found[1] == [(*row, 0 if row[2] == "aside" else whole[row]) for row in whole]
    assert then == ([b"one", b"two", b"new"], False)
    assert last == then[0]
    assert twice.kind == copies.kind


async def test_rows_are_looked_at_in_a_file(url: str, kind: str, tmp_path: Path, keyring: Keyring) -> None:
    store = await Store.open(url, Hands(), keyring)
    await store.run(came)
    copies = await copied(url, tmp_path / "copy")
    await store.close()
    (tmp_path / "look").mkdir()

    again = await put_back(copies, f"sqlite:///{tmp_path / 'look' / 'a.sqlite'}", Hands(), keyring)
    found = await again.run(waits)
    await again.close()

    assert found == [b"one", b"two"]


async def test_of_an_older_copy_nothing_comes_back_that_is_not_with_these_data_keys(
    kind: str, url: str, tmp_path: Path, keyring: Keyring
) -> None:
    store = await Store.open(url, Hands(), keyring)
    await store.run(came)
    old = await copied(url, tmp_path / "old")
    first = (await store.run(partial(inbox.waiting, limit=1, urgent=False)))[0]
    await store.run(partial(inbox.done, row_id=first.id))
    new = await copied(url, tmp_path / "new")
    await store.close()

    async with fresh_database(kind, tmp_path / "other") as other:
        (tmp_path / "other").mkdir(exist_ok=True)
        again = await put_back(replace(old, keys=new.keys), other, Hands(), keyring)
        found = await again.run(waits)
        await again.close()

    assert found == [b"", b"two"]  # what is empty is set aside, as whatever cannot be read


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_a_copy_that_was_made_before_is_put_back_as_it_is(url: str, tmp_path: Path, keyring: Keyring) -> None:
    store = await Store.open(url, Hands(), keyring)
    await store.run(came)
    copies = await copied(url, tmp_path / "copy")
    await store.close()
    with closing(sqlite3.connect(copies.keys)) as older:
        older.execute("DROP TABLE waiting_raw")
        older.execute("DROP TABLE ingest_key")
        older.commit()
    (tmp_path / "other").mkdir()

    again = await put_back(copies, f"sqlite:///{tmp_path / 'other' / 'a.sqlite'}", Hands(), keyring)
    found = await again.run(waits), again.vault.is_locked
    await again.close()

    assert found == ([b"", b""], False)


async def test_a_copy_brings_no_ingest_key_back_in_force_that_is_gone(
    kind: str, url: str, tmp_path: Path, keyring: Keyring
) -> None:
    clock = Hands()
    store = await Store.open(url, clock, keyring)
    copies = await copied(url, tmp_path / "copy")
    await rotate(store, plainly)
    clock.shown += KEPT_FOR / 2
    newest = keyring.newest_ingest.id

    async with fresh_database(kind, tmp_path / "other") as other:
        (tmp_path / "other").mkdir(exist_ok=True)
        again = await put_back(copies, other, clock, keyring)
        await again.run(lambda tx: inbox.keep(tx, "defenders", 1, "chat", b"new", urgent=False))
        found = await again.read(inbox.sealed_to), await again.run(waits)
        await again.close()
    await look_after(store)
    await store.close()

    assert found == ({newest}, [b"new"])
