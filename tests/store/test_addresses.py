"""Addresses: one person's, found even when disabled, used only when they work."""

from datetime import timedelta
from uuid import UUID

import pytest

from store import addresses, people
from store.addresses import AddressTaken
from store.database import Store, Tx
from tests.databases import Hands
from tests.store.made import ana, responder


def where(tx: Tx, person: UUID) -> list[str]:
    """Where a person can be reached, best first."""
    return [way.address for way in addresses.of_person(tx, person)]


async def test_the_first_channel_is_the_best(store: Store) -> None:
    person = await store.run(lambda tx: responder(tx, chat="1"))

    await store.run(lambda tx: addresses.add(tx, person, "responder", "mail", "bo@example.org", verified=True))

    assert await store.read(lambda tx: where(tx, person)) == ["1", "bo@example.org"]


async def test_an_unverified_address_is_not_used(store: Store) -> None:
    person = await store.run(lambda tx: responder(tx, chat="1"))

    await store.run(lambda tx: addresses.add(tx, person, "responder", "mail", "bo@example.org", verified=False))

    assert await store.read(lambda tx: where(tx, person)) == ["1"]


async def test_one_chat_may_be_known_on_either_side(store: Store) -> None:
    def both(tx: Tx) -> tuple[UUID, UUID]:
        defender = ana(tx)
        addresses.add(tx, defender, "defender", "telegram", "1", verified=True)
        return defender, responder(tx, chat="1")

    defender, bo = await store.run(both)

    assert await store.read(lambda tx: addresses.person_at(tx, "defender", "telegram", "1")) == defender
    assert await store.read(lambda tx: addresses.person_at(tx, "responder", "telegram", "1")) == bo
    assert await store.read(lambda tx: addresses.person_at(tx, "responder", "mail", "1")) is None


async def test_an_address_is_taken_from_nobody(store: Store) -> None:
    await store.run(lambda tx: responder(tx, "Bo", chat="1"))
    cleo = await store.run(lambda tx: responder(tx, "Cleo", chat="2"))

    with pytest.raises(AddressTaken, match="somebody else"):
        await store.run(lambda tx: addresses.add(tx, cleo, "responder", "telegram", "1", verified=True))
    with pytest.raises(AddressTaken):
        await store.run(lambda tx: addresses.moved(tx, addresses.of_person(tx, cleo)[0].id, "1"))

    assert await store.read(lambda tx: where(tx, cleo)) == ["2"]


async def test_who_blocked_us_is_written_to_no_more_and_is_still_known(store: Store) -> None:
    person = await store.run(lambda tx: responder(tx, chat="1"))

    await store.run(lambda tx: addresses.disable(tx, addresses.of_person(tx, person)[0].id, "blocked"))

    assert await store.read(lambda tx: where(tx, person)) == []
    assert await store.read(lambda tx: addresses.person_at(tx, "responder", "telegram", "1")) == person


async def test_who_writes_again_can_be_reached_again(store: Store) -> None:
    person = await store.run(lambda tx: responder(tx, chat="1"))
    await store.run(lambda tx: addresses.disable(tx, addresses.of_person(tx, person)[0].id, "blocked"))

    assert await store.run(lambda tx: addresses.revive(tx, person, "telegram"))
    assert not await store.run(lambda tx: addresses.revive(tx, person, "telegram"))

    assert await store.read(lambda tx: where(tx, person)) == ["1"]


async def test_the_first_reason_for_disabling_stays(store: Store, clock: Hands) -> None:
    person = await store.run(lambda tx: responder(tx, chat="1"))
    (way,) = await store.read(lambda tx: addresses.of_person(tx, person))
    await store.run(lambda tx: addresses.disable(tx, way.id, "blocked"))
    first = clock.shown
    clock.shown += timedelta(hours=1)

    await store.run(lambda tx: addresses.disable(tx, way.id, "gone"))

    found = await store.read(lambda tx: addresses.address(tx, way.id))
    assert found is not None
    assert (found.disabled_at, found.disabled_why) == (first, "blocked")

    await store.run(lambda tx: addresses.enable(tx, way.id))
    assert await store.read(lambda tx: where(tx, person)) == ["1"]


async def test_an_address_given_again_takes_the_place_of_the_old_one(store: Store) -> None:
    person = await store.run(lambda tx: responder(tx, chat="1"))
    (way,) = await store.read(lambda tx: addresses.of_person(tx, person))
    await store.run(lambda tx: addresses.disable(tx, way.id, "blocked"))

    again = await store.run(lambda tx: addresses.add(tx, person, "responder", "telegram", "2", verified=True))

    assert (again.id, again.address, again.disabled_at, again.position) == (way.id, "2", None, 0)


async def test_a_chat_that_moved_is_found_under_its_new_name(store: Store) -> None:
    person = await store.run(lambda tx: responder(tx, chat="1"))

    await store.run(lambda tx: addresses.moved(tx, addresses.of_person(tx, person)[0].id, "-1001"))

    assert await store.read(lambda tx: addresses.person_at(tx, "responder", "telegram", "-1001")) == person
    assert await store.read(lambda tx: addresses.person_at(tx, "responder", "telegram", "1")) is None


async def test_what_worked_last_is_known(store: Store, clock: Hands) -> None:
    person = await store.run(responder)
    clock.shown += timedelta(hours=1)

    await store.run(lambda tx: addresses.worked(tx, addresses.of_person(tx, person)[0].id))

    assert (await store.read(lambda tx: addresses.of_person(tx, person)))[0].last_ok_at == clock.shown


async def test_a_forgotten_address_cannot_be_enabled(store: Store) -> None:
    person = await store.run(lambda tx: responder(tx, chat="1"))
    (way,) = await store.read(lambda tx: addresses.of_person(tx, person))
    await store.run(lambda tx: people.remove_responder(tx, person))

    await store.run(lambda tx: addresses.enable(tx, way.id))

    found = await store.read(lambda tx: addresses.address(tx, way.id))
    assert found is not None
    assert (found.address, found.disabled_why) == ("", "forgotten")
    assert await store.read(lambda tx: where(tx, person)) == []
