"""What is on its way when things change is put right when it arrives."""

from escalation.people import Role
from tests.world import World


async def team(world: World) -> None:
    await world.defender("Ana", watched=False)
    await world.responder("Bo")
    await world.responder("Cleo")
    await world.responder("Dara", Role.COORDINATOR, tier=None)


def read_all(world: World) -> None:
    for name, phone in world.phones.items():
        phone.read(world.defenders_bot if name == "Ana" else world.responders_bot)


async def test_an_alarm_that_arrives_after_the_end_shows_the_end(world: World) -> None:
    await team(world)
    bo, cleo, dara = (world.phones[name] for name in ("Bo", "Cleo", "Dara"))
    slow = world.stage.faults.slow(world.responders_bot, 30, chat=cleo, method="sendMessage", times=1)
    world.phones["Ana"].type(world.defenders_bot, "sos")
    await bo.expect(world.responders_bot, "CALL FOR HELP")
    await dara.expect(world.responders_bot, "CALL FOR HELP")
    await world.until(lambda: slow.hits == 1)
    bo.press(world.responders_bot, "Close…")
    await world.settle()
    bo.press(world.responders_bot, "Safe")
    await world.settle()
    dara.press(world.responders_bot, "Yes")
    await world.settle()

    slow.end()
    await world.settle()

    heard = [message.text for message in cleo.heard(world.responders_bot)]
    assert not any("Nobody has it yet" in text for text in heard)
    assert any("Closed at" in text for text in heard)
    read_all(world)


async def test_an_alarm_that_arrives_after_somebody_took_it_shows_who(world: World) -> None:
    await team(world)
    bo, cleo = world.phones["Bo"], world.phones["Cleo"]
    slow = world.stage.faults.slow(world.responders_bot, 30, chat=cleo, method="sendMessage", times=1)
    world.phones["Ana"].type(world.defenders_bot, "sos")
    await bo.expect(world.responders_bot, "CALL FOR HELP")
    await world.until(lambda: slow.hits == 1)
    bo.press(world.responders_bot, "On it")
    await world.settle()

    slow.end()
    await cleo.expect(world.responders_bot, "CALL FOR HELP")
    await world.settle()

    alarm = next(message for message in cleo.chat(world.responders_bot) if "CALL FOR HELP" in message.text)
    assert "Nobody has it yet" not in alarm.text
    read_all(world)


async def test_what_nobody_knows_to_be_deleted_is_deleted_again(world: World) -> None:
    await team(world)
    ana = world.phones["Ana"]
    cut = world.stage.faults.cut_before(world.defenders_bot, chat=ana, method="deleteMessage", times=1)

    ana.type(world.defenders_bot, "sos")
    await world.until(lambda: cut.hits == 1)
    for _ in range(3):
        await world.later(seconds=20)

    assert "sos" not in [message.text for message in ana.chat(world.defenders_bot) if not message.deleted]
    read_all(world)


async def test_a_change_to_an_alarm_that_may_have_been_lost_is_made_again(world: World) -> None:
    await team(world)
    bo, cleo = world.phones["Bo"], world.phones["Cleo"]
    world.phones["Ana"].type(world.defenders_bot, "sos")
    await cleo.expect(world.responders_bot, "CALL FOR HELP")
    await world.settle()
    cut = world.stage.faults.cut_before(world.responders_bot, chat=cleo, method="editMessageText", times=1)

    bo.press(world.responders_bot, "On it")
    await world.until(lambda: cut.hits == 1)
    for _ in range(3):
        await world.later(seconds=20)

    alarm = next(message for message in cleo.chat(world.responders_bot) if "CALL FOR HELP" in message.text)
    assert "Nobody has it yet" not in alarm.text
    read_all(world)
