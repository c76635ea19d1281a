"""While alarms may not get through, a defender is told what else to use: the same after anything."""

import re
from collections.abc import Sequence

import pytest

from config.texts import Texts
from tests.world import World
from tocsin.elsewhere import ELSEWHERE, NOTED, Elsewhere

GOOD, FORCED, SLIP = (1, 2, 3, 4), (7, 6, 5, 0), (1, 2, 3, 5)
OTHER = "+47 22 00 00 00"
SENTENCE = f"It may take longer here at the moment. You can also use: {OTHER}"


KEYS = re.compile(rb'"inline_keyboard": .*?]]')  # which are shuffled, and carry what nobody guesses


async def told_after(world: World, name: str, signs: Sequence[int]) -> list[tuple[str, bytes]]:
    """Every call that the messenger got for the chat of somebody new who gives `signs`, but what is drawn by lot."""
    phone = await world.defender(name, code=GOOD, watched=False)
    await world.responder(f"a contact of {name}", of=name)
    before = len(phone.transcript(world.defenders_bot))
    phone.type(world.defenders_bot, "/ok")
    await world.settle()
    await world.tap(name, signs)
    calls = phone.transcript(world.defenders_bot)[before:]
    await world.later(seconds=5)
    for bot in (world.defenders_bot, world.responders_bot):
        for anybody in world.phones.values():
            anybody.read(bot)
    return [(call.method, KEYS.sub(b"", call.said)) for call in calls]


async def test_a_good_a_forced_and_a_wrong_code_are_told_the_same(world: World) -> None:
    world.is_degraded = True

    good = await told_after(world, "Ana", GOOD)
    forced = await told_after(world, "Ana under force", FORCED)
    wrong = await told_after(world, "Ana in haste", SLIP)

    assert good == forced == wrong
    assert [said for _, said in good if SENTENCE.encode() in said]


async def test_a_call_for_help_and_any_other_word_are_told_the_same(world: World) -> None:
    ana, bo = await world.defender(watched=False), await world.responder("Bo")
    world.is_degraded = True

    for said in ("sos", "maple", "what a day"):
        ana.type(world.defenders_bot, said)
        await world.settle()

    heard = [message.text for message in ana.read(world.defenders_bot)]
    assert heard == [f"Noted.\n\n{SENTENCE}"] * 3
    bo.read(world.responders_bot)


async def test_nothing_of_it_is_said_once_alarms_get_through_again(world: World) -> None:
    ana = await world.defender(watched=False)
    world.is_degraded = True
    ana.type(world.defenders_bot, "maple")
    await world.settle()
    world.is_degraded = False

    ana.type(world.defenders_bot, "maple")
    await world.settle()

    assert [message.text for message in ana.read(world.defenders_bot)] == [f"Noted.\n\n{SENTENCE}", "Noted."]


@pytest.mark.parametrize("language", Texts().languages)
def test_the_sentence_fits_under_the_answer_to_a_press_in_every_language(language: str) -> None:
    said = Elsewhere(Texts().say, "x" * 80, lambda: True)

    assert len(said(language, NOTED)) <= 200
    assert said(language, NOTED).startswith(Texts().say(language, NOTED))
    assert "x" * 80 in said(language, NOTED)


def test_who_has_no_other_way_to_name_names_none() -> None:
    said = Elsewhere(Texts().say, None, lambda: True)

    assert said("en", NOTED) == "Noted."
    assert Texts().knows(ELSEWHERE)
