"""Where the CPU goes: whenever the process has used another few milliseconds, what each of its threads was doing.

The signal comes for CPU that was used, by whichever thread (setitimer(2), ITIMER_PROF), so a thread that waits is not
counted; its stack is taken all the same, and left out by its last function. Written as one JSON file at the end.
"""

import json
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from types import FrameType

EVERY = 0.002  # seconds of CPU
DEEPEST = 60  # frames of one stack
WAITING = {"select", "wait", "_worker", "poll", "epoll_wait", "_wait_for_tstate_lock", "acquire"}

Frame = tuple[str, int, str]  # file, line, function


class Samples:
    """Takes samples between `begin` and `end`, if it has a file to put them into."""

    def __init__(self, path: str | None) -> None:
        """Nothing is taken yet."""
        self._path = Path(path) if path else None
        self.stacks: Counter[tuple[str, tuple[Frame, ...]]] = Counter()

    def begin(self) -> None:
        """From now on."""
        if self._path is not None:
            signal.signal(signal.SIGPROF, self._take)
            signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)

    def end(self) -> None:
        """Write down what was found."""
        if self._path is not None:
            signal.setitimer(signal.ITIMER_PROF, 0)
            found = [[thread, stack, count] for (thread, stack), count in self.stacks.items()]
            self._path.write_text(json.dumps(found), encoding="utf-8")

    def _take(self, _: int, interrupted: FrameType | None) -> None:
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        here = threading.get_ident()
        for ident, top in sys._current_frames().items():  # noqa: SLF001 - the documented way to see all threads
            frame = interrupted if ident == here else top
            if frame is None or frame.f_code.co_name in WAITING:
                continue
            stack: list[Frame] = []
            while frame is not None and len(stack) < DEEPEST:
                stack.append((frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name))
                frame = frame.f_back
            self.stacks[names.get(ident, "?"), tuple(stack)] += 1


def hottest(path: Path, root: Path, most: int = 10) -> list[tuple[float, str]]:
    """The costliest lines of our own, as (share of all samples that passed through it, "file:line function")."""
    found = json.loads(path.read_text(encoding="utf-8"))
    total = sum(count for _, _, count in found) or 1
    passed: Counter[str] = Counter()
    for _, stack, count in found:
        ours = {
            f"{Path(file).relative_to(root)}:{line} {name}"
            for file, line, name in stack
            if Path(file).is_relative_to(root) and ".venv" not in file
        }
        passed.update(dict.fromkeys(ours, count))
    return [(count / total, where) for where, count in passed.most_common(most)]
