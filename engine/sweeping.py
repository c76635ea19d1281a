"""The sweep: what stands in a defender's chat, theirs and ours, is deleted after eleven hours, whatever it is.

It looks every ten minutes by the service's clock, and at once after a start; what has stood longest goes first. Nothing
that happens to somebody makes it come earlier or later. What a bot can no longer delete (48 hours, Bot API) is marked
and counted, and so is what was said and whose answer was lost, which stands under a number that we do not know (numbers
run through all chats of a bot, so that what lies between two of them may be somebody else's); the coordinators hear how
many. Where what is too old was ours, its words are taken away. The keys under a chat hang
on one message of ours and go with it, so a new one is sent before that one is taken. A fault of ours at one chat is
told, and stops the sweep in no other.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol, runtime_checkable

from escalation.people import DefenderId
from store import chat_messages, journal, people
from store.chat_messages import STANDS_FOR, Standing
from store.database import Store, Tx
from store.marks import apart, of_bot
from store.records import DeliveryRow

from .announcing import tell_coordinators, tell_defender
from .clock import Clock
from .door import Update
from .letter import DeliveryFailure, Operation, PermanentFailure, Receipt
from .log import Log
from .metrics import Metrics
from .queueing import chat_of, queue_for_person
from .urgency import Urgency

log = Log("sweeping")

EVERY = timedelta(minutes=10)
LOOK_AGAIN = 60.0  # real seconds at most between two looks at the clock
AT_ONCE = 100  # messages in one call (Bot API, deleteMessages)
GIVES_UP_AFTER = 3  # chats in a row that could not be reached: then the messenger cannot be, and the next sweep tries
KEYS_STAY = timedelta(minutes=30)  # longer than the rest, so that the new ones are there before the old ones go
REPORTS_EVERY = timedelta(hours=1)
LARGEST = 2**52  # Bot API, User.id: "at most 52 significant bits"
LATEST = 2**36  # seconds; a message that is dated later (the year 4147) has no date


@runtime_checkable
class Clears(Protocol):
    """A channel that can delete."""

    async def clear(self, address: str, message_ids: Sequence[int]) -> None:
        """Delete 1 to 100 messages of a chat for both sides; who finds one deleted already goes on.

        Raises TemporaryFailure, PermanentFailure or OutcomeUnknown, and nothing else."""


def note_sent(tx: Tx, row: DeliveryRow, receipt: Receipt) -> None:
    """Know of what has just been done in a defender's chat: a message of ours stands there, or one stands no more."""
    if row.side != "defender":
        return
    whose = DefenderId(row.person)
    number, bot = apart((receipt.message_id if row.operation == Operation.SEND else row.message_id) or "")
    chat = of_bot(row.address, bot)
    if row.operation == Operation.SEND and number.isdecimal():
        chat_messages.note(tx, whose, chat, int(number), tx.now, ours=True, carries_keys=receipt.carries_keys)
    elif row.operation == Operation.DELETE and number.isdecimal():
        chat_messages.gone(tx, whose, chat, [int(number)])


def note_unknown(tx: Tx, row: DeliveryRow) -> None:
    """Nobody knows whether this has arrived: if it has, it stands in a defender's chat for good."""
    if row.side == "defender" and row.operation == Operation.SEND:
        chat_messages.note_lost(tx, DefenderId(row.person), row.id)


def note_received(tx: Tx, defender: DefenderId, update: Update, bot: int | None = None) -> None:
    """Know of every message that an update of a defender brings or names, whether or not it can be read; it stands in
    their chat with `bot`."""
    for part in update.values():
        for message in (part, part.get("message")) if isinstance(part, dict) else ():
            if not (isinstance(message, dict) and isinstance(message.get("chat"), dict)):
                continue
            number, chat = _number(message.get("message_id")), _number(message["chat"].get("id"))
            if number and chat:
                sent_at = _written_at(message.get("date")) or tx.now
                chat_messages.note(tx, defender, of_bot(str(chat), bot), number, sent_at)


def written_in(update: Update) -> list[int]:
    """The messages that an update brings, new or changed."""
    brought = [update.get(kind) for kind in ("message", "edited_message")]
    return [found for one in brought if isinstance(one, dict) and (found := _number(one.get("message_id")))]


class Sweeping:
    """The sweep of every defender's chat. Without a channel that can delete there is none."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        channel: object,
        metrics: Metrics,
        changed: Callable[[], None],
        is_ours: Callable[[], bool] = lambda: True,
    ) -> None:
        """`changed` is called when something is to be sent; `is_ours` says whether it is this worker that sweeps."""
        self._store = store
        self._clock = clock
        self._channel = channel if isinstance(channel, Clears) else None
        self._metrics = metrics
        self._changed = changed
        self._is_ours = is_ours
        self._next = clock.now()
        self._reported_at: datetime | None = None
        self._wake = asyncio.Event()
        self._at_work = False
        clock.on_change(self._wake.set)

    async def run(self) -> None:
        """Sweep until cancelled."""
        while self._channel is not None:
            self._wake.clear()
            if self.is_behind():
                await self.sweep(self._channel)
            wait = max(0.0, self._clock.delay_until(self._next)) if self._is_ours() else LOOK_AGAIN
            try:
                async with asyncio.timeout(min(LOOK_AGAIN, wait)):
                    await self._wake.wait()
            except TimeoutError:
                continue
        await asyncio.Event().wait()

    def is_behind(self) -> bool:
        """Whether a sweep is due or under way."""
        is_due = self._is_ours() and self._clock.now() >= self._next
        return self._channel is not None and (self._at_work or is_due)

    async def sweep(self, channel: Clears) -> None:
        """Delete everything whose time is over and that can be deleted; report what cannot be."""
        self._next, self._at_work = self._clock.now() + EVERY, True
        try:
            unreached, faults = 0, 0
            for defender in await self._store.run(self._begin):
                try:
                    await self._clear(channel, defender)
                except DeliveryFailure as failure:
                    unreached = 0 if isinstance(failure, PermanentFailure) else unreached + 1
                except Exception as fault:  # the edge of one chat: the others go on, and a coordinator is told
                    log.error("chat_not_emptied", defender=defender, fault=fault)
                    self._metrics.quarantined.labels("chat").inc()
                    faults += 1
                else:
                    unreached = 0
                if unreached >= GIVES_UP_AFTER:
                    break
            if await self._store.run(partial(self._report, faults=faults)):
                self._changed()
        finally:
            self._at_work = False

    def _begin(self, tx: Tx) -> list[DefenderId]:
        """Give up what is too old; of what we said ourselves it takes away the words, for those can be changed."""
        for defender, chat, number in chat_messages.too_old(tx):
            way, (address, bot) = chat_of(tx, defender), apart(chat)
            if way is not None and way.address == address:
                _say_nothing(tx, defender, of_bot(str(number), bot))
        chat_messages.prune(tx)
        return chat_messages.defenders_due(tx)

    async def _clear(self, channel: Clears, defender: DefenderId) -> None:
        """Empty one defender's chat of what is due. Raises DeliveryFailure when the chat cannot be reached now."""
        while True:
            taken, more = await self._store.run(lambda tx: self._take(tx, defender))
            self._changed()
            for chat in dict.fromkeys(one.chat for one in taken):
                await self._delete(channel, defender, [one for one in taken if one.chat == chat])
            if not (taken and more):
                return

    def _take(self, tx: Tx, defender: DefenderId) -> tuple[list[Standing], bool]:
        """What is due, and whether there is more; what carries the keys is left for another sweep once new ones are on
        their way."""
        due = chat_messages.due(tx, defender, AT_ONCE)
        newest = chat_messages.newest_with_keys(tx, defender)
        carrier = next((one for one in due if one.id == newest), None)
        if carrier is not None and _needs_keys(tx, defender):
            tell_defender(tx, defender, "defender.ready", {}, urgency=Urgency.NOTICE, dedupe=f"ready:{carrier.id}")
            if carrier.sent_at > tx.now - STANDS_FOR - KEYS_STAY:
                return [one for one in due if one is not carrier], len(due) == AT_ONCE
        return due, len(due) == AT_ONCE

    async def _delete(self, channel: Clears, defender: DefenderId, messages: Sequence[Standing]) -> None:
        try:
            await channel.clear(messages[0].chat, [one.message_id for one in messages])
        except PermanentFailure as failure:
            if failure.address_is_dead:
                raise
            await self._delete_one_by_one(channel, defender, messages)
        else:
            await self._gone(defender, messages)

    async def _delete_one_by_one(self, channel: Clears, defender: DefenderId, messages: Iterable[Standing]) -> None:
        """One message that the messenger will not delete spoils the call for all: find out which it is."""
        for one in messages:
            try:
                await channel.clear(one.chat, [one.message_id])
            except PermanentFailure as failure:
                if failure.address_is_dead:
                    raise
                await self._store.run(partial(chat_messages.refused, ids=[one.id]))
            else:
                await self._gone(defender, [one])

    async def _gone(self, defender: DefenderId, messages: Sequence[Standing]) -> None:
        chat, numbers = messages[0].chat, [one.message_id for one in messages]
        await self._store.run(lambda tx: chat_messages.gone(tx, defender, chat, numbers))
        self._metrics.swept.inc(len(numbers))

    def _report(self, tx: Tx, faults: int) -> int:
        """Tell the coordinators how many could not be deleted, and of faults of ours; not more often than once an
        hour."""
        if faults:
            tell_coordinators(tx, "chat_not_emptied", once=f"chat_not_emptied:{tx.now:%Y%m%d%H}")
        if self._reported_at is not None and tx.now - self._reported_at < REPORTS_EVERY:
            return faults
        count = chat_messages.report(tx)
        if count:
            self._reported_at = tx.now
            self._metrics.not_swept.inc(count)
            journal.write(tx, "chat_not_swept", count=count)
            tell_coordinators(tx, "chat_not_swept", count=count)
        return count + faults


def _say_nothing(tx: Tx, defender: DefenderId, message_id: str) -> None:
    edit, what = Operation.EDIT, "defender.noted"
    queue_for_person(tx, defender, "defender", what, {}, Urgency.UPKEEP, operation=edit, message_id=message_id)


def _needs_keys(tx: Tx, defender: DefenderId) -> bool:
    record = people.defender(tx, defender)
    return record is not None and record.state == "active"


def _written_at(date: object) -> datetime | None:
    """The instant that a messenger dates a message with; None where it does not."""
    seconds = _number(date)
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < LATEST else None


def _number(value: object) -> int:
    """A whole number above zero, as the ids of people and of messages are; zero for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < LARGEST else 0
