"""B1 and B2: who was erased is gone, from the files that are used and from every backup that is put back."""

import asyncio
import secrets
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID

from store import people
from store.copies import Copies, put_back, take
from store.database import Store, Tx
from store.sealing import erase_subject
from store.tables.people import PERSON
from tests.bars.conftest import Bar
from tests.databases import Hands
from tests.keys import KEYRING

SPELLINGS = ("utf-8", "utf-16-le", "utf-16-be")


def add(tx: Tx, name: str) -> UUID:
    """Somebody with a name of their own."""
    person = people.add_defender(tx, name, language="es", zone="America/Bogota", profile="high", chain="default")
    people.change_defender(tx, person, state="active", consented_at=tx.now)
    return person


def wrapped_keys(tx: Tx) -> dict[UUID, bytes]:
    """Every data key as it is kept."""
    with tx.vault.data_keys.changing(tx.connection) as own:
        everybody = list(tx.vault.data_keys.subjects(own))
    found = {subject: tx.vault.data_keys.find(tx.connection, subject) for subject in everybody}
    return {subject: wrapped for subject, wrapped in found.items() if wrapped is not None}


def files_in(folder: Path) -> list[Path]:
    """Every file of a folder."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def content(folder: Path) -> bytes:
    """Everything in every file of a folder."""
    return b"".join(path.read_bytes() for path in files_in(folder))


async def test_b1_the_key_of_who_was_erased_is_in_no_file_that_is_used(bar: Bar, tmp_path: Path) -> None:
    many = bar.size(20, 300)
    store = await Store.open(f"sqlite:///{tmp_path / 'tocsin.sqlite'}", Hands(), KEYRING)
    everybody = [await store.run(partial(add, name=f"marker {secrets.token_hex(6)}")) for _ in range(many)]
    wrapped = await store.run(wrapped_keys)
    before = content(tmp_path)
    erased = everybody[::2]

    for person in erased:
        await store.run(partial(people.erase_defender, person=person))
    in_use = content(tmp_path)
    await store.close()
    after = content(tmp_path)

    assert all(wrapped[person] in before for person in everybody)
    assert not any(wrapped[person] in in_use + after for person in erased)
    assert not any(wrapped[person][-32:] in in_use + after for person in erased)
    assert all(wrapped[person] in after for person in everybody if person not in erased)
    assert {path.suffix for path in files_in(tmp_path)} == {".sqlite"}
    bar.holds(
        "After an erasure the data key, as it was kept, is in no file in use",
        f"0 of {len(erased)} keys found, with the service open and closed",
    )


async def test_b2_an_old_backup_gives_nothing_back_of_who_was_erased(bar: Bar, tmp_path: Path) -> None:
    rounds = bar.size(4, 24)
    live = tmp_path / "live"
    live.mkdir()
    url = f"sqlite:///{live / 'tocsin.sqlite'}"
    store = await Store.open(url, Hands(), KEYRING)
    names: dict[UUID, str] = {}
    old: list[Copies] = []
    for n in range(rounds):
        name = f"marker {secrets.token_hex(6)}"
        names[await store.run(partial(add, name=name))] = name
        (tmp_path / f"backup {n}").mkdir()
        old.append(await take(url, tmp_path / f"backup {n}"))
    erased = list(names)[::2]
    for person in erased:
        await store.run(partial(people.erase_defender, person=person))
    (tmp_path / "now").mkdir()
    current = await take(url, tmp_path / "now")
    await store.close()

    seen, refused = 0, 0
    for n, older in enumerate(old):
        (tmp_path / f"again {n}").mkdir()
        back = f"sqlite:///{tmp_path / f'again {n}' / 'tocsin.sqlite'}"
        again = await put_back(replace(older, keys=current.keys), back, Hands(), KEYRING)
        found = {one.id: one.name for one in await again.read(people.defenders)}
        rows = await again.read(lambda tx: {row.id for row in tx.connection.execute(PERSON.select())})
        await again.close()
        there = await asyncio.to_thread(content, tmp_path / f"again {n}")
        assert found == {who: name for who, name in list(names.items())[: n + 1] if who not in erased}
        assert {who for who in erased if who in rows} == set(list(names)[: n + 1]) & set(erased)
        assert not any(names[who].encode(spelling) in there for who in names for spelling in SPELLINGS)
        seen, refused = seen + len(found), refused + len(rows) - len(found)

    assert seen
    assert refused
    bar.holds(
        "An old backup of the data with today's data keys gives nothing back of who was erased",
        f"{rounds} backups put back: {refused} rows of erased people opened never, {seen} of others did",
    )


async def test_b2_the_key_is_gone_even_where_its_rows_could_not_be_deleted(bar: Bar, tmp_path: Path) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'tocsin.sqlite'}", Hands(), KEYRING)
    person = await store.run(partial(add, name="Ana"))

    def dies(tx: Tx) -> None:
        erase_subject(tx, person)
        raise OSError

    for _ in range(bar.size(1, 1)):
        try:
            await store.run(dies)
        except OSError:
            pass
        else:
            raise AssertionError("the transaction should have failed")

    assert not await store.read(people.defenders)
    await store.close()
    bar.holds("", "a crash between key and rows leaves rows that nobody can open")
