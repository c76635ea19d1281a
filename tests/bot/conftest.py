"""The room opened for a test: toward nowhere for what is only read, toward a stage for what is delivered."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from bot.door import DefendersDoor, open_door
from engine.turn import Dialogue, Turn
from engine.views import DefenderView
from rehearsal import BotAccount, Phone, RehearsalClock, Stage

from .made import CITIES, LANGUAGES, NOW, PANIC_WORDS, SAY, turn

TOKEN = "4200:a-token-of-the-tests"
NOWHERE = "http://127.0.0.1:9"  # nobody listens there: what is only read must not need it

Read = Callable[..., Awaitable[Turn]]


def opened(api: str) -> DefendersDoor:
    """The room, open toward `api`."""
    return open_door(token=TOKEN, api=api, say=SAY, panic_words=PANIC_WORDS, languages=LANGUAGES, cities=CITIES)


@pytest.fixture(scope="session")
def room() -> DefendersDoor:
    return opened(NOWHERE)


@pytest.fixture
def read(room: DefendersDoor) -> Read:
    """Read one update into a new turn of somebody, where their conversation stands at `dialogue`."""

    async def reading(update: dict[str, Any], me: DefenderView, dialogue: Dialogue | None = None, **more: Any) -> Turn:
        opened = turn(me, dialogue, **more)
        await room.door.read(update, opened)
        return opened

    return reading


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with Stage(RehearsalClock(NOW), limits=False) as stage:
        yield stage


@pytest.fixture
def account(stage: Stage) -> BotAccount:
    return stage.add_bot(TOKEN, "daybook_bot", "Daybook")


@pytest.fixture
def phone(stage: Stage, account: BotAccount) -> Phone:
    """Ana's phone; she has pressed Start."""
    phone = stage.add_phone("Ana", badge="defender")
    phone.start(account)
    return phone


@pytest.fixture
async def live(stage: Stage, account: BotAccount) -> AsyncIterator[DefendersDoor]:
    """The room, open toward the stage."""
    room = opened(stage.url)
    yield room
    await room.close()
