"""Dying at one moment, like by a power cut: inside the process under test, at its Nth commit or its Nth send.

Everything that is committed is counted if it changed anything, on either database, the file of the data keys included;
so is every letter that a channel is handed. What is counted stands in a file that outlives the process. The service
knows nothing of this: the hooks are SQLAlchemy's events, and the two channels' `deliver`.
"""

import os
import shutil
import signal
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, Pool

from bot.channel import DefenderChannel
from engine.letter import Letter, Receipt
from responders.channels.telegram import TelegramChannel

from .deaths import Death, Moment, Tally

HAS_WRITTEN = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL"  # PostgreSQL manual, 9.28 (version 18)
COMMITTED, CHANGES = "tocsin_commit", "tocsin_changes"  # what a connection remembers

Deliver = Callable[[Any, str, Letter], Awaitable[Receipt]]


def die() -> None:
    """Now, and without another word."""
    os.kill(os.getpid(), signal.SIGKILL)


def doomed(death: Death | None, tally: Tally, pictures: Path | None = None) -> None:
    """Have this process count from here on, and die at `death`, if there is one.

    With `pictures`, a folder, a death after a commit leaves there what the disk showed before the commit and after."""
    _watch_commits(death, tally, pictures)
    for channel in (DefenderChannel, TelegramChannel):
        channel.deliver = _watched(channel.deliver, death, tally)  # type: ignore[assignment, method-assign]


def _watch_commits(death: Death | None, tally: Tally, pictures: Path | None) -> None:
    def is_it(moment: Moment, number: object) -> bool:
        return death is not None and death.moment is moment and death.number == number

    def committing(connection: Connection) -> None:
        if not _has_changed_anything(connection):
            return
        connection.info[COMMITTED] = number = tally.commit()
        if is_it(Moment.AFTER_COMMIT, number) and pictures is not None:
            _photograph(pictures, "before")
        if is_it(Moment.BEFORE_COMMIT, number):
            die()

    def let_go(_: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        if is_it(Moment.AFTER_COMMIT, entry.info.pop(COMMITTED, None)):
            if pictures is not None:
                _photograph(pictures, "after")
            die()

    event.listen(Engine, "commit", committing)
    event.listen(Pool, "checkin", let_go)


def _has_changed_anything(connection: Connection) -> bool:
    """Whether the transaction at hand has written; one that only read may be cut at any moment."""
    if connection.dialect.name == "postgresql":
        return bool(connection.exec_driver_sql(HAS_WRITTEN).scalar())
    driven: Any = connection.connection.dbapi_connection
    before, now = connection.info.get(CHANGES, 0), driven.total_changes
    connection.info[CHANGES] = now
    return bool(now != before)


def _photograph(folder: Path, name: str) -> None:
    """Copy the files of the database beside `folder`, as they are at this moment."""
    (folder / name).mkdir(parents=True)
    for file in folder.parent.glob("*.sqlite*"):
        if not file.name.endswith("-shm"):
            shutil.copy(file, folder / name)


def _watched(deliver: Deliver, death: Death | None, tally: Tally) -> Deliver:
    @wraps(deliver)
    async def watched(channel: Any, address: str, letter: Letter) -> Receipt:
        number = tally.send()
        if death == Death(Moment.BEFORE_SEND, number):
            die()
        receipt = await deliver(channel, address, letter)
        if death == Death(Moment.AFTER_SEND, number):
            die()
        return receipt

    return watched
