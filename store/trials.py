"""A trial of ourselves, as far as the store is in it: a made-up event that comes in like any, and an address that is
nobody's.

Whoever stands behind the address is a number among the people and no responder: no list shows them and nothing calls
them. The address is found by nobody who writes from there; whether that is somebody's own chat does not matter.
"""

from collections.abc import Collection
from uuid import UUID, uuid5

from sqlalchemy import bindparam, delete, insert, select

from . import inbox
from .addresses import place_unfound
from .binding import bound
from .database import Tx
from .records import Address
from .sealing import begin_subject
from .tables.messages import DELIVERY, INBOX
from .tables.people import PERSON

SOURCE = "trial"
EVENT = b'{"trial": true}'
OURSELVES = uuid5(UUID("6f0d8a6e-5a0c-4d0a-9d3e-2b8f5f6f1c11"), "a trial of ourselves")
SIDE, CHANNEL = "responder", "telegram"
IS_THERE = select(PERSON.c.id).where(PERSON.c.id == OURSELVES)
ROW = select(INBOX.c.id, INBOX.c.raw).where(INBOX.c.source == SOURCE, INBOX.c.update_id == bindparam("made_up"))


def begin(tx: Tx, chat: str) -> Address:
    """Ourselves, at this chat, ready to be written to. Raises Locked."""
    if tx.connection.execute(IS_THERE).first() is None:
        begin_subject(tx, OURSELVES)
        row = {"id": OURSELVES, "side": SIDE, "number": 0, "created_at": tx.now}
        tx.connection.execute(insert(PERSON), row)
    return place_unfound(tx, OURSELVES, SIDE, CHANNEL, chat)


def come_in(tx: Tx, number: int) -> None:
    """Keep a made-up event as any that comes, open it as whoever reads does, and mark it as handled. Raises Locked."""
    if inbox.keep(tx, SOURCE, number, SOURCE, EVENT, urgent=True):
        found = tx.connection.execute(ROW, {"made_up": number}).one()
        tx.vault.open_raw(found.raw, bound("inbox", SOURCE, str(number)))
        inbox.done(tx, found.id)


def forget(tx: Tx, deliveries: Collection[int]) -> None:
    """Delete what is left of trials that are over."""
    over = DELIVERY.c.state.not_in(("pending", "sending"))
    chosen = (DELIVERY.c.id.in_(list(deliveries)), DELIVERY.c.person == OURSELVES, over)
    tx.connection.execute(delete(DELIVERY).where(*chosen))
