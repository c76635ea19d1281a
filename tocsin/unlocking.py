"""Unlocking: from a passphrase or a second share to the key-encryption key, for a command or for the running service.

A service without its key runs on, locked: it keeps what comes and says loudly that it is locked, asks for the share
again and again, and takes a passphrase that `tocsin unlock` hands it through a socket in the data folder.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.log import Log
from store.custody import is_in_shares, is_under_passphrase, with_passphrase, with_share
from store.key_files import KeyFile
from store.refusals import KeysRefused

from .refusing import Refused

if TYPE_CHECKING:
    from config.settings import Settings
    from store.keyring import Keyring

log = Log("unlocking")

SOCKET = "unlock.sock"
ASK_AGAIN = 15.0  # seconds between two tries for the share
SAY_AGAIN = 60.0  # seconds between two lines in the log that say we are locked
LONGEST = 4096  # bytes of a passphrase
TAKEN, REFUSED = b"unlocked\n", b"refused\n"


def try_passphrase(keyring: "Keyring", passphrase: str) -> bool:
    """Unlock what this passphrase opens; whether it opened anything. Takes about 0.2 s for each key."""
    opened = False
    for file in filter(is_under_passphrase, keyring.locked_files):
        with contextlib.suppress(KeysRefused):
            keyring.unlock(with_passphrase(file, passphrase))
            opened = True
    return opened


async def try_shares(keyring: "Keyring", settings: "Settings") -> None:
    """Unlock what a share from the other machine opens. Raises ShareNotGiven, or KeysRefused."""
    from .shares import ShareNotGiven, ask_for

    wanted: list[KeyFile] = [file for file in keyring.locked_files if is_in_shares(file)]
    if settings.unlock_url is None or not keyring.is_locked:
        return
    missed: list[ShareNotGiven] = []
    for file in wanted:
        try:
            keyring.unlock(with_share(file, await ask_for(file, settings.unlock_url, settings.keys)))
        except ShareNotGiven as failure:
            missed.append(failure)  # of an old key, perhaps, whose share nobody needs any more
    if missed and keyring.is_locked:
        raise missed[0]


async def unlock_for_command(
    keyring: "Keyring", settings: "Settings", ask: Callable[[], str | None] = lambda: None
) -> None:
    """Unlock for one command; `ask` asks whoever types for the passphrase, and gives None where nobody does.

    Raises Refused when it stays locked."""
    from .shares import ShareNotGiven

    try:
        await try_shares(keyring, settings)
    except (ShareNotGiven, KeysRefused) as failure:
        raise Refused(str(failure)) from None
    if keyring.is_locked and any(map(is_under_passphrase, keyring.locked_files)):
        typed = ask()
        if typed and not await asyncio.to_thread(try_passphrase, keyring, typed):
            raise Refused("This is not the passphrase of these keys: try it once more.")
    insist_unlocked(keyring)


def insist_unlocked(keyring: "Keyring") -> None:
    """Raises Refused while the key that the data needs is not here."""
    if keyring.locked_files:
        how = "set TOCSIN_PASSPHRASE_FILE, or TOCSIN_UNLOCK_URL where the other share is"
    else:
        how = "put the file of the key-encryption key back, or run this where systemd hands it over"
    if keyring.is_locked:
        raise Refused(f"The keys are locked: {how}.")


async def unlock_service(keyring: "Keyring", settings: "Settings", unlocked: asyncio.Event) -> None:
    """Try until the keys are here, and then set `unlocked`. Returns at once when they are."""
    if keyring.is_locked:
        async with _hatch(keyring, settings.data / SOCKET, unlocked):
            asking = asyncio.create_task(_ask_again(keyring, settings, unlocked), name="ask for the share")
            saying = asyncio.create_task(_say_again(), name="say that we are locked")
            await unlocked.wait()
            for task in (asking, saying):
                task.cancel()
            await asyncio.wait({asking, saying})
        log.info("unlocked")
    unlocked.set()


async def hand_over(passphrase: str, data: Path) -> bool:
    """Give the service of this data folder a passphrase; whether it was the right one.

    Raises Refused when no locked service runs there."""
    try:
        reader, writer = await asyncio.open_unix_connection(str(data / SOCKET))
    except OSError:
        raise Refused("No locked service runs on this data folder: start `tocsin run` first.") from None
    try:
        writer.write(passphrase.encode("utf-8", "surrogatepass"))
        writer.write_eof()
        return await reader.read(len(TAKEN)) == TAKEN
    finally:
        writer.close()


async def _ask_again(keyring: "Keyring", settings: "Settings", unlocked: asyncio.Event) -> None:
    from .shares import ShareNotGiven

    while True:
        keyring.look_again()
        try:
            await try_shares(keyring, settings)
        except (ShareNotGiven, KeysRefused) as failure:
            log.warning("share_not_given", fault=failure)
        if not keyring.is_locked:
            unlocked.set()
            return
        await asyncio.sleep(ASK_AGAIN)


async def _say_again() -> None:
    while True:
        log.error("locked")
        await asyncio.sleep(SAY_AGAIN)


@contextlib.asynccontextmanager
async def _hatch(keyring: "Keyring", path: Path, unlocked: asyncio.Event) -> AsyncIterator[None]:
    """A socket through which a passphrase may come. Who cannot look into the data folder does not reach it."""
    one_at_a_time = asyncio.Lock()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(ASK_AGAIN), one_at_a_time:
                said = (await reader.read(LONGEST)).decode("utf-8", "surrogatepass")
                opened = await asyncio.to_thread(try_passphrase, keyring, said)
                if not opened:
                    log.warning("passphrase_refused")
                writer.write(TAKEN if opened else REFUSED)
                await writer.drain()
        writer.close()
        if not keyring.is_locked:
            unlocked.set()

    _clear(path)
    try:
        server = await asyncio.start_unix_server(take, str(path))
    except OSError as failure:  # such as a path that is too long for a socket: a share may still come
        log.error("no_way_to_unlock", fault=failure)
        yield
        return
    try:
        yield
    finally:
        server.close()
        _clear(path)


def _clear(path: Path) -> None:
    path.unlink(missing_ok=True)
