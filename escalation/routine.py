"""What was agreed: the daily times of a place, or a single timer."""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from .local_time import next_instant, previous_instant


@dataclass(frozen=True, slots=True)
class Daily:
    """Every day at `times` (at least one) by the clocks of `zone`, an IANA name.

    Raises ValueError, with a sentence that says what to do, when that cannot be."""

    times: tuple[time, ...]
    zone: str

    def __post_init__(self) -> None:
        if not self.times:
            raise ValueError("A daily routine needs at least one time, such as 09:00.")
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError) as error:  # whichever zoneinfo raises for a bad name
            raise ValueError("This time zone is not known: use a name such as America/Bogota.") from error

    def next_due(self, after: datetime) -> datetime:
        """The first due time strictly later than `after`."""
        return next_instant(self.times, ZoneInfo(self.zone), after)

    def counts_from(self, due_at: datetime) -> datetime:
        """From when on a check-in counts for `due_at`: half way since the due time before."""
        before = previous_instant(self.times, ZoneInfo(self.zone), due_at)
        return due_at - (due_at - before) / 2


@dataclass(frozen=True, slots=True)
class Timer:
    """Once: "back in three hours". After it the watch rests."""

    set_at: datetime

    def next_due(self, after: datetime) -> None:
        """A timer has one due time only."""

    def counts_from(self, due_at: datetime) -> datetime:
        """Being back early is being back: a check-in counts from the moment the timer was set."""
        return self.set_at
