"""An operator's pause: the same as a defender's own, without the safe word, and with the same ceiling."""

from datetime import timedelta

from config.duration import read_duration
from engine import announcing
from engine.happenings import Happenings
from escalation import watch_words
from escalation.routine import Timer
from escalation.watch import PAUSE_CEILING, Phase, Watch
from store import journal, watches
from store.database import Tx
from store.records import DefenderRecord

from .printing import instant
from .refusing import Refused


def fit_length(written: str) -> timedelta:
    """How long, from "90m", "8h" or "2d". Raises Refused for anything else, and beyond the ceiling."""
    try:
        length = read_duration(written)
    except ValueError:
        raise Refused(f'{written!r} is no length of time: write it as "90m", "8h" or "2d".') from None
    if not timedelta() < length <= PAUSE_CEILING:
        raise Refused("A pause lasts at most 72 hours, so that nobody is forgotten: write a shorter one.")
    return length


def pause_for(tx: Tx, happenings: Happenings, who: DefenderRecord, length: timedelta) -> str:
    """Pause the daily routine, tell the defender, and give a sentence for the operator. Raises Refused."""
    routines = _routines(tx, who)
    if not routines:
        raise Refused(f"{who.name} has no daily check-in that could be paused.")
    journal.write(tx, "paused_by_operator", defender=who.id)
    paused = [happenings.to_watch(tx, watch, watch_words.Paused(length)) for watch in routines]
    until = max(watch.paused_until for watch in paused if watch.paused_until is not None)
    announcing.tell_defender(tx, who.id, "defender.pause_began", {"until": until.isoformat()})
    timers = any(watch.phase is not Phase.RESTING for watch in watches.of_defender(tx, who.id) if _is_timer(watch))
    return f"{who.name} is left in peace until {instant(until)}." + (" A timer of theirs goes on." if timers else "")


def end_pause(tx: Tx, happenings: Happenings, who: DefenderRecord) -> str:
    """End the pause and give a sentence for the operator. Raises Refused."""
    paused = [watch for watch in _routines(tx, who) if watch.phase is Phase.PAUSED]
    if not paused:
        raise Refused(f"{who.name} is not paused.")
    resumed = [happenings.to_watch(tx, watch, watch_words.Resumed()) for watch in paused]
    due = min(watch.due_at for watch in resumed if watch.due_at is not None)
    return f"The pause of {who.name} is over; the next check-in is due at {instant(due)}."


def _routines(tx: Tx, who: DefenderRecord) -> list[Watch]:
    standing = watches.of_defender(tx, who.id)
    return [watch for watch in standing if not _is_timer(watch) and watch.phase is not Phase.RESTING]


def _is_timer(watch: Watch) -> bool:
    return isinstance(watch.rule, Timer)
