"""The network, in memory: what aiohttp's clients and servers hold for connections.

Bytes arrive in order, after a time that is drawn. Whoever dials where nobody listens is refused. When a process is
killed, its connections break for the others; nothing of its own hears of that.
"""

import asyncio
from collections.abc import Callable
from contextvars import Context, copy_context
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .loop import SimulatedLoop

TAKES = (0.0005, 0.02)  # seconds from one end to the other
FIRST_PORT = 40_000
A_HAIR = 1e-6  # seconds between two arrivals on one wire


class Wire(asyncio.Transport):
    """One end of a connection."""

    def __init__(self, loop: "SimulatedLoop", draws: Random, protocol: asyncio.BaseProtocol, context: Context) -> None:
        super().__init__()
        self._loop, self._draws = loop, draws
        self._protocol: Any = protocol
        self.context = context
        self.peer: Wire | None = None
        self._closing = self._lost = False
        self._paused = False
        self._kept: list[bytes] = []
        self._next_at = 0.0

    # What a protocol may ask of it

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Where both ends are; there is no socket."""
        return ("127.0.0.1", 1) if name in ("peername", "sockname") else default

    def is_closing(self) -> bool:
        """Whether it is closed, or about to be."""
        return self._closing

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Somebody else listens from now on."""
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Who listens."""
        listener: asyncio.BaseProtocol = self._protocol
        return listener

    def write(self, data: "bytes | bytearray | memoryview[Any]") -> None:
        """Send; nothing is lost on the way while both ends stand."""
        if not self._closing and self.peer is not None and data:
            self._arrive(self.peer, self.peer.receive, bytes(data))

    def can_write_eof(self) -> bool:
        """It cannot be closed by halves."""
        return False

    def pause_reading(self) -> None:
        """Keep what comes."""
        self._paused = True

    def resume_reading(self) -> None:
        """Give what came meanwhile."""
        self._paused = False
        kept, self._kept = self._kept, []
        for data in kept:
            self._loop.call_soon(self.receive, data, context=self.context)

    def is_reading(self) -> bool:
        """Whether what comes is given on."""
        return not self._paused and not self._closing

    def get_write_buffer_size(self) -> int:
        """Nothing waits here."""
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """There is no buffer."""

    def close(self) -> None:
        """Let what was sent arrive, then end."""
        self._end(None)

    def abort(self) -> None:
        """End at once."""
        self._end(ConnectionResetError("cut"))

    # What the other end, and the network, do with it

    def receive(self, data: bytes) -> None:
        """Bytes come in."""
        if self._paused:
            self._kept.append(data)
        elif not self._closing:
            self._protocol.data_received(data)

    def break_off(self) -> None:
        """The process of this end is dead: the other end hears of it, this one of nothing."""
        self._closing = self._lost = True
        if self.peer is not None:
            self._arrive(self.peer, self.peer.lose, ConnectionResetError("the other end is gone"))

    def lose(self, fault: Exception | None) -> None:
        """The connection is over."""
        if not self._lost:
            self._closing = self._lost = True
            self._protocol.connection_lost(fault)

    def _end(self, fault: Exception | None) -> None:
        if self._closing:
            return
        self._closing = True
        if self.peer is not None:
            self._arrive(self.peer, self.peer.lose, fault)
        self._loop.call_soon(self.lose, None, context=self.context)

    def _arrive(self, at: "Wire", what: Callable[..., None], *args: Any) -> None:
        self._next_at = max(self._next_at + A_HAIR, self._loop.time() + self._draws.uniform(*TAKES))
        self._loop.call_at(self._next_at, what, *args, context=at.context)


class _Listening(asyncio.AbstractServer):
    """Somebody who can be dialled."""

    def __init__(self, network: "Network", address: tuple[str, int]) -> None:
        self._network, self.address = network, address

    @property
    def sockets(self) -> "tuple[_Listening, ...]":
        return (self,)

    def getsockname(self) -> tuple[str, int]:
        return self.address

    def close(self) -> None:
        self._network.listeners.pop(self.address, None)

    def is_serving(self) -> bool:
        return self.address in self._network.listeners

    async def wait_closed(self) -> None:
        return

    async def start_serving(self) -> None:
        return

    async def serve_forever(self) -> None:
        await asyncio.get_running_loop().create_future()

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()


class Network:
    """Who listens where, and who is connected to whom."""

    def __init__(self, loop: "SimulatedLoop", draws: Random) -> None:
        self._loop, self._draws = loop, draws
        self.listeners: dict[tuple[str, int], tuple[Callable[[], asyncio.BaseProtocol], Context]] = {}
        self._dialled: dict[Any, tuple[str, int]] = {}
        self._wires: dict[int, list[Wire]] = {}
        self._ports = iter(range(FIRST_PORT, 65_536))

    def listen(self, factory: Callable[[], asyncio.BaseProtocol], host: str, port: int) -> asyncio.AbstractServer:
        """Be there for whoever dials."""
        address = host, port or next(self._ports)
        self.listeners[address] = factory, copy_context()
        return _Listening(self, address)

    async def dial(self, sock: Any, address: tuple[str, int]) -> None:
        """Raises ConnectionRefusedError when nobody listens there."""
        await asyncio.sleep(self._draws.uniform(*TAKES))
        if address not in self.listeners:
            raise ConnectionRefusedError("nobody listens")
        self._dialled[sock] = address

    async def connect(
        self, factory: Callable[[], asyncio.BaseProtocol], sock: Any
    ) -> tuple[Wire, asyncio.BaseProtocol]:
        """Both ends of what was dialled; gives the near one."""
        address = self._dialled.pop(sock)
        sock.close()
        if address not in self.listeners:
            raise ConnectionRefusedError("nobody listens any more")
        accept, there = self.listeners[address]
        far_protocol: Any = there.copy().run(accept)
        near_protocol: Any = factory()
        near = Wire(self._loop, self._draws, near_protocol, copy_context())
        far = Wire(self._loop, self._draws, far_protocol, there.copy())
        near.peer, far.peer = far, near
        self._note(near)
        self._note(far)
        self._loop.call_soon(far_protocol.connection_made, far, context=far.context)
        near_protocol.connection_made(near)
        return near, near_protocol

    def cut_off(self, process: int) -> None:
        """Break every connection of a process, and let nobody dial it any more."""
        for wire in self._wires.pop(process, []):
            if not wire.is_closing():
                wire.break_off()
        for address, (_, context) in list(self.listeners.items()):
            if self._of(context) == process:
                del self.listeners[address]

    def _note(self, wire: Wire) -> None:
        process = self._of(wire.context)
        wires = self._wires.setdefault(process, [])
        wires.append(wire)
        if len(wires) > 256:
            self._wires[process] = [one for one in wires if not one.is_closing()]

    def _of(self, context: Context) -> int:
        from .loop import PROCESS

        return context.get(PROCESS, 0)
