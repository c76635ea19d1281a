"""News: a word that goes round among the workers on one PostgreSQL after a commit, so that they need not wait for their
next sweep (PostgreSQL manual, NOTIFY). Nothing depends on its arriving.
"""

import asyncio
from collections.abc import Callable
from enum import StrEnum

import psycopg
from sqlalchemy import URL, text

from . import postgres
from .database import Tx

CHANNEL = "tocsin"
LOOKED_AFTER = 5.0  # seconds; how often it is looked whether the line still stands
ANSWERED_WITHIN = 2.0  # seconds
TRIED_AGAIN_AFTER = 1.0  # seconds
TELL = text(f"SELECT pg_notify('{CHANNEL}', :word)")
SESSION = "-c timezone=UTC"


class Word(StrEnum):
    """What may have changed."""

    CALLED = "called"  # a call for help is in the inbox
    ARRIVED = "arrived"  # something else is
    MOVED = "moved"  # something is to be sent, or is due at another time


def tell(tx: Tx, words: frozenset[Word]) -> None:
    """Let every other worker know, once this transaction is committed; nobody where there is only one."""
    if tx.connection.dialect.name == "postgresql":
        tx.connection.execute(TELL, {"word": " ".join([str(tx.worker), *sorted(words)])})


async def hear(url: URL, ourselves: str, told: Callable[[frozenset[Word]], None]) -> None:
    """Call `told` with whatever others tell, until cancelled; with everything when some of it may have been missed."""
    while True:
        try:
            await _hear(url, ourselves, told)
        except (psycopg.Error, TimeoutError, OSError):
            await asyncio.sleep(TRIED_AGAIN_AFTER)


async def _hear(url: URL, ourselves: str, told: Callable[[frozenset[Word]], None]) -> None:
    """As `hear`, until the line breaks. Raises what broke it."""
    async with asyncio.timeout(postgres.CONNECT_TIMEOUT):
        line = await psycopg.AsyncConnection.connect(**postgres.words_for(url, SESSION))
    try:
        await line.set_autocommit(True)
        await line.execute(f"LISTEN {CHANNEL}".encode())
        told(frozenset(Word))
        while True:
            async for note in line.notifies(timeout=LOOKED_AFTER):
                who, *words = note.payload.split()
                if who != ourselves:
                    told(frozenset(Word(word) for word in words if word in Word.__members__.values()))
            async with asyncio.timeout(ANSWERED_WITHIN):
                await line.execute(b"SELECT 1")
    finally:
        await line.close()
