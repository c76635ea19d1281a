"""Long polling, our own: raw bytes in, committed, and only then the offset moves (Bot API, getUpdates).

The libraries' pollers decode a whole batch before they confirm it and confirm it before the work is done; one bad
update stops them for ever. This one knows nothing of what an update means.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp

from .discreet import Discreet
from .log import Log
from .splitting import NotAnAnswer, RawUpdate, in_sequence, split

log = Log("polling")

BATCH = 100  # updates; the most that one getUpdates gives
LONG_POLL = 25  # seconds the messenger may keep us waiting
ANSWER_TIMEOUT = 10.0  # seconds on top of the long poll
NO_TIMER = aiohttp.ClientTimeout(total=None)  # aiohttp's can swallow that we are cancelled at the moment it runs out
BACKOFF_FIRST, BACKOFF_CEILING = 0.5, 15.0  # seconds between tries while the messenger does not answer
GIVES_UP_AFTER = 9.0  # seconds without an answer, after which another machine may try
LONG_POLL_OF_SEVERAL, TIMEOUT_OF_SEVERAL = 2, 7.5  # seconds; who may be replaced notices silence that much sooner
BACKOFF_OF_SEVERAL = 2.0  # seconds, at most
UNKNOWN_TOKEN = "The messenger does not know the token of the {source} bot: set a new one."  # nosec B105 # noqa: S105 - a sentence
ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]

Keep = Callable[[list[RawUpdate]], Awaitable[None]]
Answered = Callable[[bool], None]


class PollingRefused(Exception):
    """The messenger refuses this token; the message says what to do."""


@dataclass(slots=True, repr=False)
class Poller(Discreet):
    """The poller of one bot.

    `keep` makes a batch durable before the offset moves. `answered` hears of each answer; True when more waits."""

    source: str
    token: str
    api: str
    keep: Keep
    answered: Answered
    long_poll: int = LONG_POLL
    patience: float = ANSWER_TIMEOUT
    gives_up_after: float | None = None
    goes_on: bool = False
    gave_up: Callable[[], None] | None = None

    def be_among(self, *, bots: bool, machines: bool, gave_up: Callable[[], None] | None = None) -> None:
        """Where its side has other bots, it goes on whatever is said. Where other machines may poll instead, it notices
        soon that the messenger does not answer, says so (`gave_up`), and lets them."""
        self.goes_on, self.gave_up = bots, gave_up
        if machines:
            self.long_poll, self.patience = min(self.long_poll, LONG_POLL_OF_SEVERAL), TIMEOUT_OF_SEVERAL
            self.gives_up_after = GIVES_UP_AFTER

    async def run(self) -> None:
        """Poll until cancelled. Raises PollingRefused when the messenger does not know the token from the first.

        A token that was good once is tried for ever, and any where it `goes_on`: other bots must not fall silent with
        this one. With `gives_up_after` it ends after so many seconds without an answer: perhaps the messenger answers
        another machine."""
        offset: int | None = None
        torn: set[bytes] = set()  # of the last answer
        backoff = BACKOFF_FIRST
        first, was_good, answered_at = True, self.goes_on, time.monotonic()
        async with aiohttp.ClientSession(timeout=NO_TIMER) as session:
            while True:
                began = time.monotonic()
                try:
                    updates = await self._ask(session, offset, 0 if first else self.long_poll)
                except (aiohttp.ClientError, TimeoutError, NotAnAnswer, _Refused) as failure:
                    if isinstance(failure, _Refused) and failure.token_unknown and not was_good:
                        raise PollingRefused(UNKNOWN_TOKEN.format(source=self.source)) from None
                    log.warning("no_updates", source=self.source, fault=failure)
                    if self.gives_up_after is not None and time.monotonic() - answered_at > self.gives_up_after:
                        return self.gave_up() if self.gave_up is not None else None
                    await asyncio.sleep(_wait_of(failure, backoff))
                    backoff = min(backoff * 2, BACKOFF_CEILING if self.gives_up_after is None else BACKOFF_OF_SEVERAL)
                    continue
                backoff, first, was_good, answered_at = BACKOFF_FIRST, bool(updates), True, time.monotonic()
                if updates:
                    updates = list(in_sequence(updates, offset))
                    fresh = [update for update in updates if update.content is not None or update.raw not in torn]
                    if fresh:
                        await self.keep(fresh)
                    if len(fresh) < len(updates):  # one came again: its number is higher than what was asked for
                        await asyncio.sleep(BACKOFF_FIRST)
                    torn = {update.raw for update in updates if update.content is None}
                    offset = max(offset or 0, *(update.update_id for update in updates)) + 1
                self.answered(len(updates) >= BATCH)
                if not updates and time.monotonic() - began < 0.05 and self.long_poll:
                    await asyncio.sleep(0.05)  # a server that does not wait must not make us spin

    async def _ask(self, session: aiohttp.ClientSession, offset: int | None, wait: int) -> list[RawUpdate]:
        form: dict[str, str] = {"timeout": str(wait), "limit": str(BATCH), "allowed_updates": json.dumps(ALLOWED)}
        if offset is not None:
            form["offset"] = str(offset)
        url = f"{self.api}/bot{self.token}/getUpdates"
        async with asyncio.timeout(self.patience + wait), session.post(url, data=form) as answer:
            body = await answer.read()
        if answer.status != 200:
            raise _Refused(answer.status, body)
        return split(body)


class _Refused(Exception):
    """The messenger answered with an error; the next try may go better."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(status)
        self.token_unknown = status in (401, 404)
        self.retry_after: float | None = None
        with contextlib.suppress(ValueError, KeyError, TypeError):
            self.retry_after = float(json.loads(body)["parameters"]["retry_after"])


def _wait_of(failure: Exception, backoff: float) -> float:
    """How long to wait: what the messenger asked for, else the backoff."""
    asked = getattr(failure, "retry_after", None)
    return max(backoff, float(asked)) if asked is not None else backoff
