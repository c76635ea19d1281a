"""What the store's tests share: a fresh store on each database, and people to put into it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from store.database import Store
from tests.databases import KINDS, Hands, fresh_database, fresh_store


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
