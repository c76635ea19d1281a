"""Hearing: whether we have read what was sent to us, so that silence means silence.

A missed check-in may only be declared while we hear. When a messenger has not answered for a while we are *deaf*; when
it answers again, or when the service has just started or been frozen, we are *catching up* until the backlog has been
read and handled. Being deaf puts off the alarm for a bounded time only: silence behind a cut line is silence too.

Only the defenders' messenger can make us deaf, for only their silence is judged. When the responders' one answers
again, what waits there is read before we go on; a press may be among it. Of several bots of the defenders any one makes
us deaf, but not for ever: one that has not answered for hours, or never has, while another does, is not waited for.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from enum import StrEnum
from math import inf

from store.marks import apart

JUDGED = "defenders"  # the source whose silence means something; of each of the defenders' bots
GIVEN_UP_AFTER = 4 * 3600.0  # real seconds; for so long at most an alarm is put off because of one bot of several
DEAF_AFTER = 60.0  # real seconds without an answer; a long poll is answered at least every 30
CATCH_UP_AT_MOST = 30.0  # real seconds; then time is kept with what could be read


class State(StrEnum):
    """How well we hear."""

    HEARING = "hearing"
    DEAF = "deaf"
    CATCHING_UP = "catching_up"


class Hearing:
    """The ears of all sources together. Seconds are monotonic, instants are the service's."""

    def __init__(
        self,
        sources: tuple[str, ...],
        seconds: float,
        away_since: datetime | None,
        deaf_after: float = DEAF_AFTER,
    ) -> None:
        """`away_since` is when the service last kept time, None when it never has."""
        self._deaf_after = deaf_after
        self._answered: dict[str, float | None] = dict.fromkeys(sources)
        self._behind = set(sources)
        self._since = away_since
        self._catching_up_from: float | None = seconds

    def answered(self, source: str, *, more_waits: bool, seconds: float, now: datetime) -> None:
        """The messenger of `source` answered; `more_waits` when it has more to give than it gave."""
        if self._unheard(source, seconds) > self._deaf_after:
            since = self._unheard_since(source, seconds, now)
            if self._catching_up_from is None:
                silent = {name for name in self._answered if self._unheard(name, seconds) > self._deaf_after}
                self._begin_catching_up(seconds, since, silent)
            elif _is_judged(source) and since is not None:
                self._since = min(since, self._since or since)
        self._answered[source] = seconds
        if not more_waits:
            self._behind.discard(source)

    def froze(self, seconds: float, since: datetime) -> None:
        """The whole process stood still from `since` until now."""
        if self._catching_up_from is None:
            self._begin_catching_up(seconds, since, set(self._answered))

    def state(self, seconds: float) -> State:
        """How well we hear at this moment."""
        if self._catching_up_from is not None:
            return State.CATCHING_UP
        unheard = [self._unheard(source, seconds) for source in self._answered if _is_judged(source)]
        silent = [one for one in unheard if one > self._deaf_after]
        deaf = any(one <= GIVEN_UP_AFTER for one in silent) or (silent and len(silent) == len(unheard))
        return State.DEAF if deaf else State.HEARING

    def is_unanswered(self, seconds: float) -> bool:
        """Whether any messenger, of either side, leaves us without an answer."""
        return any(self._unheard(source, seconds) > self._deaf_after for source in self._answered)

    def all_gave(self) -> bool:
        """Whether every messenger has given all that waited with it."""
        return not self._behind

    async def look_around(self, inbox_is_empty: Callable[[], Awaitable[bool]], seconds: Callable[[], float]) -> bool:
        """Whether catching up may end now. The inbox is looked at after the messengers: what they gave is in it then,
        and one that was found empty before may have been filled since."""
        all_gave = self.all_gave()
        empty = await inbox_is_empty()
        return self.caught_up(seconds(), all_is_read=all_gave and empty)

    def caught_up(self, seconds: float, *, all_is_read: bool) -> bool:
        """Whether catching up may end now. `all_is_read` when the inbox was empty after `all_gave`."""
        if self._catching_up_from is None:
            return True
        waited = seconds - self._catching_up_from
        return waited > CATCH_UP_AT_MOST or (self.all_gave() and all_is_read)

    def hear_again(self, now: datetime) -> timedelta:
        """End the catching up; gives how long we were away. Who has heard nothing yet stays away."""
        away = now - self._since if self._since is not None else timedelta()
        self._catching_up_from = None
        judged = [at for source, at in self._answered.items() if _is_judged(source)]
        if not judged or any(at is not None for at in judged):
            self._since = None
        self._behind.clear()
        return max(away, timedelta())

    def _unheard(self, source: str, seconds: float) -> float:
        """For how long a messenger has not answered; for ever when it never has since the start."""
        at = self._answered[source]
        return inf if at is None else seconds - at

    def _unheard_since(self, source: str, seconds: float, now: datetime) -> datetime | None:
        """Since when a messenger's silence matters; None when the service has never kept time before."""
        at = self._answered[source]
        if not _is_judged(source):
            return self._since or now
        return self._since if at is None else now - timedelta(seconds=seconds - at)

    def _begin_catching_up(self, seconds: float, since: datetime | None, behind: set[str]) -> None:
        self._catching_up_from, self._since = seconds, since
        self._behind = behind


def _is_judged(source: str) -> bool:
    return apart(source)[0] == JUDGED
