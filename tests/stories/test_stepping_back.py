"""Who goes away or steps down lets go of what they had, and is told so."""

from config.texts import Texts
from escalation.people import Role
from rehearsal import Phone
from tests.world import World

SAY = Texts().say


async def taken_by_bo(world: World) -> Phone:
    """Ana has called for help, and Bo, her only contact, has it."""
    await world.defender("Ana", watched=False)
    await world.responder("Bo")
    await world.responder("Cleo", Role.COLLEAGUE, tier="colleagues")
    await world.responder("Dara", Role.COORDINATOR, tier=None)
    bo = world.phones["Bo"]
    world.phones["Ana"].type(world.defenders_bot, "sos")
    await world.settle()
    bo.press(world.responders_bot, "On it")
    await world.settle()
    world.phones["Ana"].read(world.defenders_bot)
    for phone in world.phones.values():
        phone.read(world.responders_bot)
    return bo


async def test_who_goes_away_lets_go_of_what_they_had(world: World) -> None:
    bo = await taken_by_bo(world)

    bo.type(world.responders_bot, "/away 8h")

    await bo.expect(world.responders_bot, "You are away")
    await world.phones["Cleo"].expect(world.responders_bot, "Nobody has it yet")
    await world.settle()
    world.phones["Dara"].read(world.responders_bot)
    bo.read(world.responders_bot)


async def test_who_steps_down_lets_go_of_what_they_had_and_is_told_that_they_did(world: World) -> None:
    bo = await taken_by_bo(world)
    bo.type(world.responders_bot, "/leave")
    await bo.expect(world.responders_bot, "Step down for good?")

    press = bo.press(world.responders_bot, "Yes, step down")

    answer = await bo.expect_answer(world.responders_bot, press)
    assert "You have stepped down" in answer.text
    await world.phones["Cleo"].expect(world.responders_bot, "Nobody has it yet")
    await world.settle()
    await world.phones["Dara"].expect(world.responders_bot, "Bo has stepped down")


async def test_who_has_stepped_down_hears_nothing_more_and_their_old_buttons_do_nothing(world: World) -> None:
    bo = await taken_by_bo(world)
    alarm = bo.heard(world.responders_bot)[-1]
    old_button = next(data for row in alarm.buttons for _, data in row)
    bo.type(world.responders_bot, "/leave")
    await world.settle()
    bo.press(world.responders_bot, "Yes, step down")
    await world.settle()
    bo.read(world.responders_bot)

    bo.press_data(world.responders_bot, alarm.id, old_button)
    world.phones["Ana"].type(world.defenders_bot, "at the bridge")
    await world.later(minutes=3)

    assert [message.text for message in bo.read(world.responders_bot)] == [SAY("en", "responder.stranger")]
    for name in ("Cleo", "Dara"):
        assert not any("Bo has it" in message.text for message in world.phones[name].read(world.responders_bot))
    world.phones["Ana"].read(world.defenders_bot)
