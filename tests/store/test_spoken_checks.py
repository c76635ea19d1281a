"""Spoken checks: four words of the invitation and the chat that used it, once, and for nobody else."""

from datetime import timedelta
from uuid import UUID

from store import spoken_checks
from store.database import Store, Tx
from store.spoken_checks import SpokenCheck
from tests.databases import START, Hands
from tests.store.made import ana, responder

INVITATION, CHAT = "hash of an invitation", "4711"


def begun(tx: Tx, person: UUID, invitation: str = INVITATION, chat: str = CHAT, side: str = "defender") -> SpokenCheck:
    """The check of somebody who used an invitation."""
    spoken_checks.begin(tx, side, person, invitation, chat)
    check = spoken_checks.of_person(tx, person)
    assert check is not None
    return check


async def test_who_used_an_invitation_waits_for_four_words(store: Store) -> None:
    person = await store.run(ana)

    check = await store.run(lambda tx: begun(tx, person))

    assert (check.person, check.side, check.begun_at, check.confirmed_at) == (person, "defender", START, None)
    assert len(check.numbers) == 4
    assert all(0 <= number <= 255 for number in check.numbers)
    assert check.numbers == tuple(store.vault.mac("spoken check", INVITATION.encode(), CHAT.encode())[:4])
    assert await store.read(lambda tx: spoken_checks.unconfirmed(tx, person)) == check
    assert await store.read(spoken_checks.waiting) == [check]


async def test_another_invitation_or_another_chat_has_other_words(store: Store) -> None:
    person = await store.run(ana)

    ours = await store.run(lambda tx: begun(tx, person))
    caught = await store.run(lambda tx: begun(tx, person, chat="4712"))
    other = await store.run(lambda tx: begun(tx, person, invitation="hash of another"))

    assert len({ours.numbers, caught.numbers, other.numbers}) == 3


async def test_a_new_check_takes_the_place_of_the_one_before(store: Store, clock: Hands) -> None:
    person = await store.run(ana)
    await store.run(lambda tx: begun(tx, person))
    await store.run(lambda tx: spoken_checks.confirm(tx, person))
    clock.shown += timedelta(hours=1)

    check = await store.run(lambda tx: begun(tx, person, chat="4712"))

    assert (check.begun_at, check.confirmed_at) == (clock.shown, None)
    assert await store.read(spoken_checks.waiting) == [check]


async def test_the_words_are_compared_once(store: Store, clock: Hands) -> None:
    person = await store.run(ana)
    await store.run(lambda tx: begun(tx, person))
    clock.shown += timedelta(minutes=5)

    first = await store.run(lambda tx: spoken_checks.confirm(tx, person))
    second = await store.run(lambda tx: spoken_checks.confirm(tx, person))

    check = await store.read(lambda tx: spoken_checks.of_person(tx, person))
    assert (first, second) == (True, False)
    assert check is not None
    assert check.confirmed_at == clock.shown
    assert await store.read(lambda tx: spoken_checks.unconfirmed(tx, person)) is None
    assert await store.read(spoken_checks.waiting) == []


async def test_confirming_one_person_confirms_nobody_else(store: Store, clock: Hands) -> None:
    person, bo = await store.run(ana), await store.run(responder)
    await store.run(lambda tx: begun(tx, person))
    clock.shown += timedelta(minutes=1)
    later = await store.run(lambda tx: begun(tx, bo, side="responder"))

    oldest_first = [check.person for check in await store.read(spoken_checks.waiting)]
    await store.run(lambda tx: spoken_checks.confirm(tx, person))

    assert oldest_first == [person, bo]
    assert await store.read(spoken_checks.waiting) == [later]


async def test_who_followed_no_invitation_waits_for_nothing(store: Store) -> None:
    person = await store.run(ana)

    assert await store.read(lambda tx: spoken_checks.of_person(tx, person)) is None
    assert await store.read(lambda tx: spoken_checks.unconfirmed(tx, person)) is None
    assert not await store.run(lambda tx: spoken_checks.confirm(tx, person))


async def test_a_check_can_be_forgotten(store: Store) -> None:
    person, bo = await store.run(ana), await store.run(responder)
    await store.run(lambda tx: begun(tx, person))
    other = await store.run(lambda tx: begun(tx, bo, side="responder"))

    await store.run(lambda tx: spoken_checks.withdraw(tx, person))

    assert await store.read(spoken_checks.waiting) == [other]
