"""The stage says no in the words of the real service, since clients tell errors apart by them."""

from datetime import timedelta

import aiohttp
import pytest

from rehearsal import BotAccount, Phone, RehearsalClock, Stage
from tests.stage.conftest import TOKEN, Api


async def test_a_wrong_token_and_a_wrong_method_are_told_apart(api: Api, bot: BotAccount) -> None:
    assert await api("getMe", token="1:no") == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert await api("getYou") == {"ok": False, "error_code": 404, "description": "Not Found"}


@pytest.mark.parametrize(
    ("method", "arguments", "description"),
    [
        ("sendMessage", {"chat_id": 5, "text": "x"}, "chat not found"),
        ("sendMessage", {"chat_id": "@nobody", "text": "x"}, "chat not found"),
        ("sendMessage", {"chat_id": "", "text": "x"}, "chat_id is empty"),
        ("sendMessage", {"text": " "}, "message text is empty"),
        ("sendMessage", {"text": "x" * 4097}, "message is too long"),
        ("sendMessage", {"text": "🔔" * 2049}, "message is too long"),
        ("sendMessage", {"text": "x", "parse_mode": "Sauce"}, "unsupported parse_mode"),
        ("sendMessage", {"text": "a < b", "parse_mode": "HTML"}, "can't parse entities"),
        ("sendMessage", {"text": "<b>a", "parse_mode": "HTML"}, "can't parse entities: can't find end tag"),
        ("sendMessage", {"text": "<div>a</div>", "parse_mode": "HTML"}, 'unsupported start tag "div"'),
        ("sendMessage", {"text": "x", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        ("sendMessage", {"text": "x", "reply_markup": "{"}, "can't parse reply markup JSON object"),
        ("sendPhoto", {}, "there is no photo in the request"),
        ("sendPhoto", {"photo": "unknown"}, "wrong file identifier/HTTP URL specified"),
        ("sendPhoto", {"photo": "unknown", "caption": "x" * 1025}, "message caption is too long"),
        ("sendLocation", {"latitude": 91, "longitude": 0}, "wrong latitude or longitude specified"),
        ("sendChatAction", {"action": "dancing"}, "wrong parameter action in request"),
        ("editMessageText", {"message_id": 99, "text": "x"}, "message to edit not found"),
        ("editMessageText", {"message_id": 1, "text": "x"}, "message can't be edited"),
        ("deleteMessage", {"message_id": 99}, "message to delete not found"),
        ("deleteMessages", {"message_ids": []}, "message identifiers are not specified"),
        ("deleteMessages", {"message_ids": list(range(101))}, "too many message identifiers specified"),
        ("forwardMessage", {"from_chat_id": 5, "message_id": 1}, "chat not found"),
        ("copyMessage", {"message_id": 99}, "message to copy not found"),
        ("answerCallbackQuery", {"callback_query_id": "7"}, "query is too old and response timeout expired"),
        ("getFile", {"file_id": "unknown"}, "wrong file identifier"),
        ("setWebhook", {"url": "gopher://x"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ("setWebhook", {"url": "https://x", "secret_token": "ü"}, "secret token contains unallowed characters"),
    ],
)
async def test_what_cannot_be_done_is_named(
    api: Api, ana: Phone, bot: BotAccount, method: str, arguments: dict[str, object], description: str
) -> None:
    told = await api(method, **{"chat_id": ana.id, "from_chat_id": ana.id, **arguments})

    assert told["error_code"] == 400
    assert told["description"].startswith("Bad Request: ")
    assert description in told["description"]
    assert ana.heard(bot) == []


@pytest.mark.parametrize(
    ("button", "description"),
    [
        ({"text": "Go", "callback_data": "x" * 65}, "BUTTON_DATA_INVALID"),
        ({"text": "Go", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "Go"}, "Text buttons are unallowed in the inline keyboard"),
        ({"callback_data": "x"}, 'Field "text" must be of type String'),
    ],
)
async def test_a_wrong_button_is_refused(api: Api, ana: Phone, button: dict[str, str], description: str) -> None:
    told = await api("sendMessage", chat_id=ana.id, text="x", reply_markup={"inline_keyboard": [[button]]})

    assert description in told["description"]


async def test_a_bot_cannot_write_first(api: Api, stage: Stage, bot: BotAccount) -> None:
    max_ = stage.add_phone("Max")

    told = await api("sendMessage", chat_id=max_.id, text="hello")

    assert (told["error_code"], told["description"]) == (403, "Forbidden: bot can't initiate conversation with a user")


async def test_a_blocked_bot_is_told_so_until_start_is_pressed_again(api: Api, ana: Phone, bot: BotAccount) -> None:
    ana.block(bot)
    refused = await api("sendMessage", chat_id=ana.id, text="hello")
    ana.start(bot)
    taken = await api("sendMessage", chat_id=ana.id, text="hello")

    assert (refused["error_code"], refused["description"]) == (403, "Forbidden: bot was blocked by the user")
    assert taken["ok"]


async def test_an_edit_that_changes_nothing_is_refused(api: Api, ana: Phone) -> None:
    sent = await api("sendMessage", chat_id=ana.id, text="x")

    told = await api("editMessageText", chat_id=ana.id, message_id=sent["result"]["message_id"], text="x")

    assert told["description"].startswith("Bad Request: message is not modified: specified new message content")


async def test_after_48_hours_nothing_is_deleted(api: Api, clock: RehearsalClock, ana: Phone, bot: BotAccount) -> None:
    typed = ana.type(bot, "a word")
    clock.advance(timedelta(hours=47, minutes=59))
    young = await api("deleteMessage", chat_id=ana.id, message_id=typed)
    old_one = ana.type(bot, "another")
    clock.advance(timedelta(hours=48))

    old = await api("deleteMessages", chat_id=ana.id, message_ids=[old_one])

    assert young["ok"]
    assert old["description"] == "Bad Request: message can't be deleted for everyone"
    assert [message.text for message in ana.chat(bot) if not message.deleted] == ["/start", "another"]


async def test_what_is_protected_is_not_passed_on(api: Api, ana: Phone, bo: Phone, bot: BotAccount) -> None:
    sent = await api("sendMessage", chat_id=ana.id, text="only you", protect_content=True)
    source = {"chat_id": bo.id, "from_chat_id": ana.id, "message_id": sent["result"]["message_id"]}

    assert (await api("forwardMessage", **source))["description"] == "Bad Request: message can't be forwarded"
    assert bo.heard(bot) == []


async def test_calls_come_as_address_form_or_json(
    http: aiohttp.ClientSession, stage: Stage, ana: Phone, bot: BotAccount
) -> None:
    address = f"{stage.url}/bot{TOKEN}/SENDMESSAGE"

    async with http.get(address, params={"chat_id": str(ana.id), "text": "by address"}) as answer:
        assert answer.status == 200
    async with http.post(address, data={"chat_id": str(ana.id), "text": "by form"}) as answer:
        assert answer.status == 200
    async with http.post(address, json={"chat_id": ana.id, "text": "by JSON"}) as answer:
        assert answer.status == 200
    async with http.post(address, data=b"{", headers={"Content-Type": "application/json"}) as answer:
        assert (await answer.json())["description"] == "Bad Request: can't parse JSON object"

    assert [message.text for message in ana.heard(bot)] == ["by address", "by form", "by JSON"]
