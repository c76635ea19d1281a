"""What a disk shows after a power cut, and a disk that is full."""

import random
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.processes import Process

SECTOR = 512  # bytes; the least that a disk writes whole
BALLAST = "ballast"
MOUNT, UMOUNT = "mount", "umount"


def tear(before: Path, after: Path, into: Path, chance: random.Random) -> None:
    """Put into `into` what the disk may show when the power goes in the middle of a commit.

    `before` are the files as they were when it began, `after` when it was made. What is written in between reaches the
    disk sector by sector, in any order, and not all of it does. The log is on the disk before the file is changed by it
    (SQLite, "Write-Ahead Logging"): so either the log is torn and the file is as before, or the log is whole."""
    log_only = chance.random() < 0.75
    for file in {path.name for path in (*before.iterdir(), *after.iterdir())}:
        is_log = file.endswith("-wal")
        old, new = _bytes(before / file), _bytes(after / file)
        if "-keys" in file:  # it commits by itself, before the transaction at hand
            shown = new
        elif is_log:
            shown = _some_of(old, new, chance) if log_only else new
        else:
            shown = old if log_only else _some_of(old, new, chance)
        (into / file).write_bytes(shown)
    for index in into.glob("*-shm"):
        index.unlink()


def _some_of(old: bytes, new: bytes, chance: random.Random) -> bytes:
    share = chance.random()
    size = chance.choice((len(old), len(new))) if len(new) > len(old) else len(new)
    shown = bytearray(old[:size].ljust(size, b"\0"))
    for at in range(0, size, SECTOR):
        if chance.random() < share:
            shown[at : at + SECTOR] = new[at : min(at + SECTOR, size)]
    return bytes(shown)


def _bytes(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""


class SmallDisk:
    """A disk of its own that can be filled up: in memory, for whoever may mount one."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where it is mounted."""
        self.folder = folder

    def fill(self) -> None:
        """Leave no room at all."""
        with (self.folder / BALLAST).open("wb", buffering=0) as ballast:
            for block in (b"\0" * 1_048_576, b"\0" * 4096):
                try:
                    while True:
                        ballast.write(block)
                except OSError:
                    continue

    def free(self) -> None:
        """Make room again."""
        (self.folder / BALLAST).unlink()


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[SmallDisk]:
    """A disk of `size` bytes at `folder`. Raises PermissionError for whoever may not mount one."""
    folder.mkdir()
    done = subprocess.run(  # noqa: S603 - words of our own
        [shutil.which(MOUNT) or MOUNT, "-t", "tmpfs", "-o", f"size={size},mode=755", "tocsin-crashes", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise PermissionError(done.stderr.strip())
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run([shutil.which(UMOUNT) or UMOUNT, "-l", str(folder)], check=False)  # noqa: S603 - words of our own


def forbid_growth(process: Process, files: Path) -> None:
    """Let none of this process's files grow beyond the largest of `files` (setrlimit(2)): a disk that is full, for
    whoever may not mount one. The service is told EFBIG where it would be told ENOSPC."""
    largest = max(file.stat().st_size for file in files.iterdir() if file.is_file())
    _, hard = resource.prlimit(process.child.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.child.pid, resource.RLIMIT_FSIZE, (largest, hard))


def allow_growth(process: Process) -> None:
    """Take that back, if the process is still there."""
    try:
        _, hard = resource.prlimit(process.child.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.child.pid, resource.RLIMIT_FSIZE, (hard, hard))
    except ProcessLookupError:
        return
