"""Telegram as a channel: the shared kit, and what only a chat can do."""

import socket
from dataclasses import replace
from typing import Any

import pytest

from engine.letter import Operation, OutcomeUnknown, PermanentFailure, Receipt, TemporaryFailure
from rehearsal import BotAccount, Phone, Stage
from responders.channels import telegram
from responders.door import RespondersDoor, open_door

from .channel_kit import *  # noqa: F403
from .channel_kit import ALARM, Ground, failed
from .conftest import TOKEN, Files
from .made import CALLING, NOW, SAY, closed, held, letter


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class TelegramGround(Ground):
    def __init__(self, stage: Stage, bot: BotAccount, bo: Phone, door: RespondersDoor, nowhere: RespondersDoor) -> None:
        self.stage, self.bot, self.bo = stage, bot, bo
        self.channel, self.nowhere = door.channel, nowhere.channel
        self.address, self.no_address = str(bo.id), "no-chat-of-mine"
        self.secrets = (str(bo.id), TOKEN, TOKEN.partition(":")[2])

    def arrived(self) -> int:
        return len(self.bo.heard(self.bot))

    def refuse_for_good(self) -> None:
        self.bo.block(self.bot)

    def be_busy(self) -> None:
        self.stage.faults.fail(self.bot, 502)

    def hang(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(telegram, "DELIVER_TIMEOUT", 0.05)
        self.stage.faults.hang(self.bot)

    def cut_before(self) -> None:
        self.stage.faults.cut_before(self.bot)

    def cut_after(self) -> None:
        self.stage.faults.cut_after(self.bot)


@pytest.fixture
async def ground(stage: Stage, bot: BotAccount, bo: Phone, door: RespondersDoor, files: Files) -> Any:
    nowhere = open_door(token=TOKEN, api=f"http://127.0.0.1:{free_port()}", say=SAY, attachments=files)
    yield TelegramGround(stage, bot, bo, door, nowhere)
    await nowhere.close()


async def test_an_alarm_is_protected_and_its_buttons_work(bot: BotAccount, bo: Phone, door: RespondersDoor) -> None:
    await door.channel.deliver(str(bo.id), letter("responder.alarm", CALLING))

    [heard] = bo.heard(bot)
    assert heard.text.startswith("CALL FOR HELP: Ana\nK7Q2")
    assert heard.protected
    assert all(len(data.encode()) <= 64 for row in heard.buttons for _, data in row)


async def test_an_alarm_is_kept_up_to_date_by_editing(bot: BotAccount, bo: Phone, door: RespondersDoor) -> None:
    sent = await door.channel.deliver(str(bo.id), letter("responder.alarm", CALLING))
    edit = letter("responder.alarm", held(), operation=Operation.EDIT, message_id=sent.message_id)

    first, again = await door.channel.deliver(str(bo.id), edit), await door.channel.deliver(str(bo.id), edit)

    [heard] = bo.heard(bot)
    assert "You have it until 14:32." in heard.text
    assert first == again == Receipt()


async def test_what_is_closed_loses_its_buttons(bot: BotAccount, bo: Phone, door: RespondersDoor) -> None:
    sent = await door.channel.deliver(str(bo.id), letter("responder.alarm", CALLING))

    edit = letter("responder.alarm", closed(), operation=Operation.EDIT, message_id=sent.message_id)
    await door.channel.deliver(str(bo.id), edit)

    assert bo.heard(bot)[0].labels == []


@pytest.mark.parametrize("message_id", ["999", "x", None])
async def test_a_message_that_is_gone_cannot_be_changed_but_the_chat_is_alive(
    bo: Phone, door: RespondersDoor, message_id: str | None
) -> None:
    failure = await failed(
        door.channel, str(bo.id), letter("responder.alarm", held(), operation=Operation.EDIT, message_id=message_id)
    )

    assert isinstance(failure, PermanentFailure)
    assert not failure.address_is_dead


async def test_deleting_is_done_once_and_twice(bot: BotAccount, bo: Phone, door: RespondersDoor) -> None:
    sent = await door.channel.deliver(str(bo.id), letter("responder.help"))
    delete = letter("responder.help", operation=Operation.DELETE, message_id=sent.message_id)

    assert await door.channel.deliver(str(bo.id), delete) == Receipt()
    assert await door.channel.deliver(str(bo.id), delete) == Receipt()
    assert bo.heard(bot) == []


TRUTH = {"truth": "you_have_it", "holder_name": "Bo", "since": NOW.isoformat(), "until": "2026-03-02T14:32:00+00:00"}


async def test_a_press_is_answered_where_it_was_made(bot: BotAccount, bo: Phone, door: RespondersDoor) -> None:
    await door.channel.deliver(str(bo.id), letter("responder.alarm", CALLING))
    query = bo.press(bot, "On it")

    answer = letter("responder.answer", held(), words=TRUTH, operation=Operation.ANSWER, message_id=query)
    await door.channel.deliver(str(bo.id), answer)

    [given] = bo.answers(bot)
    assert (given.text, given.alert, len(bo.heard(bot))) == ("You have it until 14:32.", True, 1)


async def test_a_press_that_waited_too_long_is_answered_by_a_message(
    stage: Stage, bot: BotAccount, bo: Phone, door: RespondersDoor
) -> None:
    await door.channel.deliver(str(bo.id), letter("responder.alarm", CALLING))
    stage.messenger.query_life = -1.0
    query = bo.press(bot, "On it")

    answer = letter("responder.answer", held(), words=TRUTH, operation=Operation.ANSWER, message_id=query)
    receipt = await door.channel.deliver(str(bo.id), answer)

    assert receipt.message_id
    assert bo.heard(bot)[-1].text == "Ana · K7Q2\nYou have it until 14:32."


@pytest.mark.parametrize(
    ("template", "text"),
    [("quiet", ""), ("outdated", "This button is out of date; /open shows what is open.")],
)
async def test_a_press_that_changed_only_the_view_is_answered_and_fades(
    bot: BotAccount, bo: Phone, door: RespondersDoor, template: str, text: str
) -> None:
    await door.channel.deliver(str(bo.id), letter("responder.alarm", CALLING))
    query = bo.press(bot, "Close")

    quiet = letter(f"responder.{template}", operation=Operation.ANSWER, message_id=query)
    await door.channel.deliver(str(bo.id), quiet)

    [given] = bo.answers(bot)
    assert (given.text, given.alert) == (text, False)


async def test_the_flood_limit_says_how_long_to_wait(
    stage: Stage, bot: BotAccount, bo: Phone, door: RespondersDoor
) -> None:
    stage.limits.on = True
    for _ in range(3):
        await door.channel.deliver(str(bo.id), ALARM)

    failure = await failed(door.channel, str(bo.id))

    assert isinstance(failure, TemporaryFailure)
    assert failure.retry_in == 1.0


async def test_a_chat_that_moved_says_where_to(stage: Stage, bot: BotAccount, bo: Phone, door: RespondersDoor) -> None:
    new = stage.migrate(bot, bo.id)

    failure = await failed(door.channel, str(bo.id))

    assert isinstance(failure, PermanentFailure)
    assert failure.moved_to == str(new)


async def test_a_refused_token_is_tried_again_and_passes_nobody_over(stage: Stage, bo: Phone, files: Files) -> None:
    stranger = open_door(token="1:" + "x" * 35, api=stage.url, say=SAY, attachments=files)

    failure = await failed(stranger.channel, str(bo.id))
    await stranger.close()

    assert isinstance(failure, TemporaryFailure)


@pytest.mark.parametrize(("status", "kind"), [(500, TemporaryFailure), (502, TemporaryFailure), (504, OutcomeUnknown)])
async def test_a_failing_server_is_tried_again(
    stage: Stage, bot: BotAccount, bo: Phone, door: RespondersDoor, status: int, kind: type[Exception]
) -> None:
    stage.faults.fail(bot, status)

    assert isinstance(await failed(door.channel, str(bo.id)), kind)


async def test_a_letter_about_nothing_is_refused_without_a_call(
    bot: BotAccount, bo: Phone, door: RespondersDoor
) -> None:
    for template in ("responder.alarm", "responder.no_such_thing", "defender.reminder"):
        failure = await failed(door.channel, str(bo.id), replace(ALARM, template=template, incident=None))
        assert isinstance(failure, PermanentFailure)

    assert bo.transcript(bot) == []
