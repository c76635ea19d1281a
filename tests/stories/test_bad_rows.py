"""A row that nobody can read is set aside and reported; it stops nobody else."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import time, timedelta
from typing import TypeVar
from uuid import UUID, uuid4

from sqlalchemy import Table, update

from escalation import watch as watch_machine
from escalation.people import DefenderId, Role, WatchId
from escalation.routine import Daily
from store import watches
from store.database import Tx
from store.tables.calling import INCIDENT
from store.tables.watching import WATCH
from tests.world import World

T = TypeVar("T")
MANY = 60  # more than are looked at in one transaction


async def spoil(world: World, table: Table, whose: Iterable[UUID]) -> None:
    """Have everything that a table keeps of these defenders be of no shape that we know."""
    chosen = update(table).where(table.c.defender.in_(list(whose)))
    await world.store.run(lambda tx: tx.connection.execute(chosen.values(body=b"{}")))


async def team(world: World) -> None:
    for name in ("Ana", "Max"):
        await world.defender(name)
    await world.responder("Bo", of="Ana")
    await world.responder("Cleo", of="Max")
    await world.responder("Dara", Role.COORDINATOR, tier=None)


def read_all(world: World) -> None:
    for name, phone in world.phones.items():
        phone.read(world.defenders_bot if name in ("Ana", "Max") else world.responders_bot)


async def test_an_incident_that_nobody_can_read_does_not_take_the_next_call_for_help_with_it(world: World) -> None:
    await team(world)
    world.phones["Ana"].type(world.defenders_bot, "sos")
    await world.phones["Bo"].expect(world.responders_bot, "CALL FOR HELP: Ana")
    await world.settle()
    await spoil(world, INCIDENT, [world.ids["Ana"]])

    world.phones["Ana"].type(world.defenders_bot, "sos")

    await world.phones["Bo"].expect(world.responders_bot, "CALL FOR HELP: Ana")
    await world.settle()
    read_all(world)


async def test_what_is_waiting_for_an_unreadable_incident_keeps_no_other_alarm_from_leaving(world: World) -> None:
    await team(world)
    bo = world.phones["Bo"]
    bad = world.stage.faults.fail(world.responders_bot, 502, chat=bo, method="sendMessage", times=1)
    world.phones["Ana"].type(world.defenders_bot, "sos")
    await world.until(lambda: bad.hits == 1)
    await world.settle()
    await spoil(world, INCIDENT, [world.ids["Ana"]])
    await world.later(seconds=5)

    world.phones["Max"].type(world.defenders_bot, "sos")

    await world.phones["Cleo"].expect(world.responders_bot, "CALL FOR HELP: Max")
    await world.settle()
    read_all(world)
    assert not any("CALL FOR HELP" in message.text for message in bo.heard(world.responders_bot))


async def test_a_responder_of_an_unreadable_incident_can_still_take_another(world: World) -> None:
    await team(world)
    dara = world.phones["Dara"]
    for name in ("Ana", "Max"):
        world.phones[name].type(world.defenders_bot, "sos")
    await dara.expect(world.responders_bot, "CALL FOR HELP: Max")
    await world.settle()
    await spoil(world, INCIDENT, [world.ids["Ana"]])

    query = world.phones["Cleo"].press(world.responders_bot, "On it")

    await world.phones["Cleo"].expect_answer(world.responders_bot, query)
    dara.type(world.responders_bot, "/open")
    await dara.expect(world.responders_bot, "Max")
    await world.settle()
    read_all(world)


async def test_a_watch_that_nobody_can_read_stops_neither_its_defender_nor_anybody_else(world: World) -> None:
    await team(world)
    await spoil(world, WATCH, [world.ids["Ana"]])

    world.phones["Ana"].type(world.defenders_bot, "good morning")
    world.phones["Ana"].type(world.defenders_bot, "sos")

    await world.phones["Bo"].expect(world.responders_bot, "CALL FOR HELP: Ana")
    await world.settle()
    read_all(world)
    world.clock.advance(timedelta(hours=2))
    await world.phones["Cleo"].expect(world.responders_bot, "NO SIGN OF LIFE: Max")
    await world.restart()
    read_all(world)


async def test_many_watches_that_nobody_can_read_neither_hide_a_miss_nor_keep_the_service_busy(world: World) -> None:
    await team(world)
    ana, pace = DefenderId(world.ids["Ana"]), world.book.profile("standard").pace
    routine = Daily((time(8, 30),), "UTC")

    def begin(tx: Tx) -> None:
        for _ in range(MANY):
            watches.save(tx, watch_machine.begin(WatchId(uuid4()), ana, routine, pace, tx.now))

    await world.store.run(begin)
    await spoil(world, WATCH, [world.ids["Ana"]])
    world.clock.advance(timedelta(hours=2))
    await world.phones["Cleo"].expect(world.responders_bot, "NO SIGN OF LIFE: Max")
    await asyncio.sleep(0.3)
    done = counted(world)

    await asyncio.sleep(2.0)

    assert len(done) < 60, len(done)
    read_all(world)


def counted(world: World) -> list[None]:
    """Grows with each transaction from here on."""
    done: list[None] = []
    run = world.store.run

    async def count(work: Callable[[Tx], T]) -> T:
        done.append(None)
        return await run(work)

    world.store.run = count  # type: ignore[method-assign]
    return done
