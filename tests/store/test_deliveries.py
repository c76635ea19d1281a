"""Deliveries: said once, the urgent first, fair between incidents, and taken back in time."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from escalation.people import ResponderId
from store import deliveries
from store.database import Store, Tx
from store.records import DeliveryRow
from tests.databases import Hands
from tests.store.made import LANE, MINUTE, ana, call, call_for_help, responder


def lease(tx: Tx, limit: int = 99, least_urgent: int = 99, full: tuple[int, ...] = ()) -> list[DeliveryRow]:
    """Take what is ready now; what is of class 0 whether or not its chat is full."""
    until = tx.now + MINUTE
    return deliveries.lease(tx, LANE, tx.now, until, limit, least_urgent=least_urgent, full=full, anyhow=0)


async def panic(store: Store, *names: str) -> tuple[UUID, list[ResponderId]]:
    """An open incident with these people in its tier, of whom nobody has been called yet."""

    def work(tx: Tx) -> tuple[UUID, list[ResponderId]]:
        people = [responder(tx, name) for name in names]
        return call_for_help(tx, ana(tx), *people).id, people

    return await store.run(work)


async def put(store: Store, person: ResponderId, incident: UUID | None = None, **other: object) -> int | None:
    """Have something said."""
    return await store.run(lambda tx: deliveries.put(tx, call(tx, person, incident, **other)))


async def test_what_was_put_comes_back_as_it_was_meant(store: Store, clock: Hands) -> None:
    incident, (bo,) = await panic(store, "Bo")
    words = {"times": 2, "held": True, "text": "Помощь \U0001f198 \x00", "names": ["Bo", None]}
    number = await put(store, bo, incident, words=words, urgency=3, round=2)

    (row,) = await store.run(lease)

    assert (row.id, row.person, row.incident, row.tier, row.round) == (number, bo, incident, "contacts", 2)
    assert row.words == words
    assert (row.address, row.lane, row.side, row.channel) == ("chat of Bo", LANE, "responder", "telegram")
    assert (row.state, row.attempt, row.created_at, row.maybe_repeat) == ("sending", 1, clock.shown, False)


async def test_the_same_call_is_put_once(store: Store) -> None:
    incident, (bo,) = await panic(store, "Bo")

    assert await put(store, bo, incident) is not None
    assert await put(store, bo, incident) is None
    assert await put(store, bo, incident, round=2) is not None
    assert await put(store, bo, incident, tier="end") is not None


async def test_news_of_one_incident_are_all_said(store: Store) -> None:
    incident, (bo,) = await panic(store, "Bo")

    assert await put(store, bo, incident, tier=None, template="responder.news") is not None
    assert await put(store, bo, incident, tier=None, template="responder.news") is not None


async def test_a_key_is_used_once(store: Store) -> None:
    _, (bo,) = await panic(store, "Bo")

    assert await put(store, bo, dedupe="remind:1") is not None
    assert await put(store, bo, dedupe="remind:1") is None
    assert await put(store, bo, dedupe="remind:2") is not None


async def test_the_most_urgent_leaves_first_and_then_the_oldest(store: Store) -> None:
    _, (bo,) = await panic(store, "Bo")
    numbers = [await put(store, bo, urgency=urgency) for urgency in (8, 1, 8, 0, 1)]

    leased = await store.run(lease)

    assert [row.id for row in leased] == [numbers[3], numbers[1], numbers[4], numbers[0], numbers[2]]


async def test_no_incident_waits_behind_all_of_another(store: Store) -> None:
    first, people = await panic(store, "Bo", "Cleo", "Dara")
    second, (max_,) = await panic(store, "Max")
    for person in people:
        await put(store, person, first)
    await put(store, max_, second)

    assert [row.incident for row in await store.run(lambda tx: lease(tx, 2))] == [first, second]
    assert [row.incident for row in await store.run(lease)] == [first, first]


async def test_what_is_less_urgent_than_asked_for_stays(store: Store) -> None:
    _, (bo,) = await panic(store, "Bo")
    await put(store, bo, urgency=8)
    first = await put(store, bo, urgency=0)

    assert [row.id for row in await store.run(lambda tx: lease(tx, least_urgent=0))] == [first]


async def test_a_lane_is_given_only_its_own(store: Store) -> None:
    _, (bo,) = await panic(store, "Bo")
    await put(store, bo)

    def elsewhere(tx: Tx) -> list[DeliveryRow]:
        return deliveries.lease(tx, "responder:mail", tx.now, tx.now + MINUTE, 9)

    assert await store.run(elsewhere) == []
    assert await store.read(lambda tx: deliveries.next_ready(tx, "responder:mail")) is None
    assert await store.read(deliveries.pending_counts) == {LANE: 1}


async def test_what_is_for_later_waits_until_then(store: Store, clock: Hands) -> None:
    _, (bo,) = await panic(store, "Bo")
    later = clock.shown + MINUTE
    await put(store, bo, not_before=later)

    assert await store.run(lease) == []
    assert await store.read(lambda tx: deliveries.next_ready(tx, LANE)) == later

    clock.shown = later
    assert len(await store.run(lease)) == 1


async def test_what_is_not_worth_saying_any_more_makes_room_for_what_is(store: Store, clock: Hands) -> None:
    _, (bo,) = await panic(store, "Bo")
    for _ in range(5):
        await put(store, bo, expires_at=clock.shown + MINUTE)
    clock.shown += MINUTE
    fresh = await put(store, bo)

    assert [row.id for row in await store.run(lambda tx: lease(tx, 1))] == [fresh]
    assert await store.read(lambda tx: deliveries.next_ready(tx, LANE)) is None


async def test_an_edit_takes_the_place_of_one_that_has_not_left(store: Store) -> None:
    incident, (bo,) = await panic(store, "Bo")
    edit = {"operation": "edit", "message_id": "77", "alarm": False, "tier": None, "round": 0}

    number = await put(store, bo, incident, **edit, words={"held": False})
    assert await put(store, bo, incident, **edit, words={"held": True}) == number
    other = await put(store, bo, incident, **(edit | {"message_id": "78"}))

    leased = await store.run(lease)
    assert [(row.id, row.words) for row in leased] == [(number, {"held": True}), (other, {"times": 1, "held": False})]


async def test_an_edit_waits_for_no_older_one_that_could_wait(store: Store, clock: Hands) -> None:
    incident, (bo,) = await panic(store, "Bo")
    edit = {"operation": "edit", "message_id": "77", "alarm": False, "tier": None, "round": 0}
    soon = clock.shown + MINUTE

    number = await put(store, bo, incident, **edit, not_before=soon, words={"held": False})
    await put(store, bo, incident, **edit, not_before=clock.shown, words={"held": True})
    await put(store, bo, incident, **edit, not_before=soon, words={"asked": True})

    assert [(row.id, row.words) for row in await store.run(lease)] == [(number, {"asked": True})]


async def test_two_edits_of_one_message_are_never_under_way_together(store: Store) -> None:
    incident, (bo,) = await panic(store, "Bo")
    edit = {"operation": "edit", "message_id": "77", "alarm": False, "tier": None, "round": 0}
    await put(store, bo, incident, **edit)
    (first,) = await store.run(lease)

    second = await put(store, bo, incident, **edit)

    assert await store.run(lease) == []
    await store.run(lambda tx: deliveries.accepted(tx, first.id, 1, None))
    assert [row.id for row in await store.run(lease)] == [second]


async def test_an_edit_that_failed_gives_way_to_a_newer_one(store: Store, clock: Hands) -> None:
    incident, (bo,) = await panic(store, "Bo")
    edit = {"operation": "edit", "message_id": "77", "alarm": False, "tier": None, "round": 0}
    await put(store, bo, incident, **edit, words={"old": True})
    (first,) = await store.run(lease)
    await put(store, bo, incident, **edit, words={"old": False})

    assert await store.run(lambda tx: deliveries.retry(tx, first.id, 1, tx.now, "temp", "busy"))

    assert [row.words for row in await store.run(lease)] == [{"old": False}]


async def test_what_has_not_left_can_be_taken_back(store: Store) -> None:
    incident, (bo, cleo, dara) = await panic(store, "Bo", "Cleo", "Dara")
    other, (max_,) = await panic(store, "Max")
    for person in (bo, cleo, dara):
        await put(store, person, incident)
    await put(store, bo, incident, alarm=False, tier=None)
    await put(store, max_, other)

    assert await store.run(lambda tx: deliveries.cancel(tx, incident, persons=[bo], alarm_only=True)) == 1
    assert await store.run(lambda tx: deliveries.cancel(tx, incident, persons=[cleo, bo])) == 2
    assert await store.run(lambda tx: deliveries.cancel(tx, incident)) == 1

    assert [row.person for row in await store.run(lease)] == [max_]


async def test_what_is_on_its_way_when_taken_back_is_not_tried_again(store: Store) -> None:
    incident, (bo, cleo) = await panic(store, "Bo", "Cleo")
    for person in (bo, cleo):
        await put(store, person, incident)
    first, second = await store.run(lease)

    assert await store.run(lambda tx: deliveries.cancel(tx, incident)) == 0
    assert await store.run(lambda tx: deliveries.retry(tx, first.id, 1, tx.now, "unknown", "cut"))
    assert await store.run(lambda tx: deliveries.accepted(tx, second.id, 1, "9"))

    assert await store.run(lease) == []
    states = [row.state for row in await store.read(lambda tx: deliveries.of_incident(tx, incident))]
    assert states == ["cancelled", "accepted"]


async def test_a_hold_takes_back_repeats_and_leaves_first_calls(store: Store) -> None:
    incident, (bo, cleo) = await panic(store, "Bo", "Cleo")
    await put(store, bo, incident, round=2)
    await put(store, cleo, incident, round=1)
    await put(store, bo, incident, tier=None, round=0)

    assert await store.run(lambda tx: deliveries.cancel_repeats(tx, incident)) == 1
    assert [(row.person, row.tier) for row in await store.run(lease)] == [(cleo, "contacts"), (bo, None)]


async def test_a_new_call_takes_back_the_one_before_it(store: Store) -> None:
    incident, (bo, cleo) = await panic(store, "Bo", "Cleo")
    for person in (bo, cleo):
        await put(store, person, incident)

    assert await store.run(lambda tx: deliveries.cancel_calls(tx, incident, bo)) == 1
    await put(store, bo, incident, round=2)

    assert {(row.person, row.round) for row in await store.run(lease)} == {(cleo, 1), (bo, 2)}


async def test_the_newest_call_in_each_chat_is_the_one_that_is_kept_up_to_date(store: Store) -> None:
    incident, (bo, cleo) = await panic(store, "Bo", "Cleo")
    await put(store, bo, incident)
    await put(store, bo, incident, round=2)
    await put(store, bo, incident, round=3)
    await put(store, bo, incident, tier=None, template="responder.news")
    await put(store, cleo, incident)
    leased = await store.run(lease)

    def settle(tx: Tx) -> None:
        for row in leased:
            if row.round == 3:
                deliveries.failed(tx, row.id, 1, "perm", "gone")
            else:
                deliveries.accepted(tx, row.id, 1, f"{row.round} {row.template}")

    await store.run(settle)

    shown = await store.read(lambda tx: deliveries.shown_alarms(tx, incident))
    assert {(person, channel, message) for person, channel, _, message in shown} == {
        (bo, "telegram", "2 responder.alarm"),
        (cleo, "telegram", "1 responder.alarm"),
    }


async def test_the_alarm_that_has_waited_longest_is_known(store: Store, clock: Hands) -> None:
    incident, (bo, cleo) = await panic(store, "Bo", "Cleo")
    assert await store.read(deliveries.oldest_pending_alarm) is None
    await put(store, bo)
    clock.shown += MINUTE
    first = clock.shown
    await put(store, bo, incident)
    clock.shown += MINUTE
    await put(store, cleo, incident)

    assert await store.read(deliveries.oldest_pending_alarm) == first


async def test_a_naive_instant_is_refused(store: Store) -> None:
    _, (bo,) = await panic(store, "Bo")

    with pytest.raises(Exception, match="without a time zone"):
        await put(store, bo, not_before=datetime(2026, 3, 2, 8) + timedelta())  # noqa: DTZ001


async def test_a_full_chat_is_passed_over_but_for_what_cannot_wait(store: Store) -> None:
    incident, (bo, cleo) = await panic(store, "Bo", "Cleo")

    def put(tx: Tx) -> tuple[int, list[int | None]]:
        later = call(tx, bo, incident, urgency=1)
        first = call(tx, bo, incident, urgency=0, round=2)
        answer = call(tx, bo, None, urgency=5, operation="answer", message_id="press")
        elsewhere = call(tx, cleo, incident, urgency=1)
        return later.address_id, [deliveries.put(tx, one) for one in (later, first, answer, elsewhere)]

    chat, (later, first, answer, elsewhere) = await store.run(put)

    assert [row.id for row in await store.run(lambda tx: lease(tx, full=(chat,)))] == [first, elsewhere, answer]
    assert [row.id for row in await store.run(lease)] == [later]
