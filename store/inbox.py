"""The inbox: what the messengers gave us, raw and in order, until it was handled.

The number of a row is never given twice, not even after pruning: what an update opens may be named after it.

On PostgreSQL a row belongs to the worker that reads it until it is handled. Of one chat only one worker reads calls for
help at a time, and one everything else: whoever takes a row takes the first of its chat, or has taken it already.

What came is sealed to the ingest key, which works while we are locked too, and is gone as soon as it was handled; so is
whose it was. What stays is its number, so that it is not taken for new when the messenger repeats itself.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import (
    LargeBinary,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)

from . import ingest, workers
from .binding import bound
from .database import Tx
from .records import InboxRow
from .refusals import SealBroken
from .tables.messages import INBOX
from .tables.people import ADDRESS
from .upsert import insert_new

NO_ROW = 0  # rows are counted from 1

KEEP = insert_new(INBOX).returning(INBOX.c.id)
IS_WAITING = INBOX.c.state == literal_column("'waiting'")
WAITING = (
    select(*(INBOX.c[name] for name in InboxRow.__dataclass_fields__))
    .where(IS_WAITING, INBOX.c.urgent == bindparam("is_urgent"), INBOX.c.id.not_in(bindparam("but", expanding=True)))
    .order_by(INBOX.c.id)
    .limit(bindparam("most"))
)
HEADS = (
    select(func.min(INBOX.c.id))
    .where(IS_WAITING, INBOX.c.urgent == bindparam("is_urgent"), INBOX.c.id.not_in(bindparam("but", expanding=True)))
    .group_by(INBOX.c.chat)
    .order_by(func.min(INBOX.c.id))
    .limit(bindparam("most"))
)
NEXT_OF_CHATS = (
    select(*(INBOX.c[name] for name in InboxRow.__dataclass_fields__))
    .where(INBOX.c.id.in_(HEADS.scalar_subquery()))
    .order_by(INBOX.c.id)
)
OUR_ROW = or_(INBOX.c.worker.is_(None), INBOX.c.worker == bindparam("us"))
HEADS_OF_NOBODY = (
    select(func.min(INBOX.c.id))
    .where(IS_WAITING, INBOX.c.urgent == bindparam("is_urgent"), INBOX.c.id.not_in(bindparam("but", expanding=True)))
    .group_by(INBOX.c.chat)
    .having(func.count(case((INBOX.c.worker != bindparam("us"), 1))) == 0)
)
FREE_HEADS = (
    select(INBOX.c.id)
    .where(INBOX.c.id.in_(HEADS_OF_NOBODY.scalar_subquery()), IS_WAITING, OUR_ROW)
    .order_by(INBOX.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
OURS = INBOX.alias("ours")
MORE_OF_OURS = (
    select(INBOX.c.id)
    .where(
        IS_WAITING,
        INBOX.c.urgent == bindparam("is_urgent"),
        INBOX.c.id.not_in(bindparam("but", expanding=True)),
        OUR_ROW,
        exists().where(
            OURS.c.worker == bindparam("us"),
            OURS.c.chat == INBOX.c.chat,
            OURS.c.urgent == INBOX.c.urgent,
        ),
    )
    .order_by(INBOX.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=INBOX)
)
TAKE = (
    update(INBOX)
    .where(INBOX.c.id.in_(bindparam("rows", expanding=True)))
    .values(worker=bindparam("us"))
    .returning(*(INBOX.c[name] for name in InboxRow.__dataclass_fields__))
)
GIVE_BACK = update(INBOX).where(workers.is_of_gone(INBOX)).values(worker=None)
ANY_WAITING = select(INBOX.c.id).where(IS_WAITING).limit(1)
WHOSE_WAITS = (
    select(ADDRESS.c.person, func.min(INBOX.c.received_at).label("since"))
    .join(
        ADDRESS,
        and_(ADDRESS.c.blind == INBOX.c.chat, ADDRESS.c.side == bindparam("of_side"), ADDRESS.c.channel == "telegram"),
    )
    .where(IS_WAITING)
    .group_by(ADDRESS.c.person)
)
WAITING_FOR_KEYS = select(func.substr(INBOX.c.raw, 3, ingest.ID_BYTES, type_=LargeBinary)).where(IS_WAITING).distinct()
SETTLE = (
    update(INBOX)
    .where(INBOX.c.id == bindparam("row"), IS_WAITING)
    .values(state=bindparam("into"), why=bindparam("because"), settled_at=bindparam("at"), worker=None)
)
DONE = (
    update(INBOX)
    .where(INBOX.c.id == bindparam("row"), IS_WAITING)
    .values(state="done", why=None, settled_at=bindparam("at"), raw=None, chat=None, urgent=False, worker=None)
)
FAILED = (
    update(INBOX)
    .where(INBOX.c.id == bindparam("row"), IS_WAITING)
    .values(tries=INBOX.c.tries + 1, why=bindparam("because"), worker=None)
    .returning(INBOX.c.tries)
)


def keep(tx: Tx, source: str, update_id: int, chat: str, raw: bytes, urgent: bool) -> bool:
    """Keep one update; False when it was here already. `chat` is a blind index; `urgent` ones are handled first."""
    return _keep(tx, source, update_id, raw, chat=chat, urgent=urgent, state="waiting", why=None, settled_at=None)


def keep_aside(tx: Tx, source: str, update_id: int, raw: bytes, why: str) -> bool:
    """Keep an update that nobody can handle, for a coordinator to look at; False when it was here already."""
    return _keep(tx, source, update_id, raw, chat=None, urgent=False, state="aside", why=why, settled_at=tx.now)


def _keep(tx: Tx, source: str, update_id: int, raw: bytes, **rest: object) -> bool:
    to = tx.known.once("sealed to", INBOX.name, partial(tx.vault.sealed_to, tx.connection))
    sealed = tx.vault.seal_raw(raw, _context(source, update_id), to)
    row = {"source": source, "update_id": update_id, "raw": sealed, "tries": 0, "received_at": tx.now, **rest}
    return tx.connection.execute(KEEP, row).first() is not None


def waiting(tx: Tx, limit: int, *, urgent: bool, but: Collection[int] = ()) -> list[InboxRow]:
    """What is to be handled, calls for help or everything else, in the order of arrival, leaving aside the rows in
    `but`. Raises Locked."""
    found = tx.connection.execute(WAITING, {"most": limit, "is_urgent": urgent, "but": list(but) or [NO_ROW]})
    return [_opened(tx, InboxRow(*row)) for row in found]


def next_of_chats(tx: Tx, limit: int, *, urgent: bool, but: Collection[int] = ()) -> list[InboxRow]:
    """The first of what is to be handled of each chat but the rows in `but`, those first that have waited longest: who
    sends a hundred messages keeps nobody else waiting. Raises Locked."""
    words = {"most": limit, "is_urgent": urgent, "but": list(but) or [NO_ROW]}
    found = tx.connection.execute(NEXT_OF_CHATS, words)
    return [_opened(tx, InboxRow(*row)) for row in found]


def take_next(tx: Tx, limit: int, *, urgent: bool, but: Collection[int] = ()) -> list[InboxRow]:
    """As `next_of_chats`, and on PostgreSQL they are ours until they are handled or given back: nothing is given that
    is of a chat of which another worker is reading. Raises Locked."""
    if not _is_shared(tx):
        return next_of_chats(tx, limit, urgent=urgent, but=but)
    return _take(tx, FREE_HEADS, {"most": limit, "is_urgent": urgent, "but": list(but) or [NO_ROW]})


def take_more(tx: Tx, limit: int, *, urgent: bool, but: Collection[int] = ()) -> list[InboxRow]:
    """As `waiting`, and on PostgreSQL only of the chats of which we are reading, and ours as well. Raises Locked."""
    if not _is_shared(tx):
        return waiting(tx, limit, urgent=urgent, but=but)
    return _take(tx, MORE_OF_OURS, {"most": limit, "is_urgent": urgent, "but": list(but) or [NO_ROW]})


def give_back(tx: Tx, gone: Collection[workers.WorkerId]) -> int:
    """What these workers were reading, and whom nobody knows, belongs to nobody any more; gives how many rows."""
    return tx.connection.execute(GIVE_BACK, {"gone": list(gone) or [workers.NO_WORKER], "us": tx.worker}).rowcount


def is_empty(tx: Tx, but: Collection[int] = ()) -> bool:
    """Whether nothing is left to be handled, leaving aside the rows in `but`."""
    waits = ANY_WAITING.where(INBOX.c.id.not_in(but)) if but else ANY_WAITING
    return tx.connection.execute(waits).first() is None


def unread_since(tx: Tx, side: str) -> dict[UUID, datetime]:
    """Who of a side has written what is still to be handled, and since when the first of it waits."""
    found = tx.connection.execute(WHOSE_WAITS, {"of_side": side})
    return {row.person: row.since for row in found}


def sealed_to(tx: Tx) -> set[str]:
    """The ids of the ingest keys without which something cannot be read that is still to be handled."""
    return {bytes(key).hex() for key in tx.connection.execute(WAITING_FOR_KEYS).scalars()}


def done(tx: Tx, row_id: int) -> bool:
    """Mark a row as handled, in the transaction that handles it, and forget what it was; False when another has handled
    it already."""
    return tx.connection.execute(DONE, {"row": row_id, "at": tx.now}).rowcount > 0


def failed(tx: Tx, row_id: int, error: str) -> int:
    """Note that handling failed, with a word for why; gives how often it has, 0 when the row is settled already."""
    tries: int | None = tx.connection.execute(FAILED, {"row": row_id, "because": error}).scalar()
    return tries or 0


def set_aside(tx: Tx, row_id: int, why: str) -> None:
    """Give a row up, with a word for why, so that the others go on."""
    tx.connection.execute(SETTLE, {"row": row_id, "into": "aside", "because": why, "at": tx.now})


def counts(tx: Tx) -> dict[str, int]:
    """How many rows there are in each state: waiting, done, aside."""
    found = tx.connection.execute(select(INBOX.c.state, func.count()).group_by(INBOX.c.state))
    return {"waiting": 0, "done": 0, "aside": 0} | {str(state): int(count) for state, count in found}


def prune(tx: Tx, before: datetime) -> int:
    """Delete what was settled before an instant; gives how many rows.

    A messenger repeats itself for 24 hours at most: what is younger must stay, or it could be taken for new."""
    return tx.connection.execute(delete(INBOX).where(INBOX.c.settled_at < before)).rowcount


def _is_shared(tx: Tx) -> bool:
    return tx.connection.dialect.name == "postgresql"


def _take(tx: Tx, which: Select[int], words: dict[str, object]) -> list[InboxRow]:
    """Take the rows that `which` finds; they are ours until they are handled."""
    numbers = list(tx.connection.execute(which, {**words, "us": tx.worker}).scalars())
    if not numbers:
        return []
    taken = tx.connection.execute(TAKE, {"rows": numbers, "us": tx.worker})
    return [_opened(tx, row) for row in sorted((InboxRow(*row) for row in taken), key=lambda row: row.id)]


def _opened(tx: Tx, row: InboxRow) -> InboxRow:
    """The row with what came as it came; with nothing where the seal is broken."""
    try:
        key = tx.known.once("ingest key", row.raw[:6], partial(tx.vault.ingest_key, row.raw, tx.connection))
        return replace(row, raw=tx.vault.open_raw(row.raw, _context(row.source, row.update_id), key))
    except SealBroken:
        return replace(row, raw=b"")


def _context(source: str, update_id: int) -> bytes:
    return bound("inbox", source, str(update_id))
