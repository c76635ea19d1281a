"""The service under test, with what a benchmark may turn off: `python -m bench.under_test`, as `tocsin run` otherwise.

TOCSIN_BENCH_UNPACED lifts the pace limits, so that it can be seen what they cost; TOCSIN_BENCH_SAMPLES names a file
into which goes what the process was doing, whenever it had used another millisecond of CPU (`sampling.py`).
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

from .sampling import Samples

UNPACED, SAMPLES = "TOCSIN_BENCH_UNPACED", "TOCSIN_BENCH_SAMPLES"
NO_LIMITS = dict.fromkeys((DEFENDERS, RESPONDERS), Limits(a_second=None))


async def serve(book: Book, environ: dict[str, str], samples: Samples) -> None:
    """Run the service of this environment until a signal comes."""
    log_plainly()
    limits = NO_LIMITS if environ.pop(UNPACED, "") else None
    settings = read_settings()
    async with stopped_by_signal() as stop, open_service(settings, book, SystemClock(), limits) as service:
        samples.begin()
        await run_until(service, stop)
        samples.end()


def main() -> None:
    """What `python -m bench.under_test` does."""
    asyncio.run(serve(read_book(read_settings()), dict(os.environ), Samples(os.environ.get(SAMPLES))))


if __name__ == "__main__":
    main()
