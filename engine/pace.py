"""How fast a messenger lets us speak: so many messages a second for the bot, one a second for each chat (Bot API FAQ).

Part of the bot's budget is kept for first alerts of a panic, which also need not wait for their chat: one message too
soon is answered by a `retry_after`, which is honoured like any other. Seconds are monotonic and real: the messenger's
limits do not run faster in a rehearsal.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

REMEMBERED = 20_000  # chats


@dataclass(frozen=True, slots=True)
class Limits:
    """What a messenger allows. `kept_back` of the bot's burst is for first alerts only; None means no limit."""

    a_second: float | None = 30.0
    burst: float = 30.0
    kept_back: float = 5.0
    chat_every: float = 1.0


@dataclass(slots=True)
class Pace:
    """The budget of one bot."""

    limits: Limits
    _tokens: float = field(init=False)
    _at: float = 0.0
    _silent_until: float = 0.0
    _chats: "OrderedDict[str, float]" = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        """Begin with a full budget."""
        self._tokens = self.limits.burst

    def budget(self, now: float, *, first_alert: bool) -> int:
        """How many messages may leave at `now`."""
        self._refill(now)
        if now < self._silent_until:
            return 0
        if self.limits.a_second is None:
            return 1_000_000
        return max(0, int(self._tokens - (0 if first_alert else self.limits.kept_back)))

    def wait(self, now: float) -> float:
        """Seconds until the next message may leave."""
        self._refill(now)
        if self.limits.a_second is None:
            return max(0.0, self._silent_until - now)
        missing = max(0.0, 1 + self.limits.kept_back - self._tokens)
        return max(self._silent_until - now, missing / self.limits.a_second, 0.0)

    def spend(self, now: float) -> None:
        """One message leaves."""
        self._refill(now)
        self._tokens -= 1

    def reserve_chat(self, chat: str, now: float, *, first_alert: bool) -> float:
        """Take the next free moment of `chat`; gives the seconds to wait for it."""
        if self.limits.a_second is None or not self.limits.chat_every:
            return 0.0
        free_at = max(self._chats.get(chat, 0.0), now)
        start = now if first_alert else free_at
        self._chats[chat] = max(free_at, start + self.limits.chat_every)
        self._chats.move_to_end(chat)
        while len(self._chats) > REMEMBERED:
            self._chats.popitem(last=False)
        return start - now

    def told_to_wait(self, chat: str, seconds: float, now: float, *, whole_bot: bool) -> None:
        """The messenger asked for a pause, for one chat or for the whole bot."""
        if whole_bot:
            self._silent_until = max(self._silent_until, now + seconds)
        self._chats[chat] = max(self._chats.get(chat, 0.0), now + seconds)

    def _refill(self, now: float) -> None:
        if self.limits.a_second is not None:
            gained = max(0.0, now - self._at) * self.limits.a_second
            self._tokens = min(self.limits.burst, self._tokens + gained)
        self._at = now
