"""The auditor has nothing to say about a service that keeps its promises, and notices one that stops keeping them."""

import pytest
from sqlalchemy import update

from engine.auditing import Code, audit
from escalation.people import Role
from store.tables.messages import DELIVERY
from tests.world import World

SIGNED_ELSEWHERE = {Code.CHECKPOINT_OLD, Code.UNBOUND}  # nobody signs the journal in a story


async def found(world: World) -> set[Code]:
    """What the auditor finds, besides what a story leaves out."""
    seen = await world.store.read(audit)
    return {one.code for one in seen} - SIGNED_ELSEWHERE


async def test_nothing_is_found_from_a_missed_check_in_to_its_end(world: World) -> None:
    ana = await world.defender()
    for name, role, tier in (
        ("Bo", Role.CONTACT, "contacts"),
        ("Cleo", Role.COLLEAGUE, "colleagues"),
        ("Dara", Role.COORDINATOR, None),
    ):
        await world.responder(name, role, tier=tier)

    for minutes in (65, 10, 20, 31, 5, 30, 60, 360):
        await world.later(minutes=minutes)
        assert await found(world) == set()

    await world.restart()
    assert await found(world) == set()
    ana.type(world.defenders_bot, "sos")
    await world.settle()
    assert await found(world) == set()
    for bot in (world.defenders_bot, world.responders_bot):
        for phone in world.phones.values():
            phone.read(bot)


async def test_of_a_call_that_reaches_nobody_the_auditor_speaks(world: World) -> None:
    ana = await world.defender()
    ana.type(world.defenders_bot, "sos")
    await world.settle()

    assert await found(world) == set()
    await world.later(seconds=61)
    assert await found(world) == {Code.NOBODY_CALLED}
    ana.read(world.defenders_bot)


async def test_an_alarm_that_its_lane_does_not_see_is_noticed(world: World) -> None:
    ana = await world.defender()
    bo = await world.responder("Bo")
    ana.type(world.defenders_bot, "sos")
    await world.settle()
    bo.read(world.responders_bot)

    misplaced = update(DELIVERY).where(DELIVERY.c.alarm).values(state="pending", lane="responder:pigeon")
    await world.store.run(lambda tx: tx.connection.execute(misplaced))
    await world.later(seconds=40)

    assert Code.ALARM_STANDS in await found(world)
    for bot in (world.defenders_bot, world.responders_bot):
        for phone in world.phones.values():
            phone.read(bot)


async def test_how_soon_somebody_had_it_is_measured_once(world: World) -> None:
    ana = await world.defender()
    bo = await world.responder("Bo")
    ana.type(world.defenders_bot, "sos")
    await world.settle()
    await world.later(seconds=45)

    for _ in range(2):  # the second time after the first has lapsed
        bo.press(world.responders_bot, "On it")
        await world.settle()
        await world.later(minutes=20)

    number = world.engine.metrics.registry.get_sample_value
    assert number("tocsin_acknowledged_seconds_count") == 1
    assert number("tocsin_acknowledged_seconds_sum") == pytest.approx(45, abs=5)
    for bot in (world.defenders_bot, world.responders_bot):
        for phone in world.phones.values():
            phone.read(bot)
