"""A code that was forced out of somebody calls people who do not let them know, and a phone that shows nothing."""

from collections.abc import AsyncIterator
from datetime import time

import pytest

from escalation import incident_words as said
from escalation.incident_words import Kind, Outcome
from escalation.people import DefenderId, ResponderId, Role
from store import incidents, lowerings, people, watches
from store.database import Tx
from tests.world import World

CODE, SLIP, OTHER, NEW = (0, 1, 2, 3), (0, 1, 2, 9), (7, 7, 7, 7), (4, 5, 6, 7)


@pytest.fixture
async def world(world: World) -> AsyncIterator[World]:
    """A world in which each story says itself who hears what, and the rest is not listened to."""
    yield world
    for phone in world.phones.values():
        phone.read(world.defenders_bot)
        phone.read(world.responders_bot)


async def team(world: World, *, profile: str = "standard", at: time = time(9)) -> None:
    await world.defender("Ana", code=CODE, profile=profile, times=(at,))
    await world.responder("Bo", tier="contacts")
    await world.responder("Cleo", Role.COLLEAGUE, tier="colleagues")
    await world.responder("Dara", Role.COORDINATOR, tier=None)


async def give(world: World, command: str, *rows: tuple[int, ...]) -> None:
    """Ana sends a command and taps what is asked for; a moment passes."""
    world.phones["Ana"].type(world.defenders_bot, command)
    await world.settle()
    for row in rows:
        await world.tap("Ana", row)
    await world.later(seconds=2)


async def kinds_open(world: World) -> list[Kind]:
    return await world.store.run(lambda tx: [one.kind for one in incidents.open_of_defender(tx, world.ids["Ana"])])


async def has_paused(world: World) -> bool:
    def phases(tx: Tx) -> list[str]:
        return [watch.phase.value for watch in watches.of_defender(tx, world.ids["Ana"])]

    return await world.store.run(phases) == ["paused"]


async def test_a_good_code_is_a_check_in_and_calls_nobody(world: World) -> None:
    await team(world)
    await world.later(minutes=30)

    await give(world, "/ok", CODE)
    await world.later(hours=3)

    assert await kinds_open(world) == []
    world.silence("Ana")


async def test_a_slip_is_nothing_and_the_silence_after_it_is_heard(world: World) -> None:
    await team(world)
    await world.later(minutes=30)

    await give(world, "/ok", SLIP)
    assert await kinds_open(world) == []
    await world.later(hours=2)

    assert await kinds_open(world) == [Kind.MISSED]


async def test_force_calls_two_tiers_at_once_and_says_that_nobody_may_contact_her(world: World) -> None:
    await team(world)
    await world.later(minutes=30)
    heard = len(world.phones["Ana"].transcript(world.defenders_bot))

    await give(world, "/ok", OTHER)

    for name in ("Bo", "Cleo", "Dara"):
        alarm = await world.phones[name].expect(world.responders_bot, "COVERT")
        assert "Do not ring, write to or visit" in alarm.text
    said = world.phones["Ana"].transcript(world.defenders_bot)[heard:]
    assert {call.method for call in said} <= {
        "sendMessage", "editMessageText", "answerCallbackQuery", "deleteMessage", "deleteMessages",
    }  # fmt: skip
    assert await kinds_open(world) == [Kind.DURESS]


async def test_the_watch_goes_on_as_after_a_good_code(world: World) -> None:
    await team(world)
    await world.later(minutes=30)

    await give(world, "/ok", OTHER)
    await world.later(hours=3)

    assert await kinds_open(world) == [Kind.DURESS]


async def test_silence_after_force_is_told_in_the_covert_call_and_sends_nobody_to_her(world: World) -> None:
    await team(world)
    await world.later(minutes=30)
    await give(world, "/ok", OTHER)
    world.phones["Bo"].press(world.responders_bot, "On it")
    await world.settle()

    await world.later(hours=25, minutes=30)

    assert await kinds_open(world) == [Kind.DURESS]


@pytest.mark.parametrize("signs", [CODE, SLIP, OTHER])
async def test_nothing_from_her_account_ends_it(world: World, signs: tuple[int, ...]) -> None:
    await team(world)
    await world.later(minutes=30)
    await give(world, "/ok", OTHER)

    await give(world, "/ok", signs)
    world.phones["Ana"].type(world.defenders_bot, "maple")
    await give(world, "/keep")
    await give(world, "/pause off")
    await give(world, "/leave", signs)
    await world.later(hours=30)

    assert await kinds_open(world) == [Kind.DURESS]


async def test_a_panic_during_it_is_told_to_those_who_were_called(world: World) -> None:
    await team(world)
    await give(world, "/ok", OTHER)
    world.phones["Bo"].read(world.responders_bot)

    world.phones["Ana"].type(world.defenders_bot, "SOS")
    await world.settle()

    assert "has called for help once more" in world.phones["Bo"].told(world.responders_bot)


async def test_a_pause_waits_a_day_and_the_first_tier_hears_of_it_at_once(world: World) -> None:
    await team(world, at=time(7, 30))

    await give(world, "/pause 2d", CODE)

    await world.phones["Bo"].expect(world.responders_bot, "no check-ins for a while")
    await world.phones["Dara"].expect(world.responders_bot, "no check-ins for a while")
    assert not world.phones["Cleo"].unheard(world.responders_bot)
    assert not await has_paused(world)

    await world.later(hours=23)
    assert not await has_paused(world)
    await give(world, "/ok", CODE)
    await world.later(hours=2)
    assert await has_paused(world)


@pytest.mark.parametrize("command", ["/pause 2d", "/leave"])
async def test_a_pause_of_which_was_spoken_a_day_ago_does_not_begin_in_the_middle_of_a_silence(
    world: World, command: str
) -> None:
    await team(world, at=time(7, 45))
    await give(world, command, CODE)

    await world.later(hours=23, minutes=55)
    await world.later(minutes=25)

    assert await kinds_open(world) == [Kind.MISSED]
    assert not await has_paused(world)


async def test_who_chooses_anew_is_not_overruled_by_what_was_asked_before(world: World) -> None:
    await world.defender("Ana", code=CODE, times=(time(9), time(18)))
    await give(world, "/times 18:00", CODE)

    await give(world, "/times 9:00 18:00")
    await world.later(hours=25)

    record = await world.store.run(lambda tx: people.defender(tx, DefenderId(world.ids["Ana"])))
    assert record is not None
    assert record.times == (time(9), time(18))


async def test_what_waits_can_be_kept_from_happening_without_a_code(world: World) -> None:
    await team(world)
    await give(world, "/pause 2d", CODE)

    await give(world, "/keep")
    await world.later(hours=25)

    assert not await has_paused(world)


@pytest.mark.parametrize(("signs", "paused"), [(CODE, True), (SLIP, False), (OTHER, True)])
async def test_a_pause_under_force_is_one_and_the_alarm_is_raised(
    world: World, signs: tuple[int, ...], paused: bool
) -> None:
    await team(world, at=time(7, 30))

    await give(world, "/pause 2d", signs)
    covert = Kind.DURESS in await kinds_open(world)
    await world.later(hours=23)
    await give(world, "/ok", CODE)
    await world.later(hours=2)

    assert covert is (signs == OTHER)
    assert await has_paused(world) is paused


async def test_nobody_is_asked_to_speak_to_her_about_it_while_a_covert_call_is_open(world: World) -> None:
    await team(world)
    await give(world, "/ok", OTHER)
    world.phones["Bo"].read(world.responders_bot)

    await give(world, "/leave", CODE)

    told = await world.phones["Bo"].expect(world.responders_bot, "to leave")
    assert "do not ask them about it" in told.text


@pytest.mark.parametrize("old", [CODE, SLIP, OTHER])
@pytest.mark.parametrize("given", [CODE, NEW])
async def test_a_code_is_hers_that_was_chosen_by_the_good_row_and_says_force_where_force_has_chosen_it(
    world: World, old: tuple[int, ...], given: tuple[int, ...]
) -> None:
    await team(world)
    await give(world, "/code", old, NEW, NEW)
    forced = Kind.DURESS in await kinds_open(world)
    await world.later(hours=23, minutes=30)
    await give(world, "/ok", CODE)
    await world.later(hours=1)
    await all_is_over(world)

    await give(world, "/ok", given)

    assert forced is (old == OTHER)
    hers = NEW if old == CODE else CODE
    assert await kinds_open(world) == ([] if given == hers else [Kind.DURESS])


@pytest.mark.parametrize(("row", "kinds"), [(CODE, []), (SLIP, []), (OTHER, [Kind.DURESS])])
@pytest.mark.parametrize("given", ["larkspur", "/ok larkspur", "/pause 1d larkspur", "/leave larkspur"])
async def test_a_word_that_force_has_chosen_says_so_however_it_is_given(
    world: World, row: tuple[int, ...], kinds: list[Kind], given: str
) -> None:
    await team(world)
    await give(world, "/word", row)
    world.phones["Ana"].type(world.defenders_bot, "larkspur")
    await world.settle()
    await world.later(seconds=2)
    await world.later(hours=23, minutes=30)
    await give(world, "/ok", CODE)
    await world.later(hours=1)
    await all_is_over(world)

    await give(world, given)

    assert await kinds_open(world) == kinds


async def all_is_over(world: World) -> None:
    """Two responders agree that whatever is open has ended well."""

    def close(tx: Tx) -> None:
        for one in incidents.open_of_defender(tx, world.ids["Ana"]):
            bo, cleo = ResponderId(world.ids["Bo"]), ResponderId(world.ids["Cleo"])
            proposed = world.engine.happenings.to_incident(tx, one, said.Closed(bo, Outcome.SAFE))
            if proposed.closed_at is None:
                world.engine.happenings.to_incident(tx, proposed, said.Closed(cleo, Outcome.SAFE))

    await world.store.run(close)
    assert await kinds_open(world) == []


async def test_a_check_in_under_force_has_nobody_told_that_she_is_safe(world: World) -> None:
    await team(world)
    await world.later(hours=1, minutes=31)
    assert await kinds_open(world) == [Kind.MISSED]
    await give(world, "/ok", OTHER)

    await give(world, "/ok", CODE)
    world.phones["Ana"].type(world.defenders_bot, "maple")
    await world.settle()
    await world.later(minutes=20)

    assert set(await kinds_open(world)) == {Kind.MISSED, Kind.DURESS}
    for name in ("Bo", "Cleo", "Dara"):
        assert "All clear" not in world.phones[name].told(world.responders_bot)


async def test_that_she_left_under_force_is_told_with_the_covert_call(world: World) -> None:
    await team(world)
    await give(world, "/leave", OTHER)
    await give(world, "/ok", CODE)
    await world.later(hours=23, minutes=30)
    await give(world, "/ok", CODE)
    world.phones["Dara"].read(world.responders_bot)

    await world.later(hours=1)

    told = await world.phones["Dara"].expect(world.responders_bot, "has left")
    assert "A covert alarm is open" in told.text


async def test_more_times_count_at_once_and_fewer_after_a_day(world: World) -> None:
    await team(world)
    ana = world.ids["Ana"]

    async def times() -> int:
        record = await world.store.run(lambda tx: people.defender(tx, ana))
        return len(record.times) if record else 0

    await give(world, "/times 9:00 21:00")
    assert await times() == 2
    await give(world, "/times 21:00", CODE)
    assert await times() == 2
    await world.later(hours=25)
    assert await times() == 1


async def test_a_code_that_was_given_counts_though_we_stop_before_it_is_looked_at(world: World) -> None:
    await team(world)
    await world.later(hours=1, minutes=20)
    world.phones["Ana"].type(world.defenders_bot, "/ok")
    await world.settle()
    await world.tap("Ana", CODE)
    await world.close_service()

    await world.open_service_after(minutes=10)

    assert await kinds_open(world) == []
    assert await world.store.run(lowerings.next_wake) is None


async def test_force_is_heard_though_we_stop_before_it_is_looked_at(world: World) -> None:
    await team(world)
    world.phones["Ana"].type(world.defenders_bot, "/ok")
    await world.settle()
    await world.tap("Ana", OTHER)
    await world.close_service()

    await world.open_service_after(hours=30)

    assert Kind.DURESS in await kinds_open(world)
