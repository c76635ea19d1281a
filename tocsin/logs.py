"""What may be logged: events with ids and words. No token, no text of a message, no value of a fault.

Libraries speak only when something is wrong, and of a fault the log has its kind and where it was, never what it was
about: the values in a vendor's exception may be somebody's name or words.
"""

import asyncio
import logging
import re
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

OURS = "tocsin"
TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{30,100}")
SILENT = ("aiohttp.access", "httpx", "httpcore")
LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"


class PlacesOnly(logging.Formatter):
    """Says of an exception what kind it was and where, and hides whatever looks like a bot's token."""

    def format(self, record: logging.LogRecord) -> str:
        """One line for the event, and one for each place of its exception."""
        return TOKEN.sub("(token)", super().format(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        """The kind of the exception and its places in the code."""
        return "\n".join(places(ei[1])) if ei[1] is not None else ""


def places(fault: BaseException) -> list[str]:
    """The kind of `fault`, the places it came through, and the same of the faults that it groups."""
    lines = [type(fault).__name__]
    lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(fault.__traceback__)]
    for inner in fault.exceptions if isinstance(fault, BaseExceptionGroup) else ():
        lines += [f"  {line}" for line in places(inner)]
    return lines


def log_plainly(level: int = logging.INFO) -> None:
    """Send our events to standard error, and of everybody else what is at least a warning."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlacesOnly(LINE))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger(OURS).setLevel(level)
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    sys.excepthook = _of_process
    threading.excepthook = lambda args: _of_process(args.exc_type, args.exc_value, args.exc_traceback)


def watch_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Log what the loop has to say without the objects that it would print."""
    loop.set_exception_handler(_of_loop)


def _of_loop(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    fault = context.get("exception")
    kind = type(fault).__name__ if fault is not None else "none"
    logging.getLogger(f"{OURS}.loop").error(
        "%s fault=%s", context.get("message", "something failed"), kind, exc_info=fault
    )


def _of_process(kind: type[BaseException], fault: BaseException | None, trace: TracebackType | None) -> None:
    logging.getLogger(f"{OURS}.process").error("ended by a fault kind=%s", kind.__name__, exc_info=fault)
