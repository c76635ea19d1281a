"""Several bots of a side: their names, who is reached by which, and where the next person is invited."""

from datetime import timedelta

import pytest

from escalation.people import Role
from store import addresses, bots, deliveries, invitations, people, reach
from store.database import Store, Tx
from store.marks import apart, of_bot
from tests.store.made import call, responder


@pytest.mark.parametrize("name", ["responders", "responder:telegram", "17", "AgACAgQAAxkBAAI_-w"])
def test_a_mark_is_taken_off_as_it_was_set(name: str) -> None:
    assert apart(of_bot(name, 1002)) == (name, 1002)
    assert apart(of_bot(name, None)) == (name, None)


async def test_the_first_bot_of_a_side_has_no_number_for_ever(store: Store) -> None:
    named = [
        await store.run(lambda tx, some=some: bots.begin(tx, "defender", some))  # type: ignore[misc]
        for some in ([1001], [1003, 1001], [1003])
    ]

    assert named == [[None], [1003, None], [1003]]
    assert await store.run(lambda tx: (bots.here(tx, "defender"), bots.gone(tx, "defender"))) == ([1003], [None])
    assert await store.run(lambda tx: bots.begin(tx, "responder", [1002])) == [None]


async def test_the_next_person_is_invited_to_the_bot_with_the_fewest_people(store: Store) -> None:
    def order(tx: Tx) -> list[int | None]:
        return bots.by_people(tx, "responder")

    await store.run(lambda tx: bots.begin(tx, "responder", [1002, 1004]))
    assert await store.run(order) == [None, 1004]

    await store.run(responder)
    assert await store.run(order) == [1004, None]

    def invite_two(tx: Tx) -> None:
        for name in ("Cleo", "Dara"):
            invited = people.add_responder(tx, name, Role.CONTACT, language="en")
            invitations.new(tx, "responder", invited, name, tx.now + timedelta(hours=1), bot=1004)

    await store.run(invite_two)
    assert await store.run(order) == [None, 1004]


async def test_what_waits_for_somebody_follows_them_to_the_bot_that_they_have_written_to_and_back(store: Store) -> None:
    def moved(tx: Tx) -> list[str]:
        bots.begin(tx, "responder", [1002, 1004])
        bo = responder(tx)
        number = deliveries.put(tx, call(tx, bo))
        lanes = [lane_of(tx, number)]
        assert not reach.heard(tx, bo, 1004), "they were reached before, too"
        lanes.append(lane_of(tx, number))
        [way] = addresses.of_person(tx, bo)
        assert reach.by_another(tx, way)
        lanes.append(lane_of(tx, number))
        [way] = addresses.of_person(tx, bo)
        assert not reach.by_another(tx, way), "the bot that they have blocked is no way to them"
        return lanes

    assert await store.run(moved) == ["responder:telegram", "responder:telegram@1004", "responder:telegram"]


def lane_of(tx: Tx, number: int | None) -> str:
    """Where the one thing waits that does."""
    [lane] = deliveries.pending_counts(tx) if number is not None else [""]
    return lane
