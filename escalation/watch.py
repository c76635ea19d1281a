"""Watch: one agreed sign of life, the daily routine or a single timer, and what its absence means.

The rules:

* A watch is *waiting* for a due time, *overdue* once that has passed, *paused* for at most 72 hours, or *resting* with
  nothing agreed. Only a resting watch waits for ever; every other one has an instant at which it wakes.
* Reminders go to the defender at their offsets. When the grace is over, the watch says `Missed` and turns at once to
  the next due time: on the surface it goes on as ever, whatever is being done about the miss.
* A check-in settles what is overdue. An early one counts for the coming due time, once, and not earlier than half way
  since the one before: two check-ins in a row never cover two days, not even when both are read a day later.
* Other times count from the next check-in on: they may bring the coming due time nearer and never put it off.
* An extension moves the due time, but never beyond one hour after the first one.
* A pause ends by itself and skips the due times that it covers. A timer is not paused.
* After we ourselves were away, one more question comes before the alarm, and only once for each due time.

Whoever holds the phone may try rows on it. So a watch has two sides:

* What it *shows* is moved by every row alike, in the moment in which it was tapped, and by no verdict ever.
* What it *owes* is moved only by what was proved. A good row, or a forced one, makes the two one again. With a wrong
  one the alarm comes as if nothing had been tapped, and the surface goes on as if all were well.
* More time, a pause or the end of the watch are for what shows. They do not put off what is owed.
* Where slips are reminded of, the next reminder of what is owed goes out, and what is owed shows again.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from . import watch_side
from .ladder import Pace, Slips
from .people import DefenderId, WatchId
from .routine import Daily, Timer
from .watch_side import EXTENSION_CEILING, EXTRA_GRACE, PAUSE_CEILING, Decision
from .watch_state import Phase, Watch
from .watch_words import AskOnceMore, CheckedIn, Counted, Effect, Event, Missed, Proved, Remind, Tapped

__all__ = [
    "EXTENSION_CEILING",
    "EXTRA_GRACE",
    "PAUSE_CEILING",
    "TIMER_CEILING",
    "Phase",
    "Watch",
    "begin",
    "begin_timer",
    "decide",
    "moved_by_extension",
    "settled_by_check_in",
    "wakes_at",
]

TIMER_CEILING = timedelta(days=30)  # "back in" means hours or days; more is a slip of the finger


def begin(watch_id: WatchId, defender: DefenderId, rule: Daily, pace: Pace, now: datetime) -> Watch:
    """A daily routine that waits for its first due time."""
    blank = Watch(watch_id, defender, rule, pace, Phase.WAITING)
    return watch_side.begun(blank, rule.next_due(now), now)


def begin_timer(watch_id: WatchId, defender: DefenderId, length: timedelta, pace: Pace, now: datetime) -> Watch:
    """A single timer of `length`, above zero; at most TIMER_CEILING."""
    blank = Watch(watch_id, defender, Timer(now), pace, Phase.WAITING)
    return watch_side.begun(blank, now + min(length, TIMER_CEILING), now)


def wakes_at(watch: Watch) -> datetime | None:
    """When the watch next wants `TimePassed`; None only when it rests and owes nothing."""
    wakes = [watch_side.wakes_at(side) for side in (watch, watch.owed) if side is not None]
    return min((wake for wake in wakes if wake is not None), default=None)


def settled_by_check_in(watches: tuple[Watch, ...]) -> tuple[Watch, ...]:
    """Which of one defender's watches a check-in is for, by what they show: all that are overdue or missed, or else
    the one due next."""
    behind = tuple(watch for watch in watches if watch.phase is Phase.OVERDUE or watch.missed)
    waiting = [watch for watch in watches if watch.phase is Phase.WAITING and watch.due_at is not None]
    if behind or not waiting:
        return behind
    return (min(waiting, key=lambda watch: (watch.due_at, watch.id)),)


def moved_by_extension(watches: tuple[Watch, ...]) -> Watch | None:
    """Which of one defender's watches a wish for more time is for: the one due first; None when nothing is due."""
    due = [watch for watch in watches if watch.due_at is not None]
    return min(due, key=lambda watch: (watch.due_at, watch.id), default=None)


def decide(watch: Watch, event: Event, now: datetime) -> Decision:
    """What `event` at `now` makes of the watch, and what must be said. Pure and total."""
    match event:
        case Tapped(given_at):
            return _tapped(watch, event, min(given_at or now, now), now), ()
        case Proved(given_at):
            return _proved(watch, given_at, now)
        case CheckedIn(given_at):
            at = min(given_at or now, now)
            return _proved(_tapped(watch, Tapped(given_at), at, now), at, now)
        case _ if watch.owed is None:
            side, said = watch_side.step(watch, event, now)
            return side, tuple(_with_slip(watch, watch.unproved_at, effect) for effect in said)
        case _:
            return _both_sides(_surface(watch), watch.owed, event, now)


def _tapped(watch: Watch, tapped: Tapped, given_at: datetime, now: datetime) -> Watch:
    shown, _ = watch_side.step(_surface(watch), tapped, now)
    if shown == _surface(watch):
        return watch  # it was for nothing
    unproved_at = max(given_at, watch.unproved_at or given_at)
    return _joined(replace(shown, unproved_at=unproved_at), watch.owed or watch)


def _proved(watch: Watch, given_at: datetime, now: datetime) -> Decision:
    """Both sides are one again; a sign that was given before another row proves nothing about that one."""
    shown, owed = _surface(watch), watch.owed or _surface(watch)
    if watch.unproved_at is not None and given_at < watch.unproved_at:
        settled, said = watch_side.step(owed, Tapped(given_at), now)
        return _joined(shown, settled), said
    said = (Counted(owed.due_at, late=now >= owed.due_at),) if owed.due_at and _owes(shown, owed) else ()
    return replace(shown, unproved_at=None), said


def _both_sides(shown: Watch, owed: Watch, event: Event, now: datetime) -> Decision:
    """The phone hears what the surface says, and responders hear of what is owed."""
    after, said = watch_side.step(shown, event, now)
    settle = watch_side.while_owed if _owes(shown, owed) else watch_side.step
    due = owed
    owed, unsaid = settle(due, event, now)
    asked = tuple(effect for effect in unsaid if isinstance(effect, Remind | AskOnceMore))
    if asked and _owes(after, owed) and after.pace.slips is Slips.REMIND:
        after, said = replace(owed, missed=after.missed, unproved_at=after.unproved_at), asked
    alarms = tuple(_with_slip(due, shown.unproved_at, effect) for effect in unsaid if isinstance(effect, Missed))
    return _joined(after, owed), (*(effect for effect in said if not isinstance(effect, Missed)), *alarms)


def _owes(shown: Watch, owed: Watch) -> bool:
    """Whether a due time is owed that comes before the one that shows."""
    if owed.first_due_at is None:
        return False
    return shown.first_due_at is None or owed.first_due_at < shown.first_due_at


def _joined(shown: Watch, owed: Watch) -> Watch:
    """The two as one watch; once nothing earlier is owed, what shows is owed, but for the misses so far."""
    if shown.first_due_at is not None and owed.first_due_at is not None and not _owes(shown, owed):
        owed = replace(shown, missed=owed.missed)
    alike = replace(owed, unproved_at=shown.unproved_at, owed=None) == shown
    return shown if alike else replace(shown, owed=replace(owed, unproved_at=None, owed=None))


def _surface(watch: Watch) -> Watch:
    return replace(watch, owed=None)


def _with_slip(side: Watch, slip_at: datetime | None, effect: Effect) -> Effect:
    """A miss of `side`, with when something was given for it that was not right."""
    if not isinstance(effect, Missed) or slip_at is None or side.first_due_at is None:
        return effect
    return replace(effect, slip_at=slip_at) if slip_at >= side.rule.counts_from(side.first_due_at) else effect
