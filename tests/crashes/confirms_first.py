"""A build that is broken as others are: the offset moves while what came is still in the hands of a task."""

import asyncio

from crashes import served
from engine.intake import Intake
from engine.splitting import RawUpdate

A_MOMENT = 0.3  # seconds
UNDER_WAY: set[asyncio.Task[None]] = set()


def main() -> None:
    """Serve so."""
    keep = Intake.keep

    async def later(intake: Intake, updates: list[RawUpdate]) -> None:
        await asyncio.sleep(A_MOMENT)
        await keep(intake, updates)

    async def at_once(intake: Intake, updates: list[RawUpdate]) -> None:
        task = asyncio.create_task(later(intake, updates))
        UNDER_WAY.add(task)
        task.add_done_callback(UNDER_WAY.discard)

    Intake.keep = at_once  # type: ignore[assignment, method-assign]
    served.main()
