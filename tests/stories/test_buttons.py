"""A button counts once. Who presses twice, or presses what is out of date, is told what is true; nothing changes."""

from dataclasses import replace
from datetime import timedelta

from escalation.incident import Incident, Phase
from escalation.incident_words import Outcome
from rehearsal import Phone
from responders.presses import read
from store import incidents, journal
from store.database import Tx
from store.presses import VALID_FOR
from tests.world import World


async def alarmed(world: World) -> Phone:
    """Ana has called for help, and Bo was called."""
    await world.defender("Ana", watched=False)
    bo = await world.responder("Bo")
    world.phones["Ana"].type(world.defenders_bot, "sos")
    await bo.expect(world.responders_bot, "CALL FOR HELP")
    await world.settle()
    return bo


async def standing(world: World) -> tuple[Incident | None, int]:
    """The one incident, and how much was written down about it."""

    def work(tx: Tx) -> tuple[Incident | None, int]:
        [one] = incidents.recent(tx, 9)
        return incidents.load(tx, one.id), len(journal.of_incident(tx, one.id))

    return await world.store.run(work)


def newest(bo: Phone, world: World, label: str) -> tuple[int, str]:
    """The message and the data of the newest button that reads so."""
    for message in reversed(bo.heard(world.responders_bot)):
        for row in message.buttons:
            for words, data in row:
                if label in words:
                    return message.id, data
    raise AssertionError(f"no button “{label}”")


async def answer_to(bo: Phone, world: World, message: int, data: str) -> str:
    query = bo.press_data(world.responders_bot, message, data)
    return (await bo.expect_answer(world.responders_bot, query)).text


async def done(world: World) -> None:
    await world.settle()
    for phone in world.phones.values():
        phone.read(world.responders_bot)
        phone.read(world.defenders_bot)


async def test_what_acts_carries_a_token_and_what_turns_a_page_does_not(world: World) -> None:
    bo = await alarmed(world)
    rows = bo.heard(world.responders_bot)[-1].buttons

    plain = {label: read(data) is not None for row in rows for label, data in row}

    assert plain == {
        "✅ On it": False, "✖️ Cannot": False, "👁 Seen": False,
        "☑️ Check list": True, "✍️ Tell what you found": True, "Close…": True,
    }  # fmt: skip
    assert {len(data) for row in rows for _, data in row if read(data) is None} == {44}
    await done(world)


async def test_pressing_twice_is_answered_with_what_is_true_and_changes_nothing(world: World) -> None:
    bo = await alarmed(world)
    message, on_it = newest(bo, world, "On it")

    first = await answer_to(bo, world, message, on_it)
    await world.settle()
    before = await standing(world)
    await world.later(seconds=20)
    second = await answer_to(bo, world, message, on_it)
    await world.settle()

    assert first == second == "You have it until 08:15."
    assert await standing(world) == before
    await done(world)


async def test_a_used_button_takes_nothing_again_but_brings_new_ones(world: World) -> None:
    bo = await alarmed(world)
    message, on_it = newest(bo, world, "On it")
    await answer_to(bo, world, message, on_it)
    await world.settle()
    bo.press(world.responders_bot, "Give it back")
    await world.settle()

    said = await answer_to(bo, world, message, on_it)
    await world.settle()
    incident, _ = await standing(world)

    assert said == "You pressed this before; nothing was changed. Nobody has it yet."
    assert incident is not None
    assert incident.holder is None
    bo.press(world.responders_bot, "On it", message_id=message)
    await world.settle()
    incident, _ = await standing(world)
    assert incident is not None
    assert incident.holder == world.ids["Bo"]
    await done(world)


async def test_a_closed_call_says_so_to_an_old_button(world: World) -> None:
    bo = await alarmed(world)
    message, seen = newest(bo, world, "Seen")
    await answer_to(bo, world, message, seen)

    def close(tx: Tx) -> None:
        incident = incidents.load(tx, incidents.recent(tx, 9)[0].id)
        assert incident is not None
        closed = replace(incident, phase=Phase.CLOSED, outcome=Outcome.SAFE, closed_at=tx.now, repeat_at=None)
        incidents.save(tx, closed)

    await world.store.run(close)

    assert await answer_to(bo, world, message, seen) == "It is closed."
    await done(world)


async def test_a_button_of_yesterday_takes_nothing_and_brings_new_ones(world: World) -> None:
    bo = await alarmed(world)
    message, on_it = newest(bo, world, "On it")
    world.clock.advance(VALID_FOR + timedelta(seconds=1))

    said = await answer_to(bo, world, message, on_it)
    await world.settle()

    assert said == "This button is out of date; /open shows what is open."
    incident, _ = await standing(world)
    assert incident is not None
    assert incident.holder is None
    await done(world)


async def test_somebody_elses_button_takes_nothing(world: World) -> None:
    bo = await alarmed(world)
    cleo = await world.responder("Cleo")
    _, on_it = newest(bo, world, "On it")
    cleo.type(world.responders_bot, "/help")
    await world.settle()
    before = await standing(world)

    said = await answer_to(cleo, world, cleo.heard(world.responders_bot)[-1].id, on_it)
    await world.settle()

    assert said == "This button is out of date; /open shows what is open."
    assert await standing(world) == before
    await done(world)


async def test_a_restart_loses_no_button(world: World) -> None:
    bo = await alarmed(world)
    message, on_it = newest(bo, world, "On it")

    await world.restart()
    said = await answer_to(bo, world, message, on_it)

    assert said.startswith("You have it until")
    await done(world)
