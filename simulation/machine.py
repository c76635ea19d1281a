"""The machine under the service, while a simulation runs: its clocks, its randomness, and what would only cost time.

Everything here is put in place for one run and taken back after it. Five things are replaced, and nothing that decides:

* the machine's clocks, which are the loop's (the wall clock can be set wrong),
* the system's randomness, which is drawn from the seed, so that every id comes again,
* how much work a hash of a word is, which changes no answer,
* what every start reads anew from files that do not change: migrations, and the machine's certificates,
* how often the service looks whether it has been forgotten (5 s in earnest), which would be most of the work of a year
  in which nothing happens. Some seeds run at the pace of the real service.
"""

import importlib
import os
import random
import sqlite3
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from .loop import BEGIN, SimulatedLoop

READ_THE_WALL_CLOCK = (
    "engine.clock",
    "apscheduler.schedulers.base",
    "apscheduler.triggers.interval",
    "apscheduler.triggers.date",
    "apscheduler.executors.base",
)
OWN_MONOTONIC = frozenset({"engine", "bot", "responders", "rehearsal", "store", "aiohttp", "aiogram", "telegram"})
CHEAP_WORDS = {"MEMORY_KIB": 8, "PASSES": 1, "NOBODYS": f"$argon2id$v=19$m=8,t=1,p=1${'A' * 22}${'A' * 43}"}


@dataclass(frozen=True, slots=True)
class Tempo:
    """How often the service looks by itself, in seconds."""

    sweep: float = 5.0
    lane: float = 5.0
    checkpoint: float = 2.0
    long_poll: int = 25
    deaf_after: float = 60.0

    @property
    def periods(self) -> dict[tuple[str, str], float]:
        """The constants that stand for it."""
        return {
            ("engine.bell", "SWEEP_EVERY"): self.sweep,
            ("engine.engine", "SWEEP_EVERY"): self.sweep,
            ("engine.outbox", "LOOK_AGAIN"): self.lane,
            ("engine.checkpointing", "LOOKS_EVERY"): self.checkpoint,
            ("engine.sweeping", "LOOK_AGAIN"): 600.0,
            ("rehearsal.updates", "LONGEST_POLL"): self.long_poll,
        }


IN_EARNEST = Tempo()
AT_EASE = Tempo(sweep=60.0, lane=60.0, checkpoint=30.0, long_poll=100, deaf_after=200.0)
DREAMING = Tempo(sweep=3600.0, lane=3600.0, checkpoint=1200.0, long_poll=1500, deaf_after=1800.0)
ASLEEP = Tempo(sweep=600.0, lane=600.0, checkpoint=50.0, long_poll=200, deaf_after=400.0)


class Machine:
    """The clocks of one run."""

    def __init__(self, loop: SimulatedLoop, begin: datetime) -> None:
        """`begin` is the true instant at which the loop begins."""
        self._loop = loop
        self._begin = begin
        self.wrong_by = timedelta()

    def true_now(self) -> datetime:
        """What time it really is: that of people, and of the messenger."""
        return self._begin + timedelta(seconds=self._loop.time() - BEGIN)

    def shown_now(self) -> datetime:
        """What the machine's wall clock shows."""
        return self.true_now() + self.wrong_by


class TrueClock:
    """The messenger's clock, which is never wrong."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def now(self) -> datetime:
        """The present instant."""
        return self._machine.true_now()


@contextmanager
def in_place(machine: Machine, loop: SimulatedLoop, tempo: Tempo, chance: Random) -> Iterator[None]:
    """Have the service run on this machine for the length of the block."""
    shown = _wall_clock(machine)
    with ExitStack() as undo:

        def put(owner: Any, name: str, value: object) -> None:
            undo.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, value)

        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] in OWN_MONOTONIC and vars(module).get("monotonic") is time.monotonic:
                put(module, "monotonic", loop.time)
        put(time, "monotonic", loop.time)
        put(os, "urandom", chance.randbytes)
        put(random, "_urandom", chance.randbytes)
        state = random.getstate()
        undo.callback(random.setstate, state)
        random.seed(chance.random())
        for name in READ_THE_WALL_CLOCK:
            put(importlib.import_module(name), "datetime", shown)
        for (name, constant), seconds in tempo.periods.items():
            put(importlib.import_module(name), constant, seconds)
        for constant, value in CHEAP_WORDS.items():
            put(importlib.import_module("store.words"), constant, value)
        put(importlib.import_module("store.sqlite"), "engine_for", _kept_engine)
        put(importlib.import_module("store.schema"), "ScriptDirectory", _Migrations)
        put(ssl, "create_default_context", _certificates)
        yield


class _Like(type):
    """Every instant is an instance of the clock's own class too."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime)


def _wall_clock(machine: Machine) -> type[datetime]:
    class Shown(datetime, metaclass=_Like):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return machine.shown_now().astimezone(tz or UTC)

    return Shown


class Disk:
    """What every transaction meets at the moment: `trouble` is SQLite's own words, None when all is well, and `at` is
    whether it begins by that, or ends."""

    trouble: str | None = None
    at: str = "COMMIT"


DISK = Disk()


def _at_begin(_: object) -> None:
    _meet("BEGIN IMMEDIATE")


def _at_commit(_: object) -> None:
    _meet("COMMIT")


def _meet(what: str) -> None:
    if DISK.trouble is not None and DISK.at == what:
        raise OperationalError(what, None, sqlite3.OperationalError(DISK.trouble))


def let_go_of_files() -> None:
    """Close every connection to a database, as the end of a process does."""
    for engine in _ENGINES.values():
        engine.dispose()


@cache
def _real_engine_for() -> Callable[..., Any]:
    return importlib.import_module("store.sqlite").engine_for  # type: ignore[no-any-return]


_ENGINES: dict[tuple[Path, bool, int], Any] = {}


def _kept_engine(path: Path, *, read_only: bool, settings: Any = None) -> Any:
    """The same engine for the same file again: its connections are closed between two runs of the service, and what it
    has learnt of our statements is kept, which is most of the work of a start."""
    key = path, read_only, id(settings)
    if key not in _ENGINES:
        more = {} if settings is None else {"settings": settings}
        _ENGINES[key] = engine = _real_engine_for()(path, read_only=read_only, **more)
        if not read_only:
            event.listen(engine, "begin", _at_begin, insert=True)
            event.listen(engine, "commit", _at_commit)
    return _ENGINES[key]


class _Migrations:
    """The migrations, read once."""

    _kept: ScriptDirectory | None = None

    @classmethod
    def from_config(cls, config: Config) -> ScriptDirectory:
        """All of them."""
        if cls._kept is None:
            cls._kept = ScriptDirectory.from_config(config)
            cls._kept.revision_map._revision_map  # noqa: B018, SLF001 - read now
        return cls._kept


@cache
def _certificates(**files: Any) -> ssl.SSLContext:
    """What nobody here encrypts by."""
    return _MAKE_CONTEXT(**files)


_MAKE_CONTEXT = ssl.create_default_context
_real_engine_for()
