"""A store on SQLite whose clock is in the test's hands, and who may be in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from escalation.people import DefenderId
from store.database import Store
from tests.databases import Hands, fresh_store

from .asking import alone


@pytest.fixture
def clock() -> Hands:
    """A clock that stands until it is moved."""
    return Hands()


@pytest.fixture
async def store(tmp_path: Path, clock: Hands) -> AsyncIterator[Store]:
    """An open store with nobody in it."""
    async with fresh_store("sqlite", tmp_path, clock) as opened:
        yield opened


@pytest.fixture
async def ana(store: Store) -> DefenderId:
    """A defender with a routine, and nobody else."""
    return await store.run(alone)
