"""`python -m bench [CASE ...] [--size tiny|small|full] [--page README.md] [--profiles FOLDER]`: the table."""

import argparse
import asyncio
import signal
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from .checkins import checkins, checkins_coded
from .deadline import deadline
from .driving import SIZES, Run, Size
from .figures import Row
from .panic import panic_idle, panic_in_storm
from .several import several
from .starting import starting
from .storm import storm, storm_paced
from .table import HEAD, lines, machine, put
from .ticks import ticks

Case = Callable[[Run], Awaitable[list[Row]]]

CASES: dict[str, tuple[Case, ...]] = {
    "panic": (panic_idle, panic_in_storm),
    "deadline": (deadline,),
    "storm": (storm, storm_paced),
    "checkins": (checkins, checkins_coded),
    "ticks": (ticks,),
    "starting": (starting,),
    "several": (several,),
}


async def measure(case: Case, size: Size, profile: Path | None = None) -> list[Row]:
    """Run one case in a scratch folder of its own."""
    with tempfile.TemporaryDirectory(prefix="bench") as scratch:
        return await case(Run(size, Path(scratch), profile))


async def measure_all(names: Sequence[str], size: Size, profiles: Path | None) -> list[Row]:
    """Run the cases one after the other, and print each line as it is there."""
    rows: list[Row] = []
    print(HEAD, end="", flush=True)
    for name in names:
        for case in CASES[name]:
            found = await measure(case, size, profiles / f"{case.__name__}.txt" if profiles else None)
            print("\n".join(lines(found)), flush=True)
            rows += found
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """What `python -m bench` does."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Tocsin beside its floors and the plain design."
    )
    parser.add_argument("cases", nargs="*", choices=[[], *CASES], help=f"some of {', '.join(CASES)}; all without any")
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--page", type=Path, help="the page that has a place for the table")
    parser.add_argument(
        "--profiles", type=Path, help="a folder into which py-spy, if there is one, writes where the time went"
    )
    told = parser.parse_args(arguments)
    if told.profiles is not None:
        told.profiles.mkdir(parents=True, exist_ok=True)
    if told.page is not None:
        put(told.page.read_text(encoding="utf-8"), [], "")  # a page without a place for it is refused before the work
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whatever was started is ended then, too
    rows = asyncio.run(measure_all(told.cases or list(CASES), SIZES[told.size], told.profiles))
    about = machine(told.size)
    print(f"\n{about}")
    if told.page is not None:
        told.page.write_text(put(told.page.read_text(encoding="utf-8"), lines(rows), about), encoding="utf-8")


if __name__ == "__main__":
    main()
