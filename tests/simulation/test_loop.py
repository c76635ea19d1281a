"""The simulation's event loop: time that is not spent, and processes that die between two steps."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from simulation.loop import Fuse, SimulatedLoop, Stalled


@pytest.fixture
def loop() -> Iterator[SimulatedLoop]:
    """A loop on which nothing has happened."""
    loop = SimulatedLoop(Random(1))
    yield loop
    loop.bury()
    loop.close()


def test_a_year_passes_at_once(loop: SimulatedLoop) -> None:
    began, then = time.monotonic(), loop.time()

    loop.run_until_complete(asyncio.sleep(365 * 86_400))

    assert loop.time() - then >= 365 * 86_400
    assert time.monotonic() - began < 1


def test_who_waits_for_nothing_is_told_so(loop: SimulatedLoop) -> None:
    with pytest.raises(Stalled):
        loop.run_until_complete(loop.create_future())


def test_who_is_killed_does_nothing_more_not_even_at_the_end(loop: SimulatedLoop) -> None:
    process, context = loop.new_process()
    done: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(10)
            done.append("worked")
        finally:
            done.append("tidied up")

    async def world() -> None:
        await asyncio.sleep(5)
        loop.kill(process)
        await asyncio.sleep(20)

    loop.create_task(work(), context=context)
    loop.run_until_complete(world())

    assert done == []


@pytest.mark.parametrize("what", ["step", "commit"])
def test_a_fuse_kills_at_the_step_or_the_commit_that_was_drawn(loop: SimulatedLoop, what: str) -> None:
    process, context = loop.new_process()
    done: list[int] = []

    async def work() -> None:
        for number in range(100):
            await loop.run_in_executor(None, done.append, number)

    process.fuse = Fuse(what, 20, lambda: loop.kill(process))
    loop.create_task(work(), context=context)
    loop.run_until_complete(asyncio.sleep(100))

    assert process.dead
    assert len(done) < 100
    assert what != "commit" or len(done) == 20


def test_who_stands_still_does_everything_later_and_in_order(loop: SimulatedLoop) -> None:
    process, context = loop.new_process()
    done: list[tuple[int, float]] = []

    async def work(number: int) -> None:
        await asyncio.sleep(number)
        done.append((number, loop.time()))

    for number in (3, 1, 2):
        loop.create_task(work(number), context=context)
    loop.call_later(0.5, loop.freeze, process, 60.0)
    began = loop.time()
    loop.run_until_complete(asyncio.sleep(100))

    assert [number for number, _ in done] == [1, 2, 3]
    assert all(at - began >= 60 for _, at in done)


def test_on_one_thread_one_piece_of_work_is_done_after_the_other(loop: SimulatedLoop) -> None:
    thread = ThreadPoolExecutor(1)
    done: list[int] = []

    async def world() -> None:
        await asyncio.gather(*(loop.run_in_executor(thread, done.append, number) for number in range(50)))

    loop.run_until_complete(world())

    assert done == list(range(50))


def test_a_connection_of_who_is_killed_breaks_for_the_other(loop: SimulatedLoop) -> None:
    heard: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append((await reader.readline()).decode())
        try:
            await reader.readline()
        except ConnectionResetError:
            heard.append("gone")
        writer.close()

    async def call() -> None:
        await dial(loop, lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()), b"hello\n")
        await asyncio.sleep(1000)

    async def world() -> None:
        await loop.create_server(lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader(), serve), "127.0.0.1", 80)
        process, context = loop.new_process()
        loop.create_task(call(), context=context)
        await asyncio.sleep(5)
        loop.kill(process)
        await asyncio.sleep(5)

    loop.run_until_complete(world())

    assert heard == ["hello\n", "gone"]


def test_nobody_listens_where_nobody_listens(loop: SimulatedLoop) -> None:
    with pytest.raises(ConnectionRefusedError):
        loop.run_until_complete(dial(loop, asyncio.Protocol, b""))


async def dial(loop: SimulatedLoop, protocol: Callable[[], asyncio.BaseProtocol], said: bytes) -> None:
    """Say something to whoever listens at port 80."""
    sock = Sock()
    connecting: Awaitable[None] = loop.sock_connect(sock, ("127.0.0.1", 80))
    await connecting
    wire, _ = await loop.create_connection(protocol, sock=sock)
    wire.write(said)


class Sock:
    """What stands for a socket until it is connected."""

    def close(self) -> None:
        """There is nothing behind it."""
