"""Changing the key-encryption key: what is wrapped anew, what is handed over, and which old key goes when."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import select, update

from store import inbox, postgres, rotation
from store.database import Store, Tx
from store.key_files import KeyFile
from store.keyring import Keyring, plainly
from store.rotation import HANDED_OVER_WITHIN, KEPT_FOR, Rotated, look_after, rotate
from store.sealing import HOUSE, begin_subject
from store.tables.keys import DATA_KEY
from tests.databases import START, Hands

SECOND = timedelta(seconds=1)
SOMEBODY = [UUID(int=number) for number in range(1, 8)]


def elsewhere(kek: bytes) -> dict[str, bytes]:
    """As under a passphrase that no test here gives."""
    return {"salt": b"-" * 16, "wrapped": b"-" * 60}


@pytest.fixture
def store(with_folder: Store) -> Store:
    """A store whose keys are in files."""
    return with_folder


def files(store: Store, use: str) -> list[KeyFile]:
    return [one for one in store.vault.keyring.files if one.use == use]


def on_disk(folder: Path, use: str) -> set[str]:
    return {path.name for path in folder.glob(f"{use}-*")}


def begin_all(tx: Tx) -> None:
    for subject in SOMEBODY:
        begin_subject(tx, subject)


def spoil(tx: Tx, subject: UUID, kek: bytes = b"none") -> None:
    """Have somebody's data key ask for a key-encryption key that nobody ever made, or for this one."""
    with tx.vault.data_keys.changing(tx.connection) as own:
        chosen = DATA_KEY.c.subject == subject
        wrapped: bytes = own.execute(select(DATA_KEY.c.wrapped).where(chosen)).scalar_one()
        own.execute(update(DATA_KEY).where(chosen).values(wrapped=wrapped[:2] + kek + wrapped[6:]))
    tx.vault.forget()


@pytest.mark.parametrize("at_a_time", [1, 3, 8, 200])
async def test_every_data_key_is_wrapped_anew_a_few_at_a_time(
    store: Store, monkeypatch: pytest.MonkeyPatch, at_a_time: int
) -> None:
    monkeypatch.setattr(rotation, "AT_A_TIME", at_a_time)
    await store.run(begin_all)
    [before] = store.vault.keyring.kek_ids

    rotated = await rotate(store, plainly)

    assert rotated == Rotated(before, store.vault.keyring.kek_ids[-1], rewrapped=len(SOMEBODY) + 1)
    assert rotated.now != before


@pytest.mark.parametrize("at_a_time", [1, 3])
async def test_what_does_not_open_is_passed_over_wherever_it_stands(
    store: Store, monkeypatch: pytest.MonkeyPatch, at_a_time: int
) -> None:
    monkeypatch.setattr(rotation, "AT_A_TIME", at_a_time)
    await store.run(begin_all)
    for subject in (SOMEBODY[0], *SOMEBODY[-2:]):
        await store.run(lambda tx, subject=subject: spoil(tx, subject))  # type: ignore[misc] # bound at once

    rotated = await rotate(store, plainly)

    assert (rotated.rewrapped, rotated.left) == (len(SOMEBODY) - 3 + 1, 3)


async def test_the_newest_file_is_the_key_in_force_however_soon_it_was_changed_again(
    store: Store, clock: Hands
) -> None:
    made = [(await rotate(store, plainly)).now for _ in range(2)]
    clock.shown += timedelta(days=1)
    made.append((await rotate(store, plainly)).now)

    kept = files(store, "kek")
    assert [one.id for one in kept[1:]] == made
    assert [one.created - START for one in kept] == [timedelta(), SECOND, 2 * SECOND, timedelta(days=1)]


@pytest.mark.parametrize(("keep", "handed"), [(plainly, 0), (elsewhere, 1)])
async def test_only_a_key_that_cannot_be_read_from_its_file_is_handed_over(
    store: Store, folder: Path, keep: Callable[[bytes], dict[str, bytes]], handed: int
) -> None:
    await rotate(store, keep)

    assert (len(files(store, "handover")), len(on_disk(folder, "handover"))) == (handed, handed)


async def test_what_is_handed_over_stays_a_quarter_of_an_hour_and_takes_no_key_along(
    store: Store, folder: Path, clock: Hands
) -> None:
    await rotate(store, elsewhere)

    clock.shown += HANDED_OVER_WITHIN
    early = await look_after(store), len(on_disk(folder, "handover"))
    clock.shown += SECOND
    late = await look_after(store), len(on_disk(folder, "handover"))

    assert (early, late) == ((0, 1), (1, 0))
    assert len(on_disk(folder, "kek")) == 2
    assert not store.vault.is_locked


async def test_an_old_key_goes_a_week_after_it_was_in_force_and_the_one_in_force_never(
    store: Store, folder: Path, clock: Hands
) -> None:
    clock.shown += timedelta(days=30)
    rotated = await rotate(store, plainly)

    clock.shown += KEPT_FOR
    early = await look_after(store), len(on_disk(folder, "kek"))
    clock.shown += SECOND
    late = await look_after(store), len(on_disk(folder, "kek"))
    clock.shown += 10 * KEPT_FOR

    assert (early, late) == ((0, 2), (2, 1))  # with the ingest key of its time
    assert await look_after(store) == 0
    assert on_disk(folder, "kek") == {f"kek-{rotated.now}.key"}
    assert {len(on_disk(folder, use)) for use in ("root", "sign", "ingest")} == {1}


async def test_no_key_goes_as_long_as_any_data_key_is_under_another(store: Store, clock: Hands) -> None:
    await store.run(begin_all)
    await store.run(lambda tx: spoil(tx, SOMEBODY[0]))
    await rotate(store, plainly)

    clock.shown += 2 * KEPT_FOR

    assert await look_after(store) == 0


async def test_an_old_key_stays_as_long_as_what_waits_opens_by_it(store: Store, folder: Path, clock: Hands) -> None:
    [held] = files(store, "ingest")
    await store.run(lambda tx: inbox.keep(tx, "defenders", 1, "chat", b"sos", urgent=True))
    await rotate(store, plainly)
    store.vault.keyring.add(held)  # as where the change was cut short before it was wrapped anew

    clock.shown += 2 * KEPT_FOR

    assert await look_after(store) == 0
    assert len(on_disk(folder, "kek")) == 2
    [row] = await store.run(lambda tx: inbox.waiting(tx, 9, urgent=True))
    assert row.raw == b"sos"
    await store.run(lambda tx: inbox.done(tx, row.id))
    assert await look_after(store) == 2
    assert on_disk(folder, "ingest").isdisjoint({held.name})


async def test_a_key_that_never_came_into_force_goes_a_week_after_it_was_made(
    store: Store, folder: Path, clock: Hands
) -> None:
    keyring = store.vault.keyring
    [held] = files(store, "ingest")
    [in_force] = keyring.kek_ids
    clock.shown += timedelta(days=1)
    await store.run(lambda tx: rotation.put_into(keyring, in_force, plainly, tx))  # and there it was cut short

    clock.shown += KEPT_FOR
    early = await look_after(store)
    clock.shown += SECOND

    assert (early, await look_after(store)) == (0, 2)
    assert on_disk(folder, "kek") == {f"kek-{in_force}.key"}
    assert on_disk(folder, "ingest") == {held.name}


async def test_of_what_goes_only_what_was_in_the_folder_is_counted(store: Store, folder: Path, clock: Hands) -> None:
    rotated = await rotate(store, plainly)
    clock.shown += 2 * KEPT_FOR
    store.vault.keyring.look_again()
    (folder / f"kek-{rotated.before}.key").unlink()

    assert await look_after(store) == 1  # the ingest key of its time
    assert store.vault.keyring.kek_ids == (rotated.now,)


async def test_who_looks_after_the_keys_finds_those_that_others_put_there(
    store: Store, folder: Path, tmp_path: Path, clock: Hands
) -> None:
    other = await Store.open(f"sqlite:///{tmp_path / 'a.sqlite'}", clock, Keyring.load(folder))
    rotated = await rotate(other, plainly)
    await other.close()

    await look_after(store)

    assert store.vault.keyring.kek_ids == (rotated.before, rotated.now)


@dataclass
class AsIfOnPostgres:
    """A store of which the transactions say that they are PostgreSQL's; its data keys need none."""

    store: Store

    async def run(self, work: Callable[[Tx], Any]) -> Any:
        """See `store.database`."""
        there = cast("Any", SimpleNamespace(dialect=SimpleNamespace(name="postgresql")))
        return await self.store.run(lambda tx: work(replace(tx, connection=there)))


@pytest.mark.parametrize("on_postgres", [True, False])
async def test_on_postgres_nobody_makes_a_key_while_the_change_begins(
    store: Store, monkeypatch: pytest.MonkeyPatch, on_postgres: bool
) -> None:
    turns: list[tuple[str, bool]] = []
    monkeypatch.setattr(postgres, "take_turn", lambda own, *, alone: turns.append((own.dialect.name, alone)))

    await rotate(cast("Store", AsIfOnPostgres(store)) if on_postgres else store, plainly)

    assert turns == ([("postgresql", True)] if on_postgres else [])
    assert HOUSE in await store.read(lambda tx: tx.vault.data_keys.whose(tx.connection))
