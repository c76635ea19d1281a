"""Opening an instance for one command: settings, ladders, database. Whatever is wrong with them is a Refused."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from store.discreet import Discreet

from .folder import need_folder
from .refusing import Refused

if TYPE_CHECKING:
    from config.settings import Settings
    from engine.clock import Clock
    from engine.happenings import Happenings
    from engine.planning import Book
    from store.database import Store
    from store.keyring import Keyring

T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class Instance(Discreet):
    """One open instance, as a command needs it."""

    settings: "Settings"
    book: "Book"
    clock: "Clock"
    store: "Store"

    @property
    def happenings(self) -> "Happenings":
        """What decides and remembers, for commands that let something happen."""
        from engine.happenings import Happenings
        from engine.metrics import Metrics

        return Happenings(self.book, Metrics())


def read_settings() -> "Settings":
    """The settings of this process. Raises Refused with everything that is wrong."""
    from config.settings import SettingsRefused, load_settings

    try:
        return load_settings(os.environ, Path.cwd())
    except SettingsRefused as refusal:
        raise Refused(str(refusal)) from None


def read_book(settings: "Settings") -> "Book":
    """The ladders and chains. Raises Refused with everything that is wrong with their file."""
    from config.check_words import load_check_words
    from config.ladders import LaddersRefused, load_ladders
    from engine.planning import Book

    try:
        ladders = load_ladders(settings.ladders)
    except LaddersRefused as refusal:
        file = settings.ladders or "ladders.toml"
        raise Refused("\n".join(f"{file}: {fault}" for fault in refusal.faults)) from None
    return Book(ladders.profiles, ladders.chains, load_check_words())


@asynccontextmanager
async def open_store(settings: "Settings", clock: "Clock", keyring: "Keyring | None" = None) -> AsyncIterator["Store"]:
    """The open database, closed in the end. It is locked where its keys are, which are looked for unless given.

    Raises Refused with the store's own sentence."""
    from store.database import Store, StoreRefused

    from .keys import load_keys

    try:
        store = await Store.open(settings.database.get_secret_value(), clock.now, keyring or load_keys(settings))
    except StoreRefused as refusal:
        raise Refused(str(refusal)) from None
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def open_instance() -> AsyncIterator[Instance]:
    """The instance that the settings of this process name."""
    from engine.clock import SystemClock

    from .keys import ask_passphrase, load_keys
    from .unlocking import insist_unlocked, unlock_for_command

    settings, clock = read_settings(), SystemClock()
    need_folder(settings.data)
    book = read_book(settings)
    keyring = load_keys(settings)
    await unlock_for_command(keyring, settings, ask_passphrase)
    async with open_store(settings, clock, keyring) as store:
        insist_unlocked(keyring)
        yield Instance(settings, book, clock, store)


def with_instance(work: Callable[[Instance], Awaitable[T]]) -> T:
    """Do `work` with the open instance, and close it."""

    async def opened() -> T:
        async with open_instance() as instance:
            return await work(instance)

    return asyncio.run(opened())
