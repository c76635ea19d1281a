"""The service under test: `tocsin run` without its pace, which dies when it was told to.

* TOCSIN_CRASHES_DEATH, such as "after a commit/12": see `Moment`; the messenger's moment is none of ours
* TOCSIN_CRASHES_TALLY, the file into which commits and sends are counted
* TOCSIN_CRASHES_PICTURES, a folder for what the disk shows before and after the commit at which it dies
* TOCSIN_CRASHES_CLOCK, a file with the seconds by which the clock is wrong; they may change at any time
"""

import asyncio
import os
from datetime import datetime, timedelta
from pathlib import Path

from bench.under_test import NO_LIMITS
from engine.clock import SystemClock
from tocsin.logs import log_plainly
from tocsin.opening import read_book, read_settings
from tocsin.service import open_service
from tocsin.serving import run_until
from tocsin.stopping import stopped_by_signal

from .deaths import CLOCK, DEATH, PICTURES, TALLY, Death, Moment, Tally
from .dying import doomed


class WrongClock(SystemClock):
    """The machine's clock, set wrong by what stands in a file."""

    def __init__(self, file: Path) -> None:
        """Looks into the file whenever it is asked."""
        self._file = file

    def now(self) -> datetime:
        """The instant that it shows."""
        return super().now() + timedelta(seconds=float(self._file.read_text(encoding="ascii")))


async def serve(clock: SystemClock) -> None:
    """Run the service of this environment until a signal comes."""
    log_plainly()
    settings = read_settings()
    async with stopped_by_signal() as stop, open_service(settings, read_book(settings), clock, NO_LIMITS) as service:
        await run_until(service, stop)


def main() -> None:
    """What `python -m crashes.served` does."""
    death, tally, pictures, clock = (os.environ.pop(name, "") for name in (DEATH, TALLY, PICTURES, CLOCK))
    moment, _, number = death.partition("/")
    doomed(
        Death(Moment(moment), int(number)) if death else None, Tally(Path(tally)), Path(pictures) if pictures else None
    )
    asyncio.run(serve(WrongClock(Path(clock)) if clock else SystemClock()))


if __name__ == "__main__":
    main()
