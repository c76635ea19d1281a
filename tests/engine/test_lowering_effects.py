"""What comes of a code once its wait is over: the thing that was asked for and no other, unless it was taken back."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from escalation.incident_words import Kind
from escalation.lowering import Verdict, Want, Wish
from escalation.people import DefenderId
from escalation.secrets import Code, Word
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
    TEXT,
    Cast,
    ask,
    look,
    open_for,
    standing,
    timer,
    together,
    told,
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
            "state": who.state, "times": who.times, "zone": who.zone, "word": codes.word_of(tx, who),
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


@pytest.mark.parametrize(
    ("want", "verdict", "changed"),
    [
        (Want.CODE, Verdict.GOOD, {"code": Code("a hash", "a hash")}),
        (Want.CODE, Verdict.FORCED, {"code": Code("a hash", "her own")}),
        (Want.WORD, Verdict.GOOD, {"word": Word("a hash")}),
        (Want.WORD, Verdict.FORCED, {"word": Word("a hash", forced=True)}),
    ],
)
async def test_another_code_or_word_takes_the_place_of_the_old_one_and_is_hers_when_nobody_forced_her(
    store: Store, clock: Hands, ana: DefenderId, want: Want, verdict: Verdict, changed: dict[str, object]
) -> None:
    await store.run(lambda tx: codes.save(tx, ana, "her own"))

    assert await become(store, ana, Wish(want, hashed="a hash"), verdict, clock) == changed


@pytest.mark.parametrize("want", [Want.CODE, Want.WORD])
async def test_a_wrong_row_changes_neither_the_code_nor_the_word(
    store: Store, clock: Hands, ana: DefenderId, want: Want
) -> None:
    assert await become(store, ana, Wish(want, hashed="a hash"), Verdict.WRONG, clock) == {}


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


@pytest.mark.parametrize(("verdict", "due_in"), [(Verdict.GOOD, 25), (Verdict.FORCED, 25), (Verdict.WRONG, 1)])
async def test_a_text_moves_nothing_before_it_is_looked_at_and_then_only_where_it_is_the_word(
    store: Store, clock: Hands, ana: DefenderId, verdict: Verdict, due_in: int
) -> None:
    before = await watch_of(store, ana)

    await ask(store, ana, TEXT, verdict)
    assert await watch_of(store, ana) == before
    await look(store, clock)

    watch = await watch_of(store, ana)
    assert (watch.due_at, watch.unproved_at) == (START + timedelta(hours=due_in), None)
    assert [one.kind for one in await open_for(store, ana)] == [Kind.DURESS] * (verdict is Verdict.FORCED)
    kept = [{"want": "text", "code": verdict.value, "phase": "over"}] * (verdict is not Verdict.WRONG)
    assert await written(store, "asked_with_code") == kept


async def test_a_text_that_was_written_in_time_counts_before_its_absence_does(
    store: Store, clock: Hands, ana: DefenderId
) -> None:
    await ask(store, ana, replace(TEXT, given_at=START))

    await store.run(lambda tx: ASKING.hear_signs(tx, ana))

    assert (await watch_of(store, ana)).due_at == START + timedelta(hours=25)


@pytest.mark.parametrize(("covert", "closed"), [(False, True), (True, False)])
@pytest.mark.parametrize("wish", [SIGN, TEXT])
async def test_a_good_check_in_ends_a_missed_one_unless_a_covert_call_is_open(
    store: Store, clock: Hands, covert: bool, closed: bool, wish: Wish
) -> None:
    cast: Cast = await store.run(together)
    await store.run(lambda tx: HAPPENINGS.open(tx, cast.ana, Kind.MISSED, "1", due_at=tx.now))
    if covert:
        await store.run(lambda tx: HAPPENINGS.open(tx, cast.ana, Kind.DURESS, "2"))
    await ask(store, cast.ana, wish)

    await look(store, clock)

    standing = [one.kind for one in await open_for(store, cast.ana)]
    assert (Kind.MISSED in standing) is not closed
    assert bool(await told(store, "responder.all_clear")) is closed


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
