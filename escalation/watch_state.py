"""The state of a watch."""

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

    `due_at` is the agreed instant with any extension, `first_due_at` without. `alarm_at` is when its absence is an
    alarm. `reminded` counts the reminders of this due time that are behind us. `covered_until` is the due time for
    which an early check-in has counted. `missed` counts the due times missed since the last sign of life."""

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
