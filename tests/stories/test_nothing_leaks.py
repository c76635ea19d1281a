"""A whole story with everything in it, and what the log, the journal, the defender's chat and a stranger see of it."""

import json
import logging
from datetime import time

import pytest

from escalation.people import Role
from store import journal
from tests.world import TOKENS, World

ANA, BO, CLEO, DARA, MAX = "Ana Yupanqui", "Bo Castellanos", "Cleo Okonkwo", "Dara Lindqvist", "Max Nobody"
WORD, SAID, FOUND, PLACE = "tamarillo", "they broke the green gate", "her phone is off", (4.60971, -74.08175)
OF_RESPONDERS = (BO, CLEO, DARA, FOUND, "contact", "coordinator", "has it", "All clear", "closed")


async def play(world: World) -> None:
    """Check-ins right and wrong, a call with all that can go with it, a hold, a report, a closing, and a leave."""
    for name, role, tier in ((BO, Role.CONTACT, "contacts"), (CLEO, Role.CONTACT, "contacts")):
        await world.responder(name, role, tier=tier, of=ANA)
    await world.responder(DARA, Role.COORDINATOR, tier=None)
    ana, bo, cleo = (world.phones[name] for name in (ANA, BO, CLEO))
    us, them = world.defenders_bot, world.responders_bot
    max_ = world.stage.add_phone(MAX)
    world.phones[MAX] = max_
    for bot in (us, them):
        max_.start(bot, "K7Q2-GUESS")
    for text in (WORD, "tamarindo", f"/ok {WORD}", f"/pause 1h {WORD}", "/pause off", "/later 1h", "/nonsense"):
        ana.type(us, text)
        await world.settle()
    world.stage.forwarded_from_hidden_user(ana, us)
    cleo.block(them)
    ana.type(us, "/panic " + SAID)
    ana.share_place(us, *PLACE)
    ana.photo(us, b"picture", SAID)
    await world.settle()
    bo.press(them, "On it")
    await world.later(seconds=5)
    bo.press(them, "What came")
    await world.settle()
    bo.press(them, "Tell what you found")
    await world.settle()
    bo.type(them, FOUND)
    bo.type(them, "/zone Nowhere at all")
    await world.settle()
    bo.press(them, "Close")
    await world.settle()
    bo.press(them, "Safe")
    await world.settle()
    world.phones[DARA].press(them, "Yes, close it")
    await world.settle()
    ana.type(us, f"/leave {WORD}")
    await world.settle()
    await world.later(seconds=2)


async def played(world: World) -> None:
    await world.defender(ANA, times=(time(9),), safe_word=WORD)
    await play(world)
    for phone in world.phones.values():
        for bot in (world.defenders_bot, world.responders_bot):
            phone.read(bot)


def secrets_of(world: World) -> list[str]:
    names = [name.split()[-1] for name in (ANA, BO, CLEO, DARA, MAX)]
    ids = [str(phone.id) for phone in world.phones.values()]
    numbers = [f"{degrees:.2f}" for degrees in PLACE]
    return [*names, *ids, *numbers, *TOKENS.values(), WORD, "tamarindo", SAID, FOUND, "gate", "Nowhere"]


async def test_the_log_names_nobody_and_repeats_nothing(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    caplog.set_level(logging.DEBUG, logger="tocsin")
    await played(world)

    lines = [f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records]

    assert lines
    assert [(secret, line) for secret in secrets_of(world) for line in lines if secret.lower() in line.lower()] == []


async def test_the_journal_names_nobody_and_repeats_nothing(world: World) -> None:
    await played(world)

    entries = await world.store.run(lambda tx: journal.newest(tx, 10_000))
    lines = [json.dumps([entry.event, entry.detail], default=str) for entry in entries]

    assert {"opened", "took_it", "reported", "closed", "asked_with_code"} <= {entry.event for entry in entries}
    assert [(secret, line) for secret in secrets_of(world) for line in lines if secret.lower() in line.lower()] == []


async def test_the_defenders_chat_shows_nothing_of_the_rescue(world: World) -> None:
    await played(world)

    said = "\n".join(message.text for message in world.phones[ANA].chat(world.defenders_bot) if not message.deleted)

    assert "Noted." in said
    assert [word for word in (*OF_RESPONDERS, WORD) if word.lower() in said.lower()] == []


async def test_a_stranger_is_told_nothing_but_the_one_reply(world: World) -> None:
    await played(world)
    max_ = world.phones[MAX]

    assert [len(max_.heard(bot)) for bot in (world.defenders_bot, world.responders_bot)] == [1, 1]
