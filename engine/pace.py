"""How fast a messenger lets us speak: so many messages a second for the bot, one for each chat (Bot API FAQ).

Ordinary messages leave evenly spaced, a hair below what is allowed, so that there is a free place every few
milliseconds; first alerts of a panic take the next one before anything else and need not wait for their chat. One
message too soon is answered by a `retry_after`, which is honoured like any other. Where several workers speak through
one bot, each has its part. Seconds are monotonic and real: the messenger's limits do not run faster in a rehearsal.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field

WINDOW = 1.005  # seconds over which messages are counted; a hair more than the messenger's one
SLACK = 3  # messages that a second may have above the rate, to make good for one in which we were busy
CATCH_UP = 0.4  # seconds; what could not leave for so long, because we were busy, may leave at once
REMEMBERED = 20_000  # chats
CHAT_WAIT_AT_MOST = 4.0  # seconds that a message may be kept in hand until its chat is free


@dataclass(frozen=True, slots=True)
class Limits:
    """What a messenger allows: messages in any second for the bot (None: no limit), and seconds between two messages
    in one chat. `share` is the part of it that ordinary messages use."""

    a_second: int | None = 30
    chat_every: float = 1.0
    share: float = 0.99


@dataclass(slots=True)
class Pace:
    """The budget of one bot."""

    limits: Limits
    _among: int = 1
    _left: "deque[float]" = field(default_factory=deque)
    _ordinary_at: float = 0.0
    _silent_until: float = 0.0
    _chats: "OrderedDict[str, float]" = field(default_factory=OrderedDict)
    _full: "set[str]" = field(default_factory=set)

    def share(self, among: int) -> None:
        """From now on the bot speaks for so many workers, and each has an equal part."""
        self._among = max(1, among)

    def budget(self, now: float, *, first_alert: bool) -> int:
        """How many messages may leave at `now`."""
        if now < self._silent_until:
            return 0
        if self.limits.a_second is None:
            return 1_000_000
        free = self._at_most - self._within_window(now)
        return free if first_alert else max(0, min(free, self._places(now)))

    def wait(self, now: float) -> float:
        """Seconds until the next ordinary message may leave."""
        if self.limits.a_second is None:
            return max(0.0, self._silent_until - now)
        full = self._within_window(now) >= self._at_most
        until = max(self._silent_until, self._ordinary_at, self._left[0] + WINDOW if full else 0.0)
        return max(0.0, until - now)

    def spend(self, now: float, *, first_alert: bool) -> None:
        """One message leaves."""
        if self.limits.a_second is None:
            return
        self._left.append(now)
        if not first_alert:
            self._ordinary_at = max(self._ordinary_at, now - CATCH_UP) + 1 / self._rate

    def reserve_chat(self, chat: str, now: float, *, first_alert: bool) -> float:
        """Take the next free moment of `chat`; gives the seconds to wait for it.

        One that is more than CHAT_WAIT_AT_MOST away is told and not taken: whoever comes again then finds it free."""
        if self.limits.a_second is None or not self.limits.chat_every:
            return 0.0
        free_at = max(self._chats.get(chat, 0.0), now)
        start = now if first_alert else free_at
        if start - now > CHAT_WAIT_AT_MOST:
            self._full.add(chat)
            return start - now
        self._chats[chat] = max(free_at, start + self.limits.chat_every)
        self._chats.move_to_end(chat)
        while len(self._chats) > REMEMBERED:
            self._chats.popitem(last=False)
        return start - now

    def full_chats(self, now: float) -> "set[str]":
        """The chats that have refused somebody and in which there is still no moment to be had."""
        self._full = {chat for chat in self._full if self._chats.get(chat, 0.0) - now > CHAT_WAIT_AT_MOST}
        return self._full

    def told_to_wait(self, chat: str, seconds: float, now: float, *, whole_bot: bool) -> None:
        """The messenger asked for a pause, for one chat or, maybe, for the whole bot.

        A chat into which we spoke faster than is allowed has itself to thank for it, and silences nobody else."""
        too_fast = self._chats.get(chat, 0.0) - now > self.limits.chat_every
        if whole_bot and not too_fast:
            self._silent_until = max(self._silent_until, now + seconds)
        self._chats[chat] = max(self._chats.get(chat, 0.0), now + seconds)
        self._full.add(chat)

    def _places(self, now: float) -> int:
        late = min(now - self._ordinary_at, CATCH_UP)
        return int(late * self._rate) + 1 if late >= 0 else 0

    @property
    def _rate(self) -> float:
        return (self.limits.a_second or 0) * self.limits.share / self._among

    @property
    def _at_most(self) -> int:
        """Messages within the window."""
        return max(1, ((self.limits.a_second or 0) + SLACK) // self._among)

    def _within_window(self, now: float) -> int:
        while self._left and self._left[0] <= now - WINDOW:
            self._left.popleft()
        return len(self._left)
