"""A phone in a test's hand: what it offers, what it heard, and what nobody expected."""

import asyncio

import pytest

from rehearsal import BotAccount, Phone, Stage
from tests.stage.conftest import Api

ROWS = {"inline_keyboard": [[{"text": "On it", "callback_data": "on:1"}, {"text": "Cannot", "callback_data": "no:1"}]]}


async def test_expect_waits_for_what_comes_and_ticks_it_off(api: Api, bot: BotAccount, ana: Phone) -> None:
    waiting = asyncio.create_task(ana.expect(bot, "second"))
    await api("sendMessage", chat_id=ana.id, text="the first")
    await api("sendMessage", chat_id=ana.id, text="the second")

    assert (await waiting).text == "the second"
    assert [message.text for message in ana.unheard(bot)] == ["the first"]


async def test_expect_fails_with_what_was_said(api: Api, bot: BotAccount, ana: Phone) -> None:
    await api("sendMessage", chat_id=ana.id, text="Nothing is wrong")

    with pytest.raises(AssertionError, match=r"(?s)Ana did not get “alarm” from @tocsin_test_bot.*Nothing is wrong"):
        await ana.expect(bot, "alarm", within=0.01)


async def test_what_nobody_expected_fails_the_story(api: Api, stage: Stage, bot: BotAccount, ana: Phone) -> None:
    sent = await api("sendMessage", chat_id=ana.id, text="Ana is called")
    await ana.expect(bot, "called")
    stage.expect_silence()

    await api("editMessageText", chat_id=ana.id, message_id=sent["result"]["message_id"], text="Bo has it")

    assert [message.text for message in stage.unheard()] == ["Bo has it"]
    with pytest.raises(AssertionError, match=r"Ana heard @tocsin_test_bot: Bo has it \(edited\)"):
        stage.expect_silence()
    ana.read(bot)
    stage.expect_silence()


async def test_new_buttons_under_the_same_words_are_nothing_new(
    api: Api, stage: Stage, bot: BotAccount, ana: Phone
) -> None:
    sent = await api("sendMessage", chat_id=ana.id, text="Called", reply_markup=ROWS)
    await ana.expect(bot, "Called")

    await api("editMessageReplyMarkup", chat_id=ana.id, message_id=sent["result"]["message_id"])

    stage.expect_silence()


async def test_the_newest_button_is_pressed_and_others_are_named(api: Api, bot: BotAccount, ana: Phone) -> None:
    await api("sendMessage", chat_id=ana.id, text="old", reply_markup=ROWS)
    newer = (await api("sendMessage", chat_id=ana.id, text="new", reply_markup=ROWS))["result"]["message_id"]
    ana.press(bot, "On it")
    ana.press(bot, "no:1")

    updates = (await api("getUpdates"))["result"]

    presses = [update["callback_query"] for update in updates if "callback_query" in update]
    assert [(press["message"]["message_id"], press["data"]) for press in presses] == [(newer, "on:1"), (newer, "no:1")]
    with pytest.raises(LookupError, match=r"Ana sees no button “Close”\. There are: .*'On it', 'Cannot'"):
        ana.press(bot, "Close")


async def test_a_button_can_lead_to_another_bot(api: Api, stage: Stage, bot: BotAccount, ana: Phone) -> None:
    other = stage.add_bot("77:other", "other_bot", "Other")
    link = {"inline_keyboard": [[{"text": "Go there", "url": "https://t.me/other_bot?start=CODE-1"}]]}
    await api("sendMessage", chat_id=ana.id, text="Your invitation", reply_markup=link)

    ana.press(bot, "Go there")

    assert [message.text for message in ana.chat(other)] == ["/start CODE-1"]


async def test_two_people_told_the_same_have_equal_transcripts(
    api: Api, bot: BotAccount, ana: Phone, bo: Phone
) -> None:
    for phone in (ana, bo):
        typed = phone.type(bot, "word")
        await api("sendMessage", chat_id=phone.id, text="Thank you", reply_parameters={"message_id": typed})
        await api("deleteMessage", chat_id=phone.id, message_id=typed)
    same = ana.transcript(bot) == bo.transcript(bot)

    await api("sendMessage", chat_id=ana.id, text="One thing more")

    assert same
    assert ana.transcript(bot) != bo.transcript(bot)
    assert [call.method for call in bo.transcript(bot)] == ["sendMessage", "deleteMessage"]


def test_a_phone_offers_only_what_a_phone_offers(stage: Stage, bot: BotAccount, ana: Phone) -> None:
    stranger = stage.add_phone("Max")

    with pytest.raises(LookupError, match="Max has not pressed Start"):
        stranger.type(bot, "hello")
    place = ana.share_place(bot, 1, 2)
    with pytest.raises(LookupError, match="is not a live place"):
        ana.move(bot, place, 1, 3)
    ana.block(bot)
    with pytest.raises(LookupError, match="Ana has blocked @tocsin_test_bot"):
        ana.type(bot, "hello")


async def test_one_persons_chat_is_nobody_elses(api: Api, bot: BotAccount, ana: Phone, bo: Phone) -> None:
    await api("sendMessage", chat_id=ana.id, text="for Ana")

    assert [message.text for message in ana.heard(bot)] == ["for Ana"]
    assert bo.heard(bot) == []
