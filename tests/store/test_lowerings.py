"""What was asked with a code comes back as it was, tells nothing meanwhile, and is gone when it is over."""

from datetime import time, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from escalation.lowering import Lowering, TimePassed, Verdict, Want, Wish, begin, decide
from escalation.people import DefenderId, LoweringId
from escalation.secrets import Code
from store import codes, lowerings, people
from store.database import Store, Tx
from store.refusals import SealBroken
from store.tables.lowerings import LOWERING
from store.words import hash_code
from tests.databases import Hands

DAY = timedelta(hours=24)
HASHED = hash_code((1, 2, 3, 4), lambda code: code.encode())
WISHES = [
    Wish(Want.SIGN),
    Wish(Want.PAUSE, length=timedelta(days=2)),
    Wish(Want.TIMES, times=(time(9), time(21, 30))),
    Wish(Want.ZONE, zone="America/Bogota"),
    Wish(Want.LEAVE),
    Wish(Want.CODE, hashed=HASHED),
]


def ana(tx: Tx) -> DefenderId:
    return people.add_defender(tx, "Ana", language="en", zone="UTC", profile="standard", chain="default")


def asked(tx: Tx, wish: Wish, verdict: Verdict = Verdict.GOOD, who: DefenderId | None = None) -> Lowering:
    lowering = begin(LoweringId(uuid4()), who or ana(tx), wish, verdict, DAY, tx.now)
    lowerings.save(tx, lowering)
    return lowering


@pytest.mark.parametrize("wish", WISHES)
async def test_it_comes_back_as_it_was(store: Store, wish: Wish) -> None:
    kept = await store.run(lambda tx: asked(tx, wish))

    assert await store.run(lambda tx: lowerings.load(tx, kept.id)) == kept
    assert await store.run(lambda tx: lowerings.of_defender(tx, kept.defender)) == (kept,)


async def test_rows_are_alike_whatever_was_asked_and_whatever_the_code_said(store: Store) -> None:
    def rows(tx: Tx) -> set[tuple[object, ...]]:
        for wish in WISHES[1:]:
            for verdict in Verdict:
                asked(tx, wish, verdict)
        found = tx.connection.execute(select(LOWERING.c.wakes_at, LOWERING.c.body))
        return {(wakes_at, len(body)) for wakes_at, body in found}

    assert len(await store.run(rows)) == 1


async def test_what_is_due_is_found_and_what_is_over_is_gone(store: Store, clock: Hands) -> None:
    kept = await store.run(lambda tx: asked(tx, WISHES[0]))

    assert await store.run(lambda tx: lowerings.due(tx, tx.now, 9)) == []
    assert await store.run(lowerings.next_wake) == kept.looked_at
    assert await store.run(lambda tx: lowerings.next_wake(tx, [kept.id])) is None
    assert await store.run(lambda tx: lowerings.due(tx, kept.looked_at, 9)) == [kept.id]

    over, _ = decide(kept, TimePassed(), kept.looked_at)
    await store.run(lambda tx: lowerings.save(tx, over))

    assert await store.run(lambda tx: lowerings.load(tx, kept.id)) is None
    assert await store.run(lowerings.next_wake) is None


async def test_one_that_cannot_be_read_stands_in_no_other_ones_way(store: Store) -> None:
    def spoil_one(tx: Tx) -> tuple[Lowering, Lowering]:
        good = asked(tx, WISHES[1])
        bad = asked(tx, WISHES[4], who=good.defender)
        tx.connection.execute(update(LOWERING).where(LOWERING.c.id == bad.id).values(body=b"\x01" * 40))
        return good, bad

    good, bad = await store.run(spoil_one)

    assert await store.run(lambda tx: lowerings.of_defender(tx, good.defender)) == (good,)
    with pytest.raises(SealBroken):
        await store.run(lambda tx: lowerings.load(tx, bad.id))


async def test_nothing_of_it_outlives_its_person(store: Store) -> None:
    kept = await store.run(lambda tx: asked(tx, WISHES[1]))
    await store.run(lambda tx: codes.save(tx, kept.defender, HASHED))

    await store.run(lambda tx: people.erase_defender(tx, kept.defender))

    assert await store.run(lambda tx: lowerings.load(tx, kept.id)) is None
    assert await store.run(lambda tx: codes.of_defender(tx, kept.defender)) is None


async def test_a_new_code_takes_the_place_of_the_old_one(store: Store) -> None:
    def choose_twice(tx: Tx) -> Code | None:
        who = ana(tx)
        assert codes.of_defender(tx, who) is None
        codes.save(tx, who, "old")
        codes.save(tx, who, HASHED)
        return codes.of_defender(tx, who)

    assert await store.run(choose_twice) == Code(HASHED, HASHED)
