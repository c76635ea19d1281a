"""A trial of ourselves, as far as the store is in it: a made-up event that comes in like any, and an address that is
nobody's.

Whoever stands behind the address is a number among the people and no responder: no list shows them and nothing calls
them. The address is found by nobody who writes from there; whether that is somebody's own chat does not matter.
"""

from collections.abc import Collection

from sqlalchemy import bindparam, delete, select

from . import inbox
from .addresses import place_unfound
from .binding import bound
from .database import Tx
from .records import Address
from .sealing import HOUSE
from .tables.messages import DELIVERY, INBOX
from .tables.people import PERSON
from .upsert import insert_new

SOURCE = "trial"
EVENT = b'{"trial": true}'
OURSELVES = HOUSE  # whose data key is always there
SIDE, CHANNEL = "responder", "telegram"
NEW = insert_new(PERSON)
ROW = select(INBOX.c.id, INBOX.c.raw).where(INBOX.c.source == SOURCE, INBOX.c.update_id == bindparam("made_up"))


def begin(tx: Tx, chat: str, bot: int | None = None) -> Address:
    """Ourselves, at this chat with this bot, ready to be written to. Raises Locked."""
    tx.connection.execute(NEW, {"id": OURSELVES, "side": SIDE, "number": 0, "created_at": tx.now})
    return place_unfound(tx, OURSELVES, SIDE, CHANNEL, chat, bot)


def come_in(tx: Tx, number: int) -> None:
    """Keep a made-up event as any that comes, open it as whoever reads does, and mark it as handled. Raises Locked."""
    if inbox.keep(tx, SOURCE, number, SOURCE, EVENT, urgent=True):
        found = tx.connection.execute(ROW, {"made_up": number}).one()
        tx.vault.open_raw(found.raw, bound("inbox", SOURCE, str(number)))
        inbox.done(tx, found.id)


def was_taken(tx: Tx, delivery: int) -> bool:
    """Whether the messenger has it."""
    state = select(DELIVERY.c.state).where(DELIVERY.c.id == delivery)
    return tx.connection.execute(state).scalar() == "accepted"


def forget(tx: Tx, deliveries: Collection[int]) -> None:
    """Delete what is left of trials that are over."""
    over = DELIVERY.c.state.not_in(("pending", "sending"))
    chosen = (DELIVERY.c.id.in_(list(deliveries)), DELIVERY.c.person == OURSELVES, over)
    tx.connection.execute(delete(DELIVERY).where(*chosen))
