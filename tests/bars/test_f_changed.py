"""Bar F1 once more, with another code and another safe word: whatever was chosen by a forced row is tried for weeks, in
every way, and the phone goes on as after a good row."""

from collections.abc import Mapping, Sequence
from datetime import time
from functools import partial
from pathlib import Path

import pytest

from escalation.incident_words import Kind
from escalation.people import Role
from tests.bars.conftest import Bar
from tests.bars.still import StillClock
from tests.bars.test_f_duress import CODE, OTHER, Lives, _open_kinds, _sent
from tests.world import MORNING, World

FAR = (4, 5, 4, 0)
ROWS = {"Ana": CODE, "Bea": OTHER, "Fay": FAR}  # what each of them taps for another code and another word
WORDS = ("maple", "larkspur", "tamarind", "juniper")
CODES = ((5, 6, 5, 6), (8, 9, 8, 9), (10, 2, 10, 2), (5, 8, 9, 6))
CYCLE = 3  # days


@pytest.mark.parametrize("profile", ["standard", "high"])
async def test_f1_a_code_and_a_word_chosen_by_force_are_to_the_phone_what_good_ones_are(
    tmp_path: Path, bar: Bar, profile: str
) -> None:
    cycles = bar.size(1, 10)
    async with World(tmp_path, clock=StillClock(MORNING)) as world:
        for name in ROWS:
            await world.defender(name, code=CODE, times=(time(9), time(21)), profile=profile)
            await world.responder(f"Bo of {name}", tier="contacts", of=name)
            await world.responder(f"Cleo of {name}", Role.COLLEAGUE, tier="colleagues", of=name)
        lives = Lives(world, world.clock.now(), read={name: _sent(world, name) for name in ROWS}, rows=ROWS)
        rows: Mapping[str, Sequence[int]] = ROWS
        for cycle in range(cycles):
            old, word, code = WORDS[cycle % 4], WORDS[(cycle + 1) % 4], CODES[cycle % 4]
            day = cycle * CYCLE
            await change_both(lives, rows, word, code)
            await check_in(lives, rows)
            await evening(lives, day)
            await check_in(lives, rows)
            rows = dict.fromkeys(ROWS, code)
            await morning(lives, day + 1)
            await try_words(lives, old, word)
            await try_slips(lives, day + 1, code)
            await morning(lives, day + 2)
            await try_words_with_commands(lives, old, word)
            await evening(lives, day + 2)
            await check_in(lives, rows)
            await morning(lives, day + 3, "08:04")
        kinds = {name: await world.store.run(partial(_open_kinds, world.ids[name])) for name in ROWS}
        for given in (ROWS, dict.fromkeys(ROWS, CODE)):  # the rows of the first day, and the true code
            await check_in(lives, given)
        await ask(lives)
        await lives.type(f"/leave {WORDS[cycles % 4]}")
        for clock in ("09:20", "19:50", "20:01", "20:45", "20:51", "21:01", "21:30"):
            await lives.until(cycles * CYCLE, clock)
        await morning(lives, cycles * CYCLE + 1)
        await lives.type("hello")

    assert kinds == {"Ana": [], "Bea": [Kind.DURESS], "Fay": [Kind.DURESS]}
    bar.holds(
        "the same calls into the chat after another code and another word that were chosen by a good row and by forced "
        "ones, to the second, whatever is given of them",
        f"{lives.counted} calls into each of three chats in {cycles * CYCLE} days ({profile}), none different",
    )


async def evening(lives: Lives, day: int) -> None:
    """Go on to five past eight: what is swept, and what reminds, each in its own moment."""
    for clock in ("19:50", "20:01", "20:05"):
        await lives.until(day, clock)


async def morning(lives: Lives, day: int, clock: str = "08:30") -> None:
    """Go on through the night in the same way."""
    for moment in ("07:30", "07:59", "08:01", clock):
        await lives.until(day, moment)


async def change_both(lives: Lives, rows: Mapping[str, Sequence[int]], word: str, code: Sequence[int]) -> None:
    """Ask for another word and another code, each by each one's own row."""
    await lives.type("/word")
    await lives.tap(rows)
    await lives.type(word)
    await lives.type("/code")
    await lives.tap(rows)
    for _ in ("chosen", "again"):
        await lives.tap(dict.fromkeys(ROWS, code))
    await lives.later(seconds=5)


async def check_in(lives: Lives, rows: Mapping[str, Sequence[int]]) -> None:
    """Check in by each one's row, and ask within the second in which it is looked at, and after."""
    await lives.type("/ok")
    await lives.tap(rows)
    await lives.type("/later 5m")
    await lives.later(seconds=5)


async def try_words(lives: Lives, old: str, word: str) -> None:
    """The old word and the new one, each standing alone, and what is due then."""
    for text in (old, f"{word}s", word, word):
        await lives.type(text)
        await lives.type("/later 5m")
        await lives.later(seconds=2)
        await ask(lives)


async def try_words_with_commands(lives: Lives, old: str, word: str) -> None:
    """The same with everything that takes a word."""
    for text in (old, f"{word}s", word):
        await lives.type(f"/ok {text}")
        await lives.later(seconds=2)
        await ask(lives)
        await lives.type(f"/pause 1d {text}")
        await lives.type(f"/ok{text}")
        await lives.later(seconds=2)
        await ask(lives)
    await lives.type("/keep")


async def try_slips(lives: Lives, day: int, code: Sequence[int]) -> None:
    """The new code with one sign changed, each in its turn; where slips are reminded of, a good one settles it."""
    await evening(lives, day)
    for place in range(len(code)):
        slip = [*code]
        slip[place] = (slip[place] + 1) % 12
        await check_in(lives, dict.fromkeys(ROWS, slip))
    for clock in ("20:51", "21:01", "21:06"):
        await lives.until(day, clock)
        await ask(lives)
    await check_in(lives, dict.fromkeys(ROWS, code))
    for clock in ("21:12", "21:35"):
        await lives.until(day, clock)
    await ask(lives)


async def ask(lives: Lives) -> None:
    """Ask for what may tell when something is due."""
    for command in ("/later 20m", "/times", "/pause off", "/help"):
        await lives.type(command)
