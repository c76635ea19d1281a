"""What wakes the service is said on its loop, after the commit."""

from pathlib import Path

import pytest

from store.database import Tx
from tests.world import World


async def test_nothing_is_woken_from_within_a_transaction(tmp_path: Path) -> None:
    async with World(tmp_path) as world:

        def too_early(_: Tx) -> None:
            world.engine.changed()

        with pytest.raises(RuntimeError, match="no running event loop"):
            await world.store.run(too_early)

        world.engine.changed()
        await world.settle()
