"""One-time buttons: whose, what they say, until when, and once."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from escalation.people import ResponderId
from store import deliveries, presses
from store.database import Store, Tx
from store.presses import ON_ITS_WAY, TOLD_APART_FOR, VALID_FOR, Pressed, State
from store.tables.presses import PRESS
from tests.databases import Hands
from tests.store.made import LANE, MINUTE, ana, call, call_for_help, responder

SAYS = "o:the-incident"


def shown(tx: Tx, person: ResponderId, *says: str, delivery: int = 1, attempt: int = 1) -> dict[str, str]:
    return presses.new(tx, person, delivery, attempt, says or (SAYS,))


async def a_token(store: Store) -> tuple[ResponderId, str]:
    person = await store.run(responder)
    return person, (await store.run(lambda tx: shown(tx, person)))[SAYS]


async def look(store: Store, token: str) -> Pressed | None:
    return await store.read(lambda tx: presses.look(tx, token))


async def use(store: Store, token: str) -> bool:
    found = await look(store, token)
    assert found is not None
    return await store.run(lambda tx: presses.use(tx, found.key))


async def test_a_button_says_what_it_said_and_whose_it_is(store: Store) -> None:
    person, token = await a_token(store)

    found = await look(store, token)

    assert len(token) == 44
    assert token[0] == "a"
    assert found is not None
    assert (found.person, found.says, found.state) == (person, SAYS, State.FRESH)


async def test_a_button_counts_once(store: Store) -> None:
    _, token = await a_token(store)

    assert [await use(store, token), await use(store, token)] == [True, False]
    found = await look(store, token)
    assert found is not None
    assert found.state is State.USED


async def test_of_many_presses_at_once_one_counts(store: Store) -> None:
    _, token = await a_token(store)

    assert sum(await asyncio.gather(*(use(store, token) for _ in range(64)))) == 1


@pytest.mark.parametrize(("later", "state"), [(timedelta(seconds=-1), State.FRESH), (timedelta(), State.OLD)])
async def test_a_button_ends(store: Store, clock: Hands, later: timedelta, state: State) -> None:
    _, token = await a_token(store)

    clock.shown += VALID_FOR + later

    found = await look(store, token)
    assert found is not None
    assert found.state is state
    assert await use(store, token) is (state is State.FRESH)


@pytest.mark.parametrize(
    "token",
    ["", "a", "o:1", "b" + "A" * 43, "a" + "A" * 42, "a" + "A" * 44, "a" + "é" * 43, "a" + "+" * 43, "a" + "A" * 43],
)
async def test_what_is_none_of_ours_is_nothing(store: Store, token: str) -> None:
    await a_token(store)

    assert await look(store, token) is None


async def test_a_token_is_taken_in_one_way_of_writing_only(store: Store) -> None:
    _, token = await a_token(store)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    same_bytes = [token[:-1] + letters[letters.index(token[-1]) + more] for more in (1, 2, 3)]

    assert [await look(store, one) for one in same_bytes] == [None, None, None]


@pytest.mark.parametrize("field", ["person", "says", "expires_at"])
async def test_a_row_that_was_changed_answers_to_no_token(store: Store, field: str) -> None:
    person, token = await a_token(store)
    other = await store.run(lambda tx: responder(tx, "Cleo"))
    more = (await store.run(lambda tx: shown(tx, other, "x:the-incident:safe")))["x:the-incident:safe"]
    found = await look(store, more)
    assert found is not None

    def change(tx: Tx) -> None:
        says = select(PRESS.c.says).where(PRESS.c.id_hash == found.key).scalar_subquery()
        values = {"person": other, "says": says, "expires_at": tx.now + 2 * VALID_FOR}
        tx.connection.execute(update(PRESS).where(PRESS.c.person == person).values({field: values[field]}))

    await store.run(change)

    assert await look(store, token) is None


async def test_what_a_button_says_is_not_to_be_read_in_the_database(store: Store) -> None:
    person = await store.run(responder)
    await store.run(lambda tx: shown(tx, person, "t:the-incident:covert.quiet", "o:the-incident"))

    kept = await store.read(lambda tx: [bytes(says) for says in tx.connection.execute(select(PRESS.c.says)).scalars()])

    assert not any(b"the-incident" in says for says in kept)
    assert len({len(says) for says in kept}) == 1


async def test_buttons_of_a_message_that_changed_are_good_for_a_moment_more(store: Store, clock: Hands) -> None:
    def story(tx: Tx) -> tuple[str, str, str]:
        bo = responder(tx)
        incident = call_for_help(tx, ana(tx), bo).id
        deliveries.put(tx, call(tx, bo, incident))
        [sent] = deliveries.lease(tx, LANE, tx.now, tx.now + MINUTE, 9)
        first = shown(tx, bo, delivery=sent.id)[SAYS]
        deliveries.accepted(tx, sent.id, sent.attempt, "77")
        elsewhere = shown(tx, bo, delivery=sent.id + 1)[SAYS]
        deliveries.put(tx, call(tx, bo, incident, operation="edit", message_id="77"))
        [edit] = deliveries.lease(tx, LANE, tx.now, tx.now + MINUTE, 9)
        second = shown(tx, bo, delivery=edit.id)[SAYS]
        presses.outdate(tx, edit)
        return first, second, elsewhere

    first, second, elsewhere = await store.run(story)

    clock.shown += ON_ITS_WAY - timedelta(seconds=1)
    assert [found.state for token in (first, second, elsewhere) if (found := await look(store, token))] == ["fresh"] * 3
    clock.shown += timedelta(seconds=1)
    assert await use(store, first) is False
    assert await use(store, second) is True
    assert await use(store, elsewhere) is True


async def test_buttons_of_who_is_removed_are_gone(store: Store) -> None:
    person, token = await a_token(store)
    _, others = await store.run(responder_with_a_button)

    assert await store.run(lambda tx: presses.forget(tx, person)) == 1

    assert await look(store, token) is None
    assert await use(store, others) is True


async def test_what_nobody_can_press_any_more_is_deleted(store: Store, clock: Hands) -> None:
    person, token = await a_token(store)
    await use(store, token)

    clock.shown += VALID_FOR - timedelta(seconds=1)
    assert await store.run(presses.prune) == 0
    later = (await store.run(lambda tx: shown(tx, person)))[SAYS]
    await store.run(
        lambda tx: tx.connection.execute(update(PRESS).where(PRESS.c.used_at.is_(None)).values(dies_at=tx.now))
    )
    clock.shown += timedelta(seconds=1)

    assert await store.run(presses.prune) == 1
    assert await look(store, later) is not None
    clock.shown += TOLD_APART_FOR - timedelta(seconds=2)
    assert await store.run(presses.prune) == 0
    clock.shown += timedelta(seconds=1)
    assert await store.run(presses.prune) == 1
    assert await store.read(lambda tx: tx.connection.execute(select(func.count()).select_from(PRESS)).scalar()) == 0


def responder_with_a_button(tx: Tx) -> tuple[ResponderId, str]:
    person = responder(tx, "Dara")
    return person, shown(tx, person)[SAYS]
