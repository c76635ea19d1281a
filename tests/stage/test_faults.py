"""What goes wrong on demand goes wrong as asked, where asked, as often as asked."""

import asyncio
import time

import aiohttp
import pytest

from rehearsal import BotAccount, Phone, Stage
from tests.stage.conftest import Api

CUT = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


async def test_a_cut_after_the_message_was_taken_leaves_the_message(
    api: Api, stage: Stage, bot: BotAccount, ana: Phone
) -> None:
    stage.faults.cut_after(bot, times=1)

    with pytest.raises(CUT):
        await api("sendMessage", chat_id=ana.id, text="alarm")
    await api("sendMessage", chat_id=ana.id, text="alarm, again")

    assert [message.text for message in ana.heard(bot)] == ["alarm", "alarm, again"]


async def test_a_cut_before_leaves_nothing(api: Api, stage: Stage, bot: BotAccount, ana: Phone) -> None:
    stage.faults.cut_before(bot, method="sendMessage", times=1)

    with pytest.raises(CUT):
        await api("sendMessage", chat_id=ana.id, text="alarm")

    assert ana.heard(bot) == []


async def test_an_error_of_the_server_is_told_and_nothing_is_done(
    api: Api, stage: Stage, bot: BotAccount, ana: Phone
) -> None:
    stage.faults.fail(bot, 502, times=1)

    told = await api("sendMessage", chat_id=ana.id, text="alarm")

    assert told == {"ok": False, "error_code": 502, "description": "Bad Gateway"}
    assert ana.heard(bot) == []


async def test_a_fault_of_one_chat_leaves_the_others_alone(
    api: Api, stage: Stage, bot: BotAccount, ana: Phone, bo: Phone
) -> None:
    hang = stage.faults.hang(bot, 30, chat=bo)
    stuck = asyncio.create_task(api("sendMessage", chat_id=bo.id, text="alarm"))

    told = await asyncio.wait_for(api("sendMessage", chat_id=ana.id, text="alarm"), 1)

    assert told["ok"]
    assert not stuck.done()
    hang.end()
    with pytest.raises(CUT):
        await asyncio.wait_for(stuck, 1)
    assert bo.heard(bot) == []


async def test_a_slow_messenger_answers_late(api: Api, stage: Stage, bot: BotAccount, ana: Phone) -> None:
    stage.faults.slow(bot, 0.1, method="sendMessage")
    begun = time.monotonic()

    await api("sendMessage", chat_id=ana.id, text="alarm")

    assert time.monotonic() - begun >= 0.1
    assert len(ana.heard(bot)) == 1


async def test_polling_goes_on_unless_it_is_meant(api: Api, stage: Stage, bot: BotAccount, ana: Phone) -> None:
    stage.faults.fail(bot)
    assert (await api("getUpdates"))["ok"]
    stage.faults.clear()
    stage.faults.fail(bot, method="*")

    assert (await api("getUpdates"))["error_code"] == 502


async def test_in_an_outage_people_write_on_and_nothing_is_answered(
    api: Api, stage: Stage, bot: BotAccount, ana: Phone
) -> None:
    poll = asyncio.create_task(api("getUpdates", offset=-1, timeout=30))
    stage.stand_still()
    alarm = asyncio.create_task(api("sendMessage", chat_id=ana.id, text="alarm"))
    ana.type(bot, "I am safe")

    done, _ = await asyncio.wait([poll, alarm], timeout=0.1)

    assert not done
    assert stage.waiting(bot) >= 1
    stage.go_on()
    for cut in (poll, alarm):
        with pytest.raises(CUT):
            await asyncio.wait_for(cut, 1)
    assert ana.heard(bot) == []
    assert [update["message"]["text"] for update in (await api("getUpdates"))["result"]][-1] == "I am safe"
