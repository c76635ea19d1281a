"""What comes of a code once its wait is over: the thing that was asked for and no other, unless it was taken back."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from escalation.incident_words import Kind
from escalation.lowering import Verdict, Want, Wish
from escalation.people import DefenderId
from escalation.watch import Phase
from store import codes, people, watches
from store.database import Store, Tx
from tests.databases import START, Hands

from .asking import (
    ASKING,
    DAY,
    HAPPENINGS,
    LEAVE,
    PAUSE,
    SECOND,
    SIGN,
    ask,
    look,
    open_for,
    standing,
    timer,
    unproved,
    watch_of,
    written,
)  # fmt: skip

HALF = SECOND / 2


async def agreed(store: Store, ana: DefenderId) -> dict[str, object]:
    """Everything that a code can change."""

    def look_up(tx: Tx) -> dict[str, object]:
        who = people.defender(tx, ana)
        assert who is not None
        [watch] = watches.of_defender(tx, ana)
        return {
            "state": who.state, "times": who.times, "zone": who.zone, "word": who.safe_word,
            "code": codes.of_defender(tx, ana), "rule": watch.rule, "phase": watch.phase, "until": watch.paused_until,
        }  # fmt: skip

    return await store.read(look_up)


async def become(store: Store, ana: DefenderId, wish: Wish, verdict: Verdict, clock: Hands) -> dict[str, object]:
    """What is otherwise than before when a wish was asked for and its wait is over, a little after the check-in."""
    await ask(store, ana, wish, verdict)
    before = await agreed(store, ana)
    await look(store, clock)
    assert await agreed(store, ana) == before
    clock.shown += DAY - SECOND
    await look(store, clock, timedelta())
    after = await agreed(store, ana)
    return {name: after[name] for name in after if after[name] != before[name]}


@pytest.mark.parametrize("verdict", [Verdict.GOOD, Verdict.FORCED])
async def test_a_pause_is_one_and_nothing_more(store: Store, clock: Hands, ana: DefenderId, verdict: Verdict) -> None:
    changed = await become(store, ana, PAUSE, verdict, clock)

    assert changed == {"phase": Phase.PAUSED, "until": START + DAY + timedelta(days=2)}


async def test_other_times_count_in_the_routine_too(store: Store, clock: Hands, ana: DefenderId) -> None:
    times = (time(7), time(21))

    changed = await become(store, ana, Wish(Want.TIMES, times=times), Verdict.GOOD, clock)

    watch = await watch_of(store, ana)
    assert changed == {"times": times, "rule": watch.rule}
    assert watch.rule.times == times  # type: ignore[union-attr] # a routine


async def test_another_zone_counts_in_the_routine_too(store: Store, clock: Hands, ana: DefenderId) -> None:
    changed = await become(store, ana, Wish(Want.ZONE, zone="Asia/Gaza"), Verdict.GOOD, clock)

    watch = await watch_of(store, ana)
    assert changed == {"zone": "Asia/Gaza", "rule": watch.rule}
    assert watch.rule.zone == "Asia/Gaza"  # type: ignore[union-attr] # a routine


async def test_who_leaves_is_watched_over_no_more(store: Store, clock: Hands, ana: DefenderId) -> None:
    changed = await become(store, ana, LEAVE, Verdict.GOOD, clock)

    assert changed == {"state": "left", "phase": Phase.RESTING}


@pytest.mark.parametrize(("want", "name"), [(Want.CODE, "code"), (Want.WORD, "word")])
async def test_another_code_or_word_takes_the_place_of_the_old_one(
    store: Store, clock: Hands, ana: DefenderId, want: Want, name: str
) -> None:
    assert await become(store, ana, Wish(want, hashed="a hash"), Verdict.GOOD, clock) == {name: "a hash"}


@pytest.mark.parametrize("want", [Want.CODE, Want.WORD])
async def test_force_changes_neither_the_code_nor_the_word(
    store: Store, clock: Hands, ana: DefenderId, want: Want
) -> None:
    assert await become(store, ana, Wish(want, hashed="a hash"), Verdict.FORCED, clock) == {}


@pytest.mark.parametrize("want", [Want.PAUSE, Want.ZONE, Want.CODE, Want.WORD])
async def test_a_wish_that_does_not_say_what_for_changes_nothing(
    store: Store, clock: Hands, ana: DefenderId, want: Want
) -> None:
    assert await become(store, ana, Wish(want), Verdict.GOOD, clock) == {}


async def test_nothing_is_done_for_who_has_left_meanwhile(store: Store, clock: Hands, ana: DefenderId) -> None:
    await store.run(lambda tx: people.change_defender(tx, ana, state="left"))

    assert await become(store, ana, Wish(Want.ZONE, zone="Asia/Gaza"), Verdict.GOOD, clock) == {}
    assert await become(store, ana, Wish(Want.CODE, hashed="a hash"), Verdict.GOOD, clock) == {}


@pytest.mark.parametrize(("phase", "missed"), [(Phase.OVERDUE, 0), (Phase.WAITING, 1)])
@pytest.mark.parametrize(
    ("wish", "begins"), [(PAUSE, False), (LEAVE, False), (Wish(Want.ZONE, zone="Asia/Gaza"), True)]
)
async def test_in_a_silence_nobody_is_watched_less_though_it_was_asked_for_before(
    store: Store, clock: Hands, ana: DefenderId, phase: Phase, missed: int, wish: Wish, begins: bool
) -> None:
    watch = await watch_of(store, ana)
    await store.run(lambda tx: watches.save(tx, replace(watch, phase=phase, missed=missed)))

    assert bool(await become(store, ana, wish, Verdict.GOOD, clock)) is begins


@pytest.mark.parametrize(("verdict", "heard"), [(Verdict.GOOD, True), (Verdict.FORCED, False), (Verdict.WRONG, False)])
async def test_a_check_in_is_a_good_word_to_an_open_call_only_when_nobody_forced_it(
    store: Store, clock: Hands, ana: DefenderId, verdict: Verdict, heard: bool
) -> None:
    await store.run(lambda tx: HAPPENINGS.open(tx, ana, Kind.PANIC, "1"))
    await ask(store, ana, SIGN, verdict)

    await look(store, clock)

    [panic] = [one for one in await open_for(store, ana) if one.kind is Kind.PANIC]
    assert (panic.checked_in_at is not None) is heard


# Which sign it was


@pytest.mark.parametrize("given_at", [None, START - timedelta(minutes=9), START + timedelta(hours=1)])
async def test_a_good_row_settles_what_was_tapped_and_says_nothing_about_a_later_one(
    store: Store, clock: Hands, ana: DefenderId, given_at: datetime | None
) -> None:
    await store.run(lambda tx: timer(tx, ana, timedelta(hours=3)))
    await ask(store, ana, replace(SIGN, given_at=given_at))
    clock.shown += HALF
    await ask(store, ana, SIGN, Verdict.WRONG)

    await look(store, clock, HALF)

    assert await unproved(store, ana) == {"Daily": None, "Timer": START + HALF}


async def test_of_two_rows_the_one_that_was_sent_first_says_nothing_about_the_other(
    store: Store, clock: Hands, ana: DefenderId
) -> None:
    sent = [START - timedelta(minutes=minutes) for minutes in (5, 10)]
    await ask(store, ana, replace(SIGN, given_at=sent[0]), Verdict.WRONG)
    await ask(store, ana, replace(SIGN, given_at=sent[1]))

    await look(store, clock)

    assert (await watch_of(store, ana)).unproved_at == sent[0]


# Sooner, and not at all


async def test_check_ins_are_looked_at_before_their_time_where_an_absence_would_count(
    store: Store, clock: Hands, ana: DefenderId
) -> None:
    await ask(store, ana, SIGN)
    await ask(store, ana, PAUSE)

    await store.run(lambda tx: ASKING.hear_signs(tx, ana))

    assert (await watch_of(store, ana)).unproved_at is None
    assert await standing(store, ana) == [PAUSE]
    assert await written(store, "asked_with_code") == [{"want": "sign", "code": "good", "phase": "over"}]


async def test_check_ins_whose_time_is_over_are_looked_at_too(store: Store, clock: Hands, ana: DefenderId) -> None:
    await ask(store, ana, SIGN)
    clock.shown += timedelta(minutes=1)

    await store.run(lambda tx: ASKING.hear_signs(tx, ana))

    assert await standing(store, ana) == []


async def test_everything_that_waits_can_be_taken_back_but_a_check_in(
    store: Store, clock: Hands, ana: DefenderId
) -> None:
    for wish in (PAUSE, LEAVE, SIGN):
        await ask(store, ana, wish)

    await store.run(lambda tx: ASKING.take_back(tx, ana))

    assert await standing(store, ana) == [SIGN]
    await look(store, clock)
    await look(store, clock, DAY)
    assert (await watch_of(store, ana)).phase is Phase.WAITING


async def test_one_kind_can_be_taken_back_alone(store: Store, ana: DefenderId) -> None:
    for wish in (PAUSE, LEAVE):
        await ask(store, ana, wish)

    await store.run(lambda tx: ASKING.take_back(tx, ana, {Want.PAUSE}))

    assert await standing(store, ana) == [LEAVE]


async def test_what_was_forced_and_taken_back_at_once_is_an_alarm(store: Store, ana: DefenderId) -> None:
    await ask(store, ana, PAUSE, Verdict.FORCED)

    await store.run(lambda tx: ASKING.take_back(tx, ana))

    assert [one.kind for one in await open_for(store, ana)] == [Kind.DURESS]
