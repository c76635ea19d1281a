"""Ana, who asks for things with a code, and those who answer for her: the transactions' work without doors."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import uuid4

from config.ladders import load_ladders
from engine.happenings import Happenings
from engine.letter import Words
from engine.lowering import Lowerings
from engine.metrics import Metrics
from engine.planning import Book
from escalation import watch as watch_machine
from escalation.incident_state import Incident
from escalation.lowering import Lowering, Verdict, Want, Wish
from escalation.people import DefenderId, ResponderId, Role, WatchId
from escalation.routine import Daily
from escalation.watch import Watch
from store import deliveries, incidents, journal, lowerings, people, watches
from store.database import Store, Tx
from tests.databases import Hands
from tests.store.made import LANE, MINUTE, responder

LADDERS = load_ladders(None)
BOOK = Book(LADDERS.profiles, LADDERS.chains)
HAPPENINGS = Happenings(BOOK, Metrics())
ASKING = Lowerings(HAPPENINGS)
SECOND, DAY = timedelta(seconds=1), timedelta(hours=24)
PAUSE, LEAVE, SIGN = Wish(Want.PAUSE, length=timedelta(days=2)), Wish(Want.LEAVE), Wish(Want.SIGN)
TEXT = Wish(Want.TEXT)


@dataclass(frozen=True)
class Cast:
    """Ana, and who answers for her: Bo in the first tier, Cleo in the second, Dara on duty, and a lead."""

    ana: DefenderId
    bo: ResponderId
    cleo: ResponderId
    dara: ResponderId
    lead: ResponderId


def alone(tx: Tx) -> DefenderId:
    """Ana, who checks in at nine, with nobody to call."""
    person = people.add_defender(tx, "Ana", language="en", zone="UTC", profile="standard", chain="default")
    people.change_defender(tx, person, state="active", times=(time(9),), consented_at=tx.now)
    rule, pace = Daily((time(9),), "UTC"), BOOK.profile("standard").pace
    watches.save(tx, watch_machine.begin(WatchId(uuid4()), person, rule, pace, tx.now))
    return person


def together(tx: Tx) -> Cast:
    """All of them."""
    roles = {"Bo": Role.CONTACT, "Cleo": Role.COLLEAGUE, "Dara": Role.COORDINATOR, "Max": Role.LEAD}
    cast = Cast(alone(tx), *(responder(tx, name, role) for name, role in roles.items()))
    people.place_in_tier(tx, cast.ana, "contacts", cast.bo)
    people.place_in_tier(tx, cast.ana, "contacts", cast.dara)
    people.place_in_tier(tx, cast.ana, "colleagues", cast.cleo)
    return cast


async def ask(store: Store, ana: DefenderId, wish: Wish, verdict: Verdict = Verdict.GOOD) -> Lowering:
    def work(tx: Tx) -> Lowering:
        who = people.defender(tx, ana)
        assert who is not None
        return ASKING.ask(tx, who, wish, verdict)

    return await store.run(work)


async def look(store: Store, clock: Hands, later: timedelta = SECOND) -> None:
    """Let time pass, and have everything looked at that is due."""

    def work(tx: Tx) -> None:
        for one in lowerings.due(tx, tx.now, 99):
            ASKING.time_passed(tx, one)

    clock.shown += later
    await store.run(work)


async def standing(store: Store, ana: DefenderId) -> list[Wish]:
    return [one.wish for one in await store.run(lambda tx: lowerings.of_defender(tx, ana))]


async def told(store: Store, template: str) -> dict[object, dict[str, Words]]:
    """What is said to whom by this template since the last look."""
    rows = await store.run(lambda tx: deliveries.lease(tx, LANE, tx.now, tx.now + MINUTE, 99))
    found = [(row.person, dict(row.words)) for row in rows if row.template == template]
    assert len(dict(found)) == len(found)
    return dict(found)


async def watch_of(store: Store, ana: DefenderId) -> Watch:
    [watch] = await store.read(lambda tx: watches.of_defender(tx, ana))
    return watch


def timer(tx: Tx, ana: DefenderId, length: timedelta) -> None:
    """Ana will be back after so long."""
    pace = BOOK.profile("standard").pace
    watches.save(tx, watch_machine.begin_timer(WatchId(uuid4()), ana, length, pace, tx.now))


async def unproved(store: Store, ana: DefenderId) -> dict[str, datetime | None]:
    """For the routine and the timer, when the last row was given of which nothing good is known."""
    found = await store.read(lambda tx: watches.of_defender(tx, ana))
    return {type(one.rule).__name__: one.unproved_at for one in found}


async def written(store: Store, event: str) -> list[object]:
    """What the journal says of these events, the first first."""
    entries = await store.read(lambda tx: journal.newest(tx, 99))
    return [entry.detail.get("what", entry.detail) for entry in reversed(entries) if entry.event == event]


async def open_for(store: Store, ana: DefenderId) -> tuple[Incident, ...]:
    return await store.run(lambda tx: incidents.open_of_defender(tx, ana))
