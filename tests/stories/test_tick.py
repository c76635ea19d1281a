"""One neutral sign for those who asked for it: once an incident, saying nothing, and never when somebody is forced."""

from escalation.incident_words import Kind
from escalation.people import DefenderId, Role
from rehearsal.phone import Phone
from tests.world import World

TICK = "✓"


async def team(world: World, *typed: str, at_once: bool = False) -> tuple[Phone, Phone]:
    """Ana, who has typed this, the last of it a day later unless all `at_once`, and Bo, whom she may call."""
    ana, bo = await world.defender(watched=False), await world.responder("Bo")
    for number, text in enumerate(typed):
        if number == len(typed) - 1 > 0 and not at_once:
            await world.later(hours=25)
        ana.type(world.defenders_bot, text)
        await world.settle()
    return ana, bo


def ticks(world: World) -> int:
    """How many signs Ana has had; everything else is taken as heard."""
    shown = [message.text for message in world.phones["Ana"].chat(world.defenders_bot)]
    for phone in world.phones.values():
        for bot in (world.defenders_bot, world.responders_bot):
            phone.read(bot)
    return shown.count(TICK)


async def test_who_asked_for_it_sees_one_sign_when_somebody_has_it(world: World) -> None:
    ana, bo = await team(world, "/tick on", "sos")
    before = ticks(world)

    bo.press(world.responders_bot, "On it")
    await world.settle()

    assert (before, ticks(world)) == (0, 1)
    newest = ana.chat(world.defenders_bot)[-1]
    assert (newest.text, newest.buttons) == (TICK, ())


async def test_who_did_not_ask_sees_nothing(world: World) -> None:
    _, bo = await team(world, "sos")

    bo.press(world.responders_bot, "On it")
    await world.settle()

    assert ticks(world) == 0


async def test_who_wants_it_no_more_sees_nothing(world: World) -> None:
    _, bo = await team(world, "/tick on", "/tick off", "sos")

    bo.press(world.responders_bot, "On it")
    await world.settle()

    assert ticks(world) == 0


async def test_it_comes_once_however_often_the_incident_is_taken(world: World) -> None:
    _, bo = await team(world, "/tick on", "sos")
    for _ in range(2):
        bo.press(world.responders_bot, "On it")
        await world.settle()
        bo.press(world.responders_bot, "Give it back")
        await world.settle()

    assert ticks(world) == 1


async def test_who_asks_and_then_calls_to_see_it_learns_nothing(world: World) -> None:
    ana, bo = await team(world, "/tick on")
    await world.later(hours=23)
    ana.type(world.defenders_bot, "sos")
    await world.settle()

    bo.press(world.responders_bot, "On it")
    await world.settle()

    assert ticks(world) == 0


async def test_it_never_comes_while_a_covert_incident_is_open(world: World) -> None:
    ana, bo = await team(world, "/tick on")
    await world.later(hours=25)
    whose = DefenderId(world.ids["Ana"])
    await world.store.run(lambda tx: world.engine.happenings.open(tx, whose, Kind.DURESS, "forced:1"))
    world.engine.changed()
    await world.settle()
    bo.press(world.responders_bot, "On it")
    await world.settle()
    await world.responder("Cleo", Role.COLLEAGUE, tier="colleagues")
    ana.type(world.defenders_bot, "sos")
    await world.settle()
    for phone in ("Bo", "Cleo"):
        for message in world.phones[phone].chat(world.responders_bot):
            if any("On it" in label for label in message.labels):
                world.phones[phone].press(world.responders_bot, "On it", message_id=message.id)
                await world.settle()

    assert ticks(world) == 0


async def test_asking_for_it_is_answered_like_anything_else_and_in_every_state(world: World) -> None:
    ana, _ = await team(world, "/tick on", "/tick off", "/tick", "/TICK On", at_once=True)

    said = [message.text for message in ana.chat(world.defenders_bot) if message.from_bot][-4:]

    assert said == ["Noted.", "Noted.", "Write /tick on or /tick off.", "Noted."]
    assert ticks(world) == 0
