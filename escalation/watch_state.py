"""The state of a watch: what it shows, and beneath that what it owes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .ladder import Pace
from .people import DefenderId, WatchId
from .routine import Daily, Timer


class Phase(StrEnum):
    """Where a watch stands."""

    WAITING = "waiting"
    OVERDUE = "overdue"
    PAUSED = "paused"
    RESTING = "resting"


@dataclass(frozen=True, slots=True)
class Watch:
    """The state of one watch.

    What stands here is what may be shown: every row that was tapped has counted in it. `owed` is the same watch as far
    as signs were proved, None while the two are one; it owes nothing itself. `unproved_at` is when the last row was
    given of which nothing good is known.

    `due_at` is the agreed instant with any extension, `first_due_at` without. `alarm_at` is when its absence is an
    alarm. `reminded` counts the reminders of this due time that are behind us. `covered_until` is the due time for
    which an early check-in has counted. `paused_until` is the end of a pause, which may yet have to begin. `missed`
    counts the due times missed since the last sign of life."""

    id: WatchId
    defender: DefenderId
    rule: Daily | Timer
    pace: Pace
    phase: Phase
    due_at: datetime | None = None
    first_due_at: datetime | None = None
    alarm_at: datetime | None = None
    reminded: int = 0
    covered_until: datetime | None = None
    paused_until: datetime | None = None
    asked_again: bool = False
    missed: int = 0
    unproved_at: datetime | None = None
    owed: "Watch | None" = None
