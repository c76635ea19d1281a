"""What stands in defenders' chats, theirs and ours, from the moment we know of it until it is deleted there.

A message stands for eleven hours. A bot can delete for 48 (Bot API, deleteMessages): after an outage of a day and
a half all can still be deleted. What was not deleted in time is marked, counted and forgotten: which message it was is
then of use to nobody but whoever looks for it. So is what was said and whose answer was lost: it may stand, and only
the messenger knows under which number.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Row, bindparam, delete, func, select, update

from escalation.people import DefenderId

from .database import Tx
from .discreet import Discreet
from .records import Words
from .sealing import Cell, Erased, SealBroken, opened, seal
from .tables.chats import CHAT_MESSAGE
from .upsert import insert_new

STANDS_FOR = timedelta(hours=11)
DELETABLE_FOR = timedelta(hours=48)  # Bot API, deleteMessage, 2026-11
COUNTED_FOR = timedelta(days=30)  # how long it is remembered that something could not be deleted

NOTE = insert_new(CHAT_MESSAGE)
IS_STANDING = CHAT_MESSAGE.c.state == "standing"
ROW = (CHAT_MESSAGE.c.id, CHAT_MESSAGE.c.content, CHAT_MESSAGE.c.sent_at, CHAT_MESSAGE.c.carries_keys)
DUE = (
    select(*ROW)
    .where(CHAT_MESSAGE.c.defender == bindparam("whose"), IS_STANDING, CHAT_MESSAGE.c.delete_at <= bindparam("at"))
    .order_by(CHAT_MESSAGE.c.sent_at)
    .limit(bindparam("most"))
)
OLDEST_FIRST = (
    select(CHAT_MESSAGE.c.defender)
    .where(IS_STANDING, CHAT_MESSAGE.c.delete_at <= bindparam("at"))
    .group_by(CHAT_MESSAGE.c.defender)
    .order_by(func.min(CHAT_MESSAGE.c.sent_at))
)


@dataclass(frozen=True, slots=True, repr=False)
class Standing(Discreet):
    """One message that stands in a chat. `carries_keys` when the keys under the chat hang on it."""

    id: UUID
    chat: str = field(repr=False)
    message_id: int = field(repr=False)
    sent_at: datetime
    carries_keys: bool


def note(
    tx: Tx,
    defender: DefenderId,
    chat: str,
    message_id: int,
    sent_at: datetime,
    *,
    ours: bool = False,
    carries_keys: bool = False,
) -> None:
    """Know of a message; what is known already stays as it is. `sent_at` counts by the messenger's own clock, which may
    be ahead of ours."""
    sent_at, row_id = min(sent_at, tx.now), uuid4()
    row = {
        "id": row_id,
        "defender": defender,
        "mark": _mark(tx, chat, message_id),
        "content": seal(tx, defender, _cell(row_id), [chat, message_id, ours]),
        "carries_keys": carries_keys,
        "sent_at": sent_at,
        "delete_at": sent_at + STANDS_FOR,
        "state": "standing",
    }
    tx.connection.execute(NOTE, row)


def note_lost(tx: Tx, defender: DefenderId, delivery: int) -> None:
    """Count what was said and may stand in their chat: which message it became, nobody has told us, so nobody can
    delete it."""
    row = {
        "id": uuid4(),
        "defender": defender,
        "mark": _mark(tx, "lost", delivery),
        "content": None,
        "carries_keys": False,
        "sent_at": tx.now,
        "delete_at": tx.now + STANDS_FOR,
        "state": "undeletable",
    }
    tx.connection.execute(NOTE, row)


def gone(tx: Tx, defender: DefenderId, chat: str, message_ids: Iterable[int]) -> None:
    """These messages stand no more."""
    marks = [_mark(tx, chat, message_id) for message_id in message_ids]
    whose = (CHAT_MESSAGE.c.defender == defender, IS_STANDING, CHAT_MESSAGE.c.mark.in_(marks))
    tx.connection.execute(delete(CHAT_MESSAGE).where(*whose))


def defenders_due(tx: Tx) -> list[DefenderId]:
    """Whose chats hold a message whose time is over, the oldest message first."""
    return [DefenderId(defender) for (defender,) in tx.connection.execute(OLDEST_FIRST, {"at": tx.now})]


def due(tx: Tx, defender: DefenderId, most: int) -> list[Standing]:
    """The messages of a defender whose time is over, oldest first. One whose seal is broken is marked undeletable."""
    return _standing(tx, defender, tx.connection.execute(DUE, {"whose": defender, "at": tx.now, "most": most}).all())


def deletable(tx: Tx, defender: UUID) -> list[Standing]:
    """Every message of a defender that a bot can still delete, whether or not its time is over, oldest first."""
    young = CHAT_MESSAGE.c.sent_at > tx.now - DELETABLE_FOR
    chosen = select(*ROW).where(CHAT_MESSAGE.c.defender == defender, IS_STANDING, young)
    return _standing(tx, defender, tx.connection.execute(chosen.order_by(CHAT_MESSAGE.c.sent_at)).all())


def _standing(tx: Tx, defender: UUID, rows: Iterable[Row[UUID, bytes, datetime, bool]]) -> list[Standing]:
    standing = []
    for row, content, sent_at, keys in rows:
        try:
            chat, message_id, _ = _place(opened(tx, defender, _cell(row), content))
        except (SealBroken, Erased):
            refused(tx, [row])
        else:
            standing.append(Standing(row, chat, message_id, sent_at, keys))
    return standing


def newest_with_keys(tx: Tx, defender: DefenderId) -> UUID | None:
    """The message that the keys under the chat hang on, None when they hang on none."""
    with_keys = (CHAT_MESSAGE.c.defender == defender, IS_STANDING, CHAT_MESSAGE.c.carries_keys)
    newest = select(CHAT_MESSAGE.c.id).where(*with_keys).order_by(CHAT_MESSAGE.c.sent_at.desc()).limit(1)
    found: UUID | None = tx.connection.execute(newest).scalar()
    return found


def refused(tx: Tx, ids: Iterable[UUID]) -> int:
    """Mark messages that the messenger will not delete any more; gives how many were not marked yet."""
    return _give_up(tx, CHAT_MESSAGE.c.id.in_(list(ids)))


def too_old(tx: Tx) -> list[tuple[DefenderId, str, int]]:
    """Mark what stands for longer than a bot can delete, whoever's it is; gives those of ours among it, as triples of
    (defender, chat, message), which can still be changed."""
    old = CHAT_MESSAGE.c.sent_at <= tx.now - DELETABLE_FOR
    ours = []
    rows = select(CHAT_MESSAGE.c.id, CHAT_MESSAGE.c.defender, CHAT_MESSAGE.c.content).where(IS_STANDING, old)
    for row, defender, content in tx.connection.execute(rows).all():
        with suppress(SealBroken, Erased):
            chat, message_id, is_ours = _place(opened(tx, defender, _cell(row), content))
            ours += [(DefenderId(defender), chat, message_id)] if is_ours else []
    _give_up(tx, old)
    return ours


def report(tx: Tx) -> int:
    """How many should stand no more, could not be deleted and were not reported yet; from now on they were."""
    overdue = (CHAT_MESSAGE.c.state == "undeletable", CHAT_MESSAGE.c.delete_at <= tx.now)
    return tx.connection.execute(update(CHAT_MESSAGE).where(*overdue).values(state="reported")).rowcount


def standing(tx: Tx, defender: UUID) -> int:
    """How many messages stand in the chats of a defender."""
    theirs = (IS_STANDING, CHAT_MESSAGE.c.defender == defender)
    return int(tx.connection.execute(select(func.count()).select_from(CHAT_MESSAGE).where(*theirs)).scalar_one())


def prune(tx: Tx) -> None:
    """Forget counts that are a month old."""
    old = (CHAT_MESSAGE.c.state == "reported", CHAT_MESSAGE.c.sent_at <= tx.now - COUNTED_FOR)
    tx.connection.execute(delete(CHAT_MESSAGE).where(*old))


def _give_up(tx: Tx, which: ColumnElement[bool]) -> int:
    marked = update(CHAT_MESSAGE).where(IS_STANDING, which).values(state="undeletable", content=None)
    return tx.connection.execute(marked).rowcount


def _mark(tx: Tx, chat: str, message_id: int) -> str:
    """What tells a message apart from others, to nobody who has the table alone."""
    return tx.vault.blind("chat_message", f"{chat} {message_id}")


def _cell(row: UUID) -> Cell:
    return Cell("chat_message", "content", row)


def _place(content: Words) -> tuple[str, int, bool]:
    """Chat and number of a message, and whether it is ours."""
    match content:
        case [str(chat), int(message_id), bool(ours)]:
            return chat, message_id, ours
        case _:
            raise SealBroken("A message is a chat and a number.")
