"""What is kept beside an incident: what the defender sent, what was ticked, what happened, and our own pulse."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from escalation.people import DefenderId, IncidentId
from store import alive, attachments, journal, runbook
from store.database import Store, Tx
from store.records import AttachmentRow
from tests.databases import START, Hands
from tests.store.made import MINUTE, ana, call_for_help, responder


def sent(defender: DefenderId, minute: int, text: str = "", place: tuple[float, float] | None = None) -> AttachmentRow:
    """Something loose that Ana sent."""
    latitude, longitude = place or (None, None)
    kind = "place" if place else "text"
    at = START + minute * MINUTE
    return AttachmentRow(uuid4(), defender, None, kind, text, latitude, longitude, False, None, None, at)


async def test_what_was_sent_before_goes_to_the_incident_that_takes_it_up(store: Store) -> None:
    def work(tx: Tx) -> tuple[DefenderId, IncidentId, list[AttachmentRow]]:
        defender, other = ana(tx), ana(tx)
        rows = [sent(defender, 3), sent(defender, -99), sent(defender, 1), sent(other, 2)]
        for row in rows:
            attachments.add(tx, row)
        return defender, call_for_help(tx, defender, responder(tx)).id, rows

    defender, incident, (third, old, first, _) = await store.run(work)

    assert await store.read(lambda tx: attachments.recent_loose(tx, defender, START)) == [first, third]
    adopted = await store.run(lambda tx: attachments.adopt(tx, defender, incident, START))
    assert adopted == [replace(first, incident=incident), replace(third, incident=incident)]
    assert await store.read(lambda tx: attachments.of_incident(tx, incident)) == adopted
    assert await store.read(lambda tx: attachments.recent_loose(tx, defender, START - 100 * MINUTE)) == [old]
    assert await store.run(lambda tx: attachments.adopt(tx, defender, incident, START)) == []


async def test_any_text_can_be_kept(store: Store) -> None:
    text = "النجدة \U0001f198 \x00 \ud83d " + "x" * 10_000

    def work(tx: Tx) -> AttachmentRow:
        row = sent(ana(tx), 0, text)
        attachments.add(tx, row)
        return row

    row = await store.run(work)

    found = await store.read(lambda tx: attachments.one(tx, row.id))
    assert found is not None
    assert found.text == text.replace("\ud83d", "\ufffd")
    assert await store.read(lambda tx: attachments.one(tx, uuid4())) is None


async def test_the_last_place_is_the_newest_that_was_sent(store: Store) -> None:
    def work(tx: Tx) -> IncidentId:
        defender = ana(tx)
        incident = call_for_help(tx, defender, responder(tx)).id
        assert attachments.last_place(tx, incident) is None
        for row in (sent(defender, 2, place=(4.6, -74.08)), sent(defender, 1, place=(0.0, 0.0)), sent(defender, 3)):
            attachments.add(tx, replace(row, incident=incident))
        return incident

    incident = await store.run(work)

    place = await store.read(lambda tx: attachments.last_place(tx, incident))
    assert place is not None
    assert (place.latitude, place.longitude, place.at) == (4.6, -74.08, START + 2 * MINUTE)


async def test_a_line_is_ticked_once(store: Store, clock: Hands) -> None:
    def work(tx: Tx) -> tuple[IncidentId, UUID]:
        bo = responder(tx)
        return call_for_help(tx, ana(tx), bo).id, bo

    incident, bo = await store.run(work)

    assert await store.run(lambda tx: runbook.tick(tx, incident, "ring", bo))
    clock.shown += MINUTE
    assert await store.run(lambda tx: runbook.tick(tx, incident, "ask_family", bo))
    assert not await store.run(lambda tx: runbook.tick(tx, incident, "ring", bo))
    assert await store.read(lambda tx: runbook.ticked(tx, incident)) == ("ring", "ask_family")


async def test_the_journal_tells_what_happened_in_its_order(store: Store, clock: Hands) -> None:
    incident, actor = uuid4(), uuid4()
    await store.run(lambda tx: journal.write(tx, "opened", incident=incident, kind="panic", people=[str(actor)]))
    await store.run(lambda tx: journal.write(tx, "service_started"))
    clock.shown += MINUTE
    await store.run(lambda tx: journal.write(tx, "took_it", incident=incident, actor=actor))

    opened, took = await store.read(lambda tx: journal.of_incident(tx, IncidentId(incident)))

    assert (opened.event, opened.detail, opened.at) == ("opened", {"kind": "panic", "people": [str(actor)]}, START)
    assert (took.event, took.actor, took.detail, took.at) == ("took_it", actor, {}, START + MINUTE)
    assert [entry.event for entry in await store.read(lambda tx: journal.newest(tx, 2))] == [
        "took_it",
        "service_started",
    ]


async def test_our_own_pulse_is_the_last_one(store: Store) -> None:
    assert await store.read(alive.last) is None

    await store.run(lambda tx: alive.mark(tx, START))
    await store.run(lambda tx: alive.mark(tx, START + timedelta(hours=3)))

    assert await store.read(alive.last) == START + timedelta(hours=3)
