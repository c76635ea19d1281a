"""An old call that reached nobody does not swallow a new one."""

from datetime import time

from escalation.people import Role
from store import incidents
from tests.world import World


async def test_a_call_from_before_there_was_anybody_does_not_swallow_the_next_one(world: World) -> None:
    ana = await world.defender("Ana", watched=False)
    ana.type(world.defenders_bot, "sos")
    await world.settle()
    await world.later(hours=20)
    await world.responder("Bo")
    await world.responder("Dara", Role.COORDINATOR, tier=None)

    ana.type(world.defenders_bot, "sos")

    await world.phones["Bo"].expect(world.responders_bot, "CALL FOR HELP")
    await world.phones["Dara"].expect(world.responders_bot, "CALL FOR HELP")
    await world.settle()
    ana.read(world.defenders_bot)


async def test_a_miss_from_before_there_was_anybody_does_not_swallow_the_next_one(world: World) -> None:
    ana = await world.defender("Ana", times=(time(9, 0),))
    await world.later(hours=3)
    await world.responder("Bo")

    await world.later(hours=24)

    await world.phones["Bo"].expect(world.responders_bot, "NO SIGN OF LIFE")
    await world.settle()
    ana.read(world.defenders_bot)


async def test_calling_again_and_again_where_nobody_can_be_reached_opens_one_incident(world: World) -> None:
    ana = await world.defender("Ana", watched=False)
    await world.responder("Bo")
    world.phones["Bo"].block(world.responders_bot)

    for _ in range(4):
        ana.type(world.defenders_bot, "sos")
        await world.later(minutes=3)

    assert len(await world.store.run(lambda tx: incidents.recent(tx, 10))) == 1
    ana.read(world.defenders_bot)
