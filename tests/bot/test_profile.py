"""What the bot shows of itself is its cover, in every language, and is left alone where it stands already."""

from collections.abc import AsyncIterator

import pytest

from bot.door import DefendersDoor, open_door
from bot.profile import COMMANDS, dress
from config.covers import wear
from config.lexicon import load_lexicon
from rehearsal.accounts import BotAccount
from rehearsal.clock import RehearsalClock
from rehearsal.server import Stage

from .made import LANGUAGES, PANIC_WORDS, TEXTS

TOKEN = "100001:" + "d" * 35
SET = ("name", "description", "short_description")


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A messenger of our own."""
    async with Stage(RehearsalClock()) as opened:
        yield opened


@pytest.fixture
async def opened(stage: Stage) -> AsyncIterator[tuple[BotAccount, DefendersDoor]]:
    """The bot, and the door that dresses it."""
    account = stage.add_bot(TOKEN, "steps_bot", "New bot")
    door = open_door(
        token=TOKEN, api=stage.url, say=wear("habits", TEXTS).say, panic_words=PANIC_WORDS, languages=LANGUAGES
    )
    yield account, door
    await door.close()


async def test_the_bot_wears_its_cover_in_every_language(opened: tuple[BotAccount, DefendersDoor]) -> None:
    account, door = opened

    assert await door.dress()

    for language in LANGUAGES:
        code = "" if language == "en" else language
        shown = (account.profile.names, account.profile.descriptions, account.profile.short_descriptions)
        keys = ("defender.profile.name", "defender.profile.description", "defender.profile.about")
        assert [texts[code] for texts in shown] == [wear("habits", TEXTS).say(language, key) for key in keys]


async def test_what_stands_already_is_not_changed(stage: Stage, opened: tuple[BotAccount, DefendersDoor]) -> None:
    account, door = opened
    await door.dress()
    refusals = [stage.faults.fail(account, 429, method=f"setMy{part}") for part in ("Name", "Description", "Commands")]

    assert await door.dress()
    assert [refusal.hits for refusal in refusals] == [0, 0, 0]


async def test_a_messenger_that_cannot_be_reached_leaves_the_bot_as_it_is(
    stage: Stage, opened: tuple[BotAccount, DefendersDoor]
) -> None:
    account, door = opened
    await stage.close()

    assert not await dress(door.bot, door.say, LANGUAGES)
    assert account.profile.names == {}


def test_neither_a_check_in_nor_a_call_stands_among_the_commands() -> None:
    lexicon = load_lexicon()

    assert not {"ok", "panic", "sos"} & set(COMMANDS)
    assert [name for name in COMMANDS if lexicon.hits("en", name) and name != "help"] == []
