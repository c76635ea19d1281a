"""Erasing comes to its end, wherever it was cut short and however often it is begun; nothing else is deleted."""

from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import delete, select

from store import chat_messages, erasing, journal, people, verifying
from store.data_keys import path_beside
from store.database import Store, Tx
from store.erasing import Certificate
from store.sealing import HOUSE, erase_subject
from store.tables.keys import DATA_KEY
from store.tables.messages import DELIVERY
from tests.databases import Hands
from tests.keys import KEYRING
from tests.store.made import ana, call_for_help, responder


class Dies(Exception):
    """The process is killed here."""


def rows_of(tx: Tx, person: UUID) -> bool:
    """Whether anything is left of a defender."""
    return people.state_of(tx, "defender", person) is not None


def begun(tx: Tx) -> UUID:
    """Ana, with everything that hangs from her, whose erasing has begun."""
    person = ana(tx)
    call_for_help(tx, person, responder(tx))
    chat_messages.note(tx, person, "4711", 1, tx.now)
    erasing.begin(tx, "defender", person)
    return person


def dies_before_its_commit(tx: Tx, person: UUID) -> None:
    """On SQLite the key is gone, and the rows are not."""
    assert erasing.carry_out(tx, "defender", person) is not None
    raise Dies


def certificates(tx: Tx, person: UUID) -> list[str]:
    return [entry.event for entry in journal.in_the_clear(tx, person)]


async def cut_short(store: Store, after: str) -> UUID:
    """Begin to erase Ana, and die after one of the commits."""
    if after == "nothing":
        return await store.run(ana)
    person = await store.run(begun)
    if after == "the key":
        with pytest.raises(Dies):
            await store.run(partial(dies_before_its_commit, person=person))
    elif after == "the rows":
        await store.run(lambda tx: erasing.carry_out(tx, "defender", person))
    return person


AFTER = ("nothing", "it was written down", "the key", "the rows")


@pytest.mark.parametrize("after", AFTER)
async def test_whoever_was_cut_short_anywhere_begins_again_and_is_done(store: Store, after: str) -> None:
    person = await cut_short(store, after)

    await store.run(lambda tx: erasing.begin(tx, "defender", person))
    again = await store.run(lambda tx: erasing.carry_out(tx, "defender", person))
    found = await store.read(lambda tx: erasing.certificate_of(tx, person))

    assert not await store.read(lambda tx: rows_of(tx, person))
    assert found is not None
    assert found.key is not None
    assert len(found.key) == 64
    assert (again is None) == (after == "the rows")
    assert again is None or (again.key, again.complete_on) == (found.key, found.complete_on)
    assert (await store.read(lambda tx: certificates(tx, person))).count("erased") == 1


@pytest.mark.parametrize("after", AFTER)
async def test_opening_goes_on_where_the_key_was_gone_and_nowhere_else(url: str, after: str) -> None:
    store = await Store.open(url, Hands(), KEYRING)
    person = await cut_short(store, after)
    had_key = await store.read(lambda tx: tx.vault.data_keys.find(tx.connection, person) is not None)
    await store.close()

    store = await Store.open(url, Hands(), KEYRING)
    left = await store.read(lambda tx: rows_of(tx, person))
    written = await store.read(lambda tx: certificates(tx, person))
    verdict = await store.read(verifying.verify)
    await store.close()

    assert left == had_key
    assert ("erased" in written) == (not had_key)
    assert not verdict.faults


async def test_rows_whose_key_is_missing_for_another_reason_are_kept(url: str) -> None:
    store = await Store.open(url, Hands(), KEYRING)
    person = await store.run(ana)
    await store.run(lambda tx: erase_subject(tx, person))
    await store.close()

    store = await Store.open(url, Hands(), KEYRING)

    assert await store.read(lambda tx: rows_of(tx, person))
    assert await store.read(lambda tx: erasing.without_key(tx, "defender")) == [person]
    await store.close()


async def test_keys_that_were_lost_as_a_whole_erase_nobody(tmp_path: Path) -> None:
    """Also not somebody whose erasing was once begun: the keys may be put back."""
    url = f"sqlite:///{tmp_path / 'a.sqlite'}"
    store = await Store.open(url, Hands(), KEYRING)
    person = await store.run(begun)
    await store.close()
    path_beside(tmp_path / "a.sqlite").unlink()

    store = await Store.open(url, Hands(), KEYRING)

    assert await store.read(lambda tx: rows_of(tx, person))
    await store.close()


async def test_what_is_left_of_somebody_without_a_key_is_removed_by_its_id(store: Store) -> None:
    def lose(tx: Tx) -> tuple[UUID, UUID, UUID]:
        defender, bo, cleo = ana(tx), responder(tx, "Bo"), responder(tx, "Cleo")
        with tx.vault.data_keys.changing(tx.connection) as own:
            own.execute(delete(DATA_KEY).where(DATA_KEY.c.subject.not_in([HOUSE, cleo])))
        tx.vault.forget()
        return defender, bo, cleo

    defender, bo, cleo = await store.run(lose)
    left = await store.read(lambda tx: [erasing.without_key(tx, side) for side in ("defender", "responder")])

    done: list[Certificate | None] = []
    for side, person in (("defender", defender), ("responder", bo)):
        done.append(await store.run(partial(erasing.carry_out, side=side, person=person)))

    assert left == [[defender], [bo]]
    assert [one.key for one in done if one is not None] == [None, None]
    assert await store.read(lambda tx: [erasing.without_key(tx, side) for side in ("defender", "responder")]) == [
        [],
        [],
    ]
    assert await store.read(lambda tx: [one.id for one in people.responders(tx)]) == [cleo]


async def test_a_responder_is_erased_with_what_was_said_to_them(store: Store) -> None:
    bo = await store.run(responder)
    await store.run(lambda tx: erasing.begin(tx, "responder", bo))

    done = await store.run(lambda tx: erasing.carry_out(tx, "responder", bo))
    of_the_other_side = await store.run(lambda tx: erasing.carry_out(tx, "defender", bo))

    assert done is not None
    assert done.key is not None
    assert of_the_other_side is None
    assert await store.read(lambda tx: people.responder(tx, bo)) is None
    assert await store.read(lambda tx: tx.connection.execute(select(DELIVERY.c.id)).all()) == []


async def test_a_certificate_says_whose_key_went_when_and_from_when_no_backup_holds_it(
    store: Store, clock: Hands
) -> None:
    person = await store.run(begun)
    wrapped = await store.read(lambda tx: tx.vault.data_keys.find(tx.connection, person))
    assert wrapped is not None

    done = await store.run(lambda tx: erasing.carry_out(tx, "defender", person))
    found = await store.read(lambda tx: erasing.certificate_of(tx, person))

    eight_days_on = clock.shown.date() + timedelta(days=8)  # of the seven, the last is over
    key = sha256(wrapped).hexdigest()
    assert done == Certificate(person, key, clock.shown, eight_days_on, in_chat=1)
    assert found == Certificate(person, key, clock.shown, eight_days_on)


async def test_who_is_erased_without_a_beginning_has_a_certificate_that_names_the_key(store: Store) -> None:
    person = await store.run(ana)
    wrapped = await store.read(lambda tx: tx.vault.data_keys.find(tx.connection, person))
    assert wrapped is not None

    done = await store.run(lambda tx: erasing.carry_out(tx, "defender", person))

    assert done is not None
    assert done.key == sha256(wrapped).hexdigest()


async def test_somebody_whose_key_was_gone_before_has_a_certificate_without_one(store: Store) -> None:
    person = await store.run(ana)
    await store.run(lambda tx: erase_subject(tx, person))

    done = await store.run(lambda tx: erasing.carry_out(tx, "defender", person))
    found = await store.read(lambda tx: erasing.certificate_of(tx, person))

    assert done is not None
    assert found is not None
    assert (done.key, found.key) == (None, None)


async def test_nobody_who_was_not_erased_has_a_certificate(store: Store) -> None:
    person = await store.run(begun)

    assert await store.read(lambda tx: erasing.certificate_of(tx, person)) is None


@pytest.mark.parametrize("side", ["defender", "responder"])
async def test_the_journal_names_who_was_erased_on_their_side(store: Store, side: str) -> None:
    person = await store.run(ana if side == "defender" else responder)
    await store.run(lambda tx: erasing.begin(tx, side, person))
    await store.run(lambda tx: erasing.carry_out(tx, side, person))

    written = await store.read(lambda tx: journal.in_the_clear(tx, person))

    named = (person, None) if side == "defender" else (None, person)
    assert [(entry.event, entry.defender, entry.actor) for entry in written] == [
        ("erased", *named),
        ("erase_begun", *named),
    ]


async def test_who_has_no_key_is_told_in_the_order_of_adding(store: Store) -> None:
    def lose(tx: Tx) -> list[UUID]:
        people_there: list[UUID] = [ana(tx) for _ in range(6)]
        for person in people_there:
            erase_subject(tx, person)
        return people_there

    there = await store.run(lose)

    assert await store.read(lambda tx: erasing.without_key(tx, "defender")) == there


async def test_opening_erases_nobody_where_nothing_was_begun(store: Store) -> None:
    await store.run(ana)

    assert await store.run(erasing.go_on) == 0


async def test_opening_tells_how_many_it_went_on_with(store: Store) -> None:
    person = await store.run(begun)
    await store.run(lambda tx: erase_subject(tx, person))

    assert await store.run(erasing.go_on) == 1


async def test_without_the_key_of_the_house_nobody_is_gone_on_with(store: Store) -> None:
    person = await store.run(begun)
    await store.run(lambda tx: (erase_subject(tx, person), erase_subject(tx, HOUSE)))

    assert await store.run(erasing.go_on) == 0
    assert await store.read(lambda tx: rows_of(tx, person))
