"""What stands in defenders' chats: known once, sealed, due after its time, and never silently kept."""

from datetime import timedelta

from sqlalchemy import select

from store import chat_messages
from store.chat_messages import DELETABLE_FOR, STANDS_FOR
from store.database import Store, Tx
from store.tables.chats import CHAT_MESSAGE
from tests.databases import Hands

from .made import ana

CHAT = "700000001"
MINUTE = timedelta(minutes=1)


async def test_a_message_is_due_when_its_time_is_over_and_not_before(store: Store, clock: Hands) -> None:
    person = await store.run(ana)
    await store.run(lambda tx: chat_messages.note(tx, person, CHAT, 5, tx.now))

    clock.shown += STANDS_FOR - MINUTE
    before = await store.run(chat_messages.defenders_due)
    clock.shown += MINUTE
    after = await store.run(chat_messages.defenders_due)
    (due,) = await store.run(lambda tx: chat_messages.due(tx, person, 100))

    assert (before, after) == ([], [person])
    assert (due.chat, due.message_id) == (CHAT, 5)


async def test_a_message_is_known_once(store: Store) -> None:
    def work(tx: Tx) -> int:
        person = ana(tx)
        for _ in range(2):
            chat_messages.note(tx, person, CHAT, 5, tx.now)
        return chat_messages.standing(tx, person)

    assert await store.run(work) == 1


async def test_the_oldest_comes_first_in_a_chat_and_between_chats(store: Store, clock: Hands) -> None:
    def work(tx: Tx) -> tuple[list[object], list[int], list[object]]:
        first, second = ana(tx), ana(tx)
        for person, number, hours in ((first, 1, 12), (second, 2, 30), (first, 3, 20)):
            chat_messages.note(tx, person, CHAT, number, tx.now - timedelta(hours=hours))
        due = [one.message_id for one in chat_messages.due(tx, first, 100)]
        return list(chat_messages.defenders_due(tx)), due, [second, first]

    chats, numbers, expected = await store.run(work)

    assert chats == expected
    assert numbers == [3, 1]


async def test_what_was_deleted_is_known_no_more(store: Store) -> None:
    def work(tx: Tx) -> int:
        person = ana(tx)
        for number in (5, 6):
            chat_messages.note(tx, person, CHAT, number, tx.now)
        chat_messages.gone(tx, person, CHAT, [5, 77])
        return chat_messages.standing(tx, person)

    assert await store.run(work) == 1


async def test_what_is_too_old_is_counted_once_and_which_message_it_was_is_forgotten(
    store: Store, clock: Hands
) -> None:
    person = await store.run(ana)
    await store.run(lambda tx: chat_messages.note(tx, person, CHAT, 5, tx.now))
    clock.shown += DELETABLE_FOR

    def work(tx: Tx) -> tuple[list[object], list[object], list[int]]:
        marked: list[object] = [*chat_messages.too_old(tx)]
        contents = [content for (content,) in tx.connection.execute(select(CHAT_MESSAGE.c.content))]
        return marked, contents, [chat_messages.report(tx), chat_messages.report(tx)]

    assert await store.run(work) == ([], [None], [1, 0])
    assert await store.run(chat_messages.defenders_due) == []


async def test_what_may_stand_is_told_when_its_time_is_over_and_not_before(store: Store, clock: Hands) -> None:
    person = await store.run(ana)
    await store.run(lambda tx: chat_messages.note_lost(tx, person, 17))
    clock.shown += STANDS_FOR - MINUTE
    before = await store.run(chat_messages.report)
    clock.shown += MINUTE

    assert (before, await store.run(chat_messages.report), await store.run(chat_messages.report)) == (0, 1, 0)


async def test_which_message_it_is_stands_nowhere_in_the_clear(store: Store) -> None:
    def work(tx: Tx) -> str:
        chat_messages.note(tx, ana(tx), CHAT, 987654, tx.now)
        return repr([tuple(row) for row in tx.connection.execute(select(CHAT_MESSAGE))])

    row = await store.run(work)

    assert CHAT not in row
    assert "987654" not in row


async def test_a_row_whose_seal_is_broken_is_counted_and_stops_nothing(store: Store, clock: Hands) -> None:
    def work(tx: Tx) -> tuple[list[int], int]:
        person = ana(tx)
        for number in (5, 6):
            chat_messages.note(tx, person, CHAT, number, tx.now - STANDS_FOR - number * MINUTE)
        oldest = select(CHAT_MESSAGE.c.id).order_by(CHAT_MESSAGE.c.sent_at).limit(1).scalar_subquery()
        tx.connection.execute(CHAT_MESSAGE.update().where(CHAT_MESSAGE.c.id == oldest).values(content=b"broken"))
        return [one.message_id for one in chat_messages.due(tx, person, 100)], chat_messages.report(tx)

    assert await store.run(work) == ([5], 1)


async def test_the_keys_hang_on_the_newest_message_that_brought_them(store: Store) -> None:
    def work(tx: Tx) -> tuple[object, object]:
        person = ana(tx)
        nothing = chat_messages.newest_with_keys(tx, person)
        for number, keys in ((1, True), (2, True), (3, False)):
            sent_at = tx.now - timedelta(hours=20 - number)
            chat_messages.note(tx, person, CHAT, number, sent_at, carries_keys=keys)
        due = {one.id: one.message_id for one in chat_messages.due(tx, person, 100)}
        newest = chat_messages.newest_with_keys(tx, person)
        return nothing, newest and due[newest]

    assert await store.run(work) == (None, 2)


async def test_of_what_is_too_old_ours_can_still_be_changed(store: Store, clock: Hands) -> None:
    def work(tx: Tx) -> tuple[object, object]:
        person = ana(tx)
        for number, ours in ((1, True), (2, False)):
            chat_messages.note(tx, person, CHAT, number, tx.now - DELETABLE_FOR, ours=ours)
        return chat_messages.too_old(tx), [(person, CHAT, 1)]

    found, expected = await store.run(work)

    assert found == expected
