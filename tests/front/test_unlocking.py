"""Unlocking: the share from the other machine over mutual TLS, the passphrase through the socket; nobody else does."""

import asyncio
import shutil
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from config.settings import Settings, load_settings
from store.cipher import new_key
from store.custody import by_passphrase, by_shares
from store.key_files import KeyFile, key_id
from store.keyring import Keyring
from store.made_keys import key_file
from store.refusals import KeysRefused
from store.rotation import bring_under
from tests.databases import START, Hands
from tocsin import unlocking
from tocsin.keeping import manner
from tocsin.refusing import Refused
from tocsin.shares import CLIENT, SERVER_ONLY, ShareNotGiven, ask_for, endpoint
from tocsin.unlocking import hand_over, unlock_for_command, unlock_service

PASSPHRASE = "five words of the dictionary"


@dataclass
class Shared:
    """An instance whose key is in two shares, and the machine that gives out the other one."""

    settings: Settings
    elsewhere: Path
    told: list[str] = field(default_factory=list)

    def give(self, share: KeyFile) -> None:
        """Put one more share on the other machine."""
        share.write(self.elsewhere)

    @property
    def keyring(self) -> Keyring:
        """The keys as a service finds them when it starts."""
        return Keyring.load(self.settings.keys)


@pytest.fixture
async def shared(tmp_path: Path) -> AsyncIterator[Shared]:
    """The endpoint runs; the settings say where."""
    environ = {"TOCSIN_DATA": str(tmp_path / "data")}
    elsewhere = tmp_path / "elsewhere"
    settings = load_settings(environ, tmp_path)
    keep = manner(settings, START, passphrase=False, share_at="127.0.0.1", give=elsewhere)
    Keyring.fresh(START, keep).save(settings.keys)
    told: list[str] = []
    async with endpoint(elsewhere, "127.0.0.1", 0, Hands(), told.append) as url:
        yield Shared(load_settings({**environ, "TOCSIN_UNLOCK_URL": url}, tmp_path), elsewhere, told)


async def test_the_share_from_elsewhere_unlocks_a_command(shared: Shared) -> None:
    keyring = shared.keyring
    assert keyring.is_locked

    await unlock_for_command(keyring, shared.settings)

    assert keyring.kek(keyring.kek_ids[0])
    assert shared.told == [f"2026-03-02T08:00:00Z given {keyring.kek_ids[0]}"]
    assert (shared.elsewhere / "unlocks.log").read_text(encoding="utf-8").splitlines() == shared.told


async def test_the_share_from_elsewhere_unlocks_the_service(shared: Shared) -> None:
    keyring, unlocked = shared.keyring, asyncio.Event()

    async with asyncio.timeout(20):
        await unlock_service(keyring, shared.settings, unlocked)

    assert unlocked.is_set()
    assert not keyring.is_locked


async def test_a_share_that_was_taken_away_locks_the_next_start(shared: Shared) -> None:
    await unlock_for_command(shared.keyring, shared.settings)
    next(shared.elsewhere.glob("share-*.key")).unlink()
    keyring = shared.keyring

    with pytest.raises(Refused, match="does not give the share"):
        await unlock_for_command(keyring, shared.settings)

    assert keyring.is_locked
    assert shared.told[-1].split()[1] == "refused"


async def test_the_share_of_an_old_key_is_not_needed(shared: Shared) -> None:
    before, kek = shared.keyring, new_key()
    [old] = before.locked_files
    await unlock_for_command(before, shared.settings)
    newer = key_file("kek", kek, by_shares(shared.give, START)(kek), START + timedelta(days=30))
    await asyncio.to_thread(before.add, newer)  # as whoever changes the key does
    before.unlock(kek)
    await asyncio.to_thread(bring_under, before, newer.id)
    next(shared.elsewhere.glob(f"share-{old.id}.key")).unlink()
    keyring = shared.keyring

    await unlock_for_command(keyring, shared.settings)

    assert keyring.kek(key_id(kek)) == kek
    assert [file.id for file in keyring.locked_files] == [old.id]


async def test_an_endpoint_that_is_off_locks_the_next_start(shared: Shared) -> None:
    off = shared.settings.model_copy(update={"unlock_url": "https://127.0.0.1:9"})

    with pytest.raises(Refused, match="does not answer"):
        await unlock_for_command(shared.keyring, off)


async def test_who_shows_no_certificate_gets_nothing(shared: Shared) -> None:
    context = ssl.create_default_context(cafile=str(shared.settings.keys / SERVER_ONLY))
    file = shared.keyring.locked_files[0]

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        with pytest.raises(aiohttp.ClientError):
            async with session.get(f"{shared.settings.unlock_url}/share/{file.id}"):
                pass

    assert shared.told == []


async def test_who_shows_another_certificate_gets_nothing(shared: Shared, tmp_path: Path) -> None:
    other = load_settings({"TOCSIN_DATA": str(tmp_path / "other")}, tmp_path)
    manner(other, START, passphrase=False, share_at="127.0.0.1", give=tmp_path / "of another")
    shutil.copy(other.keys / CLIENT, tmp_path / "another.pem")
    shutil.copy(tmp_path / "another.pem", shared.settings.keys / CLIENT)

    with pytest.raises(ShareNotGiven):
        await ask_for(shared.keyring.locked_files[0], str(shared.settings.unlock_url), shared.settings.keys)

    assert shared.told == []


async def test_we_ask_nobody_but_the_machine_we_know(shared: Shared, tmp_path: Path) -> None:
    other = load_settings({"TOCSIN_DATA": str(tmp_path / "other")}, tmp_path)
    manner(other, START, passphrase=False, share_at="127.0.0.1", give=tmp_path / "of another")
    shutil.copy(other.keys / SERVER_ONLY, shared.settings.keys / SERVER_ONLY)

    with pytest.raises(ShareNotGiven):
        await ask_for(shared.keyring.locked_files[0], str(shared.settings.unlock_url), shared.settings.keys)


async def test_a_missing_certificate_is_named(shared: Shared) -> None:
    (shared.settings.keys / CLIENT).unlink()

    with pytest.raises(KeysRefused, match=CLIENT):
        await ask_for(shared.keyring.locked_files[0], str(shared.settings.unlock_url), shared.settings.keys)


@pytest.fixture
def guarded(tmp_path: Path) -> Settings:
    """The settings of an instance whose key is under a passphrase."""
    settings = load_settings({"TOCSIN_DATA": str(tmp_path)}, tmp_path)
    Keyring.fresh(START, by_passphrase(PASSPHRASE)).save(settings.keys)
    return settings


async def test_a_passphrase_is_taken_through_the_socket_and_a_wrong_one_is_not(guarded: Settings) -> None:
    keyring, unlocked = Keyring.load(guarded.keys), asyncio.Event()

    async with asyncio.timeout(20):
        service = asyncio.create_task(unlock_service(keyring, guarded, unlocked))
        while not (guarded.data / "unlock.sock").is_socket():  # noqa: ASYNC110 - nobody tells when it listens
            await asyncio.sleep(0.01)
        mode = (guarded.data / "unlock.sock").parent.stat().st_mode
        wrong = await hand_over(PASSPHRASE + "!", guarded.data)
        locked_still = keyring.is_locked
        right = await hand_over(PASSPHRASE, guarded.data)
        await service

    assert (wrong, locked_still, right) == (False, True, True)
    assert unlocked.is_set()
    assert not (guarded.data / "unlock.sock").exists()
    assert mode & 0o077 == 0


async def test_a_key_that_is_put_back_unlocks_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings({"TOCSIN_DATA": str(tmp_path)}, tmp_path)
    made = Keyring.fresh(START)
    made.save(settings.keys)
    away = next(file for file in made.files if file.use == "kek")
    (settings.keys / away.name).unlink()
    keyring, unlocked = Keyring.load(settings.keys), asyncio.Event()
    monkeypatch.setattr(unlocking, "ASK_AGAIN", 0.01)
    with pytest.raises(Refused, match="put the file of the key-encryption key back"):
        await unlock_for_command(keyring, settings)

    async with asyncio.timeout(20):
        service = asyncio.create_task(unlock_service(keyring, settings, unlocked))
        away.write(settings.keys)
        await service

    assert unlocked.is_set()
    assert keyring.kek(away.id)


async def test_without_a_locked_service_the_passphrase_goes_nowhere(guarded: Settings) -> None:
    with pytest.raises(Refused, match="No locked service runs"):
        await hand_over(PASSPHRASE, guarded.data)


async def test_a_command_asks_for_the_passphrase(guarded: Settings) -> None:
    keyring = Keyring.load(guarded.keys)

    with pytest.raises(Refused, match="not the passphrase"):
        await unlock_for_command(keyring, guarded, lambda: "another one")
    with pytest.raises(Refused, match="TOCSIN_PASSPHRASE_FILE"):
        await unlock_for_command(keyring, guarded, lambda: None)
    await unlock_for_command(keyring, guarded, lambda: PASSPHRASE)

    assert not keyring.is_locked
