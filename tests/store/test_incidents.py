"""Incidents: opened once for each cause, found by everybody whom they concern, and called by a short name."""

import itertools
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from escalation import incident as incident_machine
from escalation.incident_state import Incident
from escalation.incident_words import Closed, Confirmed, Kind, Outcome, TookIt
from escalation.people import DefenderId, IncidentId, ResponderId
from store import incidents, references
from store.database import Store, Tx
from tests.databases import START, Hands
from tests.store.made import MINUTE, ana, call_for_help, plan_of, responder


async def prepared(store: Store) -> tuple[DefenderId, ResponderId, ResponderId]:
    """Ana, Bo and Cleo."""
    return await store.run(lambda tx: (ana(tx), responder(tx, "Bo"), responder(tx, "Cleo")))


def closed(incident: Incident, *by: ResponderId) -> Incident:
    """The incident after two people closed it."""
    proposed, _ = incident_machine.decide(incident, Closed(by[0], Outcome.SAFE), START + MINUTE)
    ended, _ = incident_machine.decide(proposed, Confirmed(by[1], 1), START + MINUTE)
    return ended


async def test_one_cause_opens_one_incident(store: Store) -> None:
    defender, bo, _ = await prepared(store)
    first, _ = incident_machine.open_incident(IncidentId(UUID(int=1)), defender, Kind.PANIC, plan_of(bo), START)
    second, _ = incident_machine.open_incident(IncidentId(UUID(int=2)), defender, Kind.PANIC, plan_of(bo), START)

    assert await store.run(lambda tx: incidents.insert(tx, first, "panic:7", None))
    assert not await store.run(lambda tx: incidents.insert(tx, second, "panic:7", None))
    assert not await store.run(lambda tx: incidents.insert(tx, first, "panic:8", None))

    assert await store.read(lambda tx: incidents.load(tx, second.id)) is None
    assert await store.read(lambda tx: incidents.recent(tx, 9)) == (first,)


async def test_the_missed_due_time_is_kept_with_a_missed_one(store: Store) -> None:
    defender, bo, _ = await prepared(store)
    missed, _ = incident_machine.open_incident(IncidentId(UUID(int=1)), defender, Kind.MISSED, plan_of(bo), START)
    due_at = START - 30 * MINUTE

    await store.run(lambda tx: incidents.insert(tx, missed, "missed:1", due_at))
    panic = await store.run(lambda tx: call_for_help(tx, defender, bo))

    assert await store.read(lambda tx: incidents.due_at(tx, missed.id)) == due_at
    assert await store.read(lambda tx: incidents.due_at(tx, panic.id)) is None


async def test_an_incident_is_due_when_it_wants_to_wake(store: Store) -> None:
    defender, bo, cleo = await prepared(store)
    calling = await store.run(lambda tx: call_for_help(tx, defender, bo, cleo))
    wakes = incident_machine.wakes_at(calling)

    assert await store.read(incidents.next_wake) == wakes == START + 2 * MINUTE
    assert await store.read(lambda tx: incidents.due(tx, START + MINUTE, 9)) == []
    assert await store.read(lambda tx: incidents.due(tx, START + 2 * MINUTE, 9)) == [calling.id]

    held, _ = incident_machine.decide(calling, TookIt(bo), START + MINUTE)
    await store.run(lambda tx: incidents.save(tx, held))
    assert await store.read(incidents.next_wake) == incident_machine.wakes_at(held)

    await store.run(lambda tx: incidents.save(tx, closed(held, bo, cleo)))
    assert await store.read(incidents.next_wake) is None
    assert await store.read(lambda tx: incidents.due(tx, START + timedelta(days=9), 9)) == []


async def test_a_closed_incident_is_open_for_nobody(store: Store) -> None:
    defender, bo, cleo = await prepared(store)
    first = await store.run(lambda tx: call_for_help(tx, defender, bo, cleo))
    second = await store.run(lambda tx: call_for_help(tx, defender, bo))

    await store.run(lambda tx: incidents.save(tx, closed(first, bo, cleo)))

    assert await store.read(lambda tx: incidents.open_of_defender(tx, defender)) == (second,)
    assert await store.read(lambda tx: incidents.open_about(tx, bo)) == (second,)
    assert await store.read(lambda tx: incidents.open_about(tx, cleo)) == ()
    assert await store.read(lambda tx: incidents.recent(tx, 9, only_open=True)) == (second,)
    assert len(await store.read(lambda tx: incidents.recent(tx, 9))) == 2


async def test_who_was_only_told_has_heard_of_it_too(store: Store) -> None:
    defender, bo, cleo = await prepared(store)
    calling = await store.run(lambda tx: call_for_help(tx, defender, bo))
    assert await store.read(lambda tx: incidents.open_about(tx, cleo)) == ()
    told = replace(calling, informed=(cleo,))

    await store.run(lambda tx: incidents.save(tx, told))

    assert await store.read(lambda tx: incidents.open_about(tx, cleo)) == (told,)


async def test_a_call_does_not_fail_because_of_somebody_who_is_gone(store: Store) -> None:
    defender, _, _ = await prepared(store)
    nobody = ResponderId(UUID(int=404))

    opened = await store.run(lambda tx: call_for_help(tx, defender, nobody))

    assert await store.read(lambda tx: incidents.open_about(tx, nobody)) == (opened,)


async def test_the_newest_come_first_and_no_more_than_asked_for(store: Store, clock: Hands) -> None:
    defender, bo, _ = await prepared(store)
    opened = []
    for _ in range(3):
        opened.append(await store.run(lambda tx: call_for_help(tx, defender, bo)))
        clock.shown += MINUTE

    assert await store.read(lambda tx: incidents.recent(tx, 2)) == (opened[2], opened[1])


async def test_an_incident_is_found_by_its_short_name_however_it_was_typed(store: Store) -> None:
    defender, bo, _ = await prepared(store)
    opened = await store.run(lambda tx: call_for_help(tx, defender, bo))
    name = await store.read(lambda tx: incidents.reference(tx, opened.id))
    heard = f" {name.lower().replace('0', 'o').replace('1', 'l')} "

    assert await store.read(lambda tx: incidents.by_reference(tx, heard)) == opened
    assert await store.read(lambda tx: incidents.by_reference(tx, "AEIU")) is None
    assert await store.read(lambda tx: incidents.reference(tx, UUID(int=0))) == "?"


async def test_a_short_name_that_is_taken_is_not_given_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    defender, bo, _ = await prepared(store)
    monkeypatch.setattr(references, "SIGNS", "7")

    def two(tx: Tx) -> list[str]:
        return [incidents.reference(tx, call_for_help(tx, defender, bo).id) for _ in range(2)]

    assert await store.run(two) == ["7777", "77777"]


def test_a_short_name_has_no_vowel_and_no_letter_that_looks_like_a_digit() -> None:
    some = list(itertools.islice(references.references(), references.TRIES_OF_ONE_LENGTH))

    assert {len(name) for name in some} == {4}
    assert not set("".join(some)) & set("AEIOUL")
    assert len(references.SIGNS) == len(set(references.SIGNS)) == 30
    longer = itertools.islice(references.references(), references.TRIES_OF_ONE_LENGTH, None)
    assert len(next(longer)) == 5
