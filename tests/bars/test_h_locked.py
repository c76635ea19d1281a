"""H7: a machine that starts without its key keeps every call for help, sealed, says loudly that it is locked, and goes
on with the calls once the key is here."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import aiohttp

from escalation.people import Role
from store import inbox, incidents
from store.custody import by_shares, with_share
from store.data_keys import path_beside
from store.key_files import KeyFile
from store.keyring import Keyring
from tests.bars.conftest import Bar
from tests.world import MORNING, World
from tocsin.web import Pages, web_app
from tocsin.wellbeing import Wellbeing

WORDS = "they are at the blue gate"


async def health(world: World) -> tuple[int, str]:
    """What somebody outside is told."""
    pages = Pages(web_app(Wellbeing(world.engine), world.engine.metrics.registry), "127.0.0.1", 0)
    await pages.open()
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{pages.url}/health") as answer:
            return answer.status, (await answer.json())["status"]
    finally:
        await pages.close()


def waiting(database: Path) -> list[bytes]:
    """What stands in the inbox, as a thief of the disk would read it."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return [
            bytes(raw) for (raw,) in connection.execute("select raw from inbox where state = 'waiting' order by id")
        ]


async def test_h7_a_locked_machine_keeps_calls_for_help_and_makes_them_once_it_is_unlocked(
    bar: Bar, tmp_path: Path
) -> None:
    panics = bar.size(3, 50)
    shares: list[KeyFile] = []
    made = Keyring.fresh(MORNING, by_shares(shares.append, MORNING))
    made.save(tmp_path / "keys")
    database = tmp_path / "tocsin.db"

    async with World(tmp_path, keyring=made) as world:
        names = [f"Ana {number}" for number in range(panics)]
        for name in names:
            await world.defender(name, watched=False)
        bo = await world.responder("Bo", tier=None, role=Role.COORDINATOR)
        heard_before = len(bo.chat(world.responders_bot))
        await world.close_service()

        world.keyring = Keyring.load(tmp_path / "keys")
        await world.open_service(ready=False)
        assert world.store.vault.is_locked
        for name in names:
            world.phones[name].type(world.defenders_bot, WORDS)
            world.phones[name].type(world.defenders_bot, "sos")
        await world.until(lambda: len(waiting(database)) == 2 * panics)
        await world.until(lambda: not world.stage.waiting(world.defenders_bot))

        kept = waiting(database)
        everything = b"".join(path.read_bytes() for path in (database, path_beside(database)))
        everything += (tmp_path / "tocsin.db-wal").read_bytes()
        told = await health(world)
        quiet = len(bo.chat(world.responders_bot)) == heard_before
        world.clock.advance(timedelta(minutes=7))

        await world.close_service()  # a second start without the key changes nothing
        world.keyring = Keyring.load(tmp_path / "keys")
        await world.open_service(ready=False)
        assert waiting(database) == kept
        locked_file = world.keyring.locked_files[0]
        world.keyring.unlock(with_share(locked_file, shares[0].fields["key"]))
        world.engine.unlocked.set()
        await world.settle()
        told_after = await health(world)

        found = await world.store.read(lambda tx: incidents.recent(tx, panics + 1))
        empty = await world.store.read(inbox.is_empty)
        calls = [message.text for message in bo.chat(world.responders_bot)[heard_before:] if message.from_bot]

    assert told == (503, "locked")
    assert quiet
    assert len(kept) == 2 * panics
    assert WORDS.encode() not in everything
    assert WORDS.encode("utf-16-le") not in everything
    assert len(found) == panics
    assert empty
    assert all(any(name in call for call in calls) for name in names)
    assert told_after == (200, "ok")
    bar.holds(
        "Without its key a machine keeps every call for help sealed, says that it is locked, and calls once it has it",
        f"{panics} of {panics} kept through two locked starts, each called afterwards; /health 503 meanwhile",
    )
