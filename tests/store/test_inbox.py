"""The inbox keeps everything once, gives the urgent first, and loses nothing that fails."""

from datetime import timedelta

from store import inbox, workers
from store.database import Store, Tx
from store.records import InboxRow
from tests.databases import Hands
from tests.keys import KEYRING


def four(tx: Tx) -> None:
    """Four updates; the third is a call for help."""
    for number in (1, 2, 3, 4):
        assert inbox.keep(tx, "defenders", number, "chat", b'{"n": %d}' % number, urgent=number == 3)


def handle_the_rest(tx: Tx) -> None:
    """All but the call for help."""
    for row in inbox.waiting(tx, 9, urgent=False):
        inbox.done(tx, row.id)


def ids(rows: list[InboxRow]) -> list[int]:
    """Which updates."""
    return [row.update_id for row in rows]


async def test_an_update_given_twice_is_kept_once(store: Store) -> None:
    await store.run(four)

    assert not await store.run(lambda tx: inbox.keep(tx, "defenders", 3, "chat", b"again", urgent=True))
    assert await store.run(lambda tx: inbox.keep(tx, "responders", 3, "chat", b"other bot", urgent=True))


async def test_calls_for_help_and_the_rest_are_given_in_order_of_arrival(store: Store) -> None:
    await store.run(four)

    assert ids(await store.read(lambda tx: inbox.waiting(tx, 9, urgent=True))) == [3]
    assert ids(await store.read(lambda tx: inbox.waiting(tx, 2, urgent=False))) == [1, 2]


async def test_the_bytes_come_back_as_they_came(store: Store) -> None:
    odd = bytes(range(256)) + b'{"text": "\\ud800"}'
    await store.run(lambda tx: inbox.keep(tx, "defenders", 2**52, "chat", odd, urgent=False))

    (row,) = await store.read(lambda tx: inbox.waiting(tx, 9, urgent=False))

    assert row.raw == odd
    assert row.update_id == 2**52
    assert row.chat == "chat"


async def test_what_is_handled_is_given_no_more(store: Store) -> None:
    await store.run(four)

    await store.run(handle_the_rest)

    assert await store.read(lambda tx: inbox.waiting(tx, 9, urgent=False)) == []
    assert not await store.read(inbox.is_empty)
    assert await store.read(inbox.counts) == {"waiting": 1, "done": 3, "aside": 0}


async def test_what_fails_stays_and_its_failures_are_counted(store: Store) -> None:
    await store.run(four)
    (row,) = await store.read(lambda tx: inbox.waiting(tx, 9, urgent=True))

    assert await store.run(lambda tx: inbox.failed(tx, row.id, "fault")) == 1
    assert await store.run(lambda tx: inbox.failed(tx, row.id, "fault")) == 2

    assert [row.tries for row in await store.read(lambda tx: inbox.waiting(tx, 9, urgent=True))] == [2]


async def test_what_is_settled_is_not_settled_again(store: Store) -> None:
    await store.run(four)
    (row,) = await store.read(lambda tx: inbox.waiting(tx, 9, urgent=True))
    await store.run(lambda tx: inbox.done(tx, row.id))

    await store.run(lambda tx: inbox.set_aside(tx, row.id, "fault"))

    assert await store.run(lambda tx: inbox.failed(tx, row.id, "fault")) == 0
    assert (await store.read(inbox.counts))["aside"] == 0


async def test_the_unreadable_is_set_aside_and_counted(store: Store) -> None:
    await store.run(four)
    (row,) = await store.read(lambda tx: inbox.waiting(tx, 9, urgent=True))

    await store.run(lambda tx: inbox.set_aside(tx, row.id, "unreadable"))
    await store.run(lambda tx: inbox.keep_aside(tx, "defenders", 9, b"\xff", "no_sender"))

    assert not await store.run(lambda tx: inbox.keep_aside(tx, "defenders", 9, b"\xff", "no_sender"))
    assert await store.read(inbox.counts) == {"waiting": 3, "done": 0, "aside": 2}


async def test_pruning_takes_what_was_settled_long_ago_and_nothing_that_waits(store: Store, clock: Hands) -> None:
    await store.run(four)
    await store.run(lambda tx: inbox.done(tx, inbox.waiting(tx, 1, urgent=False)[0].id))
    clock.shown += timedelta(hours=25)
    await store.run(lambda tx: inbox.done(tx, inbox.waiting(tx, 1, urgent=False)[0].id))

    pruned = await store.run(lambda tx: inbox.prune(tx, tx.now - timedelta(hours=24)))

    assert pruned == 1
    assert await store.read(inbox.counts) == {"waiting": 2, "done": 1, "aside": 0}


async def test_the_number_of_a_pruned_row_is_never_given_again(store: Store, clock: Hands) -> None:
    await store.run(four)
    rows = await store.read(lambda tx: inbox.waiting(tx, 9, urgent=False))
    await store.run(handle_the_rest)
    await store.run(lambda tx: inbox.set_aside(tx, inbox.waiting(tx, 1, urgent=True)[0].id, "unreadable"))
    clock.shown += timedelta(days=2)
    assert await store.run(lambda tx: inbox.prune(tx, tx.now)) == 4

    await store.run(lambda tx: inbox.keep(tx, "defenders", 5, "chat", b"{}", urgent=False))

    (newest,) = await store.read(lambda tx: inbox.waiting(tx, 9, urgent=False))
    assert newest.id > max(row.id for row in rows)


async def test_of_one_chat_only_one_worker_reads_at_a_time(url: str, kind: str) -> None:
    one, other = [await Store.open(url, Hands(), KEYRING) for _ in range(2)]
    await one.run(four)
    await one.run(lambda tx: inbox.keep(tx, "defenders", 5, "another chat", b"{}", urgent=False))

    assert ids(await one.run(lambda tx: inbox.take_next(tx, 1, urgent=False))) == [1]
    if kind == "postgresql":
        assert ids(await other.run(lambda tx: inbox.take_next(tx, 9, urgent=False))) == [5]
        assert ids(await other.run(lambda tx: inbox.take_next(tx, 9, urgent=True))) == [3]
        await one.run(lambda tx: inbox.done(tx, 1))
        assert ids(await other.run(lambda tx: inbox.take_next(tx, 9, urgent=False))) == [2, 5]
    else:
        assert ids(await one.run(lambda tx: inbox.take_next(tx, 9, urgent=False))) == [1, 5]
    await one.close()
    await other.close()


async def test_more_is_taken_only_of_the_chats_that_one_is_reading(url: str, kind: str) -> None:
    one, other = [await Store.open(url, Hands(), KEYRING) for _ in range(2)]
    await one.run(four)

    assert ids(await one.run(lambda tx: inbox.take_next(tx, 9, urgent=False))) == [1]
    expected = {"postgresql": [], "sqlite": [1, 2, 4]}
    assert ids(await other.run(lambda tx: inbox.take_more(tx, 9, urgent=False))) == expected[kind]
    assert ids(await one.run(lambda tx: inbox.take_more(tx, 9, urgent=False))) == [1, 2, 4]
    await one.close()
    await other.close()


async def test_what_the_lost_were_reading_is_read_by_another(url: str, kind: str) -> None:
    one, other = [await Store.open(url, Hands(), KEYRING) for _ in range(2)]
    await one.run(four)
    await one.run(lambda tx: inbox.take_next(tx, 9, urgent=False))

    given_back = await other.run(lambda tx: inbox.give_back(tx, [workers.WorkerId(one.worker)]))

    assert given_back == (1 if kind == "postgresql" else 0)
    assert ids(await other.run(lambda tx: inbox.take_next(tx, 9, urgent=False))) == [1]
    await one.close()
    await other.close()


async def test_what_somebody_took_who_had_already_ended_is_read_by_another(url: str, kind: str) -> None:
    one, other = [await Store.open(url, Hands(), KEYRING) for _ in range(2)]
    for store in (one, other):
        await store.run(workers.begin)
    await one.run(four)
    await one.run(workers.end)
    await one.run(lambda tx: inbox.take_next(tx, 9, urgent=True))
    await other.run(lambda tx: inbox.take_next(tx, 9, urgent=False))

    lost = await other.run(workers.lost)
    seen = await other.run(lambda tx: workers.have_in_hand(tx, lost))
    given_back = await other.run(lambda tx: inbox.give_back(tx, lost))

    assert (lost, seen, given_back) == (([], True, 1) if kind == "postgresql" else ([], False, 0))
    assert ids(await other.run(lambda tx: inbox.take_next(tx, 9, urgent=True))) == [3]
    assert not await other.run(lambda tx: workers.have_in_hand(tx, lost))
    await one.close()
    await other.close()


async def test_what_the_living_are_reading_stays_theirs(url: str, kind: str) -> None:
    one, other = [await Store.open(url, Hands(), KEYRING) for _ in range(2)]
    for store in (one, other):
        await store.run(workers.begin)
    await one.run(four)
    await one.run(lambda tx: inbox.take_next(tx, 9, urgent=True))

    assert not await other.run(lambda tx: workers.have_in_hand(tx, []))
    assert await other.run(lambda tx: inbox.give_back(tx, [])) == 0
    assert ids(await other.run(lambda tx: inbox.take_next(tx, 9, urgent=True))) == ([] if kind == "postgresql" else [3])
    await one.close()
    await other.close()


async def test_what_failed_belongs_to_nobody_and_is_still_the_first_of_its_chat(url: str) -> None:
    one, other = [await Store.open(url, Hands(), KEYRING) for _ in range(2)]
    await one.run(four)
    await one.run(lambda tx: inbox.take_next(tx, 9, urgent=False))

    await one.run(lambda tx: inbox.failed(tx, 1, "why"))

    assert ids(await other.run(lambda tx: inbox.take_next(tx, 9, urgent=False))) == [1]
    await one.close()
    await other.close()
