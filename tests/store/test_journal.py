"""Entries of the journal: what is kept in the clear, what is sealed and under whose key, and what is left of it."""

from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Row, text

from store import journal
from store.database import Store, Tx
from store.records import JournalEntry, Words
from store.sealing import HOUSE, SealBroken, begin_subject, erase_subject
from store.tables.journal import JOURNAL

ANA, BO, INCIDENT = UUID(int=1), UUID(int=2), UUID(int=3)
ID, HASH = "6f1c2f3e-8d0b-4b6e-9a57-2f0c1d3e4b5a", "ab" * 32


@pytest.fixture(params=["sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    """One database is enough here."""
    return str(request.param)


def begin(person: UUID, tx: Tx) -> None:
    """Make a key for somebody."""
    begin_subject(tx, person)


def rows(tx: Tx) -> "list[Row[Any]]":
    """Everything that stands in the table."""
    return list(tx.connection.execute(JOURNAL.select().order_by(JOURNAL.c.id)))


async def last(store: Store) -> JournalEntry:
    [entry] = await store.read(lambda tx: journal.newest(tx, 1))
    return entry


async def write(store: Store, event: str, detail: dict[str, Words], **about: UUID) -> None:
    """One entry, by a transaction of its own."""
    everything: dict[str, Any] = {**about, **detail}
    await store.run(lambda tx: journal.write(tx, event, **everything))


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (7, 7),
        (True, True),
        (None, None),
        (0.5, 0.5),
        ("defenders", "defenders"),
        ("DecodeError", "DecodeError"),
        ("a.b:c+d-e_f", "a.b:c+d-e_f"),
        ("2026-03-02T08:00:00+00:00", "2026-03-02T08:00:00+00:00"),
        ("123456", "123456"),
        ("1234567", "?"),
        ("chat1234567", "?"),
        ("-1001234567890", "?"),
        (ID, ID),
        ("11111111-2222-3333-4444-555555555555", "11111111-2222-3333-4444-555555555555"),
        (HASH, HASH),
        ("1" * 64, "1" * 64),
        ("1" * 63, "?"),
        ("two words", "?"),
        ("", "?"),
        ("x" * 100, "x" * 100),
        ("x" * 101, "?"),
        ("Añá", "?"),
        (["defenders", "two words"], ["defenders", "?"]),
        ({"one": "two words", "other": ["x", {"y": "a b"}]}, {"one": "?", "other": ["x", {"y": "?"}]}),
    ],
)
async def test_of_what_is_about_nobody_ids_and_counts_stand_in_the_clear(
    store: Store, value: Words, kept: Words
) -> None:
    await write(store, "service_returned", {"what": value})

    assert (await last(store)).detail == {"what": kept}
    [row] = await store.read(rows)
    assert (row.subject, row.sealed, row.code) == (None, None, "service")


async def test_what_is_about_somebody_is_kept_as_it_is_and_under_their_key(store: Store) -> None:
    for person in (ANA, BO):
        await store.run(partial(begin, person))
    detail: dict[str, Words] = {"what": "two words", "kind": "panic"}

    await write(store, "took_it", detail, incident=INCIDENT, defender=ANA, actor=BO)
    await write(store, "saw", detail, incident=INCIDENT, actor=BO)

    both = await store.read(rows)
    assert [row.subject for row in both] == [ANA, BO]
    assert [row.plain for row in both] == [None, None]
    assert all(b"panic" not in row.sealed for row in both)
    assert both[0].cell != both[1].cell
    entry = await last(store)
    assert (entry.event, entry.detail, entry.incident, entry.actor) == ("saw", detail, INCIDENT, BO)


async def test_what_is_about_somebody_without_a_key_is_sealed_for_the_house(store: Store) -> None:
    await write(store, "opened", {"kind": "panic"}, incident=INCIDENT)
    await write(store, "invited", {"side": "responder"}, actor=BO)

    assert [row.subject for row in await store.read(rows)] == [HOUSE, HOUSE]
    assert (await last(store)).detail == {"side": "responder"}


async def test_of_who_is_erased_only_the_code_is_left(store: Store) -> None:
    await store.run(lambda tx: begin_subject(tx, ANA))
    await write(store, "timer_set", {"due_at": "2026-03-02"}, defender=ANA)

    await store.run(lambda tx: erase_subject(tx, ANA))

    entry = await last(store)
    assert (entry.event, entry.detail, entry.defender) == ("person", {}, ANA)


async def test_the_certificate_of_an_erasure_stands_in_the_clear(store: Store) -> None:
    await write(store, "erased", {"key_sha256": HASH}, defender=ANA)

    [row] = await store.read(rows)
    assert row.sealed is None
    assert HASH in row.plain
    assert (row.code, row.defender) == ("erased", ANA)


@pytest.mark.parametrize(
    ("event", "about", "code"),
    [
        ("opened", "incident", "opened"),
        ("ask", "incident", "called"),
        ("tell_end_of_chain", "incident", "called"),
        ("ask_approval", "incident", "called"),
        ("accepted", "incident", "delivered"),
        ("took_it", "incident", "answered"),
        ("closed", "incident", "answered"),
        ("runbook_ticked", "incident", "answered"),
        ("all_clear", "incident", "ended"),
        ("pass_on", "incident", "incident"),
        ("never_heard_of", "incident", "incident"),
        ("opened", "defender", "person"),
        ("all_clear", "actor", "person"),
        ("came_back", "actor", "person"),
    ],
)
async def test_a_code_tells_what_an_entry_is_about_and_no_more(store: Store, event: str, about: str, code: str) -> None:
    await write(store, event, {"kind": "duress"}, **{about: ANA})

    assert [row.code for row in await store.read(rows)] == [code]


async def test_what_a_watch_did_has_a_code_of_its_own(store: Store) -> None:
    await write(store, "remind", {"watch": ID}, defender=ANA)

    assert [row.code for row in await store.read(rows)] == ["watch"]


async def test_the_same_content_is_never_committed_to_in_the_same_way(store: Store) -> None:
    for _ in range(2):
        await write(store, "service_returned", {"overdue": 1})

    one, other = await store.read(rows)

    assert one.commitment != other.commitment
    assert len(one.commitment) == 32


async def test_a_content_is_what_was_committed_to_and_nothing_else(store: Store) -> None:
    await write(store, "service_returned", {"b": 1, "a": [True, None]})

    salt, content = await store.read(lambda tx: journal.content_of(tx, rows(tx)[0]))

    [row] = await store.read(rows)
    assert content == '{"detail":{"a":[true,null],"b":1},"event":"service_returned"}'
    assert len(salt) == 32
    assert journal.commitment(salt, content) == row.commitment
    assert journal.commitment(salt, content + " ") != row.commitment
    assert journal.commitment(bytes(32), content) != row.commitment


async def test_what_is_no_content_is_told_from_one(store: Store) -> None:
    await write(store, "service_returned", {})

    def broken(tx: Tx) -> None:
        tx.connection.execute(text("DROP TRIGGER journal_no_update"))
        tx.connection.execute(text("UPDATE journal SET plain = 'no salt'"))

    await store.run(broken)

    with pytest.raises(SealBroken, match="no content"):
        await store.read(lambda tx: journal.content_of(tx, rows(tx)[0]))
    assert ((await last(store)).event, (await last(store)).detail) == ("service", {})


async def test_the_entries_of_an_incident_are_told_in_order_and_the_newest_last_first(store: Store) -> None:
    for number in range(3):
        await write(store, "saw", {"number": number}, incident=INCIDENT)
    await write(store, "saw", {"number": 3}, incident=uuid4())

    of_it = await store.read(lambda tx: journal.of_incident(tx, INCIDENT))
    newest = await store.read(lambda tx: journal.newest(tx, 2))

    assert [entry.detail["number"] for entry in of_it] == [0, 1, 2]
    assert [entry.detail["number"] for entry in newest] == [3, 2]
