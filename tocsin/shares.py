"""The second share: a small endpoint on another machine, and asking it for the share when the service starts.

Both sides show a certificate. Whoever stops the endpoint, or takes the share away from it, locks the data at the next
start of the service. Every share that is given away is told: one line on standard output and in `unlocks.log`.
"""

import asyncio
import os
import re
import ssl
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from aiohttp import web

from engine.polling import NO_TIMER
from store.key_files import KeyFile, make_key_folder, read
from store.refusals import KeysRefused

from .certificates import pair

SERVER, CLIENT_ONLY = "unlock-server.pem", "unlock-client.crt"  # beside the share, on the other machine
CLIENT, SERVER_ONLY = "unlock-client.pem", "unlock-server.crt"  # beside the keys, on ours
TOLD = "unlocks.log"
KEY_ID = re.compile(r"[0-9a-f]{8}")
ANSWER_TIMEOUT = 10.0  # seconds
OWNER_ONLY = 0o600


class ShareNotGiven(Exception):
    """The other machine did not answer, or has no such share. It may be tried again."""


def write_certificates(host: str, keys: Path, elsewhere: Path, now: datetime) -> None:
    """Make both certificates and put each where it belongs. Raises KeysRefused when they cannot be written."""
    (server, server_secret), (client, client_secret) = pair(host, now)
    make_key_folder(elsewhere)
    for path, text in (
        (elsewhere / SERVER, server_secret),
        (elsewhere / CLIENT_ONLY, client),
        (keys / CLIENT, client_secret),
        (keys / SERVER_ONLY, server),
    ):
        try:
            with os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, OWNER_ONLY), "w") as file:
                file.write(text)
        except OSError as error:
            raise KeysRefused(f"The certificate cannot be written ({error.strerror}): {path}") from None


@asynccontextmanager
async def endpoint(
    folder: Path, host: str, port: int, now: Callable[[], datetime], tell: Callable[[str], None]
) -> AsyncIterator[str]:
    """Give the shares of `folder` to who shows the client's certificate; gives the address.

    `tell` is handed a line for each. Raises KeysRefused when a file is missing, OSError when the address is taken."""
    context = _context(ssl.Purpose.CLIENT_AUTH, folder / CLIENT_ONLY, folder / SERVER)

    async def give(request: web.Request) -> web.Response:
        wanted = request.match_info["id"]
        share = await asyncio.to_thread(_share_in, folder, wanted)
        line = f"{now().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ} {'given' if share else 'refused'} {wanted}"
        await asyncio.to_thread(_note, folder / TOLD, line)
        tell(line)
        if share is None:
            raise web.HTTPNotFound
        return web.Response(text=urlsafe_b64encode(share.fields["key"]).decode())

    app = web.Application()
    app.add_routes([web.get("/share/{id:[0-9a-f]{8}}", give)])
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, ssl_context=context).start()
        yield f"https://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def ask_for(file: KeyFile, url: str, keys: Path) -> bytes:
    """The share that belongs to `file`, from the other machine.

    Raises ShareNotGiven, or KeysRefused when our own certificates are missing."""
    context = _context(ssl.Purpose.SERVER_AUTH, keys / SERVER_ONLY, keys / CLIENT)
    connector = aiohttp.TCPConnector(ssl=context)
    try:
        async with (
            asyncio.timeout(ANSWER_TIMEOUT),
            aiohttp.ClientSession(timeout=NO_TIMER, connector=connector) as session,
            session.get(f"{url}/share/{file.id}", allow_redirects=False) as answer,
        ):
            if answer.status != web.HTTPOk.status_code:
                raise ShareNotGiven(f"{url} does not give the share for the key {file.id}.")
            return urlsafe_b64decode(await answer.content.read(256))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as failure:
        raise ShareNotGiven(f"{url} does not answer ({type(failure).__name__}).") from None


def _context(purpose: ssl.Purpose, trusted: Path, own: Path) -> ssl.SSLContext:
    for path in (trusted, own):
        if not path.is_file():
            raise KeysRefused(f"The certificate {path} is missing: `tocsin keys new --share-at` makes all of them.")
    try:
        context = ssl.create_default_context(purpose, cafile=str(trusted))
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(own)
    except (ssl.SSLError, OSError):
        raise KeysRefused(f"A certificate cannot be read: {trusted} or {own}.") from None
    return context


def _share_in(folder: Path, wanted: str) -> KeyFile | None:
    path = folder / f"share-{wanted}.key"
    return read(path) if KEY_ID.fullmatch(wanted) and path.is_file() else None


def _note(path: Path, line: str) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, OWNER_ONLY), "w") as file:
        file.write(f"{line}\n")
