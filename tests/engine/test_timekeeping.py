"""An absence counts after everything that came in time, and nothing that fails or hangs holds the alarm for long."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from config.ladders import load_ladders
from engine.happenings import Happenings
from engine.metrics import Metrics
from engine.planning import Book
from engine.timekeeping import UNREAD_AT_MOST, Timekeeping
from escalation import lowering as lowering_machine
from escalation import watch as watch_machine
from escalation.lowering import Verdict, Want, Wish
from escalation.people import DefenderId, LoweringId, Role, WatchId
from escalation.routine import Daily
from store import addresses, alive, inbox, incidents, lowerings, people, watches
from store.database import Store, Tx
from tests.databases import KINDS, START, Hands, fresh_store

ALARM = START + timedelta(minutes=90)  # 9:00 and the grace of the standard profile
SECOND = timedelta(seconds=1)
LADDERS = load_ladders(None)


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Hands) -> AsyncIterator[Store]:
    async with fresh_store(request.param, tmp_path, clock) as opened:
        yield opened


@pytest.fixture
def timekeeping(store: Store) -> Timekeeping:
    metrics = Metrics()
    return Timekeeping(store, Happenings(Book(LADDERS.profiles, LADDERS.chains), metrics), metrics)


def enrol(tx: Tx, name: str = "Ana", chat: str = "700") -> DefenderId:
    """Somebody who checks in at nine, with one contact."""
    person = people.add_defender(tx, name, language="en", zone="UTC", profile="standard", chain="default")
    people.change_defender(tx, person, state="active", times=(time(9),), consented_at=tx.now)
    addresses.add(tx, person, "defender", "telegram", chat, verified=True)
    pace = LADDERS.profiles["standard"].pace
    watches.save(tx, watch_machine.begin(WatchId(uuid4()), person, Daily((time(9),), "UTC"), pace, tx.now))
    bo = people.add_responder(tx, "Bo", Role.CONTACT, language="en")
    people.change_responder(tx, bo, state="active", consented_at=tx.now)
    addresses.add(tx, bo, "responder", "telegram", f"9{chat}", verified=True)
    people.place_in_tier(tx, person, "contacts", bo)
    return person


def write(tx: Tx, chat: str = "700", number: int = 1) -> None:
    """Something from a defender's chat arrives, and waits to be read."""
    whose = addresses.blind(tx, "defender", "telegram", chat)
    assert inbox.keep(tx, "defenders", number, whose, b"{}", urgent=False)


async def keep(timekeeping: Timekeeping) -> None:
    """Have everything decided that is due."""
    while await timekeeping.keep(deaf=False):
        pass


async def opened(store: Store) -> int:
    return len(await store.read(lambda tx: incidents.recent(tx, 99)))


async def test_a_check_in_that_waits_to_be_read_holds_its_alarm(
    store: Store, clock: Hands, timekeeping: Timekeeping
) -> None:
    await store.run(enrol)
    clock.shown = ALARM - SECOND
    await store.run(write)
    clock.shown = ALARM

    await keep(timekeeping)

    assert await opened(store) == 0
    woken_at = await store.run(lambda tx: timekeeping.next_wake(tx, deaf=False))
    assert woken_at == ALARM + SECOND


async def test_a_check_in_that_counts_for_nothing_holds_its_alarm_until_it_was_read(
    store: Store, clock: Hands, timekeeping: Timekeeping
) -> None:
    await store.run(enrol)
    clock.shown = ALARM
    await store.run(write)
    await keep(timekeeping)
    clock.shown = ALARM + 2 * SECOND
    await store.run(lambda tx: [inbox.done(tx, row.id) for row in inbox.waiting(tx, 9, urgent=False)])

    await keep(timekeeping)

    assert await opened(store) == 1


async def test_a_reader_that_is_stuck_holds_no_alarm_for_more_than_half_a_minute(
    store: Store, clock: Hands, timekeeping: Timekeeping
) -> None:
    await store.run(enrol)
    await store.run(write)
    calls = []
    for seconds in range(int(UNREAD_AT_MOST.total_seconds()) + 1):
        clock.shown = ALARM + seconds * SECOND
        await keep(timekeeping)
        calls.append(await opened(store))

    assert calls == [0] * (len(calls) - 1) + [1]


async def test_what_came_after_the_alarm_was_due_or_from_somebody_else_or_was_given_up_holds_nothing(
    store: Store, clock: Hands, timekeeping: Timekeeping
) -> None:
    def others_write(tx: Tx) -> None:
        write(tx, number=1)
        for row in inbox.waiting(tx, 9, urgent=False):
            inbox.set_aside(tx, row.id, "unreadable")
        write(tx, chat="9700", number=2)
        write(tx, chat="800", number=3)

    await store.run(enrol)
    clock.shown = ALARM - SECOND
    await store.run(others_write)
    clock.shown = ALARM + SECOND
    await store.run(lambda tx: write(tx, number=4))

    await keep(timekeeping)

    assert await opened(store) == 1


async def test_who_is_silent_is_called_for_beside_those_who_wait_to_be_read(
    store: Store, clock: Hands, timekeeping: Timekeeping
) -> None:
    await store.run(lambda tx: [enrol(tx, chat=str(chat)) for chat in range(60)])
    clock.shown = ALARM
    for chat in range(0, 60, 2):
        await store.run(partial(write, chat=str(chat), number=chat))

    await keep(timekeeping)

    assert await opened(store) == 30


async def test_who_is_silent_is_called_for_however_many_wait_to_be_read_before_them(
    store: Store, clock: Hands, timekeeping: Timekeeping
) -> None:
    chats = await store.run(lambda tx: {enrol(tx, chat=str(chat)): str(chat) for chat in range(41)})
    clock.shown = ALARM
    due = await store.run(lambda tx: [watches.load(tx, watch) for watch in watches.due(tx, tx.now, 99)])
    *waiting, _silent = [one.defender for one in due if one is not None]
    for number, defender in enumerate(waiting):
        await store.run(partial(write, chat=chats[defender], number=number))

    await keep(timekeeping)

    assert len(waiting) == 40
    assert await opened(store) == 1


async def test_a_sign_that_cannot_be_heard_holds_no_alarm(store: Store, clock: Hands, timekeeping: Timekeeping) -> None:
    def spoil(tx: Tx) -> UUID:
        ana = enrol(tx)
        wait = timedelta(hours=24)
        sign = lowering_machine.begin(LoweringId(uuid4()), ana, Wish(Want.SIGN), Verdict.GOOD, wait, ALARM)
        lowerings.save(tx, replace(sign, begins_at=sign.begins_at.replace(tzinfo=None)))
        return ana

    await store.run(spoil)
    clock.shown = ALARM

    await keep(timekeeping)

    assert await opened(store) == 1


@pytest.mark.parametrize("another_kept_time", [True, False])
async def test_who_was_away_while_another_kept_time_asks_nobody_once_more(
    store: Store, clock: Hands, timekeeping: Timekeeping, another_kept_time: bool
) -> None:
    await store.run(enrol)
    away = timedelta(hours=2)
    clock.shown = ALARM + (-5 * SECOND if another_kept_time else -away)
    await store.run(lambda tx: alive.mark(tx, tx.now))
    clock.shown = ALARM

    await timekeeping.returned(away)
    await keep(timekeeping)

    assert await opened(store) == (1 if another_kept_time else 0)
