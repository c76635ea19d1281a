"""Bar F1, without a good row behind the one that was given: whoever tries rows on the phone, and then asks for all that
it tells, learns nothing about any of them. Where slips are reminded of, the reminder is all that they learn."""

from datetime import time
from functools import partial
from pathlib import Path

from escalation.incident_words import Kind
from escalation.people import Role
from tests.bars.conftest import Bar
from tests.bars.still import StillClock
from tests.bars.test_f_duress import CODE, OTHER, SLIP, Lives, _open_kinds, _sent
from tests.world import MORNING, World

SLIP_OF_OTHER = (*OTHER[:-1], 4)  # what a captor makes of a first row that was given by force
ROWS = {"Ana": CODE, "Bea": OTHER, "Cora": SLIP, "Dora": SLIP_OF_OTHER}
ASKED = ("/later 20m", "/times", "/zone", "/pause off", "/tick on", "/keep", "/help")


async def test_f1_no_row_can_be_told_from_another_by_whatever_is_asked_afterwards(tmp_path: Path, bar: Bar) -> None:
    days = bar.size(1, 6)
    async with World(tmp_path, clock=StillClock(MORNING)) as world:
        for name in ROWS:
            await world.defender(name, code=CODE, times=(time(9), time(21)), profile="high")
            await world.responder(f"Bo of {name}", tier="contacts", of=name)
            await world.responder(f"Cleo of {name}", Role.COLLEAGUE, tier="colleagues", of=name)
        lives = Lives(world, world.clock.now(), read={name: _sent(world, name) for name in ROWS}, rows=ROWS)
        for day in range(days):
            await lives.until(day, "08:45")  # before the reminders
            await tap_once(lives)
            for clock in ("08:51", "09:06", "09:25"):  # past the alarm
                await lives.until(day, clock)
            await ask(lives)
            await lives.type("/timer 3h")
            await lives.until(day, "12:10")
            await tap_once(lives)
            for clock in ("12:26", "12:50", "20:51", "21:01", "21:03"):  # reminded, and overdue
                await lives.until(day, clock)
            await tap_once(lives)
            for clock in ("21:30", "21:55"):
                await lives.until(day, clock)
            await ask(lives)
            await lives.until(day + 1, "07:00")
        kinds = {name: await world.store.run(partial(_open_kinds, world.ids[name])) for name in ROWS}

    assert kinds == {"Ana": [], "Bea": [Kind.DURESS], "Cora": [Kind.MISSED], "Dora": [Kind.DURESS]}
    bar.holds(
        "the same calls into the chat after a good row, a forced one and each of them with one sign changed, with no "
        "good row behind it and everything asked that can be",
        f"{lives.counted} calls into each of four chats in {days} days, none different; the alarms came",
    )


async def tap_once(lives: Lives) -> None:
    """Check in by each one's own row, and ask within the second in which it is looked at, and after."""
    await lives.type("/ok")
    await lives.tap(lives.rows)
    await lives.type("/later 5m")
    await lives.later(seconds=5)
    await ask(lives)


async def ask(lives: Lives) -> None:
    """Ask for everything that may tell when something is due."""
    for command in ASKED:
        await lives.type(command)
