"""A service whose key is under a passphrase starts, says that it is locked, and goes on once the passphrase comes."""

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from config.ladders import load_ladders
from config.settings import Settings, load_settings
from engine.planning import Book
from rehearsal import RehearsalClock, Stage
from store.cipher import new_key
from store.custody import by_passphrase
from store.keyring import Keyring
from store.made_keys import key_file
from tests.front.conftest import Prompt
from tocsin.service import Service, open_service
from tocsin.serving import run_until
from tocsin.unlocking import hand_over

PASSPHRASE = "five words of the dictionary"
TOKENS = ("1001:" + "d" * 35, "1002:" + "r" * 35)
PATIENCE = 30.0  # real seconds; a loaded machine imports the bot libraries slowly


async def told(service: Service, wanted: str) -> int:
    """The status of /health, as soon as it says `wanted`."""
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"{service.pages.url}/health") as answer:
                if (await answer.json())["status"] == wanted:
                    return answer.status
            await asyncio.sleep(0.05)


async def test_a_locked_service_runs_and_is_unlocked_by_the_passphrase(tmp_path: Path) -> None:
    clock = RehearsalClock()
    ladders = load_ladders()
    async with Stage(clock, limits=False) as stage:
        stage.add_bot(TOKENS[0], "daybook_bot", "Daybook")
        stage.add_bot(TOKENS[1], "rota_bot", "Rota")
        environ = {
            "TOCSIN_DATA": str(tmp_path),
            "TOCSIN_DEFENDER_BOT_TOKEN": TOKENS[0],
            "TOCSIN_RESPONDER_BOT_TOKEN": TOKENS[1],
            "TOCSIN_TELEGRAM_API": stage.url,
            "TOCSIN_LISTEN": "127.0.0.1:0",
        }
        settings: Settings = load_settings(environ, tmp_path)
        Keyring.fresh(clock.now(), by_passphrase(PASSPHRASE)).save(settings.keys)

        stop, book = asyncio.Event(), Book(ladders.profiles, ladders.chains)
        async with open_service(settings, book, clock, long_poll=1) as service:
            run = asyncio.create_task(run_until(service, stop))
            locked = await told(service, "locked")
            wrong = await hand_over("another passphrase", tmp_path)
            locked_still = await told(service, "locked")
            right = await hand_over(PASSPHRASE, tmp_path)
            well = await told(service, "ok")
            stop.set()
            await run

    assert (locked, wrong, locked_still) == (503, False, 503)
    assert (right, well) == (True, 200)


def test_a_passphrase_in_the_settings_opens_everything(prompt: Prompt) -> None:
    prompt.done("defender", "add", "Ana")
    prompt.environ["TOCSIN_PASSPHRASE"] = PASSPHRASE
    prompt.done("keys", "rotate", "--passphrase")
    for path in [*prompt.data.glob("keys/handover-*"), *prompt.data.glob("keys/kek-*")]:
        if b"key: " in path.read_bytes() or path.name.startswith("handover"):
            path.unlink()

    assert [one["name"] for one in prompt.read("defender", "list")] == ["Ana"]
    del prompt.environ["TOCSIN_PASSPHRASE"]
    assert "The keys are locked" in prompt.refused("defender", "list")
    prompt.environ["TOCSIN_PASSPHRASE"] = PASSPHRASE + "!"
    assert "The keys are locked" in prompt.refused("defender", "list")


def test_a_key_that_systemd_hands_over_opens_everything(prompt: Prompt, tmp_path: Path) -> None:
    prompt.done("defender", "add", "Ana")
    handed = tmp_path / "credentials"
    handed.mkdir()
    [key] = prompt.data.glob("keys/kek-*.key")
    key.rename(handed / "kek-1.key")
    (handed / "kek-1.key").chmod(0o440)

    assert "where systemd hands it over" in prompt.refused("defender", "list")
    prompt.environ["CREDENTIALS_DIRECTORY"] = str(handed)
    assert [one["name"] for one in prompt.read("defender", "list")] == ["Ana"]
    prompt.done("keys", "rotate")
    assert [one["name"] for one in prompt.read("defender", "list")] == ["Ana"]


def test_keys_are_shown_without_their_secrets(prompt: Prompt) -> None:
    shown = prompt.done("keys", "show", "--json")
    secrets = [value for file in Keyring.load(prompt.data / "keys").files for value in file.fields.values()]

    assert {one["use"] for one in prompt.read("keys", "show")} == {"root", "sign", "kek", "ingest"}
    assert not any(value.hex() in shown for value in secrets)
    for path in (prompt.data / "keys").iterdir():
        for line in path.read_text(encoding="ascii").splitlines():
            name, _, value = line.partition(": ")
            assert name not in ("key", "wrapped", "check") or value not in shown


def test_a_key_is_changed_and_the_journal_says_so(prompt: Prompt) -> None:
    from store import journal

    prompt.done("defender", "add", "Ana")
    changed = prompt.read("keys", "rotate")
    [entry] = prompt.transact(lambda tx: journal.newest(tx, 1))

    assert changed["rewrapped"] == 2  # Ana's and the instance's own
    assert entry.event == "keys_rotated"
    assert entry.detail["rewrapped"] == 2
    assert str(entry.detail["now"]).replace("-", "") == changed["now"]
    assert [one["name"] for one in prompt.read("defender", "list")] == ["Ana"]


def test_keys_are_made_once(prompt: Prompt) -> None:
    assert "already" in prompt.refused("keys", "new")


def test_without_keys_nothing_runs_and_the_way_out_is_named(prompt: Prompt) -> None:
    prompt.environ |= {"TOCSIN_DEFENDER_BOT_TOKEN": TOKENS[0], "TOCSIN_RESPONDER_BOT_TOKEN": TOKENS[1]}
    shutil.rmtree(prompt.data / "keys")

    said = prompt.refused("run")

    assert said.count("\n") == 1
    assert "tocsin keys new" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--passphrase", "--share-at", "host", "--give", "x"), "choose one"),
        (("--share-at", "host"), "need --share-at HOST and --give"),
        (("--give", "x"), "need --share-at HOST and --give"),
    ],
)
def test_ways_of_keeping_that_do_not_go_together_are_refused(bare: Prompt, words: tuple[str, ...], says: str) -> None:
    assert says in bare.refused("keys", "new", *words)


def test_doctor_says_how_the_keys_are_kept(prompt: Prompt) -> None:
    found = prompt.type("doctor", "--json").stdout

    assert "They lie open beside the data" in found
    assert "TOCSIN_BACKUP_RECIPIENTS" in found
    assert "is kept as it once was" not in found


def test_doctor_says_that_the_root_lies_open_until_the_key_is_changed(prompt: Prompt) -> None:
    keys, root = prompt.data / "keys", new_key()
    for path in keys.glob("root-*"):
        path.unlink()
    for path in prompt.data.glob("*.sqlite*"):
        path.unlink()
    file = key_file("root", root, {"key": root}, datetime(2026, 3, 2, tzinfo=UTC)).write(keys)
    prompt.done("defender", "add", "Ana")

    before = prompt.type("doctor", "--json").stdout
    prompt.done("keys", "rotate")
    after = prompt.type("doctor", "--json").stdout

    assert "is kept as it once was" in before
    assert "is kept as it once was" not in after
    assert "key:" not in file.read_text(encoding="ascii")
    assert [one["name"] for one in prompt.read("defender", "list")] == ["Ana"]
