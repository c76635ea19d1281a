"""The service under test without its pace: `python -m bench.under_test`, as `tocsin run` otherwise.

TOCSIN_BENCH_UNPACED lifts the pace limits, so that it can be seen what the service could do.
"""

import asyncio
import os

from engine.clock import SystemClock
from engine.pace import Limits
from engine.planning import Book
from tocsin.logs import log_plainly
from tocsin.opening import read_book, read_settings
from tocsin.service import DEFENDERS, RESPONDERS, open_service
from tocsin.serving import run_until
from tocsin.stopping import stopped_by_signal

UNPACED = "TOCSIN_BENCH_UNPACED"
NO_LIMITS = dict.fromkeys((DEFENDERS, RESPONDERS), Limits(a_second=None))


async def serve(book: Book, *, paced: bool) -> None:
    """Run the service of this environment until a signal comes."""
    log_plainly()
    limits = None if paced else NO_LIMITS
    async with stopped_by_signal() as stop, open_service(read_settings(), book, SystemClock(), limits) as service:
        await service.warm_up()
        await run_until(service, stop)


def main() -> None:
    """What `python -m bench.under_test` does."""
    paced = not os.environ.pop(UNPACED, "")  # the settings know no such name
    asyncio.run(serve(read_book(read_settings()), paced=paced))


if __name__ == "__main__":
    main()
