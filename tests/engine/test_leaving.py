"""What a process that stood still had ready to be written does not leave any more."""

import pytest
from aiohttp import ClientSession, ConnectionTimeoutError, web
from aiohttp.test_utils import TestServer

from engine.leaving import guard_the_door, looking


async def test_what_may_not_leave_reaches_nobody_on_a_new_connection_and_on_one_that_stands() -> None:
    reached = []

    async def take(request: web.Request) -> web.Response:
        reached.append(await request.text())
        return web.Response()

    app = web.Application()
    app.router.add_post("/", take)
    async with TestServer(app) as server, ClientSession() as session:
        guard_the_door(session)
        guard_the_door(session)  # once is enough

        with looking(lambda: False), pytest.raises(ConnectionTimeoutError):
            await session.post(server.make_url("/"), data=b"stale")
        with looking(lambda: True):
            (await session.post(server.make_url("/"), data=b"ours")).close()
        with looking(lambda: False), pytest.raises(ConnectionTimeoutError):
            await session.post(server.make_url("/"), data=b"stale, too")
        async with session.post(server.make_url("/"), data=b"nobody looks") as answer:
            assert answer.status == 200

    assert reached == ["ours", "nobody looks"]
    assert len(session.trace_configs) == 1
