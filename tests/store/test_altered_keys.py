"""A row that asks for a key which nobody ever made was altered: its seal is broken, and nothing else is locked."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Table, select, update

from escalation.lowering import Verdict, Want, Wish, begin
from escalation.people import DefenderId, LoweringId, ResponderId
from store import (
    addresses,
    attachments,
    chat_messages,
    deliveries,
    inbox,
    incidents,
    journal,
    lowerings,
    people,
    watches,
)
from store.cipher import new_key
from store.database import Store, Tx
from store.key_files import key_id
from store.keyring import Keyring, plainly
from store.made_keys import key_file
from store.records import AttachmentRow
from store.refusals import Locked, SealBroken
from store.rotation import rotate
from store.tables.keys import DATA_KEY
from store.tables.messages import INBOX
from tests.databases import START, Hands
from tests.store.made import LANE, MINUTE, ana, call, call_for_help, responder

NOBODYS = b"none"  # the id of a key that was never made


def altered(sealed: bytes) -> bytes:
    """The same, as if another key had made it."""
    return sealed[:2] + NOBODYS + sealed[6:]


def alter_data_key(tx: Tx, whose: UUID) -> None:
    """Have somebody's data key ask for a key-encryption key that nobody ever made."""
    with tx.vault.data_keys.changing(tx.connection) as own:
        chosen = DATA_KEY.c.subject == whose
        wrapped: bytes = own.execute(select(DATA_KEY.c.wrapped).where(chosen)).scalar_one()
        own.execute(update(DATA_KEY).where(chosen).values(wrapped=altered(wrapped)))
    tx.vault.forget()


def alter_raw(tx: Tx, table: Table = INBOX) -> None:
    """Have everything in the inbox ask for an ingest key that nobody ever made."""
    for row in tx.connection.execute(select(table.c.id, table.c.raw)).all():
        tx.connection.execute(update(table).where(table.c.id == row.id).values(raw=altered(row.raw)))


class House:
    """Ana, who called for help and of whom there is a row in every table; Bo and Cleo, who are called; one update."""

    def __init__(self, tx: Tx) -> None:
        """Everything is kept by `tx`."""
        self.ana, self.bo, self.cleo = ana(tx), responder(tx, "Bo"), responder(tx, "Cleo")
        addresses.add(tx, self.ana, "defender", "telegram", "4711", verified=True)
        self.incident = call_for_help(tx, self.ana, self.bo).id
        deliveries.put(tx, call(tx, self.bo, self.incident))
        deliveries.put(tx, call(tx, self.cleo))
        self.lowering = LoweringId(uuid4())
        lowerings.save(tx, begin(self.lowering, self.ana, Wish(Want.LEAVE), Verdict.GOOD, MINUTE, tx.now))
        chat_messages.note(tx, self.ana, "4711", 1, tx.now - chat_messages.STANDS_FOR, ours=True)
        place = AttachmentRow(uuid4(), self.ana, self.incident, "place", "", 4.5, -74.0, False, None, None, tx.now)
        attachments.add(tx, place)
        journal.write(tx, "opened", incident=self.incident, defender=self.ana)
        inbox.keep(tx, "defenders", 1, addresses.blind(tx, "defender", "telegram", "4711"), b"sos", urgent=True)


READ: dict[str, tuple[Callable[[Tx, House], Any], Any]] = {
    "a defender": (lambda tx, house: people.defender(tx, house.ana).name, "?"),  # type: ignore[union-attr]
    "every defender": (lambda tx, house: len(people.defenders(tx)), 1),
    "a responder": (lambda tx, house: people.responder(tx, house.bo).name, "?"),  # type: ignore[union-attr]
    "every responder": (lambda tx, house: [one.name for one in people.responders(tx)], ["?", "Cleo"]),
    "ways to reach": (lambda tx, house: addresses.of_person(tx, house.bo), ()),
    "who wrote": (lambda tx, house: addresses.behind(tx, "defender", "telegram", blind(tx)), "Ana"),
    "open incidents": (lambda tx, house: incidents.open_of_defender(tx, house.ana), ()),
    "recent incidents": (lambda tx, house: incidents.recent(tx, 9), ()),
    "the cause": (lambda tx, house: incidents.due_at(tx, house.incident), None),
    "watches": (lambda tx, house: watches.of_defender(tx, house.ana), ()),
    "what was asked": (lambda tx, house: lowerings.of_defender(tx, house.ana), ()),
    "what was sent": (lambda tx, house: attachments.of_incident(tx, house.incident), []),
    "what is to be said": (
        lambda tx, house: [row.template for row in deliveries.of_incident(tx, house.incident)],
        [""],
    ),
    "what stands in a chat": (lambda tx, house: chat_messages.due(tx, house.ana, 9), []),
    "what is too old": (lambda tx, house: chat_messages.too_old(tx), []),
    "the journal": (lambda tx, house: [entry.detail for entry in journal.of_incident(tx, house.incident)], [{}]),
    "the inbox": (lambda tx, house: [row.raw for row in inbox.waiting(tx, 9, urgent=True)], [b""]),
    "the inbox by chats": (lambda tx, house: [row.raw for row in inbox.next_of_chats(tx, 9, urgent=True)], [b""]),
}


def blind(tx: Tx) -> str:
    return addresses.blind(tx, "defender", "telegram", "4711")


def spoiled(tx: Tx) -> House:
    """A house in which Ana's and Bo's data keys and the inbox were altered."""
    house = House(tx)
    for person in (house.ana, house.bo):
        alter_data_key(tx, person)
    alter_raw(tx)
    return house


@pytest.mark.parametrize("what", READ)
async def test_whoever_reads_a_row_whose_key_nobody_made_finds_it_broken_and_goes_on(store: Store, what: str) -> None:
    read, expected = READ[what]
    house = await store.run(spoiled)

    found = await store.run(lambda tx: read(tx, house))

    if what == "who wrote":
        found, expected = found[0], house.ana
    assert found == expected
    assert not store.vault.is_locked


async def test_the_lane_takes_what_is_said_about_others(store: Store) -> None:
    def lease(tx: Tx) -> list[tuple[ResponderId | UUID, str]]:
        rows = deliveries.lease(tx, LANE, tx.now, tx.now + MINUTE, 9)
        return [(row.person, row.template) for row in rows]

    house = await store.run(spoiled)
    leased = await store.run(lease)

    assert (house.cleo, "responder.alarm") in leased
    assert (house.bo, "responder.alarm") not in leased


async def test_what_happens_to_somebody_whose_key_was_altered_is_written_down_all_the_same(store: Store) -> None:
    house = await store.run(spoiled)

    await store.run(lambda tx: journal.write(tx, "left", defender=house.ana))

    [entry] = await store.read(lambda tx: journal.newest(tx, 1))
    assert (entry.event, entry.defender) == ("left", house.ana)


async def test_whoever_is_named_by_an_altered_key_can_be_erased(store: Store) -> None:
    house = await store.run(spoiled)

    assert await store.run(lambda tx: people.erase_defender(tx, house.ana)) is not None
    assert await store.read(lambda tx: people.state_of(tx, "defender", house.ana)) is None


async def test_an_altered_key_keeps_no_other_from_being_wrapped_anew(url: str, tmp_path: Path) -> None:
    Keyring.fresh(START).save(tmp_path / "keys")
    store = await Store.open(url, Hands(), Keyring.load(tmp_path / "keys"))
    house = await store.run(spoiled)

    rotated = await rotate(store, plainly)
    store.vault.forget()
    cleo = await store.read(lambda tx: people.responder(tx, house.cleo))
    left = await store.run(under_the_newest)
    await store.close()

    assert cleo is not None
    assert cleo.name == "Cleo"
    assert (rotated.rewrapped, rotated.left) == (2, 2)  # Cleo's and the instance's own
    assert left == {house.ana, house.bo}


def under_the_newest(tx: Tx) -> set[UUID]:
    """Whose data key is under an older key than the one in force."""
    with tx.vault.data_keys.changing(tx.connection) as own:
        in_force = tx.vault.data_keys.epoch(own)
        return set(own.execute(select(DATA_KEY.c.subject).where(DATA_KEY.c.kek != in_force)).scalars())


async def test_a_key_that_others_put_in_force_and_that_has_not_come_here_locks_us(url: str, tmp_path: Path) -> None:
    """Another machine changes the key, and its files have not reached this one: that is no altered row."""
    here, there = tmp_path / "here", tmp_path / "there"
    made = Keyring.fresh(START)
    for folder in (here, there):
        made.save(folder)
    store = await Store.open(url, Hands(), Keyring.load(here))
    other = await Store.open(url, Hands(), Keyring.load(there))
    person: DefenderId = await store.run(ana)

    await rotate(other, plainly)
    store.vault.forget()
    with pytest.raises(Locked):
        await store.read(lambda tx: people.defender(tx, person))
    locked = store.vault.is_locked
    for path in there.iterdir():
        if not (here / path.name).exists():
            (here / path.name).write_bytes(path.read_bytes())
            (here / path.name).chmod(0o400)
    again = await store.read(lambda tx: people.defender(tx, person))
    for one in (store, other):
        await one.close()

    assert locked
    assert again is not None
    assert not store.vault.is_locked


async def test_an_update_whose_key_has_not_come_is_no_broken_one_while_we_are_locked(url: str, tmp_path: Path) -> None:
    made = Keyring.fresh(START)
    made.save(tmp_path / "keys")
    store = await Store.open(url, Hands(), made)
    await store.run(House)
    await store.close()
    for path in (tmp_path / "keys").glob("kek-*"):
        path.unlink()
    store = await Store.open(url, Hands(), Keyring.load(tmp_path / "keys"))

    with pytest.raises(Locked):
        await store.read(lambda tx: inbox.waiting(tx, 9, urgent=True))
    await store.close()


def test_a_machine_is_locked_as_long_as_what_comes_in_cannot_be_opened(tmp_path: Path) -> None:
    made = Keyring.fresh(START)
    [kek] = [one for one in made.files if one.use == "kek"]
    newer = new_key()
    files = [one for one in made.files if one.use != "kek"]
    keyring = Keyring([*files, key_file("kek", newer, plainly(newer), START)])

    keyring.need(key_id(newer))
    locked = keyring.is_locked
    keyring.add(kek)

    assert locked
    assert not keyring.is_locked


def test_an_ingest_key_that_nobody_made_is_looked_for_and_is_not_there() -> None:
    with pytest.raises((Locked, SealBroken)):
        Keyring.fresh(START).ingest_private(NOBODYS)
