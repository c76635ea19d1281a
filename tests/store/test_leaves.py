"""What a leaf of the journal says: all of an entry that may leave the house, and nobody's name."""

import json
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from store import checkpoints, journal, leaves
from store.binding import bound
from store.database import Store, Tx
from store.tables.journal import JOURNAL
from tests.databases import fresh_store

ANA, BO, ONE, OTHER = (UUID(int=number) for number in range(1, 5))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with fresh_store("sqlite", tmp_path) as opened:
        yield opened


def write_all(tx: Tx) -> None:
    """One entry about the service, two about an incident, one about another."""
    journal.write(tx, "service_returned", overdue=1)
    journal.write(tx, "saw", incident=ONE, defender=ANA, actor=BO)
    journal.write(tx, "saw", incident=OTHER, actor=BO)
    journal.write(tx, "closed", incident=ONE, defender=ANA)
    checkpoints.place(tx)


def entries(tx: Tx) -> list[Any]:
    return list(tx.connection.execute(JOURNAL.select().order_by(JOURNAL.c.id)))


async def said(store: Store, number: int) -> dict[str, Any]:
    """What the leaf of this entry says, at place 7."""
    told: dict[str, Any] = json.loads(await store.read(lambda tx: leaves.leaf(tx, 7, entries(tx)[number])))
    return told


async def test_a_leaf_says_what_happened_when_and_to_whom_and_names_nobody(store: Store) -> None:
    await store.run(write_all)
    rows = await store.read(entries)
    pseudonym = store.vault.pseudonym

    about_ana = {
        "v": 1,
        "seq": 7,
        "at": "2026-03-02T08:00:00.000000Z",
        "code": "answered",
        "incident": pseudonym("journal:incident", ONE.bytes),
        "defender": pseudonym("journal:person", ANA.bytes),
        "actor": pseudonym("journal:person", BO.bytes),
        "commitment": rows[1].commitment.hex(),
        "content": sha256(rows[1].sealed).hexdigest(),
    }
    about_nobody = {
        **about_ana,
        "code": "service",
        "incident": None,
        "defender": None,
        "actor": None,
        "commitment": rows[0].commitment.hex(),
        "content": sha256(rows[0].plain.encode()).hexdigest(),
    }
    assert [await said(store, number) for number in (1, 0)] == [about_ana, about_nobody]


async def test_the_hash_of_an_entry_is_that_of_its_leaf(store: Store) -> None:
    await store.run(write_all)

    leaf, hash_ = await store.read(
        lambda tx: (leaves.leaf(tx, 7, entries(tx)[0]), leaves.hash_of(tx, 7, entries(tx)[0]))
    )

    assert hash_ == sha256(b"\0" + leaf.encode()).digest()


def test_an_instant_is_told_in_utc_wherever_the_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/Bogota")
    time.tzset()
    at = datetime(2026, 3, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=-5)))

    told = leaves.instant(at)
    monkeypatch.undo()
    time.tzset()

    assert told == "2026-03-02T08:04:05.000006Z"


async def test_a_log_has_a_name_that_tells_nothing(store: Store) -> None:
    origin = await store.read(leaves.origin)

    assert origin == f"tocsin.journal/{store.vault.pseudonym('journal', b'origin')[:16]}"
    assert bound("journal", b"origin") not in origin.encode()


@pytest.mark.parametrize(("incident", "seqs"), [(None, [0, 1, 2, 3]), (ONE, [1, 3]), (OTHER, [2]), (ANA, [])])
async def test_the_entries_of_an_incident_are_those_and_keep_their_places(
    store: Store, incident: UUID | None, seqs: list[int]
) -> None:
    await store.run(write_all)

    def look(tx: Tx) -> list[tuple[int, bytes, int]]:
        return [(one.seq, one.hash, one.row.id) for one in leaves.placed(tx, incident) if one.row is not None]

    hashes = await store.read(leaves.hashes)
    assert await store.read(look) == [(seq, hashes[seq], seq + 1) for seq in seqs]


async def test_what_neither_waits_nor_has_a_place_is_counted(store: Store) -> None:
    await store.run(write_all)
    await store.run(partial(journal.write, event="service_returned"))
    waits = await store.read(leaves.passed_over)

    await store.run(lambda tx: tx.connection.execute(text("DELETE FROM journal_waiting")))

    assert (waits, await store.read(leaves.passed_over)) == (0, 1)


async def test_the_place_of_an_entry_that_is_gone_is_there_and_empty(store: Store) -> None:
    await store.run(write_all)

    def take_away(tx: Tx) -> None:
        tx.connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        tx.connection.execute(text("DROP TRIGGER journal_no_delete"))
        tx.connection.execute(text("DELETE FROM journal WHERE id = 2"))
        assert [one.row is None for one in leaves.placed(tx)] == [False, True, False, False]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.run(take_away)
