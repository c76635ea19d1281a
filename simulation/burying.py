"""What becomes of the dead when everything is over: it is let go of, and nobody hears of it.

A killed process leaves tasks in the middle of their work. To end them would run what `kill -9` does not let run, so
they are kept until the end of the seed, when nothing that they do matters any more.
"""

import asyncio
import contextlib
import gc
import sys
import warnings
from collections.abc import Iterator
from functools import _lru_cache_wrapper
from typing import Any

from aiogram.types import Update

AWAITS_AT_MOST = 20  # in the `finally` blocks of one task


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """What the dead cry out when they are let go of is heard by nobody; at the end of the block nothing is left."""
    heard, sys.unraisablehook = sys.unraisablehook, lambda _: None
    gc.disable()  # a connection that is let go of is closed; when, must not depend on what else the machine allocates
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
            _forget_updates()
            gc.collect()
    finally:
        gc.enable()
        sys.unraisablehook = heard


def _forget_updates() -> None:
    """aiogram keeps the last updates that it told the kind of, each with its bot and the bot's connections."""
    kind: Any = vars(Update)["event_type"]
    remembered: _lru_cache_wrapper[str] = kind.fget
    remembered.cache_clear()


def let_go(task: "asyncio.Task[Any]") -> None:
    """Close what it was doing, through every `finally` on the way."""
    task._log_destroy_pending = False  # type: ignore[attr-defined]  # noqa: SLF001 - it is meant to be lost
    coroutine: Any = task.get_coro()
    for _ in range(AWAITS_AT_MOST):
        with contextlib.suppress(BaseException):
            coroutine.close()
            break
