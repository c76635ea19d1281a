"""The updates that wait for one bot, as bytes: in order, for 24 hours, until the bot confirms them.

The bytes are kept as they will be sent, so that a test can put in what nobody can read. What counts is the
service's clock for the 24 hours and real time for a long poll.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .refusals import second_poller

RETENTION = timedelta(hours=24)  # Bot API, "Getting updates": not kept longer than 24 hours
LARGEST_BATCH = 100
LONGEST_POLL = 50.0  # seconds; the real service answers earlier than asked, too
FIRST_ID = 1001
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(slots=True)
class Waiting:
    """One update: `body` is exactly what the bot will be given."""

    id: int
    kind: str
    chat_id: int
    body: bytes
    queued_at: datetime
    again: bool = False  # given once more after it was confirmed


class UpdateQueue:
    """The updates of one bot. At most one poll waits at a time: the newer turns the older away."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._waiting: deque[Waiting] = deque()
        self._next_id = FIRST_ID
        self._confirmed = 0
        self._poll: asyncio.Future[None] | None = None
        self.allowed: frozenset[str] = frozenset()  # empty: all but NOT_BY_DEFAULT
        self.twice: Callable[[int], bool] = lambda chat_id: False
        self.on_put: Callable[[], None] = lambda: None

    @property
    def confirmed(self) -> int:
        """The id of the last update that the bot confirmed; 0 before the first."""
        return self._confirmed

    @property
    def polled(self) -> bool:
        """Whether the bot waits in a long poll at this moment."""
        return self._poll is not None

    def __len__(self) -> int:
        self._forget_old()
        return len(self._waiting)

    def put(self, kind: str, body: dict[str, object], chat_id: int = 0) -> int:
        """Queue an update of this kind and give its id; what the bot did not ask for is dropped, as in the real one."""
        update = {"update_id": self._next_id, kind: body}
        return self._put(kind, json.dumps(update, ensure_ascii=False).encode(), chat_id)

    def put_raw(self, body: dict[str, object]) -> int:
        """Queue `body` as it is, with the next id."""
        return self._put("", json.dumps({**body, "update_id": self._next_id}).encode(), 0)

    def put_bytes(self, body: bytes) -> int:
        """Queue bytes that need not be JSON; they stand where the update would."""
        return self._put("", body, 0)

    def _put(self, kind: str, body: bytes, chat_id: int) -> int:
        if kind and (kind not in self.allowed if self.allowed else kind in NOT_BY_DEFAULT):
            return 0
        update_id, self._next_id = self._next_id, self._next_id + 1
        self._waiting.append(Waiting(update_id, kind, chat_id, body, self._now(), self.twice(chat_id)))
        self._wake()
        self.on_put()
        return update_id

    def confirm(self, offset: int) -> None:
        """Forget everything before `offset`; a negative one keeps only the last -`offset` updates."""
        if offset < 0:
            offset = self._next_id if not self._waiting else self._waiting[max(offset, -len(self._waiting))].id
        kept = []
        while self._waiting and self._waiting[0].id < offset:
            update = self._waiting.popleft()
            self._confirmed = max(self._confirmed, update.id)
            if update.again:
                update.again = False
                kept.append(update)
        self._waiting.extendleft(reversed(kept))

    def settle(self, update: Waiting) -> None:
        """The webhook took this one update."""
        self._confirmed = max(self._confirmed, update.id)
        if update.again:
            update.again = False
        elif update in self._waiting:
            self._waiting.remove(update)

    def drop_all(self) -> None:
        self._waiting.clear()

    def first(self, limit: int = LARGEST_BATCH) -> list[Waiting]:
        """The oldest updates that wait."""
        self._forget_old()
        return [update for _, update in zip(range(limit), self._waiting, strict=False)]

    async def poll(self, offset: int, limit: int, patience: float) -> list[Waiting]:
        """Confirm up to `offset`, then give what waits, waiting for it up to `patience` real seconds.

        Raises Refused (409) when a newer poll takes over.
        """
        self.confirm(offset)
        self.turn_away()
        if not len(self) and patience > 0:
            poll = self._poll = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(min(patience, LONGEST_POLL)):
                    await poll
            except TimeoutError:
                return []
            finally:
                if self._poll is poll:
                    self._poll = None
        return self.first(max(1, min(limit, LARGEST_BATCH)))

    def turn_away(self) -> None:
        """End the poll that waits, if there is one, with a conflict."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(second_poller())
        self._poll = None

    def allow(self, kinds: Iterable[str]) -> None:
        """Queue only these kinds from now on; none means the default ones."""
        self.allowed = frozenset(kinds)

    def _wake(self) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    def _forget_old(self) -> None:
        oldest = self._now() - RETENTION
        while self._waiting and self._waiting[0].queued_at < oldest:
            self._waiting.popleft()
