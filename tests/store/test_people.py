"""People: who is called for whom, and what is left of them when they go."""

from datetime import time, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from escalation.ladder import Pace
from escalation.people import DefenderId, Role, WatchId
from escalation.routine import Daily
from escalation.watch import begin
from store import addresses, attachments, deliveries, inbox, invitations, journal, people, watches
from store.database import Store, Tx
from store.records import AttachmentRow
from store.tables import METADATA
from store.tables.messages import INBOX
from tests.store.made import MINUTE, ana, call, call_for_help, responder


async def test_a_new_defender_is_invited_and_has_agreed_to_nothing(store: Store) -> None:
    def add(tx: Tx) -> DefenderId:
        return people.add_defender(tx, "Ana 🌻", language="ar", zone="Africa/Cairo", profile="high", chain="law")

    person = await store.run(add)
    found = await store.read(lambda tx: people.defender(tx, person))

    assert found is not None
    assert (found.name, found.language, found.zone, found.profile, found.chain) == (
        *("Ana 🌻", "ar", "Africa/Cairo"),
        *("high", "law"),
    )
    assert (found.state, found.consented_at, found.times, found.safe_word) == ("invited", None, (), None)
    assert (found.dialogue_state, found.dialogue_data) == (None, {})


async def test_what_is_changed_is_changed_and_the_rest_stays(store: Store) -> None:
    person, other = await store.run(lambda tx: (ana(tx), ana(tx)))

    def change(tx: Tx) -> None:
        people.change_defender(
            tx,
            person,
            times=(time(9), time(21, 30)),
            safe_word="hash",
            dialogue_state="enrol:zone",
            dialogue_data={"seen": [1, "é\x00\ud800", None]},
        )
        people.change_defender(tx, person)

    await store.run(change)
    found, unchanged = await store.read(lambda tx: (people.defender(tx, person), people.defender(tx, other)))

    assert found is not None
    assert unchanged is not None
    assert (found.times, found.safe_word) == ((time(9), time(21, 30)), "hash")
    assert found.dialogue_data == {"seen": [1, "é\x00\ufffd", None]}
    assert (found.name, found.state) == ("Ana", "active")
    assert unchanged.times == ()


async def test_nobody_is_found_under_an_unknown_id(store: Store) -> None:
    stranger = uuid4()

    assert await store.read(lambda tx: people.defender(tx, stranger)) is None
    assert await store.read(lambda tx: people.responder(tx, stranger)) is None


async def test_a_responder_is_no_defender(store: Store) -> None:
    person = await store.run(responder)

    assert await store.read(lambda tx: people.defender(tx, person)) is None
    assert await store.read(people.defenders) == []


async def test_own_tiers_name_the_active_in_the_order_of_placing(store: Store) -> None:
    def place(tx: Tx) -> tuple[DefenderId, UUID, UUID, UUID]:
        defender, bo, cleo = ana(tx), responder(tx, "Bo"), responder(tx, "Cleo")
        dara = people.add_responder(tx, "Dara", Role.CONTACT, language="fr")
        for person in (cleo, bo, dara, cleo):
            people.place_in_tier(tx, defender, "contacts", person)
        people.place_in_tier(tx, defender, "lawyers", bo)
        return defender, bo, cleo, dara

    defender, bo, cleo, dara = await store.run(place)

    assert await store.read(lambda tx: people.own_tiers(tx, defender)) == {"contacts": (cleo, bo), "lawyers": (bo,)}
    assert (await store.read(lambda tx: people.placed(tx, defender)))["contacts"] == (cleo, bo, dara)

    await store.run(lambda tx: people.take_from_tier(tx, defender, "contacts", cleo))
    assert (await store.read(lambda tx: people.own_tiers(tx, defender)))["contacts"] == (bo,)


async def test_those_on_duty_come_in_the_order_in_which_they_were_added(store: Store) -> None:
    def add(tx: Tx) -> list[UUID]:
        people.add_responder(tx, "Max", Role.COORDINATOR, language="en")  # has not agreed
        return [responder(tx, name, Role.COORDINATOR) for name in ("Dara", "Cleo", "Bo")]

    added = await store.run(add)

    assert await store.read(lambda tx: list(people.active_of_role(tx, Role.COORDINATOR))) == added
    assert await store.read(lambda tx: people.active_of_role(tx, Role.LEAD)) == ()


async def test_a_removed_responder_is_called_no_more_and_their_address_is_gone(store: Store) -> None:
    def remove(tx: Tx) -> tuple[DefenderId, UUID, UUID]:
        defender, bo = ana(tx), responder(tx, "Bo", chat="1234567")
        people.place_in_tier(tx, defender, "contacts", bo)
        opened = call_for_help(tx, defender, bo)
        deliveries.put(tx, call(tx, bo, opened.id))
        invitations.new(tx, "responder", bo, "hash", tx.now + MINUTE)
        people.remove_responder(tx, bo)
        return defender, bo, opened.id

    defender, bo, incident = await store.run(remove)
    found = await store.read(lambda tx: people.responder(tx, bo))

    assert found is not None
    assert (found.name, found.state) == ("Bo", "removed")
    assert await store.read(lambda tx: people.own_tiers(tx, defender)) == {}
    assert await store.read(lambda tx: addresses.person_at(tx, "responder", "telegram", "1234567")) is None
    assert [row.state for row in await store.read(lambda tx: deliveries.of_incident(tx, incident))] == ["cancelled"]
    assert await store.run(lambda tx: invitations.redeem(tx, "responder", "hash")) is None
    assert "1234567" not in await store.read(everything)


async def test_of_an_erased_defender_only_ids_are_left_and_only_in_the_journal(store: Store) -> None:
    def live_and_be_erased(tx: Tx) -> DefenderId:
        defender, bo = ana(tx), responder(tx, "Bo")
        addresses.add(tx, defender, "defender", "telegram", "7654321", verified=True)
        people.place_in_tier(tx, defender, "contacts", bo)
        opened = call_for_help(tx, defender, bo)
        deliveries.put(tx, call(tx, bo, opened.id, words={"text": "Ana is in Bogota"}))
        watches.save(tx, begin(WatchId(uuid4()), defender, Daily((time(9),), "UTC"), Pace((), MINUTE), tx.now))
        text = AttachmentRow(uuid4(), defender, opened.id, "text", "Bogota", None, None, False, None, None, tx.now)
        attachments.add(tx, text)
        journal.write(tx, "opened", incident=opened.id, defender=defender)
        people.erase_defender(tx, defender)
        return defender

    defender = await store.run(live_and_be_erased)

    left = await store.read(everything)
    assert "Ana" not in left
    assert "Bogota" not in left
    assert "7654321" not in left
    assert [entry.defender for entry in await store.read(lambda tx: journal.newest(tx, 9))] == [defender]
    assert await store.read(watches.next_wake) is None
    assert [one.name for one in await store.read(people.responders)] == ["Bo"]


async def test_erasing_takes_no_responder(store: Store) -> None:
    person = await store.run(responder)

    await store.run(lambda tx: people.erase_defender(tx, person))

    assert await store.read(lambda tx: people.responder(tx, person)) is not None


async def test_away_is_kept_as_an_instant(store: Store) -> None:
    person = await store.run(responder)
    until = await store.run(lambda tx: tx.now + timedelta(hours=8))

    await store.run(lambda tx: people.change_responder(tx, person, away_until=until, role=Role.LAWYER))
    found = await store.read(lambda tx: people.responder(tx, person))

    assert found is not None
    assert (found.away_until, found.role) == (until, Role.LAWYER)


def everything(tx: Tx) -> str:
    """All that the database holds, as one text."""
    return str([tx.connection.execute(select(table)).all() for table in METADATA.tables.values()])


SOURCES = ("defenders", "defenders@1002", "defendersX1", "responders", "responders@1002", "trial")


@pytest.mark.parametrize(
    ("side", "others"), [("defender", ("defendersX1", *SOURCES[3:])), ("responder", (*SOURCES[:3], "trial"))]
)
async def test_nothing_that_who_was_erased_wrote_to_any_bot_of_their_side_is_left_in_the_inbox(
    store: Store, side: str, others: tuple[str, ...]
) -> None:
    def live(tx: Tx) -> UUID:
        person = ana(tx) if side == "defender" else responder(tx)
        addresses.add(tx, person, side, "telegram", "4711", verified=True)
        chat = addresses.blind(tx, side, "telegram", "4711")
        for source in SOURCES:
            inbox.keep(tx, source, 1, chat, b"{}", False)
            inbox.keep(tx, source, 2, "another chat", b"{}", False)
        return person

    person = await store.run(live)
    for row in await store.read(lambda tx: inbox.waiting(tx, 100, urgent=False)):
        if row.source.endswith("@1002"):
            await store.run(partial(inbox.set_aside, row_id=row.id, why="unreadable"))
    await store.run(partial(people.erase_person, side=side, person=person))

    rows = select(INBOX.c.source).order_by(INBOX.c.id)
    left = await store.read(lambda tx: tx.connection.execute(rows.where(INBOX.c.update_id == 1)).scalars().all())
    elsewhere = await store.read(lambda tx: tx.connection.execute(rows.where(INBOX.c.update_id == 2)).scalars().all())
    assert (tuple(left), tuple(elsewhere)) == (others, SOURCES)
