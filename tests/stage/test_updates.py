"""Updates wait for the bot: in order, until confirmed, for a day, for one poller at a time."""

import asyncio
from datetime import timedelta

import aiohttp

from rehearsal import BotAccount, Phone, RehearsalClock, Stage
from tests.stage.conftest import TOKEN, Api, until


async def ids(api: Api, **arguments: object) -> list[int]:
    return [update["update_id"] for update in (await api("getUpdates", **arguments))["result"]]


async def test_an_update_stays_until_a_later_offset_confirms_it(
    api: Api, stage: Stage, bot: BotAccount, ana: Phone
) -> None:
    ana.type(bot, "one")
    ana.type(bot, "two")
    start, one, two = await ids(api)

    assert await ids(api) == [start, one, two]
    assert await ids(api, limit=1) == [start]
    assert await ids(api, offset=one) == [one, two]
    assert (stage.offset(bot), stage.waiting(bot)) == (start, 2)
    assert await ids(api, offset=two + 1) == []
    assert (stage.offset(bot), stage.waiting(bot)) == (two, 0)


async def test_a_negative_offset_keeps_the_newest(api: Api, stage: Stage, bot: BotAccount, ana: Phone) -> None:
    ana.type(bot, "one")
    ana.type(bot, "two")

    newest = await ids(api, offset=-1)

    assert len(newest) == stage.waiting(bot) == 1


async def test_a_long_poll_ends_the_moment_something_happens(api: Api, bot: BotAccount, ana: Phone) -> None:
    start = (await ids(api))[0]
    poll = asyncio.create_task(api("getUpdates", offset=start + 1, timeout=30))
    await until(lambda: bot.updates.polled)

    ana.type(bot, "hello")

    told = await asyncio.wait_for(poll, 2)
    assert [update["message"]["text"] for update in told["result"]] == ["hello"]


async def test_a_second_poller_ends_the_first(api: Api, bot: BotAccount, ana: Phone) -> None:
    start = (await ids(api))[0]
    first = asyncio.create_task(api("getUpdates", offset=start + 1, timeout=30))
    await until(lambda: bot.updates.polled)

    assert await ids(api, offset=start + 1) == []

    told = await asyncio.wait_for(first, 2)
    assert told["error_code"] == 409
    assert told["description"].startswith("Conflict: terminated by other getUpdates request; make sure that only one")


async def test_updates_are_kept_for_a_day(
    api: Api, clock: RehearsalClock, stage: Stage, bot: BotAccount, ana: Phone
) -> None:
    clock.advance(timedelta(hours=12))
    ana.type(bot, "later")
    clock.advance(timedelta(hours=12, seconds=1))

    told = await api("getUpdates")

    assert [update["message"]["text"] for update in told["result"]] == ["later"]
    clock.advance(timedelta(hours=12))
    assert stage.waiting(bot) == 0


async def test_a_bot_gets_only_the_kinds_it_asked_for(api: Api, bot: BotAccount, ana: Phone) -> None:
    await api("getUpdates", offset=-1, allowed_updates=["edited_message"])
    typed = ana.type(bot, "one")
    ana.edit(bot, typed, "one, changed")

    told = await api("getUpdates")

    assert ["edited_message" in update for update in told["result"]] == [False, True]


async def test_an_update_can_be_given_twice(api: Api, stage: Stage, bot: BotAccount, ana: Phone, bo: Phone) -> None:
    last = (await ids(api))[-1]
    stage.faults.twice(bot, chat=ana)
    bo.type(bot, "hello")
    ana.type(bot, "/panic")

    first = await ids(api, offset=last + 1)
    second = await ids(api, offset=last + 3)

    assert first == [last + 1, last + 2]
    assert second == [last + 2]
    assert await ids(api, offset=last + 3) == []


async def test_what_nobody_can_read_is_given_as_it_is(
    http: aiohttp.ClientSession, stage: Stage, bot: BotAccount, api: Api
) -> None:
    known = stage.raw_update(bot, {"something_new": {"id": 1}})
    stage.raw_bytes(bot, b'{"update_id": 1002, "message": {{')

    assert await ids(api, limit=1) == [known]
    async with http.get(f"{stage.url}/bot{TOKEN}/getUpdates", params={"offset": str(known + 1)}) as answer:
        assert b"{{" in await answer.read()


async def test_with_a_webhook_there_is_no_polling(api: Api, bot: BotAccount) -> None:
    await api("setWebhook", url="http://127.0.0.1:9/")

    told = await api("getUpdates")

    assert (told["error_code"], told["description"].split(";")[0]) == (
        409, "Conflict: can't use getUpdates method while webhook is active",
    )  # fmt: skip


async def test_thousands_of_updates_come_in_batches_of_a_hundred(api: Api, bot: BotAccount, ana: Phone) -> None:
    for number in range(4999):
        ana.type(bot, str(number))
    seen: list[int] = []

    while batch := await ids(api, offset=(seen or [0])[-1] + 1):
        assert len(batch) == 100
        seen += batch

    assert seen == list(range(seen[0], seen[0] + 5000))
