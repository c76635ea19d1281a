"""The tables: what is kept, and which states cannot be.

SQLModel classes describe them and do not validate; the store's functions speak Core to the tables behind them. What a
CHECK, a UNIQUE or a foreign key can say is said here, on both databases, and by the migrations in the same words: a
test compares the two.

`person` is the root: whatever belongs to somebody goes with them when their row goes.
"""

from sqlalchemy import MetaData
from sqlmodel import SQLModel

from . import bots, calling, chats, journal, lowerings, messages, people, presses, watching, workers

__all__ = [
    "METADATA",
    "bots",
    "calling",
    "chats",
    "journal",
    "lowerings",
    "messages",
    "people",
    "presses",
    "watching",
    "workers",
]

METADATA: MetaData = SQLModel.metadata
