"""What cannot be opened any more stands in nobody's way, is used for nothing, and is never written over."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Table, select, update

from escalation.people import DefenderId, ResponderId
from store import addresses, attachments, deliveries, inbox, incidents, people
from store.database import Store, Tx
from store.records import AttachmentRow, DeliveryRow
from store.sealing import SealBroken, erase_subject
from store.tables.calling import ATTACHMENT, INCIDENT
from store.tables.messages import DELIVERY, INBOX
from store.tables.people import ADDRESS, DEFENDER, RESPONDER
from tests.store.made import LANE, MINUTE, ana, call, call_for_help, responder


def spoil(tx: Tx, table: Table, column: str, **which: Any) -> None:
    """Change one bit of what is sealed in these rows."""
    chosen = [table.c[name] == value for name, value in which.items()]
    sealed: bytes = tx.connection.execute(select(table.c[column]).where(*chosen)).scalars().first() or b""
    tx.connection.execute(update(table).where(*chosen).values({column: sealed[:-1] + bytes([sealed[-1] ^ 1])}))


async def test_somebody_who_can_no_longer_be_named_is_called_all_the_same(store: Store) -> None:
    def work(tx: Tx) -> tuple[ResponderId, DefenderId]:
        bo, defender = responder(tx), ana(tx)
        spoil(tx, RESPONDER, "card", id=bo)
        spoil(tx, DEFENDER, "card", id=defender)
        return bo, defender

    bo, defender = await store.run(work)
    known, watched = await store.read(lambda tx: (people.responder(tx, bo), people.defender(tx, defender)))

    assert known is not None
    assert watched is not None
    assert (known.name, known.language, known.state) == ("?", "en", "active")
    assert (watched.name, watched.zone, watched.profile, watched.times) == ("?", "UTC", "", ())
    assert await store.read(lambda tx: [way.channel for way in addresses.of_person(tx, bo)]) == ["telegram"]


async def test_a_card_that_cannot_be_opened_is_not_written_over(store: Store) -> None:
    def work(tx: Tx) -> ResponderId:
        bo = responder(tx)
        spoil(tx, RESPONDER, "card", id=bo)
        return bo

    bo = await store.run(work)

    with pytest.raises(SealBroken):
        await store.run(lambda tx: people.change_responder(tx, bo, language="fr"))
    await store.run(lambda tx: people.change_responder(tx, bo, state="removed"))


async def test_an_address_that_cannot_be_opened_is_not_used_and_its_person_is_no_stranger(store: Store) -> None:
    def work(tx: Tx) -> ResponderId:
        bo = responder(tx, chat="4711")
        addresses.add(tx, bo, "responder", "mail", "bo@example.org", verified=True)
        spoil(tx, ADDRESS, "address", person=bo, channel="telegram")
        return bo

    bo = await store.run(work)

    assert await store.read(lambda tx: [way.address for way in addresses.of_person(tx, bo)]) == ["bo@example.org"]
    assert await store.read(lambda tx: addresses.person_at(tx, "responder", "telegram", "4711")) == bo


async def test_a_person_whose_key_is_gone_is_nobody_although_rows_are_left(store: Store) -> None:
    defender = await store.run(ana)

    await store.run(lambda tx: erase_subject(tx, defender))

    assert await store.read(lambda tx: people.defender(tx, defender)) is None
    assert await store.read(people.defenders) == []
    assert await store.run(lambda tx: people.erase_defender(tx, defender)) is None
    assert await store.read(lambda tx: people.state_of(tx, "defender", defender)) is None


async def test_a_message_that_cannot_be_opened_keeps_no_other_from_leaving(store: Store) -> None:
    def work(tx: Tx) -> list[DeliveryRow]:
        bo, cleo = responder(tx, "Bo"), responder(tx, "Cleo")
        incident = call_for_help(tx, ana(tx), bo, cleo).id
        for person in (bo, cleo):
            deliveries.put(tx, call(tx, person, incident))
        spoil(tx, DELIVERY, "content", person=bo)
        return deliveries.lease(tx, LANE, tx.now, tx.now + MINUTE, 9)

    leased = await store.run(work)

    assert [(row.template, row.words) for row in leased] == [("", {}), ("responder.alarm", {"times": 1, "held": False})]


async def test_what_is_said_about_an_incident_goes_with_its_defenders_key(store: Store) -> None:
    def put(tx: Tx) -> tuple[UUID, UUID]:
        bo, defender = responder(tx), ana(tx)
        incident = call_for_help(tx, defender, bo).id
        deliveries.put(tx, call(tx, bo, incident, words={"text": "she is at the bridge"}))
        return defender, incident

    defender, incident = await store.run(put)
    before = await store.read(lambda tx: deliveries.of_incident(tx, incident))
    await store.run(lambda tx: erase_subject(tx, defender))
    store.vault.forget()
    after = await store.read(lambda tx: deliveries.of_incident(tx, incident))

    assert [row.words for row in before] == [{"text": "she is at the bridge"}]
    assert [(row.template, row.words) for row in after] == [("", {})]


async def test_what_was_handled_is_kept_no_longer_and_nobody_is_named_by_it(store: Store) -> None:
    def handle(tx: Tx) -> dict[str, Any]:
        inbox.keep(tx, "defenders", 1, "a blind index", b"sos", urgent=True)
        (row,) = inbox.waiting(tx, 1, urgent=True)
        assert row.raw == b"sos"
        assert inbox.done(tx, row.id)
        assert not inbox.keep(tx, "defenders", 1, "a blind index", b"sos", urgent=True)
        return dict(tx.connection.execute(select(INBOX)).mappings().one())

    row = await store.run(handle)

    assert (row["state"], row["raw"], row["chat"], row["urgent"]) == ("done", None, None, False)


async def test_a_call_for_help_that_cannot_be_opened_is_still_given_as_one(store: Store) -> None:
    def keep(tx: Tx) -> None:
        inbox.keep(tx, "defenders", 1, "a blind index", b"sos", urgent=True)
        spoil(tx, INBOX, "raw", update_id=1)

    await store.run(keep)

    (row,) = await store.read(lambda tx: inbox.next_of_chats(tx, 9, urgent=True))
    assert (row.raw, row.chat, row.urgent) == (b"", "a blind index", True)


async def test_what_was_sent_and_cannot_be_opened_is_left_out(store: Store) -> None:
    def work(tx: Tx) -> tuple[UUID, UUID]:
        defender = ana(tx)
        incident = call_for_help(tx, defender, responder(tx)).id
        rows = [
            AttachmentRow(uuid4(), defender, incident, "place", "", degrees, -74.0, False, None, None, tx.now)
            for degrees in (4.5, 4.6)
        ]
        for row in rows:
            attachments.add(tx, row)
        spoil(tx, ATTACHMENT, "content", id=rows[0].id)
        return incident, rows[1].id

    incident, readable = await store.run(work)

    assert [one.id for one in await store.read(lambda tx: attachments.of_incident(tx, incident))] == [readable]
    place = await store.read(lambda tx: attachments.last_place(tx, incident))
    assert place is not None
    assert place.latitude == 4.6


@pytest.mark.parametrize("left", [b"", b"\1\1", bytes(300)])
async def test_a_cause_that_cannot_be_opened_is_not_known(store: Store, left: bytes) -> None:
    def work(tx: Tx) -> object:
        incident = call_for_help(tx, ana(tx), responder(tx)).id
        tx.connection.execute(update(INCIDENT).values(cause=left))
        return incidents.due_at(tx, incident)

    assert await store.run(work) is None
