"""A clock that stands still until it is pushed: what is sent at one push has one time, to the second and beyond."""

from datetime import datetime

from rehearsal.clock import RehearsalClock


class StillClock(RehearsalClock):
    """The clock of a rehearsal, without the world's time in it."""

    def now(self) -> datetime:
        """Where it was pushed to."""
        return self._begin

    def delay_until(self, when: datetime) -> float:
        """How far it would have to be pushed, as seconds; whoever waits so long looks again in vain."""
        return (when - self._begin).total_seconds()
