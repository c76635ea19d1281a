"""The tree over the journal as it grows: every entry has one place, and every place an entry, whoever commits when."""

import asyncio
import threading
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from store import checkpoints, journal, leaves
from store.database import Store, Tx
from store.merkle import Tree
from store.notes import Checkpoint, text_of
from store.sealing import begin_subject
from store.verifying import verify
from tests.databases import Hands

HOUR = timedelta(hours=1)
PATIENCE = 10.0  # seconds


async def write(store: Store, event: str = "service_returned", *, incident: UUID | None = None) -> None:
    """One entry."""
    await store.run(lambda tx: journal.write(tx, event, incident=incident))


async def placed(store: Store) -> list[int]:
    """The numbers of the entries, in the order of their places."""
    return await store.read(lambda tx: [one.row.id for one in leaves.placed(tx) if one.row is not None])


async def test_entries_have_their_places_in_the_order_in_which_they_are_seen(store: Store) -> None:
    for _ in range(3):
        await write(store)
    assert await placed(store) == []
    assert await store.read(checkpoints.waiting) == 3

    assert not await store.run(checkpoints.place)
    await write(store)
    await store.run(checkpoints.place)

    assert await placed(store) == [1, 2, 3, 4]
    assert await store.read(checkpoints.waiting) == 0
    assert [one.size for one in await store.read(checkpoints.kept)] == [3, 4]


async def test_a_checkpoint_is_a_note_that_tells_the_root(store: Store, clock: Hands) -> None:
    await write(store)
    await write(store)

    await store.run(checkpoints.place)

    kept = await store.read(checkpoints.newest)
    assert kept is not None
    assert (kept.size, kept.at) == (2, clock.shown)
    key = await store.read(checkpoints.key)
    told = Checkpoint.read(text_of(kept.note, [key]))
    root = await store.read(lambda tx: Tree(leaves.hashes(tx)).root(2))
    assert told == Checkpoint(key.name, 2, root)


async def test_nothing_new_makes_no_checkpoint(store: Store) -> None:
    await write(store)
    await store.run(checkpoints.place)

    assert not await store.run(checkpoints.place)

    assert len(await store.read(checkpoints.kept)) == 1


async def test_many_entries_are_placed_a_few_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "AT_ONCE", 2)
    for _ in range(5):
        await write(store)

    more = [await store.run(checkpoints.place) for _ in range(3)]

    assert more == [True, True, False]
    assert await placed(store) == [1, 2, 3, 4, 5]
    assert [one.size for one in await store.read(lambda tx: checkpoints.kept(tx, since=2))] == [4, 5]


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["postgresql"])
async def test_an_entry_that_is_committed_late_is_placed_late_and_not_lost(store: Store) -> None:
    written, go_on = threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        journal.write(tx, "service_returned")
        tx.known.write(tx.connection)
        written.set()
        assert go_on.wait(PATIENCE)

    late = asyncio.create_task(store.run(slow))
    assert await asyncio.to_thread(written.wait, PATIENCE)
    await write(store)
    await store.run(checkpoints.place)
    assert await placed(store) == [2]

    go_on.set()
    await late
    await store.run(checkpoints.place)

    assert await placed(store) == [2, 1]
    assert (await store.read(verify)).faults == ()


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["postgresql"])
async def test_what_was_rolled_back_leaves_no_gap(store: Store) -> None:
    def fail(tx: Tx) -> None:
        journal.write(tx, "service_returned")
        tx.known.write(tx.connection)
        raise LookupError

    with pytest.raises(LookupError):
        await store.run(fail)
    await write(store)
    await store.run(checkpoints.place)

    assert await placed(store) == [2]
    assert (await store.read(verify)).faults == ()


async def test_who_places_at_once_with_others_places_everything_once(store: Store) -> None:
    for _ in range(8):
        await write(store)

    await asyncio.gather(*(store.run(checkpoints.place) for _ in range(4)), *(write(store) for _ in range(4)))
    await store.run(checkpoints.place)

    assert sorted(await placed(store)) == list(range(1, 13))
    assert (await store.read(verify)).faults == ()


async def test_an_incident_is_told_from_what_can_wait(store: Store) -> None:
    await write(store)
    assert not await store.read(checkpoints.incident_waits)

    await write(store, "opened", incident=uuid4())
    assert await store.read(checkpoints.incident_waits)

    await store.run(checkpoints.place)
    assert not await store.read(checkpoints.incident_waits)


async def test_a_checkpoint_is_due_at_first_and_an_hour_after_the_last(store: Store, clock: Hands) -> None:
    assert await store.read(checkpoints.is_due)
    await store.run(checkpoints.mark_hour)
    await store.run(checkpoints.place)
    assert [entry.event for entry in await store.read(lambda tx: journal.newest(tx, 9))] == ["hour"]
    assert not await store.read(checkpoints.is_due)

    clock.shown += HOUR - timedelta(seconds=1)
    assert not await store.read(checkpoints.is_due)
    clock.shown += timedelta(seconds=1)
    assert await store.read(checkpoints.is_due)


async def handed(store: Store) -> bool:
    """Whether people outside are to get a checkpoint now; if so, they get it."""

    def work(tx: Tx) -> bool:
        checkpoints.place(tx)
        what = checkpoints.to_hand_out(tx, 24 * HOUR, HOUR)
        if what is not None:
            checkpoints.handed_out(tx, what)
        return what is not None

    return await store.run(work)


async def test_people_outside_get_one_a_day_while_anything_happens(store: Store, clock: Hands) -> None:
    assert not await handed(store)
    await write(store)
    assert not await handed(store)
    clock.shown += 24 * HOUR
    assert await handed(store)

    await write(store)
    clock.shown += 24 * HOUR - timedelta(seconds=1)
    assert not await handed(store)
    clock.shown += timedelta(seconds=1)
    assert await handed(store)

    clock.shown += 48 * HOUR
    assert not await handed(store)


async def test_people_outside_get_one_when_an_incident_has_ended_but_not_time_and_again(
    store: Store, clock: Hands
) -> None:
    await write(store)
    assert not await handed(store)
    incident = uuid4()

    await write(store, "took_it", incident=incident)
    clock.shown += 2 * HOUR
    assert not await handed(store)
    await write(store, "all_clear", incident=incident)
    assert await handed(store)

    await write(store, "all_clear", incident=incident)
    clock.shown += HOUR - timedelta(seconds=1)
    assert not await handed(store)
    clock.shown += timedelta(seconds=1)
    assert await handed(store)
    clock.shown += HOUR
    await write(store)
    assert not await handed(store)


async def test_what_is_passed_over_is_noticed(store: Store) -> None:
    await write(store)
    await store.run(lambda tx: tx.connection.execute(text("DELETE FROM journal_waiting")))
    await write(store)
    await store.run(checkpoints.place)

    verdict = await store.read(verify)

    assert verdict.faults == ("1 entries have no place in the tree, and wait for none.",)


async def test_the_codes_that_stand_open_do_not_tell_one_kind_of_incident_from_another(store: Store) -> None:
    ana, incident = uuid4(), uuid4()

    def write_one(tx: Tx) -> list[str]:
        begin_subject(tx, ana)
        for kind in ("panic", "duress", "missed"):
            journal.write(tx, "opened", incident=incident, defender=ana, kind=kind, by=kind)
        journal.write(tx, "defender_called_again", incident=incident, defender=ana)
        journal.write(tx, "defender_checked_in", incident=incident, defender=ana)
        journal.write(tx, "never_heard_of", incident=incident, defender=ana)
        checkpoints.place(tx)
        return [leaves.leaf(tx, one.seq, one.row) for one in leaves.placed(tx) if one.row is not None]

    written = await store.run(write_one)

    codes = [line.split('"code":"')[1].split('"')[0] for line in written]
    assert codes == ["opened"] * 3 + ["incident"] * 3
    assert {len(line) for line in written[:3]} == {len(written[0])}
    assert [entry.detail["kind"] for entry in (await store.read(lambda tx: journal.of_incident(tx, incident)))[:3]] == [
        "panic",
        "duress",
        "missed",
    ]


async def test_a_leaf_names_nobody(store: Store) -> None:
    ana, incident = uuid4(), uuid4()
    await store.run(lambda tx: begin_subject(tx, ana))
    await store.run(lambda tx: journal.write(tx, "opened", incident=incident, defender=ana, actor=ana))
    await store.run(checkpoints.place)

    [leaf] = await store.read(lambda tx: [leaves.leaf(tx, one.seq, one.row) for one in leaves.placed(tx) if one.row])

    assert str(ana) not in leaf
    assert ana.hex not in leaf
    assert incident.hex not in leaf
