"""The flood limits: thirty a second for a bot, one a second for a chat, and how long to wait."""

from rehearsal import BotAccount, Phone, Stage
from rehearsal.limits import BOT_BURST, CHAT_BURST, Bucket
from tests.stage.conftest import Api


async def test_one_chat_is_flooded_after_a_short_burst(api: Api, stage: Stage, bot: BotAccount, ana: Phone) -> None:
    stage.limits.on = True

    answers = [await api("sendMessage", chat_id=ana.id, text="quick") for _ in range(int(CHAT_BURST) + 1)]

    assert [answer["ok"] for answer in answers] == [True] * int(CHAT_BURST) + [False]
    assert answers[-1] == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    assert len(ana.heard(bot)) == CHAT_BURST


async def test_one_bot_is_flooded_over_many_chats(api: Api, stage: Stage, bot: BotAccount) -> None:
    stage.limits.on = True
    phones = [stage.add_phone(f"Defender {number}") for number in range(3 * int(BOT_BURST))]
    for phone in phones:
        phone.start(bot)

    answers = [await api("sendMessage", chat_id=phone.id, text="reminder") for phone in phones]

    assert all(answer["ok"] for answer in answers[: int(BOT_BURST)])
    assert any(answer.get("error_code") == 429 for answer in answers)


async def test_answers_and_deletions_are_not_counted(api: Api, stage: Stage, bot: BotAccount, ana: Phone) -> None:
    stage.limits.on = True
    typed = [ana.type(bot, "a word") for _ in range(10)]

    for message_id in typed:
        assert (await api("deleteMessage", chat_id=ana.id, message_id=message_id))["ok"]


def test_a_bucket_fills_again_at_its_rate() -> None:
    bucket = Bucket(rate=2.0, burst=4.0, level=0.0, filled_at=100.0)

    assert bucket.missing(100.0) == 0.5
    assert bucket.missing(100.5) == 0.0
    bucket.missing(1000.0)
    assert bucket.level == 4.0
