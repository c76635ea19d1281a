"""The auditor finds what no promise allows, on both databases, and nothing in what is sound."""

from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, insert, update

from config.ladders import load_ladders
from engine.auditing import STOPS_SENDING, Code, Finding, Round, audit
from escalation import watch as watch_machine
from escalation.incident_state import Incident, Phase
from escalation.incident_words import Outcome
from escalation.people import DefenderId, WatchId
from escalation.routine import Daily
from store import alive, checkpoints, deliveries, inbox, incidents, journal, lowerings, people, watches
from store.database import Store, Tx
from store.tables.calling import INCIDENT
from store.tables.journal import TREE
from store.tables.lowerings import LOWERING
from store.tables.messages import ATTEMPT, DELIVERY
from store.tables.watching import WATCH
from tests.databases import Hands
from tests.store.made import LANE, MINUTE, ana, call, call_for_help, responder

HOUR = timedelta(hours=1)
MORNING = (time(9, 0),)


def watched(tx: Tx) -> DefenderId:
    """Ana, who checks in every morning."""
    person = ana(tx)
    people.change_defender(tx, person, times=MORNING)
    pace = load_ladders().profiles["standard"].pace
    watches.save(tx, watch_machine.begin(WatchId(uuid4()), person, Daily(MORNING, "UTC"), pace, tx.now))
    return person


def sound(tx: Tx) -> Incident:
    """Ana is watched, has called for help, and Bo was told; time is kept, and the journal signed."""
    person, bo = watched(tx), responder(tx)
    incident = replace(call_for_help(tx, person, bo), repeat_at=tx.now + 2 * HOUR)
    incidents.save(tx, replace(incident, next_step_at=tx.now + 2 * HOUR))
    journal.write(tx, "opened", incident=incident.id, defender=person)
    deliveries.put(tx, call(tx, bo, incident.id))
    [row] = deliveries.lease(tx, LANE, tx.now, tx.now + MINUTE, 9)
    deliveries.accepted(tx, row.id, row.attempt, "77")
    alive.mark(tx, tx.now)
    while checkpoints.place(tx):
        pass
    return incident


async def codes(store: Store, *, deaf: bool = False) -> set[Code]:
    """What the auditor finds."""
    return {one.code for one in await store.read(lambda tx: audit(tx, deaf=deaf))}


async def test_nothing_is_found_in_an_empty_store(store: Store) -> None:
    assert await codes(store) == set()


async def test_nothing_is_found_in_what_is_sound(store: Store, clock: Hands) -> None:
    await store.run(sound)
    clock.shown += timedelta(seconds=55)

    assert await codes(store) == set()


def wakes(table: type | object, when: timedelta) -> Callable[[Tx, Incident], None]:
    """Have all rows of a table want to be looked at `when` from now."""

    def change(tx: Tx, _: Incident) -> None:
        tx.connection.execute(update(table).values(wakes_at=tx.now + when))  # type: ignore[arg-type]

    return change


def asks(tx: Tx, incident: Incident) -> None:
    """Something was asked with a code a while ago."""
    row = {"id": uuid4(), "defender": incident.defender, "wakes_at": tx.now - MINUTE, "body": b"?"}
    tx.connection.execute(insert(LOWERING).values(row))
    assert lowerings.due(tx, tx.now, 9)


def waits(*, urgent: bool, lane: str = "defenders") -> Callable[[Tx, Incident], None]:
    """An update came two minutes ago, and nobody reads it."""

    def change(tx: Tx, _: Incident) -> None:
        inbox.keep(replace(tx, now=tx.now - 2 * MINUTE), lane, 7, "blind", b"{}", urgent=urgent)

    return change


def alarm(tx: Tx, incident: Incident, ago: timedelta, **changed: object) -> int:
    """One more alarm for Bo, that was put a while ago."""
    bo = incident.plan.steps[0].people[0]
    before = replace(tx, now=tx.now - ago)
    number = deliveries.put(before, replace(call(before, bo, incident.id), round=2))
    assert number is not None
    if changed:
        tx.connection.execute(update(DELIVERY).where(DELIVERY.c.id == number).values(**changed))
    return number


def stands(tx: Tx, incident: Incident) -> None:
    tx.connection.execute(update(ATTEMPT).values(started_at=tx.now - MINUTE))
    alarm(tx, incident, MINUTE)


def untaken(tx: Tx, incident: Incident) -> None:
    alarm(tx, incident, 5 * MINUTE, attempt=4, not_before=tx.now + MINUTE)


def leased_long_ago(tx: Tx, incident: Incident) -> None:
    number = alarm(tx, incident, MINUTE, state="sending", attempt=1, lease_until=tx.now - MINUTE)
    tx.connection.execute(insert(ATTEMPT).values(delivery=number, n=1, started_at=tx.now - MINUTE))


def given_up(tx: Tx, incident: Incident) -> None:
    number = alarm(tx, incident, MINUTE, state="failed", attempt=1)
    tried = {"started_at": tx.now - MINUTE, "finished_at": tx.now, "outcome": "unknown"}
    tx.connection.execute(insert(ATTEMPT).values(delivery=number, n=1, **tried))


def untried(tx: Tx, incident: Incident) -> None:
    alarm(tx, incident, MINUTE, state="accepted", attempt=1)


def left_open(tx: Tx, incident: Incident) -> None:
    number = alarm(tx, incident, timedelta(), attempt=1)
    tx.connection.execute(insert(ATTEMPT).values(delivery=number, n=1, started_at=tx.now))


def unmentioned(tx: Tx, _: Incident) -> None:
    bo = responder(tx, "Cleo")
    other = call_for_help(replace(tx, now=tx.now - MINUTE), ana(tx), bo)
    tx.connection.execute(update(INCIDENT).where(INCIDENT.c.id == other.id).values(wakes_at=tx.now + HOUR))
    deliveries.put(tx, call(tx, bo, other.id))


def nobody(tx: Tx, incident: Incident) -> None:
    tx.connection.execute(delete(DELIVERY))
    tx.connection.execute(update(INCIDENT).values(opened_at=tx.now - 2 * MINUTE))


def over(tx: Tx, incident: Incident) -> None:
    alarm(tx, incident, MINUTE, not_before=tx.now + MINUTE)
    for event in ("closed", "confirmed"):
        journal.write(tx, event, incident=incident.id, defender=incident.defender, actor=uuid4())
    incidents.save(tx, replace(incident, phase=Phase.CLOSED, outcome=Outcome.SAFE, closed_at=tx.now - MINUTE))


def closed_alone(tx: Tx, incident: Incident) -> None:
    journal.write(tx, "took_it", incident=incident.id, defender=incident.defender, actor=uuid4())
    journal.write(tx, "closed", incident=incident.id, defender=incident.defender, actor=uuid4())
    incidents.save(tx, replace(incident, phase=Phase.CLOSED, outcome=Outcome.SAFE, closed_at=tx.now))


def grows_crooked(tx: Tx, _: Incident) -> None:
    tx.connection.execute(update(TREE).values(size=TREE.c.size + 1))


def unbound(tx: Tx, incident: Incident) -> None:
    journal.write(replace(tx, now=tx.now - 2 * MINUTE), "seen", incident=incident.id, defender=incident.defender)


def time_stood(tx: Tx, _: Incident) -> None:
    alive.mark(tx, tx.now - 2 * MINUTE)


def without_watch(tx: Tx, _: Incident) -> None:
    tx.connection.execute(delete(WATCH))


WRONG: dict[Code, list[Callable[[Tx, Incident], None]]] = {
    Code.TIME_NOT_KEPT: [time_stood],
    Code.WATCH_LATE: [wakes(WATCH, -MINUTE)],
    Code.INCIDENT_LATE: [wakes(INCIDENT, -MINUTE)],
    Code.LOWERING_LATE: [asks],
    Code.SLEEPS_TOO_LONG: [wakes(INCIDENT, 25 * HOUR), wakes(WATCH, 33 * 24 * HOUR)],
    Code.UNWATCHED: [without_watch],
    Code.CALL_UNREAD: [waits(urgent=True)],
    Code.INBOX_UNREAD: [waits(urgent=False)],
    Code.LEASE_LAPSED: [leased_long_ago],
    Code.ALARM_STANDS: [stands],
    Code.ALARM_UNTAKEN: [untaken],
    Code.ALARM_GIVEN_UP: [given_up],
    Code.ALARM_AFTER_END: [over],
    Code.NOBODY_CALLED: [nobody],
    Code.CLOSED_TOO_EASILY: [closed_alone],
    Code.SETTLED_UNTRIED: [untried],
    Code.TRY_LEFT_OPEN: [left_open],
    Code.UNWRITTEN: [unmentioned],
    Code.UNBOUND: [unbound],
    Code.TREE_BROKEN: [grows_crooked],
}
CASES = [(code, change) for code, changes in WRONG.items() for change in changes]


@pytest.mark.parametrize(("code", "change"), CASES, ids=[f"{code}" for code, _ in CASES])
async def test_what_no_promise_allows_is_found_and_nothing_besides(
    store: Store, code: Code, change: Callable[[Tx, Incident], None]
) -> None:
    incident = await store.run(sound)

    await store.run(lambda tx: change(tx, incident))

    assert await codes(store) == {code}


async def test_a_journal_that_nobody_signs_is_found(store: Store, clock: Hands) -> None:
    incident = await store.run(sound)
    await store.run(lambda tx: wakes(WATCH, 2 * HOUR)(tx, incident))
    clock.shown += HOUR + 6 * MINUTE
    await store.run(lambda tx: alive.mark(tx, tx.now))

    assert await codes(store) == {Code.CHECKPOINT_OLD}


def test_every_code_has_its_case() -> None:
    assert {*WRONG, Code.CHECKPOINT_OLD} == set(Code)
    assert set(Code) > STOPS_SENDING


async def test_what_two_people_closed_was_closed_as_it_should_be(store: Store) -> None:
    incident = await store.run(sound)

    def end(tx: Tx) -> None:
        for event in ("closed", "confirmed"):
            journal.write(tx, event, incident=incident.id, defender=incident.defender, actor=uuid4())
        incidents.save(tx, replace(incident, phase=Phase.CLOSED, outcome=Outcome.SAFE, closed_at=tx.now))

    await store.run(end)

    assert await codes(store) == set()


async def test_while_we_are_deaf_watches_may_be_looked_at_hours_later(store: Store, clock: Hands) -> None:
    await store.run(watched)
    await store.run(lambda tx: alive.mark(tx, tx.now))
    clock.shown += 3 * HOUR

    assert await codes(store) == {Code.WATCH_LATE, Code.TIME_NOT_KEPT}
    assert await codes(store, deaf=True) == set()

    clock.shown += 3 * HOUR
    assert await codes(store, deaf=True) == {Code.WATCH_LATE}


async def test_a_lane_that_speaks_at_its_pace_does_not_stand_still(store: Store) -> None:
    incident = await store.run(sound)

    await store.run(lambda tx: alarm(tx, incident, 5 * MINUTE))

    assert await codes(store) == set()


async def test_every_defender_is_looked_at_in_turn(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.auditing.AT_A_TIME", 2)

    def enrol(tx: Tx) -> None:
        for _ in range(5):
            people.change_defender(tx, ana(tx), times=MORNING)

    await store.run(enrol)
    round_ = Round()
    looks = [await store.read(lambda tx: audit(tx, round_=round_)) for _ in range(4)]

    assert looks[:3] == [[Finding(Code.UNWATCHED, 2)], [Finding(Code.UNWATCHED, 2)], [Finding(Code.UNWATCHED, 1)]]
    assert looks[3] == looks[0]


async def test_who_has_no_times_needs_no_watch(store: Store) -> None:
    await store.run(ana)

    assert await codes(store) == set()


async def test_a_finding_says_for_how_long(store: Store) -> None:
    incident = await store.run(sound)
    await store.run(lambda tx: waits(urgent=True)(tx, incident))

    assert await store.read(audit) == [Finding(Code.CALL_UNREAD, 1, 2 * MINUTE)]
