"""`python -m simulation [--seeds N] [--from N] [--seed N [-v]]`: run seeds, and print what became of them."""

import argparse
import logging
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from multiprocessing import get_context

from .seeds import Outcome, Size, clean_up, simulate

SEEDS_OF_A_WORKER = 100  # then it is replaced, and its memory with it
SHOWN = 25  # events of a seed that failed
COLUMNS = ("seeds", "years", "events", "starts", "crashes", "alarms", "repeats", "broken", "seeds/s")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 when a promise was broken."""
    asked = _parser().parse_args(arguments)
    logging.disable(logging.CRITICAL)
    size = Size((asked.hours / 2, asked.hours), (1, asked.defenders), asked.harshness)
    if asked.seed is not None:
        return _one(asked.seed, size, verbose=asked.verbose)
    began, done = time.perf_counter(), []
    for outcome in _all(range(asked.first, asked.first + asked.seeds), size, asked.workers):
        done.append(outcome)
        if outcome.broken:
            print("\n".join(_told(outcome, SHOWN)), flush=True)
        if len(done) % 100 == 0:
            print(_line(done, time.perf_counter() - began), flush=True)
    print(" ".join(f"{name:>9}" for name in COLUMNS))
    print(_line(done, time.perf_counter() - began))
    failed = sorted(outcome.seed for outcome in done if outcome.broken)
    if failed:
        print(f"Promises were broken in {len(failed)} of {len(done)} seeds: {' '.join(map(str, failed))}")
        print(f"Each replays exactly: python -m simulation --seed {failed[0]} -v (with the same --hours and so on)")
    return 1 if failed else 0


def _one(seed: int, size: Size, *, verbose: bool) -> int:
    outcome = simulate(seed, size, whole=verbose)
    clean_up()
    print("\n".join(_told(outcome, len(outcome.last) if verbose else SHOWN)))
    print(f"{outcome.events} events, trace {outcome.digest}, {outcome.seconds:.2f} s of a processor")
    return 1 if outcome.broken else 0


def _all(seeds: Iterable[int], size: Size, workers: int) -> Iterator[Outcome]:
    """The outcomes as they come, from so many processes."""
    work = [(seed, size) for seed in seeds]
    if workers <= 1:
        yield from map(_simulate, work)
        clean_up()
        return
    with get_context("fork").Pool(workers, maxtasksperchild=SEEDS_OF_A_WORKER) as pool:
        yield from pool.imap_unordered(_simulate, work)


def _simulate(work: tuple[int, Size]) -> Outcome:
    return simulate(*work)


def _told(outcome: Outcome, events: int) -> Iterator[str]:
    """The story of one seed, as short as it may be."""
    yield f"Seed {outcome.seed}: {len(outcome.broken)} broken promises in {outcome.simulated}"
    yield from (f"    {line[:200]}" for line in outcome.last[-events:])
    yield from (f"  ! {promise}" for promise in outcome.broken)


def _line(done: Sequence[Outcome], seconds: float) -> str:
    years = sum((outcome.simulated for outcome in done), timedelta()) / timedelta(days=365.25)
    figures = (
        str(len(done)),
        f"{years:.2f}",
        str(sum(outcome.events for outcome in done)),
        str(sum(outcome.starts for outcome in done)),
        str(sum(outcome.crashes for outcome in done)),
        str(_sum(done, "alarms")),
        str(_sum(done, "repeats that say so")),
        str(sum(len(outcome.broken) for outcome in done)),
        f"{len(done) / max(seconds, 0.001):.2f}",
    )
    return " ".join(f"{figure:>9}" for figure in figures)


def _sum(done: Sequence[Outcome], what: str) -> int:
    return sum(outcome.counts.get(what, 0) for outcome in done)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="how many")
    parser.add_argument("--from", type=int, default=1, dest="first", help="the first of them")
    parser.add_argument("--seed", type=int, help="one alone, with its story")
    parser.add_argument("-v", "--verbose", action="store_true", help="the whole story of it")
    parser.add_argument("--hours", type=float, default=3.0, help="how long a life is at most")
    parser.add_argument("--defenders", type=int, default=3, help="how many there are at most")
    parser.add_argument("--harshness", type=float, default=5.0, help="spells of bad weather an hour, about")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
