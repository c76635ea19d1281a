"""One process under test: started, waited for, measured by its number, and ended by it.

CPU and memory are read where Linux shows them (proc(5): stat, status); nothing is asked of the process itself."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from .forked import Forked

LOOK_EVERY = 0.02  # seconds
READY_WITHIN = 120.0  # seconds; a million people are enrolled in the largest case
END_WITHIN = 20.0  # seconds after SIGTERM
PROFILE_RATE = "250"  # a second
TICKS = os.sysconf("SC_CLK_TCK")


class NotReady(Exception):
    """The process ended, or was not ready in time; the message has its last lines."""


@dataclass(slots=True)
class Process:
    """A running service. `ready_after` are the seconds from its start until its page said that it is well."""

    child: subprocess.Popen[bytes] | Forked
    log: Path
    page: str
    began: float
    ready_after: float = 0.0

    @classmethod
    def start(
        cls, command: Sequence[str], environ: Mapping[str, str], folder: Path, page: str, *, forked: str | None = None
    ) -> "Process":
        """Start it in `folder`, where its log goes too; `page` is what it will answer 200 at once it is ready.

        `forked` names a module whose `main` is called in a forked process instead."""
        log = folder / "service.log"
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        if forked is not None:
            return cls(Forked(forked, {**kept, **environ}, folder, log), log, page, time.monotonic())
        with log.open("ab") as out:
            began = time.monotonic()
            child = subprocess.Popen(  # noqa: S603 - ourselves, with words of our own
                list(command), env={**kept, **environ}, cwd=folder, stdout=out, stderr=out, start_new_session=True
            )
        return cls(child, log, page, began)

    async def ready(self) -> None:
        """Wait for it. Raises NotReady."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
            while time.monotonic() - self.began < READY_WITHIN:
                if self.child.poll() is not None:
                    break
                try:
                    async with session.get(self.page) as answer:
                        if answer.status == 200:
                            self.ready_after = time.monotonic() - self.began
                            return
                except (aiohttp.ClientError, TimeoutError, OSError):
                    pass
                await asyncio.sleep(LOOK_EVERY)
        raise NotReady("\n".join(self.log.read_text(errors="replace").splitlines()[-15:]))

    @property
    def cpu(self) -> float:
        """Seconds of CPU so far, user and system together, of all its threads."""
        return sum(_stat_of(self.child.pid)[11:13]) / TICKS

    @property
    def peak_memory(self) -> int:
        """The most bytes it ever had in memory."""
        return self._status("VmHWM")

    @property
    def memory(self) -> int:
        """Bytes it has in memory now."""
        return self._status("VmRSS")

    def _status(self, name: str) -> int:
        for line in Path(f"/proc/{self.child.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
        return 0

    def profile(self, into: Path) -> None:
        """Have py-spy note what every thread does until it ends, in lines of (stack, how often).

        Raises FileNotFoundError where there is no py-spy on the path; it belongs to nobody's environment."""
        with self.log.open("ab") as out:
            command = ["py-spy", "record", "--pid", str(self.child.pid), "--rate", PROFILE_RATE, "--format", "raw"]
            subprocess.Popen([*command, "--output", str(into)], stdout=out, stderr=out)  # noqa: S603 - whose path it is

    async def end(self) -> int:
        """End it as a supervisor does, by force where it does not listen; gives its exit code."""
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                await asyncio.to_thread(self.child.wait, END_WITHIN)
            except subprocess.TimeoutExpired:
                self.child.kill()
        return await asyncio.to_thread(self.child.wait)


def family_cpu(pid: int) -> float:
    """Seconds of CPU so far of a process and of all its children, those that have ended among them."""
    ticks = sum(_stat_of(pid)[11:15])
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = _stat_of(int(folder.name))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended, and is its parent's from now on
        ticks += sum(stat[11:13]) if stat[1] == pid else 0
    return ticks / TICKS


def _stat_of(pid: int) -> list[int]:
    """Its numbers (proc(5)), from the third on, which is a letter and stands here as 0."""
    words = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    return [0, *(int(word) for word in words[1:])]


def free_port() -> int:
    """A port of this machine that nobody listens on at the moment."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port
