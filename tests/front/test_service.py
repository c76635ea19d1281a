"""The service as it is run: opened in order, honest about how it is, stopped with nothing half done."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from config.ladders import load_ladders
from config.settings import Settings, load_settings
from engine.planning import Book
from rehearsal import BotAccount, RehearsalClock, Stage
from store.database import Tx
from store.keyring import Keyring
from tests.front.conftest import Prompt
from tocsin.inviting import invite
from tocsin.service import Service, open_service
from tocsin.serving import run_until
from tocsin.web import Pages, web_app
from tocsin.webhooks import path_of, secret_of
from tocsin.wellbeing import Wellbeing, give_signs_of_life

HOUSE = Path(__file__).resolve().parents[2]
TOKENS = ("1001:" + "d" * 35, "1002:" + "r" * 35)
PATIENCE = 20.0  # real seconds; a loaded machine imports the bot libraries slowly


@dataclass
class Play:
    """A messenger with both bots, and the settings of a service on it."""

    stage: Stage
    clock: RehearsalClock
    defenders: BotAccount
    environ: dict[str, str]
    folder: Path

    @property
    def settings(self) -> Settings:
        """What the service is set up with."""
        return load_settings(self.environ, self.folder)

    async def code(self, service: Service, name: str = "Ana") -> str:
        """An invitation for a new defender."""

        def added(tx: Tx) -> str:
            from store import people

            person = people.add_defender(tx, name, language="en", zone="UTC", profile="low", chain="default")
            return invite(tx, "defender", person, None).code

        return await service.store.run(added)


@pytest.fixture
async def play(tmp_path: Path) -> AsyncIterator[Play]:
    """A stage, and a data folder beside it."""
    (tmp_path / "data").mkdir(mode=0o700)
    clock = RehearsalClock()
    Keyring.fresh(clock.now()).save(tmp_path / "data" / "keys")
    async with Stage(clock, limits=False) as stage:
        environ = {
            "TOCSIN_DATA": str(tmp_path / "data"),
            "TOCSIN_DEFENDER_BOT_TOKEN": TOKENS[0],
            "TOCSIN_RESPONDER_BOT_TOKEN": TOKENS[1],
            "TOCSIN_TELEGRAM_API": stage.url,
            "TOCSIN_LISTEN": "127.0.0.1:0",
        }
        stage.add_bot(TOKENS[1], "rota_bot", "Rota")
        yield Play(stage, clock, stage.add_bot(TOKENS[0], "daybook_bot", "Daybook"), environ, tmp_path)


@asynccontextmanager
async def running(play: Play, *, deaf_after: float = 60.0) -> AsyncIterator[Service]:
    """The service in this process, until the block ends."""
    ladders = load_ladders()
    book, stop = Book(ladders.profiles, ladders.chains), asyncio.Event()
    async with open_service(play.settings, book, play.clock, long_poll=1, deaf_after=deaf_after) as service:
        run = asyncio.create_task(run_until(service, stop))
        try:
            yield service
        finally:
            stop.set()
            await run


async def health(url: str, wanted: int) -> list[str]:
    """The troubles that /health names, as soon as it answers `wanted`."""
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"{url}/health") as answer:
                    if answer.status == wanted:
                        troubles: list[str] = (await answer.json())["troubles"]
                        return troubles
            except aiohttp.ClientConnectionError:
                pass  # not open yet
            await asyncio.sleep(0.05)


async def test_it_is_well_while_the_messenger_answers_and_says_so_when_it_does_not(play: Play) -> None:
    async with running(play, deaf_after=0.5) as service:
        assert await health(service.pages.url, 200) == []

        play.stage.stand_still()
        assert "a messenger does not answer" in await health(service.pages.url, 503)

        play.stage.go_on()
        assert await health(service.pages.url, 200) == []


async def test_the_numbers_name_nobody(play: Play) -> None:
    ana = play.stage.add_phone("Ana")
    async with running(play) as service, aiohttp.ClientSession() as session:
        ana.start(play.defenders, await play.code(service))
        await ana.expect(play.defenders, "", within=PATIENCE)
        async with session.get(f"{service.pages.url}/metrics") as answer:
            numbers = await answer.text()

    assert 'tocsin_updates_total{source="defenders"} 1.0' in numbers
    assert "Ana" not in numbers
    assert str(ana.id) not in numbers


async def test_updates_can_be_brought_to_a_secret_address_and_fetched_again_later(
    play: Play, unused_tcp_port: int
) -> None:
    ana = play.stage.add_phone("Ana")
    play.environ |= {
        "TOCSIN_LISTEN": f"127.0.0.1:{unused_tcp_port}",
        "TOCSIN_WEBHOOK_URL": f"http://127.0.0.1:{unused_tcp_port}/",
    }
    async with running(play) as service, aiohttp.ClientSession() as session:
        async with asyncio.timeout(PATIENCE):
            while not play.defenders.webhook.url:  # noqa: ASYNC110 - the stage tells nobody that it was set
                await asyncio.sleep(0.02)
        ana.start(play.defenders, await play.code(service))
        await ana.expect(play.defenders, "", within=PATIENCE)
        async with session.post(f"{service.pages.url}{path_of(SecretStr(TOKENS[0]))}", json={"update_id": 1}) as forged:
            assert forged.status == 404

    assert play.defenders.webhook.secret == secret_of(SecretStr(TOKENS[0]))
    assert TOKENS[0] not in play.defenders.webhook.url
    del play.environ["TOCSIN_WEBHOOK_URL"]
    async with running(play) as service:
        assert await health(service.pages.url, 200) == []
        assert play.defenders.webhook.url == ""


@dataclass
class Patient:
    """An engine that is well or not, as the test says."""

    wrong: list[str] = field(default_factory=list)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    unlocked: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """The keys are here."""
        self.unlocked.set()

    def troubles(self) -> list[str]:
        """What the test has put there."""
        return self.wrong


async def test_a_sign_of_life_goes_out_only_while_all_is_well() -> None:
    heard: list[str] = []
    came = asyncio.Event()

    async def watch(request: web.Request) -> web.Response:
        heard.append(request.path)
        came.set()
        return web.Response(status=500)  # an outside watch that fails stops nothing

    app = web.Application()
    app.router.add_get("/{anything}", watch)
    pages = Pages(app, "127.0.0.1", 0)
    await pages.open()
    patient = Patient()
    patient.ready.set()
    signs = asyncio.create_task(
        give_signs_of_life(Wellbeing(patient), SecretStr(f"{pages.url}/secret"), every=0.001)  # type: ignore[arg-type]
    )
    await asyncio.wait_for(came.wait(), PATIENCE)

    patient.wrong.append("time is not being kept")
    await asyncio.sleep(0.05)
    until_then = len(heard)
    await asyncio.sleep(0.05)

    assert len(heard) == until_then > 0
    patient.wrong.clear()
    came.clear()
    await asyncio.wait_for(came.wait(), PATIENCE)
    signs.cancel()
    await pages.close()


async def test_it_is_not_well_before_it_has_caught_up() -> None:
    patient = Patient()
    pages = Pages(web_app(Wellbeing(patient), CollectorRegistry()), "127.0.0.1", 0)  # type: ignore[arg-type]
    await pages.open()

    assert await health(pages.url, 503) == ["what came while we were away is still being read"]

    patient.ready.set()
    assert await health(pages.url, 200) == []
    await pages.close()


async def test_an_address_that_is_taken_is_refused_with_a_sentence(play: Play, unused_tcp_port: int) -> None:
    taken = Pages(web.Application(), "127.0.0.1", unused_tcp_port)
    await taken.open()
    play.environ["TOCSIN_LISTEN"] = f"127.0.0.1:{unused_tcp_port}"

    code, said = await process(play)

    await taken.close()
    assert code == 1
    assert said.splitlines()[-1] == (
        f"127.0.0.1:{unused_tcp_port} is taken or not ours: name another address in TOCSIN_LISTEN."
    )


async def test_a_token_that_the_messenger_does_not_know_is_refused_with_a_sentence(play: Play) -> None:
    play.environ["TOCSIN_RESPONDER_BOT_TOKEN"] = "1003:" + "x" * 35

    code, said = await process(play)

    assert code == 1
    assert said.splitlines()[-1] == "The messenger does not know the token of the responders bot: set a new one."
    assert "x" * 35 not in said


@pytest.mark.slow
async def test_a_signal_stops_it_cleanly_and_its_log_names_nobody(
    play: Play, prompt: Prompt, unused_tcp_port: int
) -> None:
    ana = play.stage.add_phone("Ana of the log")
    play.environ |= {"TOCSIN_DATA": str(prompt.data), "TOCSIN_LISTEN": f"127.0.0.1:{unused_tcp_port}"}
    added = await asyncio.to_thread(prompt.read, "defender", "add", "Ana of the log")
    started = await start(play)
    await health(f"http://127.0.0.1:{unused_tcp_port}", 200)
    ana.start(play.defenders, added["code"])
    await ana.expect(play.defenders, "", within=PATIENCE)

    started.send_signal(signal.SIGTERM)
    _, said = await asyncio.wait_for(started.communicate(), PATIENCE)

    assert started.returncode == 0, said.decode()
    assert json.loads(said.decode().splitlines()[-1])["event"] == "service_stopped"
    for secret in (*TOKENS, added["code"], "Ana of the log", str(ana.id)):
        assert secret not in said.decode()
    assert (await asyncio.to_thread(prompt.read, "defender", "list"))[0]["state"] == "enrolling"


async def start(play: Play, *words: str) -> asyncio.subprocess.Process:
    """`tocsin run`, as a supervisor starts it."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tocsin", *(words or ("run",)),
        cwd=play.folder, env={**play.environ, "PATH": os.environ["PATH"], "PYTHONPATH": str(HOUSE)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def process(play: Play) -> tuple[int | None, str]:
    """The exit code of `tocsin run` that ends by itself, and what it said."""
    started = await start(play)
    _, said = await asyncio.wait_for(started.communicate(), PATIENCE)
    return started.returncode, said.decode()
