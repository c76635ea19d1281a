"""A build that is broken as others are: what is to be sent is settled first, and sent a moment later."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from crashes import served
from engine.letter import Letter, Receipt
from responders.channels.telegram import TelegramChannel

A_MOMENT = 0.05  # seconds
UNDER_WAY: set[asyncio.Task[Receipt]] = set()


def main() -> None:
    """Serve so."""
    deliver: Callable[[Any, str, Letter], Awaitable[Receipt]] = TelegramChannel.deliver

    async def later(channel: Any, address: str, letter: Letter) -> Receipt:
        await asyncio.sleep(A_MOMENT)
        return await deliver(channel, address, letter)

    async def at_once(channel: Any, address: str, letter: Letter) -> Receipt:
        task = asyncio.create_task(later(channel, address, letter))
        UNDER_WAY.add(task)
        task.add_done_callback(UNDER_WAY.discard)
        return Receipt()

    TelegramChannel.deliver = at_once  # type: ignore[assignment, method-assign]
    served.main()
