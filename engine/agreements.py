"""What was agreed with a defender, changed inside a transaction: the routine, other times, and taking part at all.

Nothing here speaks to the defender: what they asked for is answered when they ask, and not again when it takes effect.
"""

from uuid import uuid4

from escalation import watch as watch_machine
from escalation import watch_words
from escalation.incident_words import Kind
from escalation.people import DefenderId, WatchId
from escalation.routine import Daily, Timer
from escalation.watch import Phase, Watch
from store import incidents, journal, people, watches
from store.database import Tx
from store.records import DefenderRecord

from . import announcing
from .happenings import Happenings
from .naming import name_of


def routine_of(tx: Tx, defender: DefenderId) -> list[Watch]:
    """The daily watches of a defender, whatever their phase."""
    return [watch for watch in watches.of_defender(tx, defender) if not isinstance(watch.rule, Timer)]


def to_routine(happenings: Happenings, tx: Tx, defender: DefenderId, event: watch_words.Event) -> None:
    """Let `event` happen to the daily routine."""
    for watch in routine_of(tx, defender):
        happenings.to_watch(tx, watch, event)


def begin_routine(happenings: Happenings, tx: Tx, who: DefenderRecord) -> Watch:
    """Watch over somebody at the times that they chose."""
    pace = happenings.book.profile(who.profile).pace
    watch = watch_machine.begin(WatchId(uuid4()), who.id, Daily(who.times, who.zone), pace, tx.now)
    watches.save(tx, watch)
    return watch


def reschedule(happenings: Happenings, tx: Tx, defender: DefenderId) -> bool:
    """Bring the routine to the times and the zone that are now agreed; False while nothing is agreed."""
    who = people.defender(tx, defender)
    if who is None or who.state != "active" or not who.times:
        return False
    if not routine_of(tx, defender):
        begin_routine(happenings, tx, who)
    to_routine(happenings, tx, defender, watch_words.Rescheduled(Daily(who.times, who.zone)))
    return True


def leave(happenings: Happenings, tx: Tx, who: DefenderRecord) -> None:
    """Watch over somebody no more. Whatever call for help of theirs is open stays open, and where it is covert that is
    said beside it."""
    for watch in watches.of_defender(tx, who.id):
        happenings.to_watch(tx, watch, watch_words.Stopped())
    people.change_defender(tx, who.id, state="left")
    journal.write(tx, "defender_left", defender=who.id)
    covert = any(one.kind is Kind.DURESS for one in incidents.open_of_defender(tx, who.id))
    announcing.tell_coordinators(tx, "defender_left", name=name_of(who.id), covert=covert)


def next_due(standing: list[Watch] | tuple[Watch, ...]) -> str | None:
    """When the first of these watches is due, None when none is."""
    due = [watch.due_at for watch in standing if watch.phase is not Phase.RESTING and watch.due_at is not None]
    return min(due).isoformat() if due else None
