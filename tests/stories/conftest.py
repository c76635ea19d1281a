"""A fresh world for each story; at its end, nobody may have heard anything unexpected."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.world import World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A running service with nobody in it yet."""
    async with World(tmp_path) as opened:
        yield opened
        await opened.settle()
        opened.silence()
