"""What the messenger lets a bot send: 30 messages a second in all, one a second in each chat.

Source: Bot FAQ, "My bot is hitting limits" (core.telegram.org/bots/faq, 2026-11), which also says that short
bursts in one chat may pass; the bursts here are our own reading, kept small. Real time, whatever the rehearsal's clock.
"""

import math
import time
from dataclasses import dataclass, field

from .refusals import too_many

PER_BOT = 30.0  # messages a second
BOT_BURST = 30.0  # messages that may leave at once after a pause
PER_CHAT = 1.0  # messages a second
CHAT_BURST = 3.0  # messages that may reach one chat at once after a pause


@dataclass(slots=True)
class Bucket:
    """Room for `burst` messages, filled again at `rate` a second."""

    rate: float
    burst: float
    level: float
    filled_at: float

    def missing(self, now: float) -> float:
        """Seconds until there is room for one more; zero when there is."""
        self.level = min(self.burst, self.level + (now - self.filled_at) * self.rate)
        self.filled_at = now
        return max(0.0, (1.0 - self.level) / self.rate)


@dataclass
class Limits:
    """The flood limits of all bots. With `on` false everything passes. `refused` counts what did not."""

    on: bool = True
    refused: int = 0
    _bots: dict[int, Bucket] = field(default_factory=dict)
    _chats: dict[tuple[int, int], Bucket] = field(default_factory=dict)

    def use_up(self, bot_id: int, seconds: float) -> None:
        """As if the bot had said so much that it must be silent for so long."""
        self._bots[bot_id] = Bucket(PER_BOT, BOT_BURST, 1.0 - PER_BOT * seconds, time.monotonic())

    def admit(self, bot_id: int, chat_id: int) -> None:
        """Let one message through. Raises Refused (429) with the whole seconds to wait, and then counts nothing."""
        if not self.on:
            return
        now = time.monotonic()
        bot = self._bots.setdefault(bot_id, Bucket(PER_BOT, BOT_BURST, BOT_BURST, now))
        chat = self._chats.setdefault((bot_id, chat_id), Bucket(PER_CHAT, CHAT_BURST, CHAT_BURST, now))
        wait = max(bot.missing(now), chat.missing(now))
        if wait > 0:
            self.refused += 1
            raise too_many(max(1, math.ceil(wait)))
        bot.level -= 1
        chat.level -= 1
