"""The signals that ask us to stop: the first one lets what is under way come to its end, the second does not wait."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator

from .log_hooks import watch_loop

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextlib.asynccontextmanager
async def stopped_by_signal() -> AsyncIterator[asyncio.Event]:
    """An event that is set by the first signal to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    watch_loop(loop)

    def asked() -> None:
        stop.set()
        for one in SIGNALS:
            loop.remove_signal_handler(one)

    for one in SIGNALS:
        loop.add_signal_handler(one, asked)
    try:
        yield stop
    finally:
        for one in SIGNALS:
            loop.remove_signal_handler(one)
