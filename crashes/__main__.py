"""`python -m crashes [CASE ...] [--on sqlite|postgresql] [--size full|small] [--page docs/crashes.md]`: the table."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from .matrix import CASES, SIZES, Size, measure
from .places import KINDS
from .table import HEAD, Row, machine, put


async def measure_all(names: Sequence[str], kinds: Sequence[str], size: Size, page: Path | None) -> list[Row]:
    """Run the cases one after the other; each line is printed, and put into the page, as soon as it is there."""
    rows = []
    print(HEAD, end="", flush=True)
    async for row in measure(names, kinds, size):
        print(row.line, flush=True)
        rows.append(row)
        if page is not None:
            await asyncio.to_thread(_put, page, row, size)
    return rows


def _put(page: Path, row: Row, size: Size) -> None:
    page.write_text(put(page.read_text(encoding="utf-8"), [row], machine(size.name)), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """What `python -m crashes` does; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(
        prog="python -m crashes", description="End the service in every way, and count at the messenger."
    )
    parser.add_argument("cases", nargs="*", choices=[[], *CASES], help=f"some of {', '.join(CASES)}; all without any")
    parser.add_argument("--on", choices=KINDS, help="one database only")
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--page", type=Path, help="the page that has a place for the table")
    told = parser.parse_args(arguments)
    if told.page is not None:
        put(told.page.read_text(encoding="utf-8"), [], "")  # a page without a place for it is refused before the work
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whatever was started is ended then, too
    kinds = [told.on] if told.on else KINDS
    rows = asyncio.run(measure_all(told.cases or list(CASES), kinds, SIZES[told.size], told.page))
    print(f"\n{machine(told.size)}")
    return 0 if all(row.is_kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
