"""What was asked with a code is kept, looked at a moment later, and told to those whom it concerns."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from engine.naming import name_of
from escalation.incident_words import Kind
from escalation.lowering import Verdict
from escalation.watch import Phase
from store import people
from store.database import Store
from tests.databases import START, Hands
from tests.store.made import MINUTE, responder

from .asking import (
    ASKING,
    BOOK,
    DAY,
    HAPPENINGS,
    LEAVE,
    PAUSE,
    SECOND,
    SIGN,
    Cast,
    alone,
    ask,
    look,
    open_for,
    standing,
    together,
    told,
    watch_of,
    written,
)  # fmt: skip


@pytest.fixture
async def cast(store: Store) -> Cast:
    return await store.run(together)


# Asked


async def test_a_check_in_moves_what_shows_at_once_and_nothing_else_does(store: Store, cast: Cast) -> None:
    before = await watch_of(store, cast.ana)

    await ask(store, cast.ana, PAUSE)
    unmoved = await watch_of(store, cast.ana)
    await ask(store, cast.ana, SIGN, Verdict.WRONG)
    moved = await watch_of(store, cast.ana)

    assert unmoved == before
    assert (before.due_at, moved.due_at) == (START + timedelta(hours=1), START + timedelta(hours=25))


async def test_a_newer_wish_takes_the_place_of_an_older_one_of_its_kind_and_of_no_other(
    store: Store, cast: Cast
) -> None:
    longer = replace(PAUSE, length=timedelta(days=3))

    for wish in (PAUSE, LEAVE, SIGN, SIGN, longer):
        await ask(store, cast.ana, wish)

    wishes = await standing(store, cast.ana)
    assert sorted(wishes, key=lambda one: one.want.value) == [LEAVE, longer, SIGN, SIGN]


async def test_what_was_asked_waits_as_long_as_the_profile_says(store: Store, cast: Cast) -> None:
    asked = await ask(store, cast.ana, PAUSE)

    assert (asked.looked_at, asked.begins_at) == (START + SECOND, START + BOOK.profile("standard").lowering_waits)
    assert BOOK.profile("standard").lowering_waits == DAY


# Looked at


async def test_the_first_tier_and_the_coordinators_hear_once_what_will_be_so_and_when(
    store: Store, clock: Hands, cast: Cast
) -> None:
    await ask(store, cast.ana, PAUSE)

    await look(store, clock, MINUTE)

    begins_at = START + MINUTE + DAY - SECOND  # it was looked at late
    words = {"name": name_of(cast.ana), "want": "pause", "begins_at": begins_at.isoformat(), "covert": False}
    assert await told(store, "responder.lowering") == {cast.bo: words, cast.dara: words}
    assert await written(store, "asked_with_code") == [{"want": "pause", "code": "good", "phase": "waiting"}]


@pytest.mark.parametrize(("kind", "covert"), [(Kind.PANIC, False), (Kind.DURESS, True)])
async def test_it_is_said_with_it_whether_a_covert_call_is_open(
    store: Store, clock: Hands, cast: Cast, kind: Kind, covert: bool
) -> None:
    await store.run(lambda tx: HAPPENINGS.open(tx, cast.ana, kind, "1"))
    await ask(store, cast.ana, PAUSE)

    await look(store, clock)

    assert {words["covert"] for words in (await told(store, "responder.lowering")).values()} == {covert}


async def test_a_wrong_code_is_written_down_and_nobody_hears_of_it(store: Store, clock: Hands, cast: Cast) -> None:
    await ask(store, cast.ana, PAUSE, Verdict.WRONG)

    await look(store, clock)
    await look(store, clock, DAY)

    assert await told(store, "responder.lowering") == {}
    assert (await watch_of(store, cast.ana)).phase is Phase.WAITING
    assert await written(store, "asked_with_code") == [
        {"want": "pause", "code": "wrong", "phase": "waiting"},
        {"want": "pause", "code": "wrong", "phase": "over"},
    ]


async def test_before_its_time_nothing_is_looked_at_and_nothing_written(store: Store, cast: Cast) -> None:
    asked = await ask(store, cast.ana, PAUSE)

    await store.run(lambda tx: ASKING.time_passed(tx, asked.id))
    await store.run(lambda tx: ASKING.time_passed(tx, uuid4()))

    assert await written(store, "asked_with_code") == []
    assert await standing(store, cast.ana) == [PAUSE]


async def test_force_is_told_in_every_open_call_and_opens_a_covert_one_once(
    store: Store, clock: Hands, cast: Cast
) -> None:
    await store.run(lambda tx: HAPPENINGS.open(tx, cast.ana, Kind.PANIC, "1"))
    first = await ask(store, cast.ana, SIGN, Verdict.FORCED)
    await look(store, clock)
    after_one = await written(store, "defender_checked_in")

    await ask(store, cast.ana, SIGN, Verdict.FORCED)
    await look(store, clock)

    assert {one.kind for one in await open_for(store, cast.ana)} == {Kind.PANIC, Kind.DURESS}
    assert len(await open_for(store, cast.ana)) == 2
    assert [entry["by"] for entry in await written(store, "opened")] == ["1", f"forced:{first.id}"]  # type: ignore[index] # words
    assert after_one == [{"forced": True, "beside_covert": False}]
    assert await written(store, "defender_checked_in") == after_one * 3


async def test_a_covert_call_of_which_nobody_heard_does_not_swallow_one_that_somebody_could_hear(
    store: Store, clock: Hands
) -> None:
    ana = await store.run(alone)
    kinds: list[list[Kind]] = []

    for _ in range(2):
        await ask(store, ana, SIGN, Verdict.FORCED)
        await look(store, clock)
        kinds.append([one.kind for one in await open_for(store, ana)])
    bo = await store.run(responder)
    await store.run(lambda tx: people.place_in_tier(tx, ana, "contacts", bo))
    await ask(store, ana, SIGN, Verdict.FORCED)
    await look(store, clock)

    assert kinds == [[Kind.DURESS], [Kind.DURESS]]
    assert [one.kind for one in await open_for(store, ana)] == [Kind.DURESS] * 2
