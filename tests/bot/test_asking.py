"""An update is read on the loop alone: no filter has a thread ask it, for each handler in turn."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from bot.dialogue import Enrolment
from engine.turn import Dialogue
from engine.views import DefenderView

from .conftest import Read
from .made import ana, edited, invited, press, update


class NoThreads(ThreadPoolExecutor):
    """Hands out none."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        del fn, args, kwargs
        raise AssertionError("a thread was asked")


@pytest.mark.parametrize("me", [ana(has_code=True), ana(state="left"), invited()])
@pytest.mark.parametrize(
    "came",
    [
        update(text="sos"),
        update(text="/ok"),
        update(text="/nonsense"),
        update(text="the river is high"),
        edited(text="the river is low"),
        press("anything"),
        press(".abc"),
    ],
)
@pytest.mark.parametrize("state", [None, Enrolment.times.state])
async def test_no_thread_is_asked(read: Read, came: dict[str, Any], me: DefenderView, state: str | None) -> None:
    asyncio.get_running_loop().set_default_executor(NoThreads(1))

    turn = await read(came, me, Dialogue(state))

    assert turn.message_id or turn.query_id
