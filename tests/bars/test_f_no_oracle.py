"""Bar F6: what a defender's chat is sent does not depend on how an incident goes, whatever is asked of it."""

import json
from datetime import time
from functools import partial
from pathlib import Path
from uuid import UUID

from bot.dialogue import Enrolment
from bot.profile import COMMANDS
from escalation.incident_words import Closed, CoordinatorJoined, Outcome
from escalation.people import DefenderId, ResponderId, Role
from rehearsal.phone import Phone
from store import incidents, people
from store.database import Tx
from tests.bars.conftest import Bar
from tests.bars.test_f_write_only import invited
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


WRITTEN = ("they took my bag", "birch tree", "/help", "hello", "/start", "birch tree", "/start")


async def test_f6_an_enrolment_answers_alike_whether_or_not_a_call_is_still_open(tmp_path: Path, bar: Bar) -> None:
    async with World(tmp_path) as world:
        phones = {name: await invited(world, name) for name in ("Ana", "Eve", "Max")}
        await world.responder("Bo")
        await world.responder("Dara", Role.COORDINATOR, tier=None)
        for name, phone in phones.items():
            await world.store.run(partial(stand_at_the_word, world.ids[name]))
            if name != "Max":  # who has called nobody
                phone.type(world.defenders_bot, "sos")
                await world.settle()
        await world.store.run(lambda tx: close_all(tx, world))

        answers = {name: [await ask(world, phone, text) for text in WRITTEN] for name, phone in phones.items()}
        world.phones.clear()

    assert answers["Ana"] == answers["Eve"]
    assert answers["Ana"] != answers["Max"], "what somebody has called in this dialogue makes a difference"
    bar.holds(
        "an enrolment answers alike whether or not the call that was made in it is still open",
        f"{len(WRITTEN)} messages answered alike with a call that is open and one that was closed",
    )


def stand_at_the_word(person: UUID, tx: Tx) -> None:
    """The enrolment has come to the safe word."""
    people.change_defender(tx, person, state="enrolling", times=(time(9),), dialogue_state=Enrolment.word.state)


def close_all(tx: Tx, world: World) -> None:
    """Two responders close what Ana has called for; Eve's call stays open."""
    [call] = incidents.open_of_defender(tx, DefenderId(world.ids["Ana"]))
    assert incidents.open_of_defender(tx, DefenderId(world.ids["Eve"]))
    for name in ("Bo", "Dara"):
        by = ResponderId(world.ids[name])
        joined = world.engine.happenings.to_incident(tx, call, CoordinatorJoined(by))
        call = world.engine.happenings.to_incident(tx, joined, Closed(by, Outcome.SAFE))
    assert call.closed_at is not None
