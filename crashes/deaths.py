"""How a life is to end, and what it has counted until then: what those agree on who order it and who die."""

import mmap
import struct
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Lock

DEATH, TALLY, PICTURES, CLOCK = (f"TOCSIN_CRASHES_{name}" for name in ("DEATH", "TALLY", "PICTURES", "CLOCK"))
NUMBER = struct.Struct("=q")


class Moment(StrEnum):
    """When to die. AT_THE_MESSENGER is for whoever plays it: it has taken the message, and nobody was told."""

    BEFORE_COMMIT = "before a commit"
    AFTER_COMMIT = "after a commit"
    BEFORE_SEND = "before a send"
    AT_THE_MESSENGER = "taken, not answered"
    AFTER_SEND = "after a send"


COMMITS = (Moment.BEFORE_COMMIT, Moment.AFTER_COMMIT)
SENDS = (Moment.BEFORE_SEND, Moment.AT_THE_MESSENGER, Moment.AFTER_SEND)


@dataclass(frozen=True, slots=True)
class Death:
    """The process dies at the `number`-th such moment of its life; the first is 1."""

    moment: Moment
    number: int


class Tally:
    """How many commits and sends there were, in a file: whoever opens it reads what the dead have counted."""

    def __init__(self, file: Path) -> None:
        """Begins at nothing where there is no file."""
        if not file.exists():
            file.write_bytes(bytes(2 * NUMBER.size))
        with file.open("r+b") as opened:
            self._bytes = mmap.mmap(opened.fileno(), 0)
        self._lock = Lock()

    def commit(self) -> int:
        """One more commit; gives its number."""
        return self._one_more(0)

    def send(self) -> int:
        """One more send; gives its number."""
        return self._one_more(1)

    @property
    def commits(self) -> int:
        """How many there were."""
        return int(NUMBER.unpack_from(self._bytes, 0)[0])

    @property
    def sends(self) -> int:
        """How many there were."""
        return int(NUMBER.unpack_from(self._bytes, NUMBER.size)[0])

    def close(self) -> None:
        """Let go of the file."""
        self._bytes.close()

    def _one_more(self, which: int) -> int:
        place = which * NUMBER.size
        with self._lock:
            number: int = NUMBER.unpack_from(self._bytes, place)[0] + 1
            NUMBER.pack_into(self._bytes, place, number)
        return number
