"""A stage for each test, with one bot, and Ana's and Bo's phones; and ways to call it as a bot does."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiogram import Bot as AiogramBot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from telegram import Bot as TelegramBot

from rehearsal import BotAccount, Phone, RehearsalClock, Stage

TOKEN = "4200:a-token-of-the-tests"

Api = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


async def until(true: Callable[[], bool]) -> None:
    """Give the stage its turns until something is so, 3 seconds at most."""
    async with asyncio.timeout(3):
        while not true():  # noqa: ASYNC110  (the stage tells tests nothing of what we wait for here)
            await asyncio.sleep(0)


@pytest.fixture
def clock() -> RehearsalClock:
    return RehearsalClock(datetime(2026, 3, 1, 18, 0, tzinfo=UTC))


@pytest.fixture
async def stage(clock: RehearsalClock) -> AsyncIterator[Stage]:
    async with Stage(clock, limits=False) as stage:
        yield stage


@pytest.fixture
def bot(stage: Stage) -> BotAccount:
    return stage.add_bot(TOKEN, "tocsin_test_bot", "Tocsin")


@pytest.fixture
def ana(stage: Stage, bot: BotAccount) -> Phone:
    """Ana, who has pressed Start."""
    ana = stage.add_phone("Ana", badge="defender")
    ana.start(bot)
    return ana


@pytest.fixture
def bo(stage: Stage, bot: BotAccount) -> Phone:
    """Bo, who has pressed Start."""
    bo = stage.add_phone("Bo", language="fr", badge="contact")
    bo.start(bot)
    return bo


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as http:
        yield http


@pytest.fixture
def api(stage: Stage, http: aiohttp.ClientSession) -> Api:
    """Call a method of the Bot API by its name and give the whole answer."""

    async def call(method: str, token: str = TOKEN, **arguments: object) -> dict[str, Any]:
        async with http.post(f"{stage.url}/bot{token}/{method}", json=arguments) as answer:
            told: dict[str, Any] = await answer.json()
            assert told["ok"] == (answer.status == 200)
            return told

    return call


@pytest.fixture
async def aiogram(stage: Stage, bot: BotAccount) -> AsyncIterator[AiogramBot]:
    """aiogram's client, told nothing but the address."""
    async with AiogramBot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(stage.url))) as client:
        yield client


@pytest.fixture
async def ptb(stage: Stage, bot: BotAccount) -> AsyncIterator[TelegramBot]:
    """python-telegram-bot's client, told nothing but the address."""
    async with TelegramBot(TOKEN, base_url=f"{stage.url}/bot", base_file_url=f"{stage.url}/file/bot") as client:
        yield client
