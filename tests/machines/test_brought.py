"""Updates that the messenger brings to any of several processes: each is taken once, wherever and how often it is."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import psycopg
import pytest
from pydantic import SecretStr

from bench.driving import how_many_in
from bench.instance import DEFENDERS, chat_of, contact_of
from bench.processes import Process
from crashes.counting import Count
from crashes.storms import Storm
from engine.webhook import SECRET_HEADER
from tests.machines.team import RECOVERED_WITHIN, Team, team
from tocsin.webhooks import path_of, secret_of

STORM = Storm(missed=0, panics=12, late=4)
BOT = SecretStr(DEFENDERS)
KEPT = "SELECT count(*) FROM inbox"

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@asynccontextmanager
async def two_that_are_brought_updates(folder: Path) -> AsyncIterator[tuple[Team, Process, Process]]:
    """Two processes; the messenger keeps what is brought to them, since nobody fetches it."""
    async with team(folder, STORM) as them:
        them.settings = {"TOCSIN_WEBHOOK_URL": "https://tocsin.example.org"}
        first, second = await them.start(), await them.start()
        await them.begin_storm()
        yield them, first, second


async def bring(process: Process, update: bytes) -> int:
    """What one process answers to an update that the messenger brings."""
    address = process.page.replace("/health", path_of(BOT))
    timeout = aiohttp.ClientTimeout(total=10)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.post(address, data=update, headers={SECRET_HEADER: secret_of(BOT)}) as answer,
    ):
        return answer.status


async def bring_all(updates: Sequence[bytes], *to: Process) -> list[int]:
    """What is answered when each update is brought to each of these at once."""
    return await asyncio.gather(*(bring(process, update) for update in updates for process in to))


def kept(them: Team) -> int:
    """How many updates are in the inbox."""
    with psycopg.connect(them.url, autocommit=True) as connection:
        found = connection.execute(KEPT).fetchone()
        return int(found[0]) if found else 0


def told(them: Team) -> dict[int, int]:
    """How many messages each contact of the first callers and each of these callers was sent."""
    chats = [chat for number in range(STORM.panics) for chat in (chat_of(number), contact_of(number))]
    return {chat: how_many_in(them.messenger, chat) for chat in chats}


async def test_each_update_is_taken_once_though_it_is_brought_to_both_and_again_later(tmp_path: Path) -> None:
    async with two_that_are_brought_updates(tmp_path) as (them, first, second):
        updates = them.messenger.waiting(DEFENDERS)

        answers = await bring_all(updates, first, second)
        await them.until_came()
        await them.until_settled()
        before = told(them)
        answers += await bring_all(updates, second, first, second)
        them.call()
        answers += await bring_all(them.messenger.waiting(DEFENDERS)[-1:], first, second)
        await them.until_last_came()
        await them.until_settled()

        assert set(answers) == {200}
        assert kept(them) == len(updates) + 1
        assert told(them) == before
        assert them.counted() == replace(Count(), due=len(them.calls))
        assert them.messenger.calls["getUpdates"] == 0


@pytest.mark.real_time
async def test_what_was_brought_to_one_that_is_killed_then_is_read_by_the_other(tmp_path: Path) -> None:
    async with two_that_are_brought_updates(tmp_path) as (them, first, second):
        answers = await bring_all(them.messenger.waiting(DEFENDERS), first)
        first.child.kill()
        them.call()
        answers += await bring_all(them.messenger.waiting(DEFENDERS)[-1:], second)
        seconds = await them.until_came()
        await them.until_settled()

        assert set(answers) == {200}
        assert seconds < RECOVERED_WITHIN
        assert (them.counted().lost, them.counted().unmarked) == (0, 0)
        assert max(them.repeats().values()) <= 1
