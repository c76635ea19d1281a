"""The way to a chat, with the real client library against the stage: what arrives, and how it fails."""

import gc
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from weakref import ref

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramMigrateToChat, TelegramRetryAfter
from aiogram.methods import GetMe
from aiogram.methods.base import Response

from bot.channel import CALLS, DefenderChannel
from bot.door import DefendersDoor, open_door
from bot.failures import failure
from bot.keys import CALL, HELP
from engine.letter import Letter, Operation, OutcomeUnknown, PermanentFailure, TemporaryFailure, Words
from rehearsal import BotAccount, Phone, RehearsalClock, Stage

from .conftest import NOWHERE, TOKEN, opened
from .made import LANGUAGES, NOW, SAY

NOTED = "defender.noted"


def letter(
    template: str = NOTED, words: dict[str, Words] | None = None, operation: Operation = Operation.SEND, **more: Any
) -> Letter:
    """A letter to Ana."""
    as_usual: dict[str, Any] = {"language": "en", "zone": "America/Bogota"}
    return Letter(key=1, operation=operation, template=template, words=words or {}, **as_usual | more)


async def test_a_letter_arrives_and_cannot_be_forwarded(live: DefendersDoor, phone: Phone, account: BotAccount) -> None:
    receipt = await live.channel.deliver(str(phone.id), letter())

    [message] = phone.heard(account)
    assert message.text == "Noted."
    assert message.protected
    assert receipt.message_id == str(message.id)


async def test_the_keys_arrive_and_stay(live: DefendersDoor, phone: Phone, account: BotAccount) -> None:
    await live.channel.deliver(str(phone.id), letter("defender.keys", {"one_tap": False}))
    await live.channel.deliver(str(phone.id), letter())

    assert phone.keyboard(account) == [SAY("en", HELP), SAY("en", CALL)]


async def test_leaving_takes_the_keys_away(live: DefendersDoor, phone: Phone, account: BotAccount) -> None:
    await live.channel.deliver(str(phone.id), letter("defender.keys", {"one_tap": False}))
    await live.channel.deliver(str(phone.id), letter("defender.ask_times"))

    assert phone.keyboard(account) == []


async def test_every_question_of_enrolment_can_be_shown(live: DefendersDoor, phone: Phone, account: BotAccount) -> None:
    tier: Words = {"role": "contact", "people": 2, "after": 1800.0}
    questions: dict[str, dict[str, Words]] = {
        "defender.choose_language": {},
        "defender.ask_place": {},
        "defender.confirm_zone": {"zones": ["America/Argentina/ComodRivadavia"], "now": NOW.isoformat()},
        "defender.ask_times": {},
        "defender.consent": {"times": ["09:00"], "zone": "UTC", "at_once": 3, "tiers": [tier]},
    }
    receipts = [
        await live.channel.deliver(str(phone.id), letter(template, words)) for template, words in questions.items()
    ]

    assert [len(message.labels) for message in phone.heard(account)] == [len(LANGUAGES), 0, 2, 0, 1]

    agreed = {**questions["defender.consent"], "agreed": True}
    change = letter("defender.consent", agreed, operation=Operation.EDIT, message_id=receipts[-1].message_id)
    await live.channel.deliver(str(phone.id), change)

    assert phone.heard(account)[-1].labels == []


async def test_a_message_is_changed(live: DefendersDoor, phone: Phone, account: BotAccount) -> None:
    receipt = await live.channel.deliver(str(phone.id), letter("defender.ask_word"))
    change = letter(operation=Operation.EDIT, message_id=receipt.message_id)

    await live.channel.deliver(str(phone.id), change)
    await live.channel.deliver(str(phone.id), change)  # so already, which is fine

    assert [message.text for message in phone.heard(account)] == ["Noted."]


async def test_a_message_is_deleted(live: DefendersDoor, phone: Phone, account: BotAccount) -> None:
    written = phone.type(account, "blue heron")
    deletion = letter("", operation=Operation.DELETE, message_id=str(written))

    await live.channel.deliver(str(phone.id), deletion)

    assert [message.deleted for message in phone.chat(account) if message.id == written] == [True]


async def test_a_press_is_answered(live: DefendersDoor, phone: Phone, account: BotAccount) -> None:
    await live.channel.deliver(str(phone.id), letter("defender.choose_language"))
    query = phone.press(account, "language:es")

    await live.channel.deliver(str(phone.id), letter(operation=Operation.ANSWER, message_id=query))

    assert (await phone.expect_answer(account, query)).text == "Noted."


async def test_a_blocked_bot_has_a_dead_address(live: DefendersDoor, phone: Phone, account: BotAccount) -> None:
    phone.block(account)

    with pytest.raises(PermanentFailure) as refused:
        await live.channel.deliver(str(phone.id), letter())

    assert refused.value.address_is_dead


async def test_a_chat_that_never_was_is_a_dead_address(live: DefendersDoor, account: BotAccount) -> None:
    with pytest.raises(PermanentFailure) as refused:
        await live.channel.deliver("999999", letter())

    assert refused.value.address_is_dead


@pytest.mark.parametrize("operation", [Operation.EDIT, Operation.ANSWER])
async def test_a_message_that_is_gone_leaves_the_address_alive(
    live: DefendersDoor, phone: Phone, operation: Operation
) -> None:
    with pytest.raises(PermanentFailure) as refused:
        await live.channel.deliver(str(phone.id), letter(operation=operation, message_id="999"))

    assert not refused.value.address_is_dead


async def test_a_message_that_is_too_old_to_delete_leaves_the_address_alive(
    live: DefendersDoor, phone: Phone, account: BotAccount, stage: Stage
) -> None:
    written = phone.type(account, "blue heron")
    assert isinstance(stage.clock, RehearsalClock)
    stage.clock.advance(timedelta(hours=49))

    with pytest.raises(PermanentFailure) as refused:
        await live.channel.deliver(str(phone.id), letter("", operation=Operation.DELETE, message_id=str(written)))

    assert not refused.value.address_is_dead


async def test_a_moved_chat_names_its_new_address(live: DefendersDoor, account: BotAccount, stage: Stage) -> None:
    group = stage.add_group(account, "Team")
    before = group.id
    moved_to = stage.migrate(account, before)

    with pytest.raises(PermanentFailure) as refused:
        await live.channel.deliver(str(before), letter())

    assert refused.value.moved_to == str(moved_to)


async def test_a_flood_is_waited_out_as_long_as_the_messenger_says(
    live: DefendersDoor, phone: Phone, stage: Stage
) -> None:
    stage.limits.on = True

    async def flood() -> None:
        for _ in range(50):
            await live.channel.deliver(str(phone.id), letter())

    with pytest.raises(TemporaryFailure) as refused:
        await flood()

    assert refused.value.retry_in is not None
    assert refused.value.retry_in >= 1


async def test_an_error_of_the_server_may_be_tried_again(
    live: DefendersDoor, phone: Phone, account: BotAccount, stage: Stage
) -> None:
    stage.faults.fail(account, 502, times=1)

    with pytest.raises(TemporaryFailure):
        await live.channel.deliver(str(phone.id), letter())


async def test_a_cut_connection_leaves_the_outcome_unknown(
    live: DefendersDoor, phone: Phone, account: BotAccount, stage: Stage
) -> None:
    stage.faults.cut_after(account, times=1)

    with pytest.raises(OutcomeUnknown):
        await live.channel.deliver(str(phone.id), letter())

    assert len(phone.heard(account)) == 1


async def test_nobody_listening_means_that_nothing_was_taken() -> None:
    room = opened(NOWHERE)

    with pytest.raises(TemporaryFailure):
        await room.channel.deliver("1", letter())

    await room.close()


@pytest.fixture
async def hasty(stage: Stage) -> AsyncIterator[DefenderChannel]:
    """The channel with hardly any patience."""
    bot = Bot(TOKEN, AiohttpSession(api=TelegramAPIServer.from_base(stage.url), timeout=0.05))
    yield DefenderChannel(bot, SAY, LANGUAGES)
    await bot.session.close()


async def test_no_answer_in_time_leaves_the_outcome_unknown(
    hasty: DefenderChannel, phone: Phone, account: BotAccount, stage: Stage
) -> None:
    stage.faults.hang(account, 30, times=1)

    with pytest.raises(OutcomeUnknown):
        await hasty.deliver(str(phone.id), letter())


@pytest.mark.parametrize(
    "broken",
    [
        letter("defender.no_such_text"),
        letter("defender.reminder", {}),
        letter("defender.reminder", {"due_at": "yesterday"}),
        letter(zone="Moon/Crater", template="defender.reminder", words={"due_at": NOW.isoformat()}),
        letter(operation=Operation.EDIT, message_id=None),
        letter("defender.consent", {"times": ["09:00"], "zone": "UTC", "at_once": 1, "tiers": ["none"]}),
    ],
)
async def test_a_letter_that_makes_no_sense_is_refused_before_it_is_sent(
    live: DefendersDoor, phone: Phone, account: BotAccount, broken: Letter
) -> None:
    with pytest.raises(PermanentFailure) as refused:
        await live.channel.deliver(str(phone.id), broken)

    assert not refused.value.address_is_dead
    assert phone.heard(account) == []


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TelegramRetryAfter(method=GetMe(), message="", retry_after=7), TemporaryFailure),
        (TelegramMigrateToChat(method=GetMe(), message="", migrate_to_chat_id=-5), PermanentFailure),
        (TelegramBadRequest(method=GetMe(), message="Bad Request: message to edit not found"), PermanentFailure),
        (TelegramAPIError(method=GetMe(), message="something new"), PermanentFailure),
        (ConnectionResetError(), OutcomeUnknown),
        (RuntimeError(), OutcomeUnknown),
    ],
)
def test_every_error_means_one_thing(error: Exception, kind: type[Exception]) -> None:
    assert type(failure(error)) is kind


async def test_a_failure_names_no_address_and_no_text(live: DefendersDoor, account: BotAccount) -> None:
    with pytest.raises(PermanentFailure) as refused:
        await live.channel.deliver("999999", letter())

    assert "999999" not in str(refused.value)
    assert "Noted" not in str(refused.value)


async def test_a_stranger_gets_the_one_reply(live: DefendersDoor, stage: Stage, account: BotAccount) -> None:
    max_ = stage.add_phone("Max")
    max_.start(account)

    await live.door.greet_stranger(str(max_.id))

    assert [message.text for message in max_.heard(account)] == [SAY("en", "defender.cover")]


async def test_a_stranger_who_blocked_us_is_not_greeted_and_nothing_happens(
    live: DefendersDoor, phone: Phone, account: BotAccount
) -> None:
    phone.block(account)

    await live.door.greet_stranger(str(phone.id))
    await live.door.greet_stranger("not a number")

    assert phone.heard(account) == []


async def test_a_file_is_fetched(live: DefendersDoor, phone: Phone, account: BotAccount) -> None:
    phone.voice(account, b"OggS and what was said")
    [file] = [message.file for message in phone.chat(account) if message.file is not None]

    assert await live.attachments.fetch(file.id) == b"OggS and what was said"


async def test_a_file_that_is_gone_cannot_be_fetched(live: DefendersDoor, account: BotAccount) -> None:
    with pytest.raises(PermanentFailure):
        await live.attachments.fetch("no-such-file")


async def test_a_file_may_be_fetched_later_when_nobody_listens_now() -> None:
    room = opened(NOWHERE)

    with pytest.raises(TemporaryFailure):
        await room.attachments.fetch("voice")

    await room.close()


async def test_the_bot_is_dressed_in_every_language(live: DefendersDoor, account: BotAccount) -> None:
    assert await live.dress()

    shown = {language for (_, language) in account.profile.commands}
    assert shown == {"", *LANGUAGES} - {"en"}
    names = {command["command"] for commands in account.profile.commands.values() for command in commands}
    assert {"later", "timer", "pause", "times", "language", "help", "leave"} <= names
    assert not names & {"panic", "sos", "ok"}
    assert account.profile.descriptions[""] == SAY("en", "defender.profile.description")


async def test_an_undressed_bot_works_as_well(live: DefendersDoor, account: BotAccount, stage: Stage) -> None:
    stage.faults.fail(account, 502)

    assert not await live.dress()


def test_a_token_that_is_none_is_refused_in_one_sentence() -> None:
    with pytest.raises(ValueError, match="token"):
        open_door(token="nonsense", api=NOWHERE, say=SAY, panic_words={"en": ("sos",)})


def test_no_kind_of_answer_is_made_anew() -> None:
    kinds = [ref(Response[call.__returning__]) for call in CALLS]  # type: ignore[name-defined]

    gc.collect()

    assert all(kind() is not None for kind in kinds)
