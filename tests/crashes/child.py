"""A service in a process of its own, which may be made to die at one commit like by a power cut."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import bot.door
import responders.door
from config.cities import load_cities
from config.ladders import load_ladders
from config.panic import load_panic_words
from config.texts import Texts
from engine.clock import SystemClock
from engine.engine import Engine, Source
from engine.pace import Limits
from engine.planning import Book
from store.database import Store, Tx
from store.keyring import Keyring

T = TypeVar("T")

TOKENS = {"defenders": "100001:" + "d" * 35, "responders": "100002:" + "r" * 35}


class MortalStore(Store):
    """A store whose process is killed at its `die_at`-th transaction that changes anything.

    Just before the commit if `before`, else just after it, before anybody has heard that it was made."""

    die_at: int = 0
    before: bool = False
    changes: int = 0

    async def run(self, work: Callable[[Tx], T]) -> T:
        dies = False

        def counted(tx: Tx) -> T:
            nonlocal dies
            connection = tx.connection.connection.dbapi_connection
            assert connection is not None
            unchanged = connection.total_changes
            result = work(tx)
            if connection.total_changes != unchanged:
                self.changes += 1
                dies = self.changes == self.die_at
                if dies and self.before:
                    os.kill(os.getpid(), signal.SIGKILL)
            return result

        result = await super().run(counted)
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)
        return result


def serve(api: str, database: str, keys: str, die_at: int, before: bool) -> None:
    """Run the service against the messenger at `api` until killed."""
    asyncio.run(_serve(api, database, keys, die_at, before))


async def _serve(api: str, database: str, keys: str, die_at: int, before: bool) -> None:
    clock = SystemClock()
    store = await MortalStore.open(database, clock.now, Keyring.load(Path(keys)))
    store.die_at, store.before = die_at, before
    store.changes = 0
    ladders, texts = load_ladders(None), Texts()
    defenders = bot.door.open_door(
        token=TOKENS["defenders"],
        api=api,
        say=texts.say,
        languages=texts.languages,
        panic_words=load_panic_words(),
        cities=load_cities(),
        cover="This is a private notebook.",
    )
    others = responders.door.open_door(
        token=TOKENS["responders"], api=api, say=texts.say, attachments=defenders.attachments
    )
    unlimited = Limits(a_second=None)
    engine = Engine(
        store,
        clock,
        Book(ladders.profiles, ladders.chains),
        [Source(defenders.door, TOKENS["defenders"], api), Source(others.door, TOKENS["responders"], api)],
        {"defender:telegram": defenders.channel, "responder:telegram": others.channel},
        {"defender:telegram": unlimited, "responder:telegram": unlimited},
        long_poll=2,
    )
    await engine.run()
