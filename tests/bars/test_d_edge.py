"""Bars D1 and D6: whatever comes in, nothing falls over, nothing changes, and a stranger learns nothing."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Self

import aiohttp
import pytest
from aiohttp import web

from engine.polling import Poller
from engine.strangers import BURST, REPLIES_A_SECOND
from engine.webhook import SECRET_HEADER, Webhook
from rehearsal.accounts import BotAccount
from store.tables import METADATA
from tests.bars.conftest import Bar
from tests.bars.malformed import malformed, originals
from tests.bars.unchanged import MOVES_BY_ITSELF, rows_in, state_of
from tests.world import World
from tocsin.allocator import hold_little

SECRET = "s" * 43
SEED = 20_261_122
GROWTH = 20 * 1024 * 1024  # bytes
WARMING_UP = 400  # updates, after which the libraries hold what they make once
SETTLES_WITHIN = 1_800.0  # seconds, for half a hundred thousand updates
AT_ONCE = 200  # updates; as many as may wait at the messenger


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A service with a defender and a responder in it, and nothing due."""
    hold_little()  # as `tocsin run` does
    async with World(tmp_path) as opened:
        await opened.defender("Ana")
        await opened.responder("Bo")
        yield opened


def resident() -> int:
    """How much memory this process holds, in bytes."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


async def still_works(world: World) -> None:
    """A call for help comes through as ever."""
    world.phones["Bo"].read(world.responders_bot)
    world.phones["Ana"].type(world.defenders_bot, "sos")
    await world.phones["Bo"].expect(world.responders_bot, "CALL FOR HELP", within=10)


def people_of(world: World) -> list[int]:
    """Whom malformed updates claim to come from: somebody we know, more often somebody we do not."""
    return [world.phones["Ana"].id, world.phones["Bo"].id, *(900_000_000 + number for number in range(6))]


async def fetch(world: World, seed: int, count: int) -> None:
    """Have both doors' real pollers fetch malformed updates, and let all of them be read."""
    for source, intake in world.engine.intakes.items():
        async with Messenger(malformed(seed, people_of(world), "hello there"), count) as messenger:
            poller = Poller(source, "1:t", messenger.url, intake.keep, lambda more: None, long_poll=0)
            polling = asyncio.create_task(poller.run())
            await messenger.given_all()
            polling.cancel()
            with suppress(asyncio.CancelledError):
                await polling
        await world.settle(within=SETTLES_WITHIN)


async def test_d1_malformed_updates_that_are_fetched_change_nothing(world: World, bar: Bar) -> None:
    count = bar.size(400, 50_000)  # for each of two doors
    before = await world.store.run(partial(state_of, world))
    await fetch(world, SEED, WARMING_UP)
    held, began = resident(), time.monotonic()

    await fetch(world, SEED + 1, count)
    growth, seconds = resident() - held, time.monotonic() - began
    await world.later(seconds=2)  # what was written is looked at a second later

    assert await world.store.run(partial(state_of, world)) == before
    assert growth < GROWTH
    await still_works(world)
    bar.holds(
        "malformed updates, fetched, through both doors: 0 crashes, 0 changes of state, memory grows < 20 MB",
        f"{2 * count:,} updates in {seconds:.0f} s, 0 crashes, 0 changes, {max(0, growth) / 1024**2:.0f} MB",
    )


async def bring(world: World, seed: int, count: int) -> Counter[int]:
    """Bring malformed updates to both doors' webhooks, and let all of them be read; gives how they were answered."""
    said: Counter[int] = Counter()
    async with brought_to(world) as base, aiohttp.ClientSession(headers={SECRET_HEADER: SECRET}) as session:
        for source in ("defenders", "responders"):
            for raw in islice(malformed(seed, people_of(world), "hello there"), count):
                async with session.post(f"{base}/{source}", data=raw) as answer:
                    said[answer.status] += 1
            await world.settle(within=SETTLES_WITHIN)
    return said


async def test_d1_malformed_updates_that_are_brought_change_nothing(world: World, bar: Bar) -> None:
    count = bar.size(400, 50_000)  # for each of two doors
    before = await world.store.run(partial(state_of, world))
    await bring(world, SEED, WARMING_UP)
    held = resident()

    said = await bring(world, SEED + 1, count)
    growth = resident() - held
    await world.later(seconds=2)  # what was written is looked at a second later

    assert set(said) == {200, 404}
    assert await world.store.run(partial(state_of, world)) == before
    assert growth < GROWTH
    await still_works(world)
    bar.holds(
        "malformed updates, brought, through both doors: 0 crashes, 0 changes of state, memory grows < 20 MB",
        f"{2 * count:,} updates, {said[200]:,} taken and {said[404]:,} refused, 0 changes, "
        f"{max(0, growth) / 1024**2:.0f} MB",
    )


async def test_d1_what_is_decided_is_seen_by_the_same_look(world: World) -> None:
    shows = {"/tick on": "chat_tick", "/pause 2d maple": "lowering", "sos": "incident"}
    columns = {f"{table.name}.{one.name}" for table in METADATA.sorted_tables for one in table.columns}
    before = await world.store.run(partial(state_of, world))

    changed = {}
    for text in shows:
        world.phones["Ana"].type(world.defenders_bot, text)
        await world.settle()
        after = await world.store.run(partial(state_of, world))
        changed[text] = {name for name in after if after[name] != before[name]}
        before = after

    assert {text: shows[text] in tables for text, tables in changed.items()} == dict.fromkeys(shows, True), changed
    assert {"calls", "noted"} <= changed["sos"]
    assert set(MOVES_BY_ITSELF) <= {*METADATA.tables, *columns}


@asynccontextmanager
async def served(*routes: web.RouteDef) -> AsyncIterator[str]:
    """The base address of a server with these routes."""
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def brought_to(world: World) -> AbstractAsyncContextManager[str]:
    """The addresses at which updates are brought to the service of `world`."""
    return served(
        *(web.post(f"/{name}", Webhook(intake, SECRET).receive) for name, intake in world.engine.intakes.items())
    )


class Messenger:
    """Gives `count` raw updates in batches, whatever it is asked for, and then no more."""

    def __init__(self, updates: Iterator[bytes], count: int) -> None:
        self._updates = islice(updates, count)
        self._all = asyncio.Event()
        self._rooms = AsyncExitStack()
        self.url = ""

    async def __aenter__(self) -> Self:
        self.url = await self._rooms.enter_async_context(served(web.post("/bot{rest:.*}", self._give)))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._rooms.aclose()

    async def given_all(self) -> None:
        """Wait until the last one was given and more was asked for."""
        await self._all.wait()

    async def _give(self, request: web.Request) -> web.Response:
        batch = list(islice(self._updates, 100))
        if not batch:
            self._all.set()
            await asyncio.sleep(0.05)
        return web.Response(body=b'{"ok":true,"result":[' + b",".join(batch) + b"]}")


def asked_by_strangers(seed: int) -> list[str]:
    """What a stranger might try to find somebody or something out."""
    dice = random.Random(seed)
    words = [
        "",
        "hello",
        "sos",
        "SOS!",
        "/panic",
        "/help",
        "/open",
        "/ok maple",
        "maple",
        "/leave",
        "/start",
        "/status",
    ]
    codes = [f"/start {dice.randbytes(8).hex()}" for _ in range(8)]
    return [*words, *codes, "/start Ana", "Ana", "‮evil\x1b[31m", "x" * 4_000]


async def test_d6_a_stranger_gets_one_reply_whatever_they_try(world: World, bar: Bar) -> None:
    count = bar.size(600, 10_000)
    rows, state = await world.store.run(rows_in), await world.store.run(partial(state_of, world))
    strangers = [world.stage.add_phone(f"Max {number}") for number in range(count // 20)]
    for phone in strangers:
        for bot in both(world):
            world.stage.messenger.begin(bot, phone.person).started = True
    tries = asked_by_strangers(SEED)
    began = time.monotonic()

    for number in range(count):
        phone = strangers[number % len(strangers)]
        for bot in (world.defenders_bot, world.responders_bot):
            _try(world, bot, phone.id, tries[number % len(tries)], number)
        if number % AT_ONCE == AT_ONCE - 1:
            await world.settle(within=60)
    await world.settle(within=60)
    seconds = time.monotonic() - began

    heard = {bot: [message.text for phone in strangers for message in phone.heard(bot)] for bot in both(world)}
    most = 2 * (BURST + seconds * REPLIES_A_SECOND + 1)
    assert [len(set(texts)) for texts in heard.values()] == [1, 1]
    assert sum(map(len, heard.values())) <= most
    assert await world.store.run(rows_in) == rows
    assert await world.store.run(partial(state_of, world)) == state
    await still_works(world)
    bar.holds(
        "strangers get one constant reply at a bounded rate, and leave no row",
        f"{2 * count:,} tries, {sum(map(len, heard.values()))} replies (allowed {most:.0f}), 1 text a bot, 0 rows",
    )


async def test_d6_nothing_tells_a_stranger_whether_somebody_is_enrolled(world: World) -> None:
    ana, bo, nobody = world.phones["Ana"].id, world.phones["Bo"].id, 912_345_678
    told = {}
    for whom in (ana, bo, nobody):
        for bot in both(world):
            await world.restart()  # so that nobody is silent for what another stranger did
            max_ = world.stage.add_phone("Max")
            world.stage.messenger.begin(bot, max_.person).started = True
            for body in pointing_at(max_.id, whom):
                world.stage.raw_update(bot, body)
            await world.settle()
            told[whom, bot.username] = max_.transcript(bot)

    for bot in both(world):
        assert told[ana, bot.username] == told[bo, bot.username] == told[nobody, bot.username] != []


def both(world: World) -> tuple[BotAccount, BotAccount]:
    """The two bots."""
    return world.defenders_bot, world.responders_bot


def pointing_at(me: int, whom: int) -> list[dict[str, Any]]:
    """Everything by which a stranger may point at somebody else."""
    message = originals(me, "hello")[0]["message"]
    user = {"id": whom, "is_bot": False, "first_name": "Ana"}
    theirs = {"message_id": 3, "date": 1, "chat": {"id": whom, "type": "private"}, "from": user, "text": "hello"}
    more: list[dict[str, Any]] = [
        {"forward_origin": {"type": "user", "date": 1, "sender_user": user}},
        {"contact": {"phone_number": "1", "first_name": "Ana", "user_id": whom}},
        {"reply_to_message": theirs},
        {"text": f"/start {whom}"},
        {"entities": [{"type": "text_mention", "offset": 0, "length": 5, "user": user}]},
        {"via_bot": {**user, "is_bot": True}},
        {"sender_chat": {"id": whom, "type": "private"}},
    ]
    press = {"id": "5", "from": message["from"], "message": theirs, "chat_instance": "c", "data": "now"}
    return [*({"message": {**message, **one}} for one in more), {"callback_query": {**press, "message": message}}]


def _try(world: World, bot: BotAccount, chat: int, text: str, number: int) -> None:
    *bodies, _ = originals(chat, text)  # the last names no sender that we could know, and is kept aside
    world.stage.raw_update(bot, bodies[number % len(bodies)])
