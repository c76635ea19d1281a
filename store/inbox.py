"""The inbox: what the messengers gave us, raw and in order, until it was handled.

The number of a row is never given twice, not even after pruning: what an update opens may be named after it.
"""

from datetime import datetime

from sqlalchemy import bindparam, delete, func, literal_column, select, update

from .database import Tx
from .records import InboxRow
from .tables.messages import INBOX
from .upsert import insert_new

KEEP = insert_new(INBOX).returning(INBOX.c.id)
IS_WAITING = INBOX.c.state == literal_column("'waiting'")
WAITING = (
    select(*(INBOX.c[name] for name in InboxRow.__dataclass_fields__))
    .where(IS_WAITING, INBOX.c.urgent == bindparam("is_urgent"))
    .order_by(INBOX.c.id)
    .limit(bindparam("most"))
)
HEADS = (
    select(func.min(INBOX.c.id))
    .where(IS_WAITING, INBOX.c.urgent == bindparam("is_urgent"))
    .group_by(INBOX.c.source, INBOX.c.chat)
    .order_by(func.min(INBOX.c.id))
    .limit(bindparam("most"))
)
NEXT_OF_CHATS = (
    select(*(INBOX.c[name] for name in InboxRow.__dataclass_fields__))
    .where(INBOX.c.id.in_(HEADS.scalar_subquery()))
    .order_by(INBOX.c.id)
)
ANY_WAITING = select(INBOX.c.id).where(IS_WAITING).limit(1)
SETTLE = (
    update(INBOX)
    .where(INBOX.c.id == bindparam("row"), IS_WAITING)
    .values(state=bindparam("into"), why=bindparam("because"), settled_at=bindparam("at"))
)
FAILED = (
    update(INBOX)
    .where(INBOX.c.id == bindparam("row"), IS_WAITING)
    .values(tries=INBOX.c.tries + 1, why=bindparam("because"))
    .returning(INBOX.c.tries)
)


def keep(tx: Tx, source: str, update_id: int, chat: str, raw: bytes, urgent: bool) -> bool:
    """Keep one update; False when it was here already. `urgent` ones are handled first."""
    return _keep(tx, source, update_id, raw, chat=chat, urgent=urgent, state="waiting", why=None, settled_at=None)


def keep_aside(tx: Tx, source: str, update_id: int, raw: bytes, why: str) -> bool:
    """Keep an update that nobody can handle, for a coordinator to look at; False when it was here already."""
    return _keep(tx, source, update_id, raw, chat=None, urgent=False, state="aside", why=why, settled_at=tx.now)


def _keep(tx: Tx, source: str, update_id: int, raw: bytes, **rest: object) -> bool:
    row = {"source": source, "update_id": update_id, "raw": raw, "tries": 0, "received_at": tx.now, **rest}
    return tx.connection.execute(KEEP, row).first() is not None


def waiting(tx: Tx, limit: int, *, urgent: bool) -> list[InboxRow]:
    """What is to be handled, calls for help or everything else, in the order of arrival."""
    return [InboxRow(*row) for row in tx.connection.execute(WAITING, {"most": limit, "is_urgent": urgent})]


def next_of_chats(tx: Tx, limit: int, *, urgent: bool) -> list[InboxRow]:
    """The first of what is to be handled of each chat, those first that have waited longest: who sends a hundred
    messages keeps nobody else waiting."""
    return [InboxRow(*row) for row in tx.connection.execute(NEXT_OF_CHATS, {"most": limit, "is_urgent": urgent})]


def is_empty(tx: Tx) -> bool:
    """Whether nothing is left to be handled."""
    return tx.connection.execute(ANY_WAITING).first() is None


def done(tx: Tx, row_id: int) -> bool:
    """Mark a row as handled, in the transaction that handles it; False when another has handled it already."""
    words = {"row": row_id, "into": "done", "because": None, "at": tx.now}
    return tx.connection.execute(SETTLE, words).rowcount > 0


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
