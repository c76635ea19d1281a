"""A storm: check-ins missed by many at one instant, and calls for help in the middle of it; and who must hear of it.

Everybody is enrolled once, as people are: each defender has one contact of their own, one coordinator is everybody's.
For each run the database is copied, and only then are the watches written that are over.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

from bench.instance import COORDINATOR, DEFENDERS, HOUR, batched, chat_of, contact_of
from bench.messenger import Messenger
from config.ladders import load_ladders
from engine.clock import SystemClock
from escalation import watch as watch_machine
from escalation.people import DefenderId, Role, WatchId
from escalation.routine import Daily
from store import addresses, alive, people, watches
from store.database import Store, Tx
from store.keyring import Keyring

PANIC = "sos"
A_MOMENT = timedelta(milliseconds=200)  # after the database is ready; then they are all over


@dataclass(frozen=True, slots=True)
class Storm:
    """`missed` check-ins, `panics` calls for help of others, and the calls of `late` others that come when told to."""

    missed: int
    panics: int
    late: int = 0

    @property
    def people(self) -> int:
        """How many defenders take part."""
        return self.missed + self.panics + self.late

    @property
    def calls(self) -> list[tuple[int, int]]:
        """Every alarm that must be heard: pairs of (chat of a responder, number of the defender it is about)."""
        panics = range(self.missed, self.people)
        return [
            *((contact_of(number), number) for number in range(self.people)),
            *((COORDINATOR, number) for number in panics),
        ]

    async def enrol(self, url: str, keyring: Keyring) -> list[UUID]:
        """Write everybody into an empty database; gives the defenders by number."""
        store = await Store.open(url, SystemClock().now, keyring)
        await store.run(_coordinator)
        ids: list[UUID] = []
        for few in batched(range(self.people)):
            ids += await store.run(partial(_enrol, few))
        await store.forget_deleted()
        await store.close()
        return ids

    async def begin(self, url: str, keyring: Keyring, ids: Sequence[UUID]) -> None:
        """Have the watches in a copy of that database end in a moment, as if the service had been here till now."""
        store = await Store.open(url, SystemClock().now, keyring)
        for few in batched(ids[: self.missed]):
            await store.run(partial(_watch, few))
        await store.run(lambda tx: alive.mark(tx, tx.now))
        await store.close()

    def call(self, messenger: Messenger) -> None:
        """Have the others call for help; the messenger keeps it until it is fetched."""
        for number in range(self.missed, self.missed + self.panics):
            messenger.types(DEFENDERS, chat_of(number), PANIC)

    def call_late(self, messenger: Messenger, which: int) -> None:
        """Have one of the late ones call, by their number among them."""
        messenger.types(DEFENDERS, chat_of(self.missed + self.panics + which), PANIC)


def name_of(number: int) -> str:
    """What a defender is called. All names are of one length, so that none is the beginning of another."""
    return f"Ana{number:05}"


def _coordinator(tx: Tx) -> None:
    dara = people.add_responder(tx, "Dara", Role.COORDINATOR, language="en")
    people.change_responder(tx, dara, state="active", consented_at=tx.now)
    addresses.add(tx, dara, "responder", "telegram", str(COORDINATOR), verified=True)


def _enrol(few: Iterable[int], tx: Tx) -> list[UUID]:
    made: list[UUID] = []
    for number in few:
        ana = people.add_defender(tx, name_of(number), language="en", zone="UTC", profile="standard", chain="default")
        people.change_defender(tx, ana, state="active", consented_at=tx.now)
        addresses.add(tx, ana, "defender", "telegram", str(chat_of(number)), verified=True)
        bo = people.add_responder(tx, f"Bo {number}", Role.CONTACT, language="en")
        people.change_responder(tx, bo, state="active", consented_at=tx.now)
        addresses.add(tx, bo, "responder", "telegram", str(contact_of(number)), verified=True)
        people.place_in_tier(tx, ana, "contacts", bo)
        made.append(ana)
    return made


def _watch(few: Iterable[UUID], tx: Tx) -> None:
    pace = load_ladders(None).profiles["standard"].pace
    alarm_at = tx.now + A_MOMENT
    due = alarm_at - pace.grace
    rule = Daily((due.time().replace(microsecond=0),), "UTC")
    for ana in few:
        watch = watch_machine.begin(WatchId(uuid4()), DefenderId(ana), rule, pace, due - HOUR)
        overdue = replace(
            watch, phase=watch_machine.Phase.OVERDUE, due_at=due, first_due_at=due, alarm_at=alarm_at,
            reminded=len(pace.reminders),
        )  # fmt: skip
        watches.save(tx, overdue)
