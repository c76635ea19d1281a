"""Bar F3, through the chat itself: whatever is typed and tapped from the account after force, the covert call goes on
as it would have, what was open beside it stays open, and no responder hears that it is over."""

import random
from datetime import time, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.profile import COMMANDS
from escalation.incident_state import Incident, people_of
from escalation.incident_words import Kind
from escalation.people import Role
from rehearsal.phone import Phone
from store import incidents
from store.database import Tx
from tests.bars.conftest import Bar
from tests.bars.still import StillClock
from tests.bars.test_f_duress import CODE, OTHER, SLIP
from tests.world import MORNING, World

WORD, NEW, NEW_WORD = "maple", (5, 6, 5, 6), "larkspur"
ROWS = (CODE, CODE, SLIP, OTHER, NEW)
TAPPED = {"/ok", "/pause 2d", "/times 21:00", "/code", "/word"}  # what a row is asked for
SAID = (
    *sorted(TAPPED),
    *(f"/{name}" for name in COMMANDS if name not in ("leave", "code", "word")),
    "/later 1h", "/timer 3h", "/times 9:00 21:00", "/zone Lima", "/language es", "/language en", "/pause off",
    "/tick on", "/start", "/nonsense", "/cancel", "/stop", WORD, f"/ok {WORD}", f"/ok{WORD}", f"/pause 1d {WORD}",
    NEW_WORD, f"/ok {NEW_WORD}", f"/pause 1d {NEW_WORD}", "I am fine, it was a mistake", "false alarm", "sos", "/panic",
)  # fmt: skip
PAUSES = [timedelta(seconds=2), timedelta(minutes=1), timedelta(minutes=7), timedelta(hours=2)]


def open_for(name: str, world: World, tx: Tx) -> dict[Kind, Incident]:
    return {one.kind: one for one in incidents.open_of_defender(tx, world.ids[name])}


async def does(world: World, phone: Phone, text: str, chance: random.Random) -> None:
    """Type `text`, and give whatever it asks for."""
    at = world.defenders_bot
    phone.type(at, text)
    await world.settle()
    if text not in TAPPED:
        return
    await world.tap(phone.name, chance.choice(ROWS))
    if text == "/word":
        phone.type(at, NEW_WORD)
    for row in (NEW, NEW) if text == "/code" else ():
        await world.tap(phone.name, row)
    await world.settle()


async def forced_in_a_silence(world: World, name: str) -> Phone:
    """Somebody who was missed, and then gives a row that says that she is forced."""
    phone = await world.defender(name, code=CODE, times=(time(7, 45),))
    await world.responder(f"Bo of {name}", tier="contacts", of=name)
    await world.responder(f"Cleo of {name}", Role.COLLEAGUE, tier="colleagues", of=name)
    return phone


@pytest.mark.parametrize("seed", [3])
async def test_f3_nothing_typed_or_tapped_ends_or_lowers_what_force_began(tmp_path: Path, bar: Bar, seed: int) -> None:
    traces, chance, done = bar.size(1, 20), random.Random(seed), 0
    for trace in range(traces):
        folder = tmp_path / str(trace)
        folder.mkdir()
        async with World(folder, clock=StillClock(MORNING - timedelta(hours=1))) as world:
            eve, twin = [await forced_in_a_silence(world, name) for name in ("Eve", "Ana")]  # the twin does nothing
            await world.responder("Dara", Role.COORDINATOR, tier=None)
            await world.later(hours=1, minutes=20)
            for phone in (eve, twin):
                phone.type(world.defenders_bot, "/ok")
                await world.settle()
                await world.tap(phone.name, OTHER)
            await world.later(seconds=2)
            said = [*SAID] * bar.size(1, 2)
            chance.shuffle(said)
            for text in (*said, f"/leave {WORD}", f"/leave {NEW_WORD}", "/leave"):
                await does(world, eve, text, chance)
                await world.later(seconds=chance.choice(PAUSES).total_seconds())
                mine, theirs = [await world.store.run(partial(open_for, name, world)) for name in ("Eve", "Ana")]
                goes_on_as(mine[Kind.DURESS], theirs[Kind.DURESS])
                assert Kind.MISSED in mine
                done += 1
            await world.tap("Eve", CODE)
            await world.later(hours=25)
            mine, theirs = [await world.store.run(partial(open_for, name, world)) for name in ("Eve", "Ana")]
            goes_on_as(mine[Kind.DURESS], theirs[Kind.DURESS])
            assert Kind.MISSED in mine
            for name in ("Bo of Eve", "Cleo of Eve", "Dara"):
                told = world.phones[name].told(world.responders_bot)
                assert "COVERT" in told
                assert "All clear" not in told
            world.phones.clear()

    bar.holds(
        "every command from the account after force, through the chat: the covert call goes on as its twin's, the "
        "missed one stays open, nobody hears an all clear",
        f"{done} messages in {traces} lives, none ended or lowered anything",
    )


def goes_on_as(mine: Incident, twins: Incident) -> None:
    """Whether a covert call is as far as the one of somebody who did nothing, with the same people to be called."""
    assert mine.phase is twins.phase
    assert (mine.round, mine.reached) == (twins.round, twins.reached)
    assert mine.next_step_at <= twins.next_step_at
    assert len(people_of(mine.plan)) == len(people_of(twins.plan))
    assert sum(call.times for call in mine.calls) >= sum(call.times for call in twins.calls)
