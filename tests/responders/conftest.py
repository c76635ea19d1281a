"""The responders' door on a stage, with Bo's phone."""

from collections.abc import AsyncIterator

import pytest

from engine.letter import PermanentFailure
from rehearsal import BotAccount, Phone, RehearsalClock, Stage
from responders.door import RespondersDoor, open_door

from .made import NOW, SAY

TOKEN = "100002:" + "r" * 35


class Files:
    """The defenders' messenger as far as its files go: what is in `kept` can be fetched."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def fetch(self, file_id: str) -> bytes:
        """See `engine.letter.Attachment`."""
        if file_id not in self.kept:
            raise PermanentFailure("file_is_gone")
        return self.kept[file_id]


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with Stage(RehearsalClock(NOW), limits=False) as opened:
        yield opened


@pytest.fixture
def bot(stage: Stage) -> BotAccount:
    return stage.add_bot(TOKEN, "responders_bot", "Responders")


@pytest.fixture
def bo(stage: Stage, bot: BotAccount) -> Phone:
    phone = stage.add_phone("Bo")
    phone.start(bot)
    return phone


@pytest.fixture
async def door(stage: Stage, bot: BotAccount, files: Files) -> AsyncIterator[RespondersDoor]:
    opened = open_door(token=TOKEN, api=stage.url, say=SAY, attachments=files)
    yield opened
    await opened.close()
