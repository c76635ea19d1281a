"""A fresh world for each story, once on SQLite and once on PostgreSQL; at its end, nobody may have heard anything
unexpected."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases import KINDS, fresh_database
from tests.world import World


@pytest.fixture(params=KINDS)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A running service with nobody in it yet."""
    async with fresh_database(request.param, tmp_path, migrated=True) as url, World(tmp_path, url=url) as opened:
        yield opened
        await opened.settle()
        opened.silence()
