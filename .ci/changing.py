"""Change one file of ours in memory, one small thing at a time, and ask the tests that come by there.

`make mutants` runs it for each file:

    python .ci/changing.py store/vault.py found.jsonl all tests/store/test_vault.py ...

mutmut says what can be changed. The tests run once as they are, which shows the functions that each comes by; then
every change gets a process of its own, forked from this one, in which the function has the changed code and those tests
run, the quickest first, until one fails. The lines that guard are tried first, for whoever has less time. What passes
on SQLite is tried again on PostgreSQL. Nothing is written but what became of each.

Exit codes: 0 all were tried, 2 they were not, as where the tests do not pass as they are."""

import codecs
import functools
import gc
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType, FunctionType
from typing import Any

import pytest
from small_changes import changed, codes, guards

PATIENCE = 5  # seconds a changed test may take, over four times what it takes as it is
MOST_MEMORY = 8 << 30  # bytes
LARGEST_FILE = 1 << 28  # bytes
CACHE = type(functools.cache(codecs.lookup))  # what remembers the answers of the unchanged code


@dataclass(frozen=True, slots=True)
class Change:
    """One small change: the lines before and after it, whether they guard, and what the tests said ("noticed",
    "survived", "no test")."""

    function: str
    line: int
    was: str
    now: str
    guards: bool
    became: str


class Trying:
    """A plugin of pytest that tries the changes instead of running the tests once."""

    def __init__(self, path: Path, into: Path, only_guarding: bool) -> None:
        self.into, self.only_guarding = into, only_guarding
        self.path, self.source = path, path.read_text(encoding="utf-8")
        self.codes = codes(compile(self.source, str(path), "exec"))
        self.found: list[Change] = []
        self.failed: list[str] = []
        self.caches: list[Any] = []
        self.functions: list[FunctionType] = []
        self.seconds: dict[pytest.Item, float] = {}
        self.by: defaultdict[str, list[pytest.Item]] = defaultdict(list)
        self.met: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what failed."""
        if report.failed:
            self.failed.append(f"{report.nodeid}\n{report.longreprtext}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try everything."""
        shared = [item for item in session.items if item.get_closest_marker("postgres")]
        if not self.prepare([item for item in session.items if item not in shared]):
            return True
        ordered = sorted(changed(self.source), key=lambda one: not guards(one[1]))
        chosen = [one for one in ordered if guards(one[1]) or not self.only_guarding]
        left = [one for one in chosen if not self.tries(*one)]
        if left and self.prepare(shared):
            left = [one for one in left if not self.tries(*one)]
        for one in left:
            self.write(*one[:3], "survived" if self.function(one[0])[0] in self.met else "no test")
        return True

    def prepare(self, items: list[pytest.Item]) -> bool:
        """See what these tests come by, and ask them from now on; False when they do not pass as they are."""
        self.by.clear()
        for item in items:
            self.follow(item)
        gc.collect()
        self.functions = list(self.living())
        caches = (one for one in gc.get_objects() if isinstance(one, CACHE))
        self.caches = [one for one in caches if not one.__module__.startswith("tests.")]  # a server is no answer
        gc.freeze()  # what is left of the tests stays ours: no child tidies it up
        return not self.failed and self.passes(lambda: None, items)

    def tries(self, line: int, was: str, now: str, new: str) -> bool:
        """Try one change; gives whether a test noticed, and then it is written down."""
        name, begins, at = self.function(line)
        code = codes(compile(new, str(self.path), "exec"))[at]

        def swap() -> None:
            for one in self.functions:
                if (one.__code__.co_qualname, one.__code__.co_firstlineno) == (name, begins):
                    one.__code__ = code

        asked = sorted(self.by[name], key=self.seconds.__getitem__)
        if not asked or self.passes(swap, asked):
            return False
        self.write(line, was, now, "noticed")
        return True

    def function(self, line: int) -> tuple[str, int, int]:
        """Which function a line is of: its name, its first line, and its place among those of the file."""
        at = max(index for index, code in enumerate(self.codes) if code.co_firstlineno <= line)
        return self.codes[at].co_qualname, self.codes[at].co_firstlineno, at

    def write(self, line: int, was: str, now: str, became: str) -> None:
        """Keep what became of it: whoever stops us has all so far."""
        change = Change(self.function(line)[0], line, was, now, guards(was), became)
        self.found.append(change)
        with self.into.open("a", encoding="utf-8") as found:
            found.write(json.dumps(asdict(change)) + "\n")

    def follow(self, item: pytest.Item) -> None:
        """Run it as it is, and see which of the functions it comes by."""
        seen: set[str] = set()

        def look(frame: FrameType, event: str, _: object) -> None:
            if event == "call" and frame.f_code.co_filename == str(self.path):
                seen.add(frame.f_code.co_qualname.partition(".<locals>")[0])

        began = time.monotonic()
        threading.setprofile(look)
        sys.setprofile(look)
        self.run(item)
        sys.setprofile(None)
        threading.setprofile(None)
        self.seconds[item] = time.monotonic() - began
        self.met |= seen
        for name in seen:
            self.by[name].append(item)

    def run(self, item: pytest.Item) -> None:
        """Run one test, with all that it needs."""
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)

    def living(self) -> Iterator[FunctionType]:
        """Every function of the file that somebody could call."""
        for one in gc.get_objects():
            if isinstance(one, FunctionType) and one.__code__.co_filename == str(self.path):
                yield one

    def passes(self, swap: Any, items: list[pytest.Item]) -> bool:
        """Whether all of these tests pass, in a process of their own, after `swap()`."""
        scratch = tempfile.mkdtemp()
        child = os.fork()
        if not child:
            os._exit(self.alone(swap, items, Path(scratch)))
        _, status = os.waitpid(child, 0)
        shutil.rmtree(scratch, ignore_errors=True)
        return status == 0

    def alone(self, swap: Any, items: list[pytest.Item], scratch: Path) -> int:
        """The life of such a process: 0 when all pass. It ends by itself, whatever becomes of it."""
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(PATIENCE + int(4 * sum(map(self.seconds.__getitem__, items))))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        tempfile.tempdir = str(scratch)
        folders = items[0].config._tmp_path_factory  # type: ignore[attr-defined] # noqa: SLF001 - no public way
        folders._basetemp = scratch  # noqa: SLF001 - no public way
        try:
            swap()
            for cache in self.caches:
                cache.cache_clear()
            for item in items:
                self.run(item)
                if self.failed:
                    return 1
        except BaseException:  # whatever ends a test run is noticed
            return 1
        return 0


def main(path: str, into: str, which: str, *tests: str) -> int:
    """Try the changes of this file (which: "all", or "guarding" lines) with these tests; a line for each in `into`."""
    trying = Trying(Path(path).resolve(), Path(into), which == "guarding")
    options = ["-q", "--capture=sys", "-m", "not browser"]
    code = pytest.main([*options, *tests], plugins=[trying])
    if trying.failed or code or not trying.found:
        print(*trying.failed[:1], f"pytest: {code}", sep="\n", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
