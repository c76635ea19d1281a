"""A small mail server for the tests: speaks SMTP on this machine, keeps what it takes, and fails on demand."""

import asyncio
import ssl
from dataclasses import dataclass, field


@dataclass
class FakeMailServer:
    """`taken` holds pairs of (recipient, message). `reply_to` is what a command is answered with instead of yes."""

    tls: ssl.SSLContext | None = None
    login: str = ""  # the base64 of AUTH PLAIN that is let in; "" for a server without logins
    taken: list[tuple[str, str]] = field(default_factory=list)
    reply_to: dict[str, str] = field(default_factory=dict)
    cut_at: str = ""  # the command after which the line goes dead; "." is the end of the message
    hang_at: str = ""  # the command that is never answered
    port: int = 0
    _closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop to listen."""
        self._closing.set()
        self._server.close()
        await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self.reply_to.get("CONNECT", "220 mail.example at your service").encode() + b"\r\n")
        recipient, private = "", False
        while line := await reader.readline():
            command = line.split(maxsplit=1)[0].upper().decode()
            if command == self.cut_at:
                break
            if command == self.hang_at:
                await self._closing.wait()
                break
            if command in self.reply_to:
                writer.write(self.reply_to[command].encode() + b"\r\n")
                continue
            match command:
                case "EHLO":
                    writer.write("".join(self._features(private)).encode())
                case "STARTTLS":
                    writer.write(b"220 go ahead\r\n")
                    assert self.tls is not None
                    await writer.start_tls(self.tls)
                    private = True
                case "AUTH":
                    good = line.split()[-1].decode() == self.login
                    writer.write(b"235 come in\r\n" if good else b"535 5.7.8 no\r\n")
                case "RCPT":
                    recipient = line.decode().partition("<")[2].partition(">")[0]
                    writer.write(b"250 ok\r\n")
                case "DATA":
                    writer.write(b"354 go on\r\n")
                    message = (await reader.readuntil(b"\r\n.\r\n")).decode()
                    if self.reply_to.get("."):
                        writer.write(self.reply_to["."].encode() + b"\r\n")
                        continue
                    self.taken.append((recipient, message))
                    if self.cut_at == ".":
                        break
                    writer.write(b"250 taken\r\n")
                case _:
                    writer.write(b"250 ok\r\n")
        writer.close()

    def _features(self, private: bool) -> list[str]:
        more = ["250-STARTTLS\r\n"] if self.tls is not None and not private else []
        more += ["250-AUTH PLAIN\r\n"] if self.login else []
        return ["250-mail.example\r\n", *more, "250 8BITMIME\r\n"]
