"""A network of its own for one process: what it says to the database and to the messenger goes over a cable that can be
pulled out. It needs root, `ip` (iproute2) and a kernel that lets us make network namespaces. A single line to one
address, which can go dead as well, needs nothing of this.
"""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import pytest

IP = "/usr/sbin/ip" if os.path.exists("/usr/sbin/ip") else "ip"  # noqa: PTH110
OURS, THEIRS = "10.213.77.1", "10.213.77.2"
SPACE, NEAR, FAR = "tocsin-machines", "tocsin-near", "tocsin-far"


@dataclass(frozen=True, slots=True)
class Cable:
    """The cable between us and a network in which `wrapped` commands run."""

    wrapped: Sequence[str] = (IP, "netns", "exec", SPACE)

    def pull(self) -> None:
        """Nothing goes through any more, in either direction, and nobody is told."""
        run("link", "set", NEAR, "down")

    def plug_in(self) -> None:
        """It goes through again."""
        run("link", "set", NEAR, "up")


def run(*words: str) -> None:
    """Have `ip` do something. Raises CalledProcessError."""
    subprocess.run([IP, *words], check=True, capture_output=True)


def undo(*words: str) -> None:
    """Have `ip` do something that may be done already."""
    subprocess.run([IP, *words], check=False, capture_output=True)


@asynccontextmanager
async def network() -> AsyncIterator[Cable]:
    """A cable, plugged in; skips the test where none can be made."""
    if os.geteuid() != 0 or shutil.which(IP) is None:
        pytest.skip("a network of its own for a process needs root and `ip` of iproute2")
    try:
        run("netns", "add", SPACE)
    except subprocess.CalledProcessError as failure:
        pytest.skip(f"this machine makes no network namespaces: {failure.stderr.decode(errors='replace').strip()}")
    try:
        run("link", "add", NEAR, "type", "veth", "peer", "name", FAR, "netns", SPACE)
        run("addr", "add", f"{OURS}/30", "dev", NEAR)
        run("-n", SPACE, "addr", "add", f"{THEIRS}/30", "dev", FAR)
        for words in (("link", "set", NEAR, "up"), ("-n", SPACE, "link", "set", FAR, "up")):
            run(*words)
        run("-n", SPACE, "link", "set", "lo", "up")
        yield Cable()
    finally:
        undo("link", "del", NEAR)  # by its name: the space lives on while a connection in it does
        undo("netns", "del", SPACE)


@asynccontextmanager
async def doors(*to: tuple[str, int] | str) -> AsyncIterator[list[int]]:
    """Ports at our end of the cable, one for each address or socket behind it."""
    async with AsyncExitStack() as stack:
        servers = [await asyncio.start_server(_passes_on(where), OURS, 0) for where in to]
        for server in servers:
            stack.callback(server.close)
        yield [server.sockets[0].getsockname()[1] for server in servers]


@dataclass(slots=True)
class Line:
    """A line to one address. While it is dead whoever calls is let in, and nothing they say arrives."""

    port: int = 0
    alive: asyncio.Event = field(default_factory=asyncio.Event)

    def die(self) -> None:
        """Nothing goes through any more, in either direction, and nobody is told."""
        self.alive.clear()


@asynccontextmanager
async def line(host: str, port: int) -> AsyncIterator[Line]:
    """A line that is alive, at a port of this machine."""
    made = Line()
    made.alive.set()
    server = await asyncio.start_server(_passes_on((host, port), made.alive), "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        made.alive.set()
        server.close()


def _passes_on(where: tuple[str, int] | str, alive: asyncio.Event | None = None) -> "Callable[..., Awaitable[None]]":
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            behind = await (
                asyncio.open_unix_connection(where) if isinstance(where, str) else asyncio.open_connection(*where)
            )
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pump(reader, behind[1], alive), _pump(behind[0], writer, alive))

    return serve


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, alive: asyncio.Event | None = None) -> None:
    try:
        while data := await reader.read(65536):
            if alive is not None:
                await alive.wait()
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
