"""What keeping time costs while nothing is due, by how many are enrolled: one tick, the question when something is next
due, and one round of the auditor. Those enrolled beyond the first few are copies (`fill_up`)."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore

from config.ladders import load_ladders
from engine.auditing import Round, audit
from engine.clock import SystemClock
from engine.happenings import Happenings
from engine.metrics import Metrics
from engine.planning import Book
from engine.timekeeping import Timekeeping

from .driving import Run, enrol_naively
from .figures import Figures, Row, Spread, span
from .instance import fill_up, make
from .messenger import Messenger

A_FEW = 20  # people who are real
NEXT = "SELECT min(wakes_at) FROM watch WHERE wakes_at IS NOT NULL"


async def ticks(run: Run) -> list[Row]:
    """One row for each number of people."""
    return [row for count in run.size.enrolled for row in await _with(run, count)]


async def _with(run: Run, count: int) -> list[Row]:
    instance = await make(run.folder / f"ticks-{count}", min(A_FEW, count), watched=True)
    await asyncio.to_thread(fill_up, instance, count)
    store, ladders = await instance.open(), load_ladders(None)
    book = Book(ladders.profiles, ladders.chains)
    keeping = Timekeeping(store, Happenings(book, Metrics()), Metrics())
    tick = await _timed(lambda: keeping.keep(deaf=False), run.size.ticks)
    asked = await _timed(lambda: store.run(partial(keeping.next_wake, deaf=False)), run.size.ticks)
    rounds = Round()
    audited = await _timed(lambda: store.read(lambda tx: audit(tx, round_=rounds)), run.size.ticks)
    await store.close()
    floor = _select(instance.database, run.size.ticks)
    naive = await _naive(run, count)
    return [
        Row("ticks", f"a tick with nothing due, {count:,} enrolled", _shown(*tick), _shown(*floor), _shown(*naive)),
        Row("ticks", f"when is something next due, {count:,} enrolled", _shown(*asked), _shown(*floor), _shown(*naive)),
        Row(
            "ticks",
            f"a round of the auditor, {count:,} enrolled",
            _shown(*audited),
            _shown(*floor),
            Figures("has none"),
        ),
    ]


async def _timed(work: Callable[[], Awaitable[object]], times: int) -> tuple[Spread, float]:
    await work()
    took, cpu = [], time.process_time()
    for _ in range(times):
        began = time.perf_counter()
        await work()
        took.append(time.perf_counter() - began)
    return Spread.of(took), (time.process_time() - cpu) / times


def _select(database: Path, times: int) -> tuple[Spread, float]:
    """The floor: the same question in plain sqlite3."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, isolation_level=None)) as db:
        took, cpu = [], time.process_time()
        for _ in range(times):
            began = time.perf_counter()
            db.execute(NEXT).fetchone()
            took.append(time.perf_counter() - began)
        return Spread.of(took), (time.process_time() - cpu) / times


async def _naive(run: Run, count: int) -> tuple[Spread, float]:
    """What the plain design asks its job store whenever it wakes."""
    folder = run.folder / "naive-ticks"
    async with Messenger() as messenger:
        if not folder.exists():
            async with run.naive(messenger, "ticks") as process:
                await enrol_naively(process, range(1), [86_400.0])
    _fill_jobs(folder / "naive-jobs.sqlite", count)
    jobs = SQLAlchemyJobStore(url=f"sqlite:///{folder / 'naive-jobs.sqlite'}")
    jobs.start(_NoScheduler(), "default")

    async def due() -> None:
        jobs.get_due_jobs(SystemClock().now())
        jobs.get_next_run_time()

    measured = await _timed(due, run.size.ticks)
    jobs.shutdown()
    return measured


class _NoScheduler:
    timezone = None


def _fill_jobs(path: Path, count: int) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        have = db.execute("SELECT count(*) FROM apscheduler_jobs").fetchone()[0]
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN IMMEDIATE")
        db.execute(
            "WITH RECURSIVE made(n) AS (VALUES(?) UNION ALL SELECT n + 1 FROM made WHERE n < ?)"
            " INSERT INTO apscheduler_jobs SELECT 'copy ' || n, m.next_run_time + n, m.job_state"
            " FROM made, (SELECT * FROM apscheduler_jobs LIMIT 1) m",
            (have, max(have, count - 1)),
        )
        db.execute("COMMIT")


def _shown(took: Spread, cpu: float) -> Figures:
    return Figures(f"p50 {span(took.median)}, p99 {span(took.at(0.99))}", cpu=cpu)
