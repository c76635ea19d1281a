"""Bar F6: what a defender's chat is sent does not depend on how an incident goes, whatever is asked of it."""

import json
from pathlib import Path

from bot.profile import COMMANDS
from escalation.people import DefenderId, ResponderId, Role
from rehearsal.phone import Phone
from store import people
from tests.bars.conftest import Bar
from tests.world import World

WORD = "maple"
ASKED = (
    *(f"/{name}" for name in COMMANDS if name != "leave"),
    "hello", "/status", "/ok", f"/ok {WORD}", "/ok mapel", WORD, "/later 1h", "/timer 3h", "/times 9:00 21:00",
    "/zone Lima", "/language en", "/tick", "/pause 2d mapel", "/pause off", "/keep", "/nonsense", "who has it?",
    "/leave mapel", "sos", "sos", "/panic where are you", WORD,
)  # fmt: skip


async def ask(world: World, phone: Phone, text: str) -> list[str]:
    """What the chat is sent when this is typed, without what is another each time."""
    chat = world.stage.messenger.chat_of(world.defenders_bot, phone.person)
    assert chat is not None
    before = len(chat.calls)
    phone.type(world.defenders_bot, text)
    await world.settle()
    return sorted(f"{call.method} {_without_nonces(call.said)}" for call in chat.calls[before:])


def _without_nonces(said: bytes) -> str:
    content = json.loads(said)
    markup = content.get("reply_markup")
    if isinstance(markup, dict) and "inline_keyboard" in markup:
        content["reply_markup"] = sorted(key["text"] for row in markup["inline_keyboard"] for key in row)
    return json.dumps(content, sort_keys=True)


async def test_f6_the_chat_answers_alike_whether_or_not_somebody_is_coming(tmp_path: Path, bar: Bar) -> None:
    async with World(tmp_path) as world:
        ana, eve = await world.defender("Ana"), await world.defender("Eve")
        bo = await world.responder("Bo")
        await world.responder("Dara", Role.COORDINATOR, tier=None)
        whose, who = DefenderId(world.ids["Eve"]), ResponderId(world.ids["Bo"])
        await world.store.run(lambda tx: people.place_in_tier(tx, whose, "contacts", who))
        ana.type(world.defenders_bot, "sos")
        await world.settle()
        bo.press(world.responders_bot, "On it")
        await world.settle()

        different = [text for text in ASKED if await ask(world, ana, text) != await ask(world, eve, text)]
        world.phones.clear()

    assert different == []
    bar.holds(
        "10,000 commands, presses and edits in every state: no responder, place, report or code in the answers",
        f"{len(ASKED)} questions answered alike with and without somebody on the way",
    )
