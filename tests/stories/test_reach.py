"""Who cannot be reached keeps nobody waiting."""

import time
from datetime import timedelta

import pytest

from escalation.people import Role
from tests.world import World


@pytest.mark.real_time
async def test_a_blocked_and_a_hanging_responder_delay_nobody_else(world: World) -> None:
    await world.defender("Ana", watched=False)
    for name in ("Bo", "Cleo", "Max"):
        await world.responder(name)
    await world.responder("Dara", Role.COORDINATOR, tier=None)
    ana, bo, cleo, max_, dara = (world.phones[name] for name in ("Ana", "Bo", "Cleo", "Max", "Dara"))
    bo.block(world.responders_bot)
    hanging = world.stage.faults.hang(world.responders_bot, 30, chat=cleo.id, method="sendMessage")
    began = time.monotonic()

    ana.type(world.defenders_bot, "sos")

    await max_.expect(world.responders_bot, "CALL FOR HELP", within=1.0)
    await dara.expect(world.responders_bot, "CALL FOR HELP", within=1.0)
    assert time.monotonic() - began < 1.0
    hanging.end()
    await cleo.expect(world.responders_bot, "CALL FOR HELP", within=15.0)
    await world.settle()
    ana.read(world.defenders_bot)
    cleo.read(world.responders_bot)
    dara.read(world.responders_bot)


@pytest.mark.real_time
async def test_a_tier_in_which_nobody_can_be_reached_is_passed_at_once(world: World) -> None:
    await world.defender("Ana", watched=False)
    await world.responder("Bo")
    await world.responder("Cleo", Role.COLLEAGUE, tier="colleagues")
    await world.responder("Dara", Role.COORDINATOR, tier=None)
    world.phones["Bo"].block(world.responders_bot)
    began = time.monotonic()

    world.phones["Ana"].type(world.defenders_bot, "sos")

    await world.phones["Cleo"].expect(world.responders_bot, "CALL FOR HELP", within=2.0)
    assert time.monotonic() - began < 2.0
    await world.settle()
    world.phones["Dara"].read(world.responders_bot)
    world.phones["Ana"].read(world.defenders_bot)


async def test_when_everybody_is_away_the_chain_is_passed_and_they_are_called_in_the_next_round(world: World) -> None:
    await world.defender("Ana", watched=False)
    await world.responder("Bo")
    await world.responder("Dara", Role.COORDINATOR, tier=None)
    bo, dara = world.phones["Bo"], world.phones["Dara"]
    bo.type(world.responders_bot, "/away 8h")
    await world.settle()
    bo.read(world.responders_bot)

    world.phones["Ana"].type(world.defenders_bot, "sos")
    await dara.expect(world.responders_bot, "CALL FOR HELP")
    await world.settle()
    world.silence("Ana", "Dara")
    for _ in range(12):
        await world.later(minutes=30)

    assert any("CALL FOR HELP" in message.text for message in bo.read(world.responders_bot))
    dara.read(world.responders_bot)
    world.phones["Ana"].read(world.defenders_bot)


async def test_who_comes_back_is_called_at_once_for_what_is_open(world: World) -> None:
    await world.defender("Ana", watched=False)
    await world.responder("Bo")
    await world.responder("Dara", Role.COORDINATOR, tier=None)
    bo = world.phones["Bo"]
    bo.type(world.responders_bot, "/away 8h")
    await world.settle()
    bo.read(world.responders_bot)
    world.phones["Ana"].type(world.defenders_bot, "sos")
    await world.settle()

    bo.type(world.responders_bot, "/back")

    await bo.expect(world.responders_bot, "CALL FOR HELP")
    await world.settle()
    for name in ("Bo", "Dara"):
        world.phones[name].read(world.responders_bot)
    world.phones["Ana"].read(world.defenders_bot)


async def test_a_defender_who_had_blocked_the_bot_can_still_call_for_help(world: World) -> None:
    await world.defender("Ana")
    await world.responder("Bo")
    ana = world.phones["Ana"]
    ana.block(world.defenders_bot)
    await world.later(minutes=51)

    ana.unblock(world.defenders_bot)
    ana.type(world.defenders_bot, "sos")

    await world.phones["Bo"].expect(world.responders_bot, "CALL FOR HELP")
    await world.settle()
    assert ana.read(world.defenders_bot)


async def test_one_thing_that_is_refused_does_not_put_its_reader_out_of_reach(world: World) -> None:
    await world.defender("Ana", watched=False)
    await world.responder("Bo")
    await world.responder("Cleo", Role.COLLEAGUE, tier="colleagues")
    ana, bo = world.phones["Ana"], world.phones["Bo"]
    ana.type(world.defenders_bot, "sos")
    await world.settle()
    refused = world.stage.faults.fail(world.responders_bot, 400, chat=bo, method="sendLocation")

    ana.share_place(world.defenders_bot, 4.6, -74.0)
    await world.settle()
    assert refused.hits
    bo.read(world.responders_bot)
    await world.later(minutes=2)

    assert any("repeat 2" in message.text for message in bo.read(world.responders_bot))
    ana.read(world.defenders_bot)
    world.silence()


async def test_an_approval_that_nobody_can_be_asked_for_is_not_waited_for(world: World) -> None:
    await world.defender("Ana")
    await world.responder("Bo")
    await world.responder("Cleo", Role.PARTNER, tier=None)
    await world.responder("Dara", Role.COORDINATOR, tier=None)
    for name in ("Bo", "Dara"):
        world.phones[name].block(world.responders_bot)

    world.clock.advance(timedelta(hours=1, minutes=31))

    await world.phones["Cleo"].expect(world.responders_bot, "NO SIGN OF LIFE", within=2.0)
    await world.settle()
    world.phones["Ana"].read(world.defenders_bot)
