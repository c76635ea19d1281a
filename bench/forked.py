"""A process that need not import everything first: forked from one that has. For small runs, where only counts matter.

It is no measure of a start or of memory, which it shares with the process it comes from."""

import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PRELOADED = ["bench.under_test", "bench.naive", "bot.door", "responders.door"]

forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(PRELOADED)


class Forked:
    """A child that looks like one of `subprocess.Popen`, as far as it is looked at."""

    def __init__(self, module: str, environ: Mapping[str, str], folder: Path, log: Path) -> None:
        """Runs `main` of a module there."""
        self._process = forks.Process(target=_become, args=(module, dict(environ), str(folder), str(log)), daemon=True)
        self._process.start()
        assert self._process.pid is not None  # noqa: S101 - it was started
        self.pid: int = self._process.pid

    def poll(self) -> int | None:
        """Its exit code once it has ended."""
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it by force."""
        self._process.kill()

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended. Raises TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("a forked process", timeout or 0)
        return self._process.exitcode


def _become(module: str, environ: dict[str, str], folder: str, log: str) -> None:
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for descriptor in (sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(out, descriptor)
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    importlib.import_module(module).main()
