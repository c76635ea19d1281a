"""aiogram's own client works on the stage as on the real service; it decodes strictly, so this is conformance."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from aiogram import Bot, Dispatcher, types
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from aiogram.filters import CommandStart

from rehearsal import BotAccount, Phone, Stage

GO = types.InlineKeyboardMarkup(inline_keyboard=[[types.InlineKeyboardButton(text="Go", callback_data="go:1")]])


async def test_a_message_arrives_with_its_words_marks_and_buttons(aiogram: Bot, bot: BotAccount, ana: Phone) -> None:
    sent = await aiogram.send_message(ana.id, "<b>Ana</b> &amp; <i>Bo</i> 🔔", parse_mode="HTML", reply_markup=GO)

    [heard] = ana.heard(bot)
    assert (heard.text, heard.buttons) == ("Ana & Bo 🔔", ((("Go", "go:1"),),))
    assert sent.message_id == heard.id
    assert sent.html_text == "<b>Ana</b> &amp; <i>Bo</i> 🔔"
    assert sent.date == datetime(2026, 3, 1, 18, 0, tzinfo=UTC)


async def test_what_a_person_does_comes_as_updates(aiogram: Bot, bot: BotAccount, ana: Phone) -> None:
    sent = await aiogram.send_message(ana.id, "Safe?", reply_markup=GO)
    typed = ana.type(bot, "a word", reply_to=sent.message_id)
    ana.edit(bot, typed, "another word")
    ana.press(bot, "Go")
    place = ana.share_place(bot, 1.5, 2.5, live_seconds=900)
    ana.move(bot, place, 1.6, 2.5)
    ana.voice(bot, b"OggS", seconds=4)
    ana.block(bot)

    updates = await aiogram.get_updates()

    start, reply, edit, press, shared, moved, voice, blocked = updates
    assert start.message
    assert start.message.entities
    assert start.message.entities[0].type == "bot_command"
    assert reply.message
    assert reply.message.reply_to_message
    assert reply.message.reply_to_message.text == "Safe?"
    assert edit.edited_message
    assert edit.edited_message.text == "another word"
    assert press.callback_query
    assert press.callback_query.data == "go:1"
    assert shared.message
    assert shared.message.location
    assert shared.message.location.live_period == 900
    assert moved.edited_message
    assert moved.edited_message.location
    assert moved.edited_message.location.latitude == 1.6
    assert voice.message
    assert voice.message.voice
    assert voice.message.voice.duration == 4
    assert blocked.my_chat_member
    assert blocked.my_chat_member.new_chat_member.status == "kicked"


async def test_pictures_go_up_and_come_down(aiogram: Bot, bot: BotAccount, ana: Phone) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + b"the rest of it"
    sent = await aiogram.send_photo(ana.id, types.BufferedInputFile(picture, "a.png"), caption="Look")
    assert sent.photo
    again = await aiogram.send_photo(ana.id, sent.photo[-1].file_id)
    ana.photo(bot, b"\xff\xd8 from Ana", caption="here")
    update = (await aiogram.get_updates())[-1]
    assert update.message
    assert update.message.photo

    downloaded = await aiogram.download(update.message.photo[-1])

    assert isinstance(downloaded, io.BytesIO)
    assert downloaded.read() == b"\xff\xd8 from Ana"
    assert update.message.caption == "here"
    first, second = ana.heard(bot)
    assert (first.data, first.caption) == (picture, "Look")
    assert (second.id, second.data) == (again.message_id, picture)


async def test_voices_documents_and_places_arrive(aiogram: Bot, bot: BotAccount, ana: Phone) -> None:
    await aiogram.send_voice(ana.id, types.BufferedInputFile(b"OggS", "a.oga"), duration=7)
    await aiogram.send_document(ana.id, types.BufferedInputFile(b"words", "list.txt"), caption="The list")
    place = await aiogram.send_location(ana.id, 1.0, 2.0, live_period=600)
    await aiogram.edit_message_live_location(3.0, 4.0, chat_id=ana.id, message_id=place.message_id)

    voice, document, shared = ana.heard(bot)

    assert voice.file
    assert voice.file.seconds == 7
    assert document.file
    assert (document.file.name, document.data) == ("list.txt", b"words")
    assert shared.place
    assert (shared.place.lat, shared.place.lon) == (3.0, 4.0)


async def test_messages_change_and_go(aiogram: Bot, bot: BotAccount, ana: Phone) -> None:
    first = await aiogram.send_message(ana.id, "one", reply_markup=GO)
    second = await aiogram.send_message(ana.id, "two")
    typed = ana.type(bot, "my word")
    await aiogram.edit_message_text("one, changed", chat_id=ana.id, message_id=first.message_id)
    await aiogram.edit_message_reply_markup(chat_id=ana.id, message_id=first.message_id, reply_markup=GO)
    await aiogram.delete_message(ana.id, typed)
    await aiogram.delete_messages(ana.id, [second.message_id, 999])

    [left] = ana.heard(bot)

    assert (left.text, left.edited, left.labels) == ("one, changed", True, ["Go"])
    assert [message.text for message in ana.chat(bot) if message.deleted] == ["two", "my word"]


async def test_messages_are_forwarded_and_copied(aiogram: Bot, bot: BotAccount, ana: Phone, bo: Phone) -> None:
    typed = ana.type(bot, "What Ana wrote")

    forwarded = await aiogram.forward_message(bo.id, ana.id, typed)
    await aiogram.copy_message(bo.id, ana.id, typed)

    assert isinstance(forwarded.forward_origin, types.MessageOriginUser)
    assert forwarded.forward_origin.sender_user.id == ana.id
    assert [message.text for message in bo.heard(bot)] == ["What Ana wrote", "What Ana wrote"]


async def test_a_press_is_answered_once(aiogram: Bot, bot: BotAccount, ana: Phone) -> None:
    await aiogram.send_message(ana.id, "Safe?", reply_markup=GO)
    query = ana.press(bot, "Go")

    await aiogram.answer_callback_query(query, text="Noted", show_alert=True)

    answer = await ana.expect_answer(bot, query)
    assert (answer.text, answer.alert) == ("Noted", True)
    with pytest.raises(TelegramBadRequest, match="query is too old and response timeout expired"):
        await aiogram.answer_callback_query(query)


async def test_a_bot_can_describe_itself(aiogram: Bot, ana: Phone) -> None:
    await aiogram.set_my_commands([types.BotCommand(command="panic", description="Call for help")])
    await aiogram.set_my_commands([], language_code="fr")
    await aiogram.set_my_name("Tocsin")
    await aiogram.set_my_description("Rings.", language_code="en")
    await aiogram.set_my_short_description("Bell")
    await aiogram.set_chat_menu_button(menu_button=types.MenuButtonCommands())

    [command] = await aiogram.get_my_commands()
    assert (command.command, command.description) == ("panic", "Call for help")
    assert (await aiogram.get_my_name()).name == "Tocsin"
    assert (await aiogram.get_my_description(language_code="en")).description == "Rings."
    assert (await aiogram.get_my_short_description(language_code="ru")).short_description == "Bell"
    assert (await aiogram.get_chat_menu_button()).type == "commands"
    assert (await aiogram.get_chat(ana.id)).first_name == "Ana"
    await aiogram.delete_my_commands()
    assert await aiogram.get_my_commands() == []


async def test_refusals_are_the_errors_that_it_knows(aiogram: Bot, stage: Stage, bot: BotAccount, ana: Phone) -> None:
    stage.limits.on = True
    for _ in range(3):
        await aiogram.send_message(ana.id, "quick")

    with pytest.raises(TelegramRetryAfter) as flood:
        await aiogram.send_message(ana.id, "too quick")
    ana.block(bot)
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await aiogram.send_message(ana.id, "hello?")

    assert flood.value.retry_after == 1


async def test_its_own_polling_runs(aiogram: Bot, bot: BotAccount, ana: Phone) -> None:
    dispatcher = Dispatcher()

    @dispatcher.message(CommandStart())
    async def welcome(message: types.Message) -> None:
        await message.answer(f"Welcome, {message.chat.first_name}")
        await dispatcher.stop_polling()

    await dispatcher.start_polling(aiogram, handle_signals=False, polling_timeout=1)

    assert [message.text for message in ana.heard(bot)] == ["Welcome, Ana"]


async def test_a_reaction_and_typing_are_seen(aiogram: Bot, bot: BotAccount, ana: Phone) -> None:
    typed = ana.type(bot, "my word")

    await aiogram.set_message_reaction(ana.id, typed, [types.ReactionTypeEmoji(emoji="👍")])
    await aiogram.send_chat_action(ana.id, "typing")

    assert ana.chat(bot)[-1].reaction == "👍"
    assert [call.method for call in ana.transcript(bot)] == ["setMessageReaction", "sendChatAction"]


async def test_a_webhook_can_be_set_and_looked_at(aiogram: Bot, bot: BotAccount) -> None:
    await aiogram.set_webhook("http://127.0.0.1:1/hook", secret_token="s3cret", allowed_updates=["message"])

    info = await aiogram.get_webhook_info()
    await aiogram.delete_webhook(drop_pending_updates=True)

    assert (info.url, info.allowed_updates) == ("http://127.0.0.1:1/hook", ["message"])
    assert (await aiogram.get_webhook_info()).url == ""


async def test_an_old_message_stays(aiogram: Bot, stage: Stage, bot: BotAccount, ana: Phone) -> None:
    sent = await aiogram.send_message(ana.id, "two days ago")
    stage.clock.advance(timedelta(hours=48))  # type: ignore[attr-defined]

    with pytest.raises(TelegramBadRequest, match="message can't be deleted for everyone"):
        await aiogram.delete_message(ana.id, sent.message_id)

    assert [message.text for message in ana.heard(bot)] == ["two days ago"]
