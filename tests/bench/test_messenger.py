"""The messenger of the benchmark: what it says of when, where and how often must be so, or nothing measured is."""

import asyncio

import aiohttp

from bench.driving import until
from bench.messenger import UNLIMITED, Messenger

OURS = "100001:" + "d" * 35
CHAT = 10_000_007


async def call(session: aiohttp.ClientSession, url: str, **form: str) -> tuple[int, dict[str, object]]:
    """One call of the Bot API, as a form."""
    async with session.post(url, data=form) as answer:
        return answer.status, await answer.json()


async def test_what_was_written_is_known_by_its_chat() -> None:
    async with Messenger() as messenger, aiohttp.ClientSession() as session:
        url = f"{messenger.url}/bot{OURS}/sendMessage"
        status, answer = await call(session, url, chat_id=str(CHAT), text="Ana & co", reply_markup='{"a": 1}')

        [heard] = messenger.heard[CHAT]
        assert (status, answer["ok"]) == (200, True)
        assert (heard.text, heard.markup, heard.edit) == ("Ana & co", '{"a": 1}', False)


async def test_a_form_in_parts_is_read_as_well() -> None:
    async with Messenger() as messenger, aiohttp.ClientSession() as session:
        with aiohttp.MultipartWriter("form-data") as parts:
            for name, value in {"chat_id": str(CHAT), "text": "Ana & co"}.items():
                parts.append(value).set_content_disposition("form-data", name=name)
        async with session.post(f"{messenger.url}/bot{OURS}/sendMessage", data=parts) as answer:
            assert answer.status == 200

        assert [heard.text for heard in messenger.heard[CHAT]] == ["Ana & co"]


async def test_an_update_is_given_again_until_it_is_confirmed() -> None:
    async with Messenger() as messenger, aiohttp.ClientSession() as session:
        url, given = f"{messenger.url}/bot{OURS}/getUpdates", messenger.types(OURS, CHAT, "sos")

        first = await call(session, url, timeout="0")
        again = await call(session, url, timeout="0")
        confirmed = await call(session, url, timeout="0", offset=str(given + 1))

        assert first == again
        assert first[1]["result"] != []
        assert confirmed[1]["result"] == []
        assert messenger.confirmed(OURS) == given


async def test_a_poll_that_waits_hears_of_what_comes() -> None:
    async with Messenger() as messenger, aiohttp.ClientSession() as session:
        polling = asyncio.create_task(call(session, f"{messenger.url}/bot{OURS}/getUpdates", timeout="20"))
        assert await until(lambda: messenger.calls["getUpdates"] > 0, 5.0)
        messenger.types(OURS, CHAT, "sos")

        _, answer = await polling

        assert answer["result"] != []


async def test_what_is_too_fast_is_refused_and_never_heard_and_a_floor_is_not_limited() -> None:
    async with Messenger(limits=True) as messenger, aiohttp.ClientSession() as session:
        for bot, refused in ((OURS, True), (f"{UNLIMITED}:floor", False)):
            url = f"{messenger.url}/bot{bot}/sendMessage"
            statuses = [(await call(session, url, chat_id=str(CHAT), text="."))[0] for _ in range(20)]
            assert (429 in statuses) is refused

        assert len(messenger.heard[CHAT]) == 40 - messenger.refused
