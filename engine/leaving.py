"""Leaving: the last look before the first byte of a letter is written, when its connection is there.

A process that stands still between taking a letter and writing it would go on, minutes later, exactly there, and send
what another has sent meanwhile. So whoever has a letter sent says how to see whether it is still sure to be alive to
the others, and it is looked once more at the door. Of what may not leave nothing was written: it has reached nobody.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace

from aiohttp import ClientSession, ConnectionTimeoutError, TraceConfig

MayLeave = Callable[[], bool]

_look: ContextVar[MayLeave | None] = ContextVar("look", default=None)


@contextmanager
def looking(may_leave: MayLeave) -> Iterator[None]:
    """Whatever is sent inside of this is looked at once more at the door."""
    before = _look.set(may_leave)
    try:
        yield
    finally:
        _look.reset(before)


def guard_the_door(session: ClientSession) -> None:
    """Look at every request of `session` when its connection is there and nothing of it is written. What may not leave
    ends as if nobody had been reached: with ConnectionTimeoutError."""
    trace = TraceConfig()
    trace.on_connection_create_end.append(_at_the_door)
    trace.on_connection_reuseconn.append(_at_the_door)
    trace.freeze()
    if not any(_at_the_door in guarded.on_connection_reuseconn for guarded in session.trace_configs):
        session.trace_configs.append(trace)


async def _at_the_door(_session: ClientSession, _context: SimpleNamespace, _what: object) -> None:
    may_leave = _look.get()
    if may_leave is not None and not may_leave():
        raise ConnectionTimeoutError("stood still")
