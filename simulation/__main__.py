"""`python -m simulation [--seeds N] [--from N] [--jobs N] [--seed N [-v]]`: run seeds, and print what became of them.

Every hundredth seed is a long and quiet life of many, the others are short and violent, unless a size is asked for.
"""

import argparse
import logging
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.util import Finalize

from .seeds import Outcome, Size, clean_up, simulate, size_of
from .weather import SPELL

SEEDS_OF_A_WORKER = 50  # about; then it is replaced, and its memory with it
SHOWN = 25  # events of a seed that failed
YEAR = timedelta(days=365.25)
COLUMNS = ("seeds", "years", "lives", "calls", "misses", "alarms", "repeats", "crashes", "starts", "broken", "cpu s")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 when a promise was broken, or a worker died."""
    asked = _parser().parse_args(arguments)
    logging.disable(logging.CRITICAL)
    if asked.seed is not None:
        return _one(asked.seed, _size(asked, asked.seed), verbose=asked.verbose)
    began, done = time.perf_counter(), []
    try:
        for outcome in _all(asked):
            done.append(outcome)
            if outcome.broken:
                print("\n".join(_told(outcome, SHOWN)), flush=True)
                print(f"  again: {_command(asked, outcome.seed)}", flush=True)
    except BrokenProcessPool:
        print("A worker died: what it was at is not in this table.")
    _print_table(done)
    failed = sorted(outcome.seed for outcome in done if outcome.broken)
    print(f"\n{len(done)} seeds in {time.perf_counter() - began:.0f} s, promises were broken in {len(failed)}")
    for seed in failed:
        print(f"    {_command(asked, seed)} -v")
    return 1 if failed or len(done) < asked.seeds else 0


def _one(seed: int, size: Size, *, verbose: bool) -> int:
    outcome = simulate(seed, size, whole=verbose)
    clean_up()
    print("\n".join(_told(outcome, len(outcome.last) if verbose else SHOWN)))
    print(f"{outcome.events} events, trace {outcome.digest}, {outcome.seconds:.2f} s of a processor")
    return 1 if outcome.broken else 0


def _all(asked: argparse.Namespace) -> Iterator[Outcome]:
    """The outcomes as they come, from so many processes. Raises BrokenProcessPool when one of these dies."""
    work = [(seed, _size(asked, seed)) for seed in range(asked.first, asked.first + asked.seeds)]
    work.sort(key=lambda each: -each[1].hours[1])  # whoever takes long begins first
    for first in range(0, len(work), asked.jobs * SEEDS_OF_A_WORKER):
        some = work[first : first + asked.jobs * SEEDS_OF_A_WORKER]
        with ProcessPoolExecutor(min(asked.jobs, len(some)), get_context("fork"), _leave_nothing_behind) as pool:
            for one in as_completed([pool.submit(simulate, seed, size) for seed, size in some]):
                yield one.result()


def _leave_nothing_behind() -> None:
    Finalize(None, clean_up, exitpriority=1)


def _size(asked: argparse.Namespace, seed: int) -> Size:
    """What was asked for, and where nothing was, what belongs to the seed."""
    size = size_of(seed)
    if asked.hours is not None:
        size = replace(size, hours=(asked.hours / 2, asked.hours))
    if asked.defenders is not None:
        size = replace(size, defenders=(1, asked.defenders))
    return size if asked.harshness is None else replace(size, harshness=asked.harshness)


def _command(asked: argparse.Namespace, seed: int) -> str:
    """What replays a seed exactly."""
    given = {"hours": asked.hours, "defenders": asked.defenders, "harshness": asked.harshness}
    more = "".join(f" --{name} {value}" for name, value in given.items() if value is not None)
    return f".venv/bin/python -m simulation --seed {seed}{more}"


def _told(outcome: Outcome, events: int) -> Iterator[str]:
    """The story of one seed, as short as it may be."""
    yield f"Seed {outcome.seed}: {len(outcome.broken)} broken promises in {outcome.simulated}"
    yield from (f"    {line[:200]}" for line in outcome.last[-events:])
    yield from (f"  ! {promise}" for promise in outcome.broken)


def _print_table(done: Sequence[Outcome]) -> None:
    counts: Counter[str] = Counter()
    for outcome in done:
        counts.update(outcome.counts)
    figures = (
        str(len(done)),
        f"{sum((one.simulated for one in done), timedelta()) / YEAR:.3f}",
        f"{sum((one.simulated * one.defenders for one in done), timedelta()) / YEAR:.3f}",  # years of one defender
        *(str(counts[what]) for what in ("calls for help", "misses", "alarms", "repeats that say so")),
        *(str(sum(found)) for found in ([one.crashes for one in done], [one.starts for one in done])),
        str(sum(len(one.broken) for one in done)),
        f"{sum(one.seconds for one in done):.0f}",
    )
    print(" ".join(f"{name:>8}" for name in COLUMNS))
    print(" ".join(f"{figure:>8}" for figure in figures))
    spells = sorted((number, name.removeprefix(SPELL)) for name, number in counts.items() if name.startswith(SPELL))
    print("\nWhat went wrong, how often:")
    print("\n".join(f"{number:>8} {name}" for number, name in reversed(spells)) or "       0 nothing")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="how many")
    parser.add_argument("--from", type=int, default=1, dest="first", help="the first of them")
    parser.add_argument("--seed", type=int, help="one alone, with its story")
    parser.add_argument("-v", "--verbose", action="store_true", help="the whole story of it")
    parser.add_argument("--hours", type=float, help="how long a life is at most")
    parser.add_argument("--defenders", type=int, help="how many there are at most")
    parser.add_argument("--harshness", type=float, help="spells of bad weather an hour, about")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="processes")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
