"""Running the service as a process: started by a supervisor, stopped by a signal, never half done.

SIGTERM or SIGINT: what is being sent is settled, then the process ends with 0.
"""

import asyncio
from collections.abc import Awaitable, Iterator

from config.settings import Settings
from engine.clock import Clock, SystemClock
from engine.log import Log
from engine.planning import Book
from engine.polling import PollingRefused

from .logs import log_plainly
from .refusing import Refused
from .service import Service, open_service
from .stopping import stopped_by_signal

log = Log("service")


async def serve(settings: Settings, book: Book, clock: Clock | None = None) -> None:
    """Run the service until a signal comes. Raises Refused for what a person can mend, else what ended it."""
    log_plainly()
    async with stopped_by_signal() as stop, open_service(settings, book, clock or SystemClock()) as service:
        log_plainly(key=service.store.vault.keyring.subkey("log"))  # pseudonyms stay the same over a restart
        log.info("service_open", port=service.pages.port)
        await service.warm_up()
        await run_until(service, stop)
    log.info("service_stopped")


async def run_until(service: Service, stop: asyncio.Event, beginning: Awaitable[None] | None = None) -> None:
    """Run `service` until `stop` is set, and let it end what it is doing. Raises what ended it before that.

    `beginning` is done meanwhile; what it raises ends the service."""

    async def everything() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(service.run(), name="service")
            if beginning is not None:
                tasks.create_task(_awaited(beginning), name="beginning")

    running = asyncio.create_task(everything(), name="everything")
    stopping = asyncio.create_task(stop.wait(), name="wait for a signal")
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await _raise_what_ended(running)
    finally:
        stopping.cancel()
        running.cancel()
        await asyncio.wait({running})
    if not running.cancelled():
        await _raise_what_ended(running)


async def _awaited(work: Awaitable[None]) -> None:
    await work


async def _raise_what_ended(running: "asyncio.Task[None]") -> None:
    try:
        await running
    except BaseExceptionGroup as group:
        for fault in _leaves(group):
            if isinstance(fault, PollingRefused | Refused):
                raise Refused(str(fault)) from None
        raise next(_leaves(group)) from None


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for fault in group.exceptions:
        if isinstance(fault, BaseExceptionGroup):
            yield from _leaves(fault)
        else:
            yield fault
