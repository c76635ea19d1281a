"""What is over is cleared away, once an hour: updates that were handled, buttons that nobody can press any more, and
invitations that were followed by nobody who was recognised."""

from datetime import timedelta

from store import inbox, presses
from store.database import Store

from .enrolment import call_off_late

KEEP_HANDLED = timedelta(hours=48)  # what was handled is kept as it came; a messenger repeats itself for 24


async def prune(store: Store) -> bool:
    """Clear away what is over; gives whether somebody has to be told of it."""
    await store.run(lambda tx: inbox.prune(tx, tx.now - KEEP_HANDLED))
    await store.run(presses.prune)
    return not store.vault.is_locked and await store.run(call_off_late) > 0
