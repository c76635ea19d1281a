"""The heart's states come back from the database exactly as they went in, whatever led to them."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from sqlalchemy import delete, insert

from escalation import incident as incident_machine
from escalation import watch as watch_machine
from escalation import watch_words
from escalation.incident_state import Incident
from escalation.incident_words import Event, Kind
from escalation.ladder import Pace, Plan
from escalation.people import IncidentId, WatchId
from escalation.routine import Daily
from escalation.watch import Watch
from store import incidents, states, watches
from store.database import Store, Tx
from store.sealing import begin_subject
from store.tables.calling import INCIDENT
from store.tables.people import DEFENDER, PERSON
from store.tables.watching import WATCH
from tests.databases import KINDS, START, fresh_store
from tests.heart import strategies as life
from tests.heart.cast import ANA, PANIC, Call, three_tiers

Doings = list[tuple[timedelta, Event]]
WatchDoings = list[tuple[timedelta, watch_words.Event]]
WITHOUT_HURRY = settings(deadline=None)
IN_THE_DATABASE = settings(deadline=None, max_examples=25)


def lives_of_watch(watch: Watch, now: datetime, doings: WatchDoings) -> Iterator[Watch]:
    """Every state that the watch goes through."""
    yield watch
    for pause, event in doings:
        now += pause
        watch, _ = watch_machine.decide(watch, event, now)
        yield watch


def lives_of_incident(plan: Plan, kind: Kind, now: datetime, doings: Doings) -> Iterator[Incident]:
    """Every state that the incident goes through."""
    incident, _ = incident_machine.open_incident(IncidentId(UUID(int=9)), ANA, kind, plan, now)
    yield incident
    for pause, event in doings:
        now += pause
        incident, _ = incident_machine.decide(incident, event, now)
        yield incident


@WITHOUT_HURRY
@given(life.watches(), life.with_pauses(life.watch_events))
def test_every_watch_reads_as_it_was_written(begun: tuple[Watch, datetime], doings: WatchDoings) -> None:
    for watch in lives_of_watch(*begun, doings):
        assert states.WATCH.read(states.WATCH.write(watch)) == watch


@WITHOUT_HURRY
@given(life.plans(), life.kinds, life.moments, life.with_pauses(life.incident_events))
def test_every_incident_reads_as_it_was_written(plan: Plan, kind: Kind, now: datetime, doings: Doings) -> None:
    for incident in lives_of_incident(plan, kind, now, doings):
        assert states.INCIDENT.read(states.INCIDENT.write(incident)) == incident


@pytest.fixture(scope="module", params=KINDS)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., None]]:
    """Run something in a store in which Ana is known, and forget it afterwards."""
    with asyncio.Runner() as runner:
        opening = fresh_store(request.param, tmp_path_factory.mktemp("states"))
        store: Store = runner.run(opening.__aenter__())
        runner.run(store.run(_know_ana))
        yield lambda work: runner.run(store.run(work))
        runner.run(opening.__aexit__(None, None, None))


def _know_ana(tx: Tx) -> None:
    begin_subject(tx, ANA)
    tx.connection.execute(insert(PERSON), {"id": ANA, "side": "defender", "number": 1, "created_at": tx.now})
    tx.connection.execute(insert(DEFENDER), {"id": ANA, "state": "invited", "card": b""})


@IN_THE_DATABASE
@given(life.watches(), life.with_pauses(life.watch_events))
def test_no_watch_that_can_come_about_is_refused(
    run: Callable[..., None], begun: tuple[Watch, datetime], doings: WatchDoings
) -> None:
    def keep(tx: Tx) -> None:
        tx.connection.execute(delete(WATCH))
        for watch in lives_of_watch(*begun, doings):
            watches.save(tx, watch)
            assert watches.load(tx, watch.id) == watch
            assert watches.next_wake(tx) == watch_machine.wakes_at(watch)

    run(keep)


@IN_THE_DATABASE
@given(life.plans(), life.kinds, life.moments, life.with_pauses(life.incident_events))
def test_no_incident_that_can_come_about_is_refused(
    run: Callable[..., None], plan: Plan, kind: Kind, now: datetime, doings: Doings
) -> None:
    def keep(tx: Tx) -> None:
        tx.connection.execute(delete(INCIDENT))
        lives = lives_of_incident(plan, kind, now, doings)
        first = next(lives)
        assert incidents.insert(tx, first, "panic:1", None)
        for incident in (first, *lives):
            incidents.save(tx, incident)
            assert incidents.load(tx, incident.id) == incident
            assert incidents.next_wake(tx) == incident_machine.wakes_at(incident)

    run(keep)


def test_an_incident_that_was_written_before_it_counted_what_was_told_still_reads() -> None:
    incident = Call(three_tiers(PANIC)).incident
    before = json.loads(states.INCIDENT.write(incident))
    for newer in ("told_at", "told_at_once", "untold", "checked_in_at"):
        del before[newer]

    older = before | {"called_again_at": None, "called_again_untold": False}
    assert states.INCIDENT.read(json.dumps(older)) == incident


def test_a_state_that_does_not_fit_is_told_without_its_content() -> None:
    with pytest.raises(states.StateUnreadable) as told:
        states.WATCH.read('{"id": "Ana is in Bogota", "phase": "waiting"}')

    assert "id" in str(told.value)
    assert "Bogota" not in str(told.value)
    assert told.value.__cause__ is None


async def test_one_unreadable_row_leaves_the_others_readable(tmp_path: Path) -> None:
    def spoil_one(tx: Tx) -> tuple[Watch, Watch]:
        _know_ana(tx)
        rule, pace = Daily((START.time(),), "UTC"), Pace((), timedelta(minutes=5))
        good, bad = (watch_machine.begin(WatchId(UUID(int=number)), ANA, rule, pace, tx.now) for number in (1, 2))
        watches.save(tx, good)
        watches.save(tx, bad)
        tx.connection.execute(WATCH.update().where(WATCH.c.id == bad.id).values(body=b"{}"))
        return good, bad

    async with fresh_store("sqlite", tmp_path) as store:
        good, bad = await store.run(spoil_one)

        assert await store.read(lambda tx: watches.load(tx, good.id)) == good
        with pytest.raises(states.StateUnreadable):
            await store.read(lambda tx: watches.load(tx, bad.id))
