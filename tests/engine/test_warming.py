"""Before the first alarm that is meant, two are played; nobody can tell that they were."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from engine.letter import Letter, Receipt
from engine.planning import Book
from engine.warming import warm
from escalation.ladder import Profile
from store.database import Tx
from tests.databases import KINDS, fresh_store
from tests.engine.test_timekeeping import LADDERS, enrol, write

BOOK = Book(LADDERS.profiles, LADDERS.chains)


class Mouth:
    """A channel that must not speak; what it was asked to make is noted."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.made: list[str] = []

    def buttons(self, letter: Letter) -> tuple[str, ...]:
        """One, and the letter is noted."""
        self.made.append(letter.template)
        return ("on_it",)

    async def deliver(self, address: str, letter: Letter) -> Receipt:
        """Fail: nothing of a play is sent."""
        raise AssertionError(f"{letter.template} was sent to {address}")


def everything(tx: Tx) -> dict[str, list[Any]]:
    """All rows of all tables."""
    return {table.name: list(tx.connection.execute(select(table))) for table in SQLModel.metadata.sorted_tables}


@pytest.mark.parametrize("kind", KINDS)
async def test_alarms_are_played_and_nothing_is_left_of_them(tmp_path: Path, kind: str) -> None:
    async with fresh_store(kind, tmp_path) as store:
        await store.run(enrol)
        await store.run(write)
        before, mouth = await store.read(everything), Mouth()

        played = await warm(store, BOOK, {"responder:telegram": mouth, "defender:telegram": Mouth()})

        assert played
        assert mouth.made.count("responder.alarm") == 4
        assert await store.read(everything) == before


async def test_where_nobody_is_nothing_is_played(tmp_path: Path) -> None:
    async with fresh_store("sqlite", tmp_path) as store:
        assert not await warm(store, BOOK, {"responder:telegram": Mouth()})


class Torn(Book):
    """A book in which nothing can be looked up."""

    def profile(self, name: str) -> Profile:
        """Fail, in a way of which nobody has thought."""
        raise RuntimeError(name)


@pytest.mark.parametrize("book", [Book({}, {}), Torn({}, {})])
async def test_a_play_that_fails_keeps_no_service_from_beginning(tmp_path: Path, book: Book) -> None:
    async with fresh_store("sqlite", tmp_path) as store:
        await store.run(enrol)
        before = await store.read(everything)

        assert not await warm(store, book, {"responder:telegram": Mouth()})
        assert await store.read(everything) == before
