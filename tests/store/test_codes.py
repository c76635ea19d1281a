"""Codes and words: what is true beneath those that show comes back, and its row looks alike whatever is."""

import pytest
from sqlalchemy import select, update

from escalation.people import DefenderId
from escalation.secrets import Code, Word
from store import codes, people
from store.database import Store, Tx
from store.refusals import SealBroken
from store.tables.lowerings import CODE
from store.words import hash_code, hash_word

OLD, NEW, NEWER = (hash_code(row, str.encode) for row in ((0, 1, 2, 3), (5, 6, 5, 6), (7, 8, 7, 8)))
MAPLE, KITE = (hash_word(word, str.encode) for word in ("maple", "kite"))


def ana(tx: Tx, code: str | None = OLD) -> DefenderId:
    """Ana, with a safe word and a code."""
    person = people.add_defender(tx, "Ana", language="en", zone="UTC", profile="standard", chain="default")
    codes.save_word(tx, person, MAPLE)
    if code is not None:
        codes.save(tx, person, code)
    return person


def both(tx: Tx, person: DefenderId) -> tuple[Code | None, Word | None]:
    """What is kept of hers."""
    who = people.defender(tx, person)
    assert who is not None
    return codes.of_defender(tx, person), codes.word_of(tx, who)


def altered(tx: Tx, person: DefenderId, beneath: bytes | None) -> None:
    tx.connection.execute(update(CODE).where(CODE.c.defender == person).values(beneath=beneath))


async def test_what_is_chosen_at_first_or_with_a_good_row_is_true(store: Store) -> None:
    person = await store.run(ana)
    assert await store.read(lambda tx: both(tx, person)) == (Code(OLD, OLD), Word(MAPLE))

    await store.run(lambda tx: codes.save(tx, person, NEW))
    await store.run(lambda tx: codes.save_word(tx, person, KITE))

    assert await store.read(lambda tx: both(tx, person)) == (Code(NEW, NEW), Word(KITE))


async def test_beneath_a_code_that_was_chosen_by_force_the_one_before_stays_true(store: Store) -> None:
    person = await store.run(ana)

    await store.run(lambda tx: codes.save(tx, person, NEW, forced=True))
    once = await store.read(lambda tx: both(tx, person))
    await store.run(lambda tx: codes.save(tx, person, NEWER, forced=True))
    twice = await store.read(lambda tx: both(tx, person))
    await store.run(lambda tx: codes.save(tx, person, NEW))

    assert (once, twice) == ((Code(NEW, OLD), Word(MAPLE)), (Code(NEWER, OLD), Word(MAPLE)))
    assert await store.read(lambda tx: both(tx, person)) == (Code(NEW, NEW), Word(MAPLE))


async def test_a_word_that_was_chosen_by_force_says_so_until_another_is_chosen(store: Store) -> None:
    person = await store.run(ana)

    await store.run(lambda tx: codes.save_word(tx, person, KITE, forced=True))
    await store.run(lambda tx: codes.save(tx, person, NEW, forced=True))
    by_force = await store.read(lambda tx: both(tx, person))
    await store.run(lambda tx: codes.save_word(tx, person, MAPLE))

    assert by_force == (Code(NEW, OLD), Word(KITE, forced=True))
    assert await store.read(lambda tx: both(tx, person)) == (Code(NEW, OLD), Word(MAPLE))


async def test_force_is_known_within_the_transaction_in_which_it_was_used(store: Store) -> None:
    def work(tx: Tx) -> tuple[Code | None, Word | None]:
        person = ana(tx)
        both(tx, person)
        codes.save(tx, person, NEW, forced=True)
        codes.save_word(tx, person, KITE, forced=True)
        return both(tx, person)

    assert await store.run(work) == (Code(NEW, OLD), Word(KITE, forced=True))


async def test_who_has_chosen_nothing_has_nothing(store: Store) -> None:
    person = await store.run(lambda tx: ana(tx, code=None))

    assert await store.read(lambda tx: both(tx, person)) == (None, Word(MAPLE))
    assert not await store.read(lambda tx: codes.has_one(tx, person))
    await store.run(lambda tx: people.change_defender(tx, person, safe_word=None))
    assert await store.read(lambda tx: both(tx, person)) == (None, None)


async def test_rows_are_alike_whatever_lies_beneath(store: Store) -> None:
    def lengths(tx: Tx) -> set[tuple[int, int]]:
        for code, word in ((False, False), (True, False), (False, True), (True, True)):
            person = ana(tx)
            assert codes.has_one(tx, person)
            codes.save(tx, person, NEW, forced=code)
            codes.save_word(tx, person, KITE, forced=word)
        ana(tx)
        rows = tx.connection.execute(select(CODE.c.hashed, CODE.c.beneath))
        return {(len(hashed), len(beneath or b"")) for hashed, beneath in rows}

    [(_, beneath)] = await store.run(lengths)

    assert beneath > 1024


async def test_what_was_written_before_there_was_anything_beneath_is_true(store: Store) -> None:
    person = await store.run(ana)
    await store.run(lambda tx: altered(tx, person, None))
    assert await store.read(lambda tx: both(tx, person)) == (Code(OLD, OLD), Word(MAPLE))

    await store.run(lambda tx: codes.save_word(tx, person, KITE, forced=True))
    await store.run(lambda tx: codes.save(tx, person, NEW, forced=True))

    assert await store.read(lambda tx: both(tx, person)) == (Code(NEW, OLD), Word(KITE, forced=True))


async def test_what_an_older_program_writes_beside_us_is_true(store: Store) -> None:
    person = await store.run(ana)
    await store.run(lambda tx: codes.save(tx, person, NEW, forced=True))
    await store.run(lambda tx: codes.save_word(tx, person, KITE, forced=True))

    await store.run(lambda tx: tx.connection.execute(update(CODE).values(hashed=NEWER)))
    await store.run(lambda tx: people.change_defender(tx, person, safe_word=MAPLE))

    assert await store.read(lambda tx: both(tx, person)) == (Code(NEWER, NEWER), Word(MAPLE))


async def test_where_the_seal_is_broken_everything_says_force_and_nothing_is_written_over(store: Store) -> None:
    person, other = await store.run(ana), await store.run(ana)
    theirs = await store.read(lambda tx: tx.connection.execute(select(CODE.c.beneath).where(CODE.c.defender == other)))
    sealed = theirs.scalar_one()
    await store.run(lambda tx: altered(tx, person, sealed))

    assert await store.read(lambda tx: both(tx, person)) == (Code(OLD, None), Word(MAPLE, forced=True))
    with pytest.raises(SealBroken):
        await store.run(lambda tx: codes.save(tx, person, NEW))
    with pytest.raises(SealBroken):
        await store.run(lambda tx: codes.save_word(tx, person, KITE))
    assert await store.read(lambda tx: both(tx, person)) == (Code(OLD, None), Word(MAPLE, forced=True))
