"""A power cut in the middle of a commit: what the disk had been asked to keep is there, what was on its way may not be.

SQLite in WAL mode appends the pages of a transaction to the log and syncs it; then the commit holds. Up to that moment
the tail of the log may be missing, be zeros, be garbage, or have holes, whatever its pages were written for. What had
been committed before is never touched (SQLite, "Atomic commit", and "WAL-mode file format", 2026-11).
"""

import sqlite3
import struct
from dataclasses import dataclass
from pathlib import Path
from random import Random

LOG_HEADER, FRAME_HEADER = 32, 24  # bytes
PAGE_SIZE_AT, NEWEST_AT, COPIED_AT = 14, 16, 96  # in the index of the log
WAYS = ("cut off", "zeros", "garbage", "holes")


@dataclass(frozen=True, slots=True)
class Log:
    """How far the log holds, in frames, and up to where it was copied into the database."""

    newest: int
    copied: int
    frame: int  # bytes of one


def log_of(file: Path) -> Log | None:
    """What the index of the log says; None when nobody has the database open."""
    index = file.with_name(file.name + "-shm")
    if not index.exists():
        return None
    head = index.read_bytes()[: COPIED_AT + 4]
    if len(head) < COPIED_AT + 4:
        return None
    (page,), (newest,) = struct.unpack_from("=H", head, PAGE_SIZE_AT), struct.unpack_from("=I", head, NEWEST_AT)
    (copied,) = struct.unpack_from("=I", head, COPIED_AT)
    return Log(newest, copied, FRAME_HEADER + (65_536 if page == 1 else page))


class PowerCut:
    """What is left on the disk: `look` before the last commit begins, `freeze` after it, `restore` once all is dead."""

    def __init__(self, file: Path, chance: Random) -> None:
        self._file, self._chance = file, chance
        self._before: Log | None = None
        self._left: dict[Path, bytes] = {}
        self.torn = ""

    def look(self) -> None:
        """Remember what has been committed so far."""
        self._before = log_of(self._file)

    def freeze(self) -> None:
        """Keep everything as the disk has it at this moment."""
        self._left = {path: path.read_bytes() for path in self._file.parent.iterdir() if not path.name.endswith("-shm")}
        log, after = self._file.with_name(self._file.name + "-wal"), log_of(self._file)
        if log in self._left and self._before is not None and after is not None:
            first = self._before.newest if self._before.newest <= after.newest else 0
            if after.copied <= first < after.newest:
                self._left[log] = self._tear(self._left[log], first, after)

    def _tear(self, log: bytes, first: int, after: Log) -> bytes:
        begin, end = LOG_HEADER + first * after.frame, LOG_HEADER + after.newest * after.frame
        self.torn = self._chance.choice(WAYS)
        kept = self._chance.randint(begin, end)
        match self.torn:
            case "cut off":
                return log[:kept]
            case "zeros":
                return log[:kept] + bytes(end - kept) + log[end:]
            case "garbage":
                return log[:kept] + self._chance.randbytes(end - kept) + log[end:]
            case _:
                frames = [log[at : at + after.frame] for at in range(begin, end, after.frame)]
                frames = [one if self._chance.random() < 0.5 else bytes(after.frame) for one in frames]
                return log[:begin] + b"".join(frames) + log[end:]

    def restore(self) -> str | None:
        """Have the files be what the power cut left; gives what SQLite finds wrong with them, None when they are
        sound."""
        for path in list(self._file.parent.iterdir()):
            path.unlink()
        for path, content in self._left.items():
            path.write_bytes(content)
            path.chmod(0o600)
        return self._fault()

    def _fault(self) -> str | None:
        copies = [path.with_name(f"copy-{path.name}") for path in self._left]
        for copy, content in zip(copies, self._left.values(), strict=True):
            copy.write_bytes(content)
        connection = sqlite3.connect(self._file.with_name(f"copy-{self._file.name}"))
        try:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            found = str(error)
        finally:
            connection.close()
            for left in self._file.parent.glob("copy-*"):
                left.unlink()
        return None if found == "ok" else str(found)
