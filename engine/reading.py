"""Reading: from the inbox through a door into one committed turn for each update.

Calls for help are read by a reader of their own, so that nothing else, however slow, stands before them. The others are
read in small batches, never two of one chat at a time. What a door cannot read is set aside and counted; when it was a
call for help, it is one all the same.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from store import addresses, inbox, journal, people
from store.database import Store, Tx, begins_again
from store.records import DefenderRecord, InboxRow, ResponderRecord
from store.words import hash_word, word_matches

from .acts import CalledForHelp
from .announcing import tell_coordinators
from .committing import Committing
from .door import Door, Unreadable, Update
from .intake import CHANNEL, SIDES
from .metrics import Metrics
from .log import Log
from .planning import Book
from .showing import defender_view, responder_view
from .splitting import read_update
from .turn import Dialogue, Turn

log = Log("reading")

BATCH = 16  # updates read at a time; small, so that a call for help never waits for a long transaction
TRIES = 3  # of an update whose reading fails by a fault of ours, before it is set aside
LATEST = 2**36  # seconds; a message that is dated later (the year 4147) has no date


@dataclass(slots=True)
class Read:
    """One update and what became of it: `turn` when it was read, `fault` when not, neither when nobody sent it."""

    row: InboxRow
    turn: Turn | None = None
    fault: str | None = None
    final: bool = False


class Reader:
    """Reads what is waiting in the inbox. `urgent` says whether it reads the calls for help or everything else."""

    def __init__(
        self,
        store: Store,
        doors: Mapping[str, Door],
        committing: Committing,
        book: Book,
        metrics: Metrics,
        *,
        urgent: bool,
    ) -> None:
        """Nothing is read before `read_all`."""
        self._store = store
        self._doors = doors
        self._committing = committing
        self._book = book
        self._metrics = metrics
        self._urgent = urgent
        self._words = ThreadPoolExecutor(1, thread_name_prefix="words")  # Argon2 takes 36 ms and no loop should wait

    async def read_all(self) -> int:
        """Read until nothing is waiting; gives how many updates were read."""
        count = 0
        while opened := await self._store.run(self._open_some):
            read = await asyncio.gather(*(self._read(*one) for one in opened))
            await self._store.run(partial(self._commit, read))
            count += len(read)
        return count

    def close(self) -> None:
        """Let go of the thread for safe words."""
        self._words.shutdown(wait=False, cancel_futures=True)

    def _open_some(self, tx: Tx) -> list[tuple[InboxRow, Update | None, Turn | None]]:
        """The first waiting update of each chat, with the turn that it opens."""
        tx = tx.looking()
        return [self._open(tx, row) for row in inbox.next_of_chats(tx, BATCH, urgent=self._urgent)]

    def _open(self, tx: Tx, row: InboxRow) -> tuple[InboxRow, Update | None, Turn | None]:
        update = read_update(row.raw)
        side = SIDES[row.source]
        person = addresses.person_at(tx, side, CHANNEL, row.chat)
        if update is None or person is None:
            return row, update, None
        record: DefenderRecord | ResponderRecord | None
        record = people.defender(tx, person) if side == "defender" else people.responder(tx, person)
        if record is None:
            return row, update, None
        turn = Turn(
            chat=row.chat,
            now=tx.now,
            dialogue=Dialogue(record.dialogue_state, dict(record.dialogue_data)),
            matches_safe_word=self._matcher(record),
            hash_safe_word=self._hash,
            defender=defender_view(tx, self._book, record) if isinstance(record, DefenderRecord) else None,
            responder=responder_view(tx, record) if isinstance(record, ResponderRecord) else None,
            new_here=record.state == "invited",
            sent_at=_sent_at(update),
        )
        return row, update, turn

    async def _read(self, row: InboxRow, update: Update | None, turn: Turn | None) -> Read:
        if update is None or turn is None:
            return Read(row, fault="no_sender" if update else "not_json", final=True)
        if row.urgent and row.tries + 1 >= TRIES:
            return self._unreadable(row, turn)
        try:
            await self._doors[row.source].read(update, turn)
        except Unreadable:
            return self._unreadable(row, turn)
        except Exception as fault:  # the edge of one update: the others go on, and a coordinator is told
            log.error("update_not_read", source=row.source, inbox=row.id, fault=fault)
            return Read(row, fault=type(fault).__name__)
        return Read(row, turn)

    def _unreadable(self, row: InboxRow, turn: Turn) -> Read:
        """What becomes of an update that cannot be read, or not be done: a call for help without its words."""
        if not (row.urgent and turn.defender is not None):
            return Read(row, fault="unreadable", final=True)
        turn.acts = [CalledForHelp()]
        return Read(row, turn)

    def _commit(self, read: list[Read], tx: Tx) -> None:
        for one in read:
            if one.turn is None:
                self._set_back(tx, one)
                continue
            try:
                with tx.savepoint():
                    self._committing.commit(tx, one.row, one.turn)
            except Exception as fault:  # the edge of one event: it is tried again, and then set aside and reported
                if begins_again(fault):
                    raise
                log.error("turn_not_committed", inbox=one.row.id, fault=fault)
                self._set_back(tx, Read(one.row, fault=type(fault).__name__))

    def _set_back(self, tx: Tx, read: Read) -> None:
        fault = read.fault or "unknown"
        if read.final or inbox.failed(tx, read.row.id, fault) >= TRIES:
            inbox.set_aside(tx, read.row.id, fault)
            self._metrics.set_aside.labels(read.row.source).inc()
            journal.write(tx, "update_set_aside", inbox=read.row.id, source=read.row.source, why=fault)
            tell_coordinators(tx, "set_aside", once=f"set_aside:{tx.now:%Y%m%d%H}", why=fault)

    def _matcher(self, record: DefenderRecord | ResponderRecord) -> "Matcher":
        return Matcher(record.safe_word if isinstance(record, DefenderRecord) else None, self._words)

    async def _hash(self, word: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._words, hash_word, word)


@dataclass(frozen=True, slots=True)
class Matcher:
    """Compares a folded word with one person's safe word, off the event loop; False while they have none."""

    hashed: str | None
    pool: ThreadPoolExecutor

    async def __call__(self, word: str) -> bool:
        """Whether it is the word."""
        if self.hashed is None:
            return False
        return await asyncio.get_running_loop().run_in_executor(self.pool, word_matches, word, self.hashed)


def _sent_at(update: Update) -> datetime | None:
    for kind in ("message", "edited_message"):
        message = update.get(kind)
        said = [message.get("edit_date"), message.get("date")] if isinstance(message, dict) else []
        for seconds in said:
            if isinstance(seconds, int) and 0 < seconds < LATEST:
                return datetime.fromtimestamp(seconds, UTC)
    return None
