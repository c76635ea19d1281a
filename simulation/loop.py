"""An event loop whose time is drawn, not spent: it jumps to the next timer when nothing is ready.

What runs on it belongs to a *process*: the world, or one run of the service. A process can be killed between any two
of its steps, or right after any of its commits, as by `kill -9`: nothing of it runs any more, no `finally`, no handler,
and its connections break. Threads are lines in which one piece of work is done after the other, in time that is drawn.
"""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import Executor
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from random import Random
from typing import Any
from weakref import WeakKeyDictionary

from .burying import let_go
from .network import Network, Wire

WORLD = 0
PROCESS: ContextVar[int] = ContextVar("process", default=WORLD)
BEGIN = 1_000.0  # seconds; where the loop's time begins
RESOLUTION = 1e-7  # seconds; timers nearer to each other than this ring together
WORK_TAKES = (0.0002, 0.003)  # seconds that a transaction, or any other work on a thread, takes


class Stalled(Exception):
    """Nothing will ever happen again: whoever waits waits for ever."""


@dataclass(slots=True)
class Fuse:
    """Kills a process after so many of its steps, or commits."""

    what: str  # "step" or "commit"
    left: int
    burn: Callable[[], None]
    before: Callable[[], None] | None = None  # is called when the last commit is about to begin


@dataclass(slots=True)
class Process:
    """One run of the service, as the loop sees it."""

    number: int
    dead: bool = False
    frozen_until: float = 0.0
    thawing: int = 0
    fuse: Fuse | None = None
    steps: int = 0
    tasks: "list[asyncio.Task[Any]]" = field(default_factory=list)


@dataclass(slots=True)
class Step:
    """What a process is going to do next."""

    callback: Callable[..., object]
    args: tuple[Any, ...]
    context: Context
    handle: asyncio.Handle | None = None


class _Jump:
    """Stands where a selector would: instead of waiting, time passes."""

    def __init__(self, loop: "SimulatedLoop") -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[object]:
        if timeout is None:
            raise Stalled
        self._loop.pass_time(timeout)
        return []


class SimulatedLoop(asyncio.BaseEventLoop):
    """The loop. `draws` is the randomness of threads and wires."""

    def __init__(self, draws: Random) -> None:
        super().__init__()
        self._now = BEGIN
        self._selector = _Jump(self)
        self._clock_resolution = RESOLUTION
        self.draws = draws
        self.processes: dict[int, Process] = {}
        self.faults: list[str] = []
        self.work_takes = WORK_TAKES
        self._free_at: WeakKeyDictionary[Executor, float] = WeakKeyDictionary()
        self._network = Network(self, draws)
        self.set_task_factory(self._begin_task)
        self.set_exception_handler(self._note_fault)

    # Time

    def time(self) -> float:
        """Seconds since the beginning, and BEGIN."""
        return self._now

    def pass_time(self, seconds: float) -> None:
        """Let time pass; nobody else may."""
        if seconds > 0:
            self._now += seconds

    # Processes

    def new_process(self) -> tuple[Process, Context]:
        """A process, and the context in which whatever runs belongs to it."""
        process = Process(len(self.processes) + 1)
        self.processes[process.number] = process
        context = copy_context()
        context.run(PROCESS.set, process.number)
        return process, context

    def kill(self, process: Process) -> None:
        """Nothing of it runs any more, and its connections break."""
        process.dead, process.fuse = True, None
        self._network.cut_off(process.number)

    def freeze(self, process: Process, seconds: float) -> None:
        """Have it stand still, as by SIGSTOP: nothing is lost, and everything comes later."""
        process.frozen_until, process.thawing = self._now + seconds, 0

    def burn(self, what: str) -> bool:
        """Count a step or a commit of the process at hand; True when it was its last."""
        process = self.processes.get(PROCESS.get())
        if process is None:
            return False
        if process.dead:
            return True
        process.steps += what == "step"
        fuse = process.fuse
        if fuse is not None and fuse.what == what:
            fuse.left -= 1
            if fuse.left <= 0:
                process.fuse = None
                fuse.burn()
        return process.dead

    def bury(self) -> None:
        """Let go of what the dead were doing; called when everything is over, so that nothing of it matters."""
        self.set_exception_handler(lambda *_: None)
        for task in asyncio.all_tasks(self):
            let_go(task)
        for process in self.processes.values():
            process.tasks.clear()
        self._ready.clear()  # type: ignore[attr-defined]
        self._scheduled.clear()  # type: ignore[attr-defined]

    def _begin_task(
        self, _: asyncio.AbstractEventLoop, coro: "Coroutine[Any, Any, Any] | Generator[Any, None, Any]", **more: Any
    ) -> "asyncio.Task[Any]":
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=self, **more)
        process = self.processes.get(_owner(more.get("context")))
        if process is not None:
            process.tasks.append(task)
            if len(process.tasks) > 512:
                process.tasks = [one for one in process.tasks if not one.done()]
        return task

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """As every loop does; but what belongs to a process that is dead by then does not run."""
        if _owner(context) == WORLD:
            return super().call_soon(callback, *args, context=context)
        step = Step(callback, args, context or copy_context())
        step.handle = super().call_soon(self._step, step, context=step.context)
        return step.handle

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """As every loop does; but what belongs to a process that is dead by then does not run."""
        if _owner(context) == WORLD:
            return super().call_at(when, callback, *args, context=context)
        step = Step(callback, args, context or copy_context())
        step.handle = handle = super().call_at(when, self._step, step, context=step.context)
        return handle

    def _step(self, step: "Step") -> None:
        process = self.processes[PROCESS.get()]
        if process.frozen_until > self._now:
            process.thawing += 1  # so that what was put off comes in its order
            super().call_at(process.frozen_until + process.thawing * 1e-9, self._step, step, context=step.context)
        elif not (step.handle is not None and step.handle.cancelled()) and not self.burn("step"):
            step.callback(*step.args)

    def _note_fault(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        fault = context.get("exception")
        self.faults.append(f"{context.get('message')}: {fault!r} {context.get('task', '')}")

    # Threads

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """Do the work on this thread, when its turn has come: for each executor one piece after the other."""
        future: asyncio.Future[Any] = self.create_future()
        at = self._now
        if executor is not None:
            at = max(at, self._free_at.get(executor, 0.0))
        at += self.draws.uniform(*self.work_takes)
        if executor is not None:
            self._free_at[executor] = at
        self.call_at(at, self._work, future, func, args)
        return future

    def _work(self, future: "asyncio.Future[Any]", func: Callable[..., Any], args: tuple[Any, ...]) -> None:
        if future.cancelled():
            return
        process = self.processes.get(PROCESS.get())
        fuse = process.fuse if process is not None else None
        if fuse is not None and fuse.what == "commit" and fuse.left == 1 and fuse.before is not None:
            fuse.before()
        try:
            result = func(*args)
        except Exception as fault:
            if not self.burn("commit"):
                future.set_exception(fault)
        else:
            if not self.burn("commit") and not future.cancelled():
                future.set_result(result)

    # The network

    async def sock_connect(self, sock: Any, address: Any) -> None:
        """Dial an address of the simulated network."""
        await self._network.dial(sock, (str(address[0]), int(address[1])))

    async def create_connection(  # type: ignore[override]
        self, protocol_factory: Callable[[], asyncio.BaseProtocol], *_: Any, sock: Any, **__: Any
    ) -> tuple[Wire, asyncio.BaseProtocol]:
        """What has been dialled, as a connection."""
        return await self._network.connect(protocol_factory, sock)

    async def create_server(  # type: ignore[override]
        self, protocol_factory: Callable[[], asyncio.BaseProtocol], host: Any = None, port: Any = None, **_: Any
    ) -> asyncio.AbstractServer:
        """Listen on the simulated network; port 0 is the next free one."""
        return self._network.listen(protocol_factory, str(host), int(port or 0))

    # What a loop of sockets would do

    def _process_events(self, event_list: list[object]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody wakes us from another thread."""


def _owner(context: Context | None) -> int:
    return PROCESS.get() if context is None else context.get(PROCESS, WORLD)
