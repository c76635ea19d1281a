"""Updates on their way to a bot: some come late, so that others overtake them, and a batch need not be in order."""

import asyncio
from random import Random
from typing import Any

from rehearsal.updates import LARGEST_BATCH, UpdateQueue, Waiting


class Wandering(UpdateQueue):
    """The updates of one bot; in order and at once, unless `late_by` says by how many seconds each may be late."""

    late_by = 0.0
    draws: Random | None = None
    _on_their_way: "dict[asyncio.TimerHandle, tuple[str, dict[str, object], int]] | None" = None

    def put(self, kind: str, body: dict[str, object], chat_id: int = 0) -> int:
        """As always, or later: then it has no id yet."""
        if self.draws is None or not self.late_by:
            return super().put(kind, body, chat_id)
        if self._on_their_way is None:
            self._on_their_way = {}
        late: Any = asyncio.get_running_loop().call_later(self.draws.uniform(0, self.late_by), lambda: self._come(late))
        self._on_their_way[late] = kind, body, chat_id
        return 0

    def _come(self, late: asyncio.TimerHandle) -> None:
        if self._on_their_way is not None and late in self._on_their_way:
            super().put(*self._on_their_way.pop(late))

    def let_come(self) -> None:
        """Whatever is on its way arrives now, and nothing is late any more."""
        self.late_by, self.draws = 0.0, None
        for late in list(self._on_their_way or ()):
            late.cancel()
            self._come(late)

    def first(self, limit: int = LARGEST_BATCH) -> list[Waiting]:
        """The oldest that wait; while some are late, in any order."""
        found = super().first(limit)
        if self.draws is not None:
            self.draws.shuffle(found)
        return found
