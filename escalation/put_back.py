"""What becomes of waits when the clock was put back: each is as long as it was meant to be, whichever clock was right.

What counts from a moment moves with the clock: the steps, repeats and holds of a call, a timer, a pause, the grace of
what is overdue already, the moment's wait before a code is looked at. What was agreed by the clock, the daily times to
come, stays with it. What protects a defender by its length, the wait before something is lowered, becomes no shorter.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from .incident_state import Incident
from .lowering import Lowering, Want
from .lowering import Phase as Stage
from .routine import Timer
from .watch_state import Phase, Watch


def incident_after(incident: Incident, by: timedelta) -> Incident:
    """The incident with every wait moved back by `by`."""
    return replace(
        incident,
        next_step_at=incident.next_step_at - by,
        repeat_at=_earlier(incident.repeat_at, by),
        held_since=_earlier(incident.held_since, by),
        held_until=_earlier(incident.held_until, by),
        told_at=_earlier(incident.told_at, by),
        told_at_once=tuple(at - by for at in incident.told_at_once),
    )


def watch_after(watch: Watch, by: timedelta) -> Watch:
    """The watch with the waits moved back that have begun, of what shows and of what is owed; the due time that was
    missed or met so comes no second time."""
    owed = None if watch.owed is None else _side_after(watch.owed, by)
    return replace(_side_after(watch, by), owed=owed, unproved_at=_earlier(watch.unproved_at, by))


def _side_after(watch: Watch, by: timedelta) -> Watch:
    rule = Timer(watch.rule.set_at - by) if isinstance(watch.rule, Timer) else watch.rule
    if isinstance(watch.rule, Timer) or watch.phase is Phase.OVERDUE:
        covered = watch.covered_until if isinstance(watch.rule, Timer) else watch.first_due_at
        return replace(
            watch,
            rule=rule,
            due_at=_earlier(watch.due_at, by),
            first_due_at=_earlier(watch.first_due_at, by),
            alarm_at=_earlier(watch.alarm_at, by),
            covered_until=covered,
        )
    if watch.phase is Phase.PAUSED:
        return replace(watch, paused_until=_earlier(watch.paused_until, by))
    return watch


def lowering_after(lowering: Lowering, by: timedelta) -> Lowering:
    """What was asked with a code is looked at as soon as it would have been; its own wait becomes no shorter."""
    if lowering.phase is not Stage.ASKED:
        return lowering
    begins_at = lowering.begins_at - by if lowering.wish.want is Want.SIGN else lowering.begins_at
    return replace(lowering, looked_at=lowering.looked_at - by, begins_at=begins_at)


def _earlier(instant: datetime | None, by: timedelta) -> datetime | None:
    return None if instant is None else instant - by
