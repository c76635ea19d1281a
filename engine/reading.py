"""Reading: from the inbox through a door into one committed turn for each update.

Calls for help are read by a reader of their own, so that nothing else, however slow, stands before them. The others are
read in small batches, never two of one chat at a time. What a door cannot read is set aside and counted; when it was a
call for help, it is one all the same. One of somebody we know is never set aside: where not even the bare call can be
made, it stays, is tried again every half a minute, and is said loudly.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from store import addresses, codes, inbox, journal, people
from store.acquaintance import know, know_senders
from store.database import Store, Tx, begins_again
from store.marks import apart
from store.records import DefenderRecord, InboxRow, ResponderRecord

from .acts import CalledForHelp
from .announcing import tell_coordinators
from .buttons import pressed_by
from .committing import Committing
from .discreet import Discreet
from .door import Door, Unreadable, Update
from .intake import CHANNEL, side_of
from .log import Log
from .metrics import Metrics
from .planning import Book
from .showing import defender_view, responder_view
from .splitting import read_update, sent_at
from .sweeping import note_received, written_in
from .trying import Tries, Trying
from .turn import Dialogue, Turn

log = Log("reading")

BATCH = 16  # updates read at a time; small, so that a call for help never waits for a long transaction
FEW = 4  # calls for help of one chat that are read together; somebody else's waits for no more than these
TRIES = 3  # of an update whose reading fails by a fault of ours, before it is set aside
CALLS_AGAIN_IN = 30.0  # real seconds; a call for help that could not be made

Opened = tuple[InboxRow, Update | None, Turn | None]


@dataclass(slots=True, repr=False)
class Read(Discreet):
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
        self._trying = Trying(store.vault)
        self._stuck: dict[int, float] = {}

    def troubles(self) -> list[str]:
        """What is wrong, as words."""
        return ["a call for help could not be passed on"] if self._stuck else []

    def stuck(self) -> list[int]:
        """The rows that cannot be done and whose next try is yet to come."""
        return [row_id for row_id, until in self._stuck.items() if time.monotonic() < until]

    async def read_all(self) -> int:
        """Read until nothing is waiting; gives how many updates were read."""
        count = 0
        while opened := await self._store.run(self._open_some):
            read = await asyncio.gather(*(self._read(*one) for one in opened))
            await self._store.run(partial(self._commit, read))
            count += len(read)
        return count

    def close(self) -> None:
        """Let go of the threads for words and codes."""
        self._trying.close()

    def _open_some(self, tx: Tx) -> list[Opened]:
        """The first waiting update of each chat, with the turn that it opens; none while we are locked.

        A call for help leaves the dialogue where it was, so that a few more of one chat may be read at a time where the
        other chats leave room."""
        if tx.vault.is_locked:
            return []
        tx = tx.looking()
        stuck = self.stuck()
        rows = inbox.take_next(tx, BATCH, urgent=self._urgent, but=stuck)
        if self._urgent and 0 < len(rows) < FEW:
            first = {row.id for row in rows}
            rows += [row for row in inbox.take_more(tx, FEW, urgent=True, but=stuck) if row.id not in first][
                : FEW - len(rows)
            ]
        for source in {row.source for row in rows}:
            know_senders(tx, side_of(source), CHANNEL, [row.chat for row in rows if row.source == source])
        return self._open_all(tx, rows)

    def _open_all(self, tx: Tx, rows: list[InboxRow]) -> list[Opened]:
        """All at once, or, when one of them cannot be opened, each by itself."""
        try:
            with tx.savepoint():
                opened = [self._open(tx, row) for row in rows]
                self._note(tx, opened)
                return opened
        except Exception as fault:  # the edge of one row, whichever it is
            if begins_again(fault):
                raise
        return [one for row in rows if (one := self._try_to_open(tx, row)) is not None]

    def _try_to_open(self, tx: Tx, row: InboxRow) -> Opened | None:
        """A row that cannot be opened is set back, and stands in the way of no other."""
        try:
            with tx.savepoint():
                opened = self._open(tx, row)
        except Exception as fault:  # the edge of one row
            if begins_again(fault):
                raise
            log.error("update_not_read", source=row.source, inbox=row.id, fault=fault)
            self._set_back(tx, Read(row, fault=type(fault).__name__))
            return None
        try:
            with tx.savepoint():
                self._note(tx, [opened])
        except Exception as fault:  # tidying never stands before a call for help
            if begins_again(fault):
                raise
            log.error("update_not_read", source=row.source, inbox=row.id, fault=fault)
        return opened

    def _note(self, tx: Tx, opened: list[Opened]) -> None:
        """Know of the messages for the sweep."""
        for _, update, turn in opened:
            if update is not None and turn is not None and turn.defender is not None:
                note_received(tx, turn.defender.id, update, turn.bot)

    def _open(self, tx: Tx, row: InboxRow) -> Opened:
        update = read_update(row.raw)
        if update is None and row.urgent:
            update = {}  # a call for help is one, also where its words cannot be opened any more
        sender = addresses.behind(tx, side := side_of(row.source), CHANNEL, row.chat)
        if update is None or sender is None:
            return row, update, None
        person, chat = sender
        record: DefenderRecord | ResponderRecord | None
        record = people.defender(tx, person) if side == "defender" else people.responder(tx, person)
        if record is None:
            return row, update, None
        tries, seen = self._tries(tx, record), self._doors[row.source].glance(update)
        turn = Turn(
            chat=chat,
            now=tx.now,
            dialogue=Dialogue(record.dialogue_state, dict(record.dialogue_data)),
            read_word=tries.read_word,
            hash_safe_word=tries.hash_word,
            read_code=tries.read_code,
            hash_code=tries.hash_code,
            defender=defender_view(tx, self._book, record) if isinstance(record, DefenderRecord) else None,
            responder=responder_view(tx, self._book, record) if isinstance(record, ResponderRecord) else None,
            pressed=pressed_by(tx, person, seen.button),
            carries_code=seen.code is not None,
            new_here=record.state == "invited",
            bot=apart(row.source)[1],
            sent_at=sent_at(update) or row.received_at,  # a press has no date of its own
        )
        return row, update, turn

    async def _read(self, row: InboxRow, update: Update | None, turn: Turn | None) -> Read:
        if update is None or turn is None:
            return Read(row, fault="not_json" if update is None else "no_sender", final=True)
        if row.urgent and row.tries + 1 >= TRIES:
            return self._unreadable(row, update, turn)
        try:
            await self._doors[row.source].read(update, turn)
        except Unreadable:
            return self._unreadable(row, update, turn)
        except Exception as fault:  # the edge of one update: the others go on, and a coordinator is told
            log.error("update_not_read", source=row.source, inbox=row.id, fault=fault)
            return Read(row, fault=type(fault).__name__)
        return Read(row, turn)

    def _unreadable(self, row: InboxRow, update: Update, turn: Turn) -> Read:
        """What becomes of an update that cannot be read, or not be done: a call for help without its words, deleted."""
        if not (row.urgent and turn.defender is not None):
            return Read(row, fault="unreadable", final=True)
        turn.acts = [CalledForHelp()]
        for message_id in written_in(update):
            turn.forget(str(message_id))
        return Read(row, turn)

    def _commit(self, read: list[Read], tx: Tx) -> None:
        known = [one.turn for one in read if one.turn is not None]
        know(
            tx,
            [turn.defender.id for turn in known if turn.defender is not None],
            [turn.responder.id for turn in known if turn.responder is not None],
        )
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
        row, fault = read.row, read.fault or "unknown"
        if not read.final and inbox.failed(tx, row.id, fault) < TRIES:
            return
        if row.urgent and self._calls_all_the_same(tx, row):
            return
        inbox.set_aside(tx, row.id, fault)
        self._metrics.set_aside.labels(row.source).inc()
        journal.write(tx, "update_set_aside", inbox=row.id, source=row.source, why=fault)
        tell_coordinators(tx, "set_aside", once=f"set_aside:{tx.now:%Y%m%d%H}", why=fault)

    def _calls_all_the_same(self, tx: Tx, row: InboxRow) -> bool:
        """Make the bare call of somebody we know, or keep it waiting; False when nobody we know has called."""
        self._stuck.pop(row.id, None)
        try:
            with tx.savepoint():
                return self._committing.call(tx, row)
        except Exception as fault:  # the edge of one call: it waits, and is told loudly
            if begins_again(fault):
                raise
            log.error("call_waits", inbox=row.id, fault=fault)
        self._stuck[row.id] = time.monotonic() + CALLS_AGAIN_IN
        tell_coordinators(tx, "call_waits", once=f"call_waits:{tx.now:%Y%m%d%H}")
        return True

    def _tries(self, tx: Tx, record: DefenderRecord | ResponderRecord) -> Tries:
        if isinstance(record, ResponderRecord):
            return self._trying.of(record.id)
        return self._trying.of(record.id, codes.word_of(tx, record), codes.of_defender(tx, record.id))
