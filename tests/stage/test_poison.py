"""Why we read updates ourselves: one unreadable update stops the polling of both client libraries."""

import pytest
from aiogram import Bot as AiogramBot
from aiogram.exceptions import ClientDecodeError
from telegram import Bot as TelegramBot

from rehearsal import BotAccount, Phone, Stage


@pytest.fixture
def poisoned(stage: Stage, bot: BotAccount, ana: Phone) -> Stage:
    """A batch with a call for help behind the forward of a hidden user."""
    stage.forwarded_from_hidden_user(ana, bot)
    ana.type(bot, "/panic")
    return stage


async def test_aiogram_cannot_get_past_a_forward_of_a_hidden_user(
    poisoned: Stage, bot: BotAccount, aiogram: AiogramBot
) -> None:
    with pytest.raises(ClientDecodeError):
        await aiogram.get_updates(offset=0)

    assert (poisoned.offset(bot), poisoned.waiting(bot)) == (0, 3)


async def test_ptb_cannot_get_past_a_forward_of_a_hidden_user(
    poisoned: Stage, bot: BotAccount, ptb: TelegramBot
) -> None:
    with pytest.raises(TypeError):
        await ptb.get_updates(offset=0)

    assert (poisoned.offset(bot), poisoned.waiting(bot)) == (0, 3)
