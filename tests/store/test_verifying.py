"""Looking whether the journal is what it was: each thing that may be wrong with it has its sentence."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text, update

from store import checkpoints, journal, leaves
from store.database import Store, Tx
from store.merkle import Peaks
from store.notes import Checkpoint, VerifierKey, signed
from store.sealing import begin_subject, erase_subject
from store.tables.journal import JOURNAL, LEAF
from store.verifying import MOST_FAULTS, Verdict, verify
from tests.databases import fresh_store

ANA = UUID(int=1)
GOOD = Verdict(entries=8, waiting=0, opened=8, kept=2, anchored=0, given=0, faults=())


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A store with eight entries in its journal and two checkpoints, on which no trigger watches."""
    async with fresh_store("sqlite", tmp_path) as opened:
        await opened.run(lambda tx: begin_subject(tx, ANA))
        for number in range(8):
            await opened.run(partial(write, number))
        await opened.run(unguarded)
        yield opened


def write(number: int, tx: Tx) -> None:
    """One of the entries; every fourth is followed by a checkpoint."""
    if number % 2:
        journal.write(tx, "service_returned", overdue=number)
    else:
        journal.write(tx, "went_away", actor=ANA, number=number)
    if number % 4 == 3:
        checkpoints.place(tx)


def unguarded(tx: Tx) -> None:
    """Take away what refuses changes, as somebody would who has the database."""
    names = tx.connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
    for name in names:
        if name.startswith("journal") and name != "journal_waits":
            tx.connection.execute(text(f"DROP TRIGGER {name}"))


def do(*statements: str) -> Callable[[Tx], None]:
    """Change the database by these statements, without a key to hold anything back."""

    def work(tx: Tx) -> None:
        tx.connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        for statement in statements:
            tx.connection.execute(text(statement))

    return work


async def after(store: Store, change: Callable[[Tx], None], *given: str) -> Verdict:
    """What is found after a change, which is then undone."""

    class Undo(Exception):
        pass

    found: list[Verdict] = []

    def work(tx: Tx) -> None:
        change(tx)
        found.append(verify(tx, given))
        raise Undo

    with pytest.raises(Undo):
        await store.run(work)
    return found[-1]


async def notes(store: Store) -> list[str]:
    return [one.note for one in await store.read(checkpoints.kept)]


async def test_a_journal_as_it_was_has_no_fault_and_is_unanchored(store: Store) -> None:
    verdict = await store.read(verify)

    assert verdict == GOOD
    assert verdict.unanchored


async def test_it_is_anchored_as_far_as_the_largest_checkpoint_of_somebody_else(store: Store) -> None:
    first, last = await notes(store)

    up_to_four = await store.read(lambda tx: verify(tx, [first]))
    all_of_it = await store.read(lambda tx: verify(tx, [last, first]))

    assert up_to_four == replace(GOOD, anchored=4, given=1)
    assert up_to_four.unanchored
    assert all_of_it == replace(GOOD, anchored=8, given=2)
    assert not all_of_it.unanchored


async def test_what_waits_for_its_place_is_counted_and_no_fault(store: Store) -> None:
    await store.run(partial(write, 0))

    assert await store.read(verify) == replace(GOOD, waiting=1)


async def test_of_who_is_erased_nothing_is_opened_and_nothing_is_wrong(store: Store) -> None:
    await store.run(lambda tx: erase_subject(tx, ANA))

    assert await store.read(verify) == replace(GOOD, opened=4)


@pytest.mark.parametrize(
    "change",
    [
        "code = 'watch'",
        "at = '2026-03-02 08:00:00.000001'",
        "incident = actor",
        "defender = actor",
        "actor = cell",
        "commitment = x'00'",
        "sealed = NULL, subject = NULL, plain = '00 {}'",
    ],
)
async def test_an_entry_that_was_changed_is_named(store: Store, change: str) -> None:
    verdict = await after(store, do(f"UPDATE journal SET {change} WHERE id = 3"))

    assert "The entry at place 2 was changed." in verdict.faults
    assert "The first 4 entries are not those of the checkpoint that the journal keeps." in verdict.faults
    assert "The first 8 entries are not those of the checkpoint that the journal keeps." in verdict.faults


async def test_a_cell_that_was_changed_breaks_the_seal(store: Store) -> None:
    verdict = await after(store, do("UPDATE journal SET cell = actor WHERE id = 3"))

    assert verdict.faults == ("The content at place 2 is not what was sealed there.",)
    assert verdict.opened == 7


async def test_an_entry_that_is_gone_is_named(store: Store) -> None:
    verdict = await after(store, do("DELETE FROM journal WHERE id = 3"))

    assert verdict.faults == ("The entry at place 2 is gone.",)


async def test_a_place_that_is_gone_is_named(store: Store) -> None:
    last = (await notes(store))[-1]

    verdict = await after(store, do("DELETE FROM journal_leaf WHERE seq = 5"), last)

    assert verdict.faults == (
        "There is no entry at place 5.",
        "The journal ends after 5 entries; the checkpoint that the journal keeps saw 8.",
        "The journal ends after 5 entries; the checkpoint that was given saw 8.",
        "What is kept of the tree does not fit its entries.",
        "1 entries have no place in the tree, and wait for none.",
    )
    assert (verdict.entries, verdict.anchored) == (5, 0)


async def test_a_content_that_was_never_committed_to_is_named(store: Store) -> None:
    def swap_commitment(tx: Tx) -> None:
        tx.connection.execute(update(JOURNAL).where(JOURNAL.c.id == 3).values(commitment=bytes(32)))
        row = tx.connection.execute(JOURNAL.select().where(JOURNAL.c.id == 3)).one()
        tx.connection.execute(update(LEAF).where(LEAF.c.seq == 2).values(hash=leaves.hash_of(tx, 2, row)))

    verdict = await after(store, swap_commitment)

    assert verdict.faults[0] == "The content at place 2 is not what the entry commits to."
    assert verdict.opened == 8


async def test_a_tree_that_does_not_fit_is_named(store: Store) -> None:
    for change in ("size = 9", f"peaks = x'{bytes(32).hex()}'"):
        verdict = await after(store, do(f"UPDATE journal_tree SET {change}"))

        assert verdict.faults == ("What is kept of the tree does not fit its entries.",)


async def test_a_checkpoint_that_is_gone_is_missed_if_it_was_the_last(store: Store) -> None:
    last = await after(store, do("DELETE FROM journal_checkpoint WHERE size = 8"))

    assert last.faults == ("The last checkpoint that the journal keeps is of 4 entries, and there are 8.",)
    assert last.kept == 1

    none = await after(store, do("DELETE FROM journal_checkpoint"))
    assert none.faults == ("The last checkpoint that the journal keeps is of 0 entries, and there are 8.",)


async def test_a_checkpoint_that_nobody_signed_is_named(store: Store) -> None:
    verdict = await after(store, do("UPDATE journal_checkpoint SET note = 'of mine' WHERE size = 4"))

    assert verdict.faults == ("A checkpoint that the journal keeps cannot be used. This is no signed note.",)


async def test_a_checkpoint_from_outside_that_cannot_be_used_is_a_fault(store: Store) -> None:
    [note, _] = await notes(store)

    verdict = await store.read(lambda tx: verify(tx, [note.replace("\n4\n", "\n5\n")]))

    assert verdict.faults[0].startswith("A checkpoint that was given cannot be used. The signature of tocsin.journal/")
    assert (verdict.anchored, verdict.given) == (0, 1)


async def test_a_checkpoint_of_another_log_is_a_fault(store: Store) -> None:
    def of_another(tx: Tx) -> Verdict:
        key = VerifierKey("tocsin.journal/other", tx.vault.public_key)
        note = signed(str(Checkpoint(key.name, 4, bytes(32))), key, tx.vault.sign)
        return verify(tx, [note], [key, checkpoints.key(tx)])

    verdict = await store.read(of_another)

    assert verdict.faults == ("A checkpoint that was given is of another log, tocsin.journal/other.",)


async def test_a_log_that_was_cut_or_written_anew_is_told_from_what_somebody_saw(store: Store) -> None:
    def claims(size: int, tx: Tx) -> Verdict:
        return verify(tx, [checkpoints.sign(tx, str(Checkpoint(leaves.origin(tx), size, bytes(32))))])

    longer, other = [await store.read(partial(claims, size)) for size in (9, 6)]

    assert longer.faults == ("The journal ends after 8 entries; the checkpoint that was given saw 9.",)
    assert other.faults == ("The first 6 entries are not those of the checkpoint that was given.",)


async def test_an_empty_log_agrees_with_the_root_of_nothing_only(store: Store) -> None:
    def claims(root: bytes, tx: Tx) -> Verdict:
        return verify(tx, [checkpoints.sign(tx, str(Checkpoint(leaves.origin(tx), 0, root)))])

    assert (await store.read(partial(claims, Peaks().root()))).faults == ()
    assert (await store.read(partial(claims, bytes(32)))).faults != ()


async def test_whoever_names_keys_trusts_those_and_no_other(store: Store) -> None:
    [_, note] = await notes(store)
    ours = await store.read(checkpoints.key)
    other = VerifierKey(ours.name, Ed25519PrivateKey.generate().public_key().public_bytes_raw())

    with_ours = await store.read(lambda tx: verify(tx, [note], [ours]))
    with_another = await store.read(lambda tx: verify(tx, [note], [other]))

    assert with_ours == replace(GOOD, anchored=8, given=1)
    assert (with_another.anchored, with_another.kept, len(with_another.faults)) == (0, 0, 4)


async def test_many_faults_are_told_of_but_not_one_by_one(store: Store) -> None:
    bad = ["of mine"] * (MOST_FAULTS + 3)

    exactly = await store.read(lambda tx: verify(tx, bad[:MOST_FAULTS]))
    one_more = await store.read(lambda tx: verify(tx, bad[: MOST_FAULTS + 1]))
    more = await store.read(lambda tx: verify(tx, bad))

    assert one_more.faults[-1] == f"These are {MOST_FAULTS} of {MOST_FAULTS + 1} faults."
    assert len(exactly.faults) == MOST_FAULTS
    assert len(more.faults) == MOST_FAULTS + 1
    assert more.faults[-1] == f"These are {MOST_FAULTS} of {MOST_FAULTS + 3} faults."
