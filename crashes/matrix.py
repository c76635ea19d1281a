"""The matrix: every way to end the service, on either database, with the storm that it befalls."""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.instance import MEMORY
from bench.postgres import Server, server

from .disks import small_disk
from .kills import Killing
from .places import KINDS, OnPostgres, OnSqlite, Original
from .storms import Storm
from .table import Row
from .troubles import LATE, clock_ahead, crashing_server, database_gone, disk_full, no_growth, power_cuts

DISK = {"sqlite": 200_000_000, "postgresql": 400_000_000}  # bytes; room for a storm, and soon filled


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything. A storm is its missed check-ins and its calls for help."""

    name: str
    walked: Storm
    storm: Storm
    troubled: Storm
    every: int  # of the points of a walk
    kills: int
    cold: int
    stops: int
    crashes: int
    seconds: float  # that the database is gone, or the disk full
    at_once: int


FULL = Size("full", Storm(12, 3), Storm(1000, 20), Storm(300, 10, LATE), 1, 1000, 30, 100, 30, 60.0, 3)
SMALL = Size("small", Storm(12, 3), Storm(100, 5), Storm(30, 3, LATE), 8, 30, 3, 10, 3, 5.0, 3)
SIZES = {size.name: size for size in (FULL, SMALL)}


@dataclass(frozen=True, slots=True)
class Ground:
    """Where one case runs: an empty folder, and on PostgreSQL the server."""

    size: Size
    kind: str
    folder: Path
    server: Server | None

    async def enrol(self, storm: Storm) -> Original:
        """An instance with everybody of this storm."""
        if self.server is None:
            return await OnSqlite.enrolled(self.folder / "team", storm)
        return await OnPostgres.enrolled(self.folder / "team", storm, self.server)


async def walk(ground: Ground) -> Row:
    """A storm for each commit and each send."""
    size = ground.size
    outcome = await Killing(size.at_once).walk(await ground.enrol(size.walked), size.every)
    whole = "every" if size.every == 1 else f"every {size.every}th"
    return Row("walk", f"{_said(size.walked)}, killed at {whole} commit and send", ground.kind, outcome)


async def stride(ground: Ground) -> Row:
    """A large storm, killed all the way through."""
    outcome = await Killing().stride(await ground.enrol(ground.size.storm))
    return Row("stride", f"{_said(ground.size.storm)}, killed every few commits and sends", ground.kind, outcome)


async def at_random(ground: Ground) -> Row:
    """Large storms, killed at any moment."""
    outcome = await Killing(at_once=2).at_random(await ground.enrol(ground.size.storm), ground.size.kills)
    return Row("random", f"{_said(ground.size.storm)} each, killed at any moment", ground.kind, outcome)


async def cold(ground: Ground) -> Row:
    """The same in processes that begin from nothing: what a recovery takes in earnest."""
    outcome = await Killing(at_once=1, cold=True).at_random(await ground.enrol(ground.size.storm), ground.size.cold)
    what = f"{_said(ground.size.storm)} each, killed at any moment, started from nothing"
    return Row("cold", what, ground.kind, outcome)


async def stop(ground: Ground) -> Row:
    """Large storms, told to stop at any moment."""
    outcome = await Killing(at_once=2).stopped(await ground.enrol(ground.size.storm), ground.size.stops)
    return Row("stop", f"{_said(ground.size.storm)} each, told to stop (SIGTERM) at any moment", ground.kind, outcome)


async def power(ground: Ground) -> Row:
    """The power goes: files torn in the middle of a commit; a server that ends with us."""
    size = ground.size
    original = await ground.enrol(size.walked)
    if ground.server is None:
        outcome = await power_cuts(original, size.at_once, size.every)
        return Row("power", f"{_said(size.walked)}, files torn in the middle of each commit", ground.kind, outcome)
    outcome = await crashing_server(original, ground.server, size.crashes)
    return Row("power", f"{_said(size.walked)} each, server and service killed at once", ground.kind, outcome)


async def gone(ground: Ground) -> Row:
    """The database is gone for a while."""
    size = ground.size
    outcome = await database_gone(await ground.enrol(size.troubled), ground.server, size.seconds)
    how = "the file locked by another" if ground.server is None else "the server stopped"
    return Row("gone", f"{_said(size.troubled)}, {how} for {size.seconds:.0f} s", ground.kind, outcome)


async def full(ground: Ground) -> Row:
    """The disk is full for a while."""
    size, what = ground.size, f"{_said(ground.size.troubled)}, the disk full for {ground.size.seconds:.0f} s"
    with ExitStack() as mounted:
        try:
            disk = mounted.enter_context(small_disk(ground.folder / "disk", DISK[ground.kind]))
        except PermissionError:
            if ground.server is not None:
                raise
            outcome = await no_growth(await ground.enrol(size.troubled), size.seconds)
            return Row("full", f"{what} (no file may grow)", ground.kind, outcome)
        if ground.server is None:
            original: Original = await OnSqlite.enrolled(disk.folder / "team", size.troubled)
            return Row("full", what, ground.kind, await disk_full(original, disk.fill, disk.free, size.seconds))
        (scratch := ground.folder / "small").mkdir()
        small = mounted.enter_context(server(scratch, hasty=False, data=disk.folder / "data"))
        original = await OnPostgres.enrolled(ground.folder / "team", size.troubled, small)

        def free() -> None:
            disk.free()
            small.revive()

        return Row("full", what, ground.kind, await disk_full(original, disk.fill, free, size.seconds))


async def ahead(ground: Ground) -> Row:
    """The clock is two days ahead, and then right again."""
    outcome = await clock_ahead(await ground.enrol(ground.size.troubled))
    what = f"{_said(ground.size.troubled)}, the clock two days ahead, killed, and set right again"
    return Row("ahead", what, ground.kind, outcome)


Case = Callable[[Ground], Awaitable[Row]]
CASES: dict[str, Case] = {
    "walk": walk, "stride": stride, "random": at_random, "cold": cold, "stop": stop,
    "power": power, "gone": gone, "full": full, "ahead": ahead,
}  # fmt: skip
SURVIVES_ALONE = ("power", "gone", "full")  # cases in which a server of PostgreSQL is stopped, and must come back whole


async def measure(names: Sequence[str], kinds: Sequence[str], size: Size) -> AsyncIterator[Row]:
    """A row for each case on each database, as soon as it is there."""
    for name in names:
        for kind in kinds:
            async with ground_for(name, size, kind) as ground:
                yield await CASES[name](ground)


@asynccontextmanager
async def ground_for(name: str, size: Size, kind: str) -> AsyncIterator[Ground]:
    """Where the case of this name runs, gone afterwards."""
    async with AsyncExitStack() as stack:
        folder = _scratch(stack)
        found = None
        if kind != KINDS[0]:
            (scratch := folder / "pg").mkdir()
            found = stack.enter_context(server(scratch, hasty=name not in SURVIVES_ALONE))
        yield Ground(size, kind, folder, found)


def _scratch(stack: AsyncExitStack) -> Path:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tc", dir=_quick())))
    folder.chmod(0o755)  # for root, PostgreSQL runs as nobody
    return folder


def _quick() -> Path | None:
    """Where a commit costs little: a process that is killed leaves the system's cache of its files as it was."""
    return MEMORY if MEMORY.is_dir() else None


def _said(storm: Storm) -> str:
    return f"{storm.missed:,} missed, {storm.panics} panics"
