"""python-telegram-bot's own client works on the stage as on the real service; it decodes strictly, too."""

import asyncio
from datetime import UTC, datetime

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    MessageOriginUser,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    Update,
)  # fmt: skip
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter
from telegram.ext import Application, ApplicationBuilder, CallbackQueryHandler, CommandHandler, ContextTypes

from rehearsal import BotAccount, Phone, Stage

GO = InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="go:1")]])


async def test_a_message_arrives_with_its_words_marks_and_buttons(ptb: Bot, bot: BotAccount, ana: Phone) -> None:
    sent = await ptb.send_message(
        ana.id, "<b>Ana</b> &amp; Bo", parse_mode="HTML", reply_markup=GO, protect_content=True
    )

    [heard] = ana.heard(bot)
    assert (heard.text, heard.labels, heard.protected) == ("Ana & Bo", ["Go"], True)
    assert (sent.text_html, sent.date) == ("<b>Ana</b> &amp; Bo", datetime(2026, 3, 1, 18, 0, tzinfo=UTC))


async def test_a_key_of_the_reply_keyboard_types_or_shares_the_place(ptb: Bot, bot: BotAccount, ana: Phone) -> None:
    keys: list[list[str | KeyboardButton]] = [["I am safe"], [KeyboardButton("My place", request_location=True)]]
    await ptb.send_message(ana.id, "Choose", reply_markup=ReplyKeyboardMarkup(keys))
    assert ana.keyboard(bot) == ["I am safe", "My place"]
    ana.press(bot, "I am safe")
    ana.press(bot, "My place")

    typed, shared = (await ptb.get_updates())[-2:]
    await ptb.send_message(ana.id, "Thank you", reply_markup=ReplyKeyboardRemove())

    assert typed.message
    assert typed.message.text == "I am safe"
    assert shared.message
    assert shared.message.location
    assert shared.message.location.latitude == ana.place.lat
    assert ana.keyboard(bot) == []


async def test_pictures_go_up_and_come_down(ptb: Bot, bot: BotAccount, ana: Phone) -> None:
    await ptb.send_photo(ana.id, b"\xff\xd8 picture", caption="Look")
    await ptb.send_document(ana.id, b"words", filename="list.txt")
    await ptb.send_voice(ana.id, b"OggS", duration=2)
    ana.document(bot, b"a letter", "letter.txt", "for you")
    update = (await ptb.get_updates())[-1]
    assert update.message
    assert update.message.document

    file = await update.message.document.get_file()

    assert bytes(await file.download_as_bytearray()) == b"a letter"
    assert update.message.document.file_name == "letter.txt"
    assert [message.data for message in ana.heard(bot)] == [b"\xff\xd8 picture", b"words", b"OggS"]


async def test_messages_change_and_go(ptb: Bot, bot: BotAccount, ana: Phone) -> None:
    first = await ptb.send_message(ana.id, "one", reply_markup=GO)
    second = await ptb.send_message(ana.id, "two")
    picture = await ptb.send_photo(ana.id, b"\xff\xd8", caption="before")
    await first.edit_text("one, changed", reply_markup=GO)
    await picture.edit_caption("after")
    await ptb.delete_messages(ana.id, [second.message_id])

    assert [(message.says, message.labels) for message in ana.heard(bot)] == [("one, changed", ["Go"]), ("after", [])]


async def test_messages_are_forwarded_and_copied(ptb: Bot, bot: BotAccount, ana: Phone, bo: Phone) -> None:
    typed = ana.type(bot, "What Ana wrote")

    forwarded = await ptb.forward_message(bo.id, ana.id, typed)
    copied = await ptb.copy_message(bo.id, ana.id, typed)

    assert isinstance(forwarded.forward_origin, MessageOriginUser)
    assert [message.id for message in bo.heard(bot)] == [forwarded.message_id, copied.message_id]


async def test_refusals_are_the_errors_that_it_knows(
    ptb: Bot, stage: Stage, bot: BotAccount, ana: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # without it a flood limit is also a deprecation warning
    stage.limits.on = True
    for _ in range(3):
        await ptb.send_message(ana.id, "quick")

    with pytest.raises(RetryAfter):
        await ptb.send_message(ana.id, "too quick")
    stage.limits.on = False
    with pytest.raises(BadRequest, match="Chat not found"):
        await ptb.send_message(12, "who?")
    ana.block(bot)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await ptb.send_message(ana.id, "hello?")


async def test_a_moved_chat_names_its_new_address(ptb: Bot, stage: Stage, bot: BotAccount) -> None:
    group = stage.add_group(bot, "Coordinators")
    old = group.id
    new = stage.migrate(bot, old)

    with pytest.raises(ChatMigrated) as moved:
        await ptb.send_message(old, "hello")
    await ptb.send_message(new, "hello again")

    assert moved.value.new_chat_id == new
    assert [post.text for post in group.posts.values()] == ["hello again"]


async def test_a_wrong_token_is_refused(stage: Stage) -> None:
    with pytest.raises(InvalidToken):
        async with Bot("1:nobody", base_url=f"{stage.url}/bot"):
            pass


async def test_its_own_polling_runs(stage: Stage, bot: BotAccount, ana: Phone) -> None:
    pressed = asyncio.Event()

    async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message
        await update.message.reply_text("Welcome", reply_markup=GO)

    async def press(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.callback_query
        await update.callback_query.answer("Gone")
        pressed.set()

    builder = ApplicationBuilder().token(bot.token).base_url(f"{stage.url}/bot")
    application: Application = builder.build()  # type: ignore[type-arg]
    application.add_handlers([CommandHandler("start", start), CallbackQueryHandler(press)])
    async with application:
        assert application.updater
        await application.updater.start_polling(timeout=1)
        await application.start()
        await ana.expect(bot, "Welcome")
        query = ana.press(bot, "Go")
        await asyncio.wait_for(pressed.wait(), 2)
        await application.updater.stop()
        await application.stop()

    assert (await ana.expect_answer(bot, query)).text == "Gone"
