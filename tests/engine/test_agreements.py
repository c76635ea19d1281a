"""What was agreed with a defender: the routine follows it, a timer does not, and who leaves is watched over no more."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from engine import agreements
from engine.naming import name_of
from escalation import watch_words
from escalation.incident_words import Kind
from escalation.people import DefenderId
from escalation.routine import Daily
from escalation.watch import Phase, Watch
from store import people, watches
from store.database import Store, Tx
from store.records import DefenderRecord
from tests.databases import START

from .asking import BOOK, HAPPENINGS, Cast, open_for, timer, together, told, watch_of, written

HOUR = timedelta(hours=1)


def record(tx: Tx, ana: DefenderId) -> DefenderRecord:
    found = people.defender(tx, ana)
    assert found is not None
    return found


async def by_rule(store: Store, ana: DefenderId) -> dict[str, Watch]:
    found = await store.read(lambda tx: watches.of_defender(tx, ana))
    assert len(found) == len({type(one.rule) for one in found})
    return {type(one.rule).__name__: one for one in found}


async def test_a_routine_begins_at_the_times_the_zone_and_the_pace_that_were_agreed(store: Store) -> None:
    def enrol(tx: Tx) -> Watch:
        person = people.add_defender(tx, "Bea", language="en", zone="Asia/Gaza", profile="high", chain="default")
        people.change_defender(tx, person, state="active", times=(time(7), time(19)), consented_at=tx.now)
        return agreements.begin_routine(HAPPENINGS, tx, record(tx, person))

    begun = await store.run(enrol)

    assert begun.rule == Daily((time(7), time(19)), "Asia/Gaza")
    assert (begun.pace, begun.phase) == (BOOK.profile("high").pace, Phase.WAITING)
    assert begun.due_at == begun.rule.next_due(START)
    assert await watch_of(store, begun.defender) == begun


async def test_what_happens_to_the_routine_happens_to_no_timer(store: Store, ana: DefenderId) -> None:
    await store.run(lambda tx: timer(tx, ana, 3 * HOUR))

    await store.run(lambda tx: agreements.to_routine(HAPPENINGS, tx, ana, watch_words.Extended(HOUR / 2)))

    found = await by_rule(store, ana)
    assert [found[rule].due_at for rule in ("Daily", "Timer")] == [START + 1.5 * HOUR, START + 3 * HOUR]
    assert await store.read(lambda tx: agreements.routine_of(tx, ana)) == [found["Daily"]]


async def test_the_routine_is_brought_to_what_is_agreed(store: Store, ana: DefenderId) -> None:
    def choose(tx: Tx) -> bool:
        people.change_defender(tx, ana, times=(time(8, 30),), zone="Europe/Berlin")
        return agreements.reschedule(HAPPENINGS, tx, ana)

    assert await store.run(choose)
    assert (await watch_of(store, ana)).rule == Daily((time(8, 30),), "Europe/Berlin")


async def test_who_had_no_routine_has_one_as_soon_as_times_are_agreed(store: Store, ana: DefenderId) -> None:
    def choose(tx: Tx) -> DefenderId:
        person = people.add_defender(tx, "Bea", language="en", zone="UTC", profile="standard", chain="default")
        people.change_defender(tx, person, state="active", times=(time(7),), consented_at=tx.now)
        assert agreements.reschedule(HAPPENINGS, tx, person)
        assert agreements.reschedule(HAPPENINGS, tx, person)
        return person

    assert (await watch_of(store, await store.run(choose))).rule == Daily((time(7),), "UTC")


@pytest.mark.parametrize(("state", "times"), [("enrolling", (time(7),)), ("left", (time(7),)), ("active", ())])
async def test_while_nothing_is_agreed_there_is_nothing_to_bring_the_routine_to(
    store: Store, ana: DefenderId, state: str, times: tuple[time, ...]
) -> None:
    before = await watch_of(store, ana)

    def choose(tx: Tx) -> bool:
        people.change_defender(tx, ana, state=state, times=times)
        return agreements.reschedule(HAPPENINGS, tx, ana)

    assert await store.run(choose) is False
    assert await watch_of(store, ana) == before


async def test_of_whom_nothing_is_known_nothing_is_agreed(store: Store, ana: DefenderId) -> None:
    await store.run(lambda tx: people.erase_defender(tx, ana))

    assert await store.run(lambda tx: agreements.reschedule(HAPPENINGS, tx, ana)) is False


async def test_who_leaves_is_watched_over_no_more_and_the_coordinators_hear_of_it(store: Store) -> None:
    cast: Cast = await store.run(together)
    await store.run(lambda tx: timer(tx, cast.ana, HOUR))
    await store.run(lambda tx: HAPPENINGS.open(tx, cast.ana, Kind.PANIC, "1"))

    await store.run(lambda tx: agreements.leave(HAPPENINGS, tx, record(tx, cast.ana)))

    assert {one.phase for one in (await by_rule(store, cast.ana)).values()} == {Phase.RESTING}
    assert (await store.read(lambda tx: record(tx, cast.ana))).state == "left"
    assert await written(store, "defender_left") == [{}]
    words = {"what": "defender_left", "name": name_of(cast.ana), "covert": False}
    assert await told(store, "responder.trouble") == {cast.dara: words, cast.lead: words}
    assert [one.kind for one in await open_for(store, cast.ana)] == [Kind.PANIC]


async def test_that_somebody_left_is_told_with_the_covert_call_that_is_open(store: Store) -> None:
    cast: Cast = await store.run(together)
    await store.run(lambda tx: HAPPENINGS.open(tx, cast.ana, Kind.DURESS, "1"))

    await store.run(lambda tx: agreements.leave(HAPPENINGS, tx, record(tx, cast.ana)))

    words = {"what": "defender_left", "name": name_of(cast.ana), "covert": True}
    assert await told(store, "responder.trouble") == {cast.dara: words, cast.lead: words}


async def test_what_is_due_next_is_the_first_of_what_does_not_rest(store: Store, ana: DefenderId) -> None:
    nine = await watch_of(store, ana)
    later, resting = replace(nine, due_at=START + 9 * HOUR), replace(nine, due_at=START, phase=Phase.RESTING)
    paused = replace(nine, phase=Phase.PAUSED, due_at=None)

    assert agreements.next_due([later, nine, resting, paused]) == (START + HOUR).isoformat()
    assert agreements.next_due((resting, paused)) is None
    assert agreements.next_due([]) is None
