"""How the service is put together here: as `tocsin/service.py` does, on the parts that a whole run of seeds can share.

A build may be broken on purpose: the tests of the simulation join other parts, and are caught by it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import bot.door
import responders.door
from config.check_words import load_check_words
from config.cities import load_cities
from config.ladders import load_ladders
from config.panic import load_panic_words
from config.texts import Texts
from engine.checkpointing import Checkpointing, Holders
from engine.clock import SystemClock
from engine.engine import Engine, Source
from engine.letter import Channel
from engine.planning import Book
from store.database import Store
from store.keyring import Keyring

TOKENS = {"defenders": "100001:" + "d" * 35, "responders": "100002:" + "r" * 35}
Lanes = Mapping[str, Channel]
cities, panic_words = cache(load_cities), cache(load_panic_words)


@cache
def book() -> Book:
    """The ladders and chains that stand in the file."""
    ladders = load_ladders(None)
    return Book(ladders.profiles, ladders.chains, load_check_words())


@cache
def texts() -> Texts:
    """Every text, in every language."""
    return Texts()


@dataclass(slots=True)
class Running:
    """One run of the service."""

    store: Store
    engine: Engine


@dataclass
class Build:
    """A way to put the service together; this one is as in earnest."""

    name: str = "the service"
    running: list[Running] = field(default_factory=list)

    def engine(
        self, store: Store, sources: Sequence[Source], channels: Lanes, *, long_poll: int, deaf_after: float
    ) -> Engine:
        """The engine of one run."""
        return Engine(store, SystemClock(), book(), sources, channels, long_poll=long_poll, deaf_after=deaf_after)

    async def serve(self, file: Path, api: str, keyring: Keyring, *, long_poll: int, deaf_after: float) -> None:
        """One run of the service, until it is cancelled, or killed, or a part of it ends."""
        store = await Store.open(f"sqlite:///{file}", SystemClock().now, keyring)
        defenders = bot.door.open_door(
            token=TOKENS["defenders"],
            api=api,
            say=texts().say,
            languages=texts().languages,
            panic_words=panic_words(),
            cities=cities(),
            cover="This is a private notebook.",
        )
        others = responders.door.open_door(
            token=TOKENS["responders"], api=api, say=texts().say, attachments=defenders.attachments
        )
        try:
            sources = [Source(each.door, TOKENS[each.door.source], api) for each in (defenders, others)]
            channels: dict[str, Channel] = {
                "defender:telegram": defenders.channel,
                "responder:telegram": others.channel,
            }
            engine = self.engine(store, sources, channels, long_poll=long_poll, deaf_after=deaf_after)
            self.running.append(Running(store, engine))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(engine.run(), name="engine")
                tasks.create_task(Checkpointing(store, Holders(None)).run(), name="sign checkpoints")
        finally:
            await others.close()
            await defenders.close()
            await store.close()
