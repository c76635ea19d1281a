"""What Python itself prints when something goes wrong, said as an event instead: it would print values and texts.

Faults that end the process or a thread, those that nobody can raise, those of the event loop, and warnings.
"""

import asyncio
import sys
import threading
import warnings
from types import TracebackType
from typing import Any, TextIO

from engine.log import Log

log = Log("process")


def hook_in() -> None:
    """From now on nothing is printed but events. What the loop has to say needs `watch_loop`."""
    sys.excepthook = _of_process
    threading.excepthook = _of_thread
    sys.unraisablehook = _of_nobody
    warnings.showwarning = _of_warning


def watch_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Log what the loop has to say without the objects that it would print."""
    loop.set_exception_handler(_of_loop)


def _of_process(kind: type[BaseException], fault: BaseException | None, trace: TracebackType | None) -> None:
    log.error("process_fault", fault=fault or kind())


def _of_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        log.error("thread_fault", fault=args.exc_value)


def _of_nobody(args: Any) -> None:
    if args.exc_value is not None:
        log.error("unraisable_fault", fault=args.exc_value)


def _of_loop(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    fault = context.get("exception")
    log.error("loop_fault", **({} if fault is None else {"fault": fault}))


def _of_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    log.warning("warning_given", category=category)
