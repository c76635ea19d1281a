"""What the store's tests share: a fresh store on each database, and people to put into it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from store.database import Store
from store.keyring import Keyring
from tests.databases import KINDS, START, Hands, fresh_database, fresh_store


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Which database."""
    return str(request.param)


@pytest.fixture
def clock() -> Hands:
    """The store's clock; it stands still."""
    return Hands()


@pytest.fixture
async def store(kind: str, tmp_path: Path, clock: Hands) -> AsyncIterator[Store]:
    """A fresh store."""
    async with fresh_store(kind, tmp_path, clock) as opened:
        yield opened


@pytest.fixture
async def url(kind: str, tmp_path: Path) -> AsyncIterator[str]:
    """A database that nobody has used."""
    async with fresh_database(kind, tmp_path) as address:
        yield address


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of keys that were just made."""
    Keyring.fresh(START).save(tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
async def with_folder(tmp_path: Path, folder: Path, clock: Hands) -> AsyncIterator[Store]:
    """A fresh store on SQLite with the keys of the folder; its data keys are in a file."""
    opened = await Store.open(f"sqlite:///{tmp_path / 'a.sqlite'}", clock, Keyring.load(folder))
    yield opened
    await opened.close()
