"""Nobody's messages keep anybody else's waiting, and nothing waits for ever."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import pytest
from sqlalchemy import select

from engine.letter import Letter, Receipt
from engine.outbox import AT_ONCE
from engine.pace import CHAT_WAIT_AT_MOST, Limits, Pace
from engine.queueing import queue_for_person
from engine.reach import HEAD_START, SUSPECT_AFTER
from engine.urgency import Urgency
from store import deliveries, workers
from store.database import Tx
from store.tables.messages import DELIVERY
from tests.engine.lanes import Mouth, Office, office

T = TypeVar("T")
BRISK = Limits(a_second=30, chat_every=0.25)


def test_many_messages_into_one_chat_all_come_to_their_turn() -> None:
    pace, now, left = Pace(Limits()), 0.0, []
    waiting = [(0.0, number) for number in range(40)]

    while waiting and now < 120:
        now, number = waiting.pop(0)
        wait = pace.reserve_chat("bo", now, first_alert=False)
        if wait > CHAT_WAIT_AT_MOST:
            waiting.append((now + wait, number))
        else:
            left.append(now + wait)
        waiting.sort()

    assert left == [float(second) for second in range(40)]


async def test_a_flood_into_one_chat_is_sent_to_its_end(tmp_path: Path) -> None:
    async with office(tmp_path, BRISK) as lane:
        bo = await lane.person("bo")

        await lane.write(bo, Urgency.PANIC, times=40)

        await lane.mouth.until_said("bo", times=40, within=20)
        assert [number for _, number in lane.mouth.said] == list(range(40))


@pytest.mark.real_time
async def test_a_flood_into_one_chat_keeps_no_other_chat_waiting(tmp_path: Path) -> None:
    async with office(tmp_path, Limits()) as lane:
        bo, cleo = await lane.person("bo"), await lane.person("cleo")
        await lane.write(bo, Urgency.PANIC, times=500)
        await lane.mouth.until_said("bo", times=2)
        began = time.monotonic()

        await lane.write(cleo, Urgency.MISSED_FIRST)

        await lane.mouth.until_said("cleo")
        assert time.monotonic() - began < 0.5


async def test_what_is_taken_back_while_it_waits_for_its_chat_is_not_sent(tmp_path: Path) -> None:
    async with office(tmp_path, Limits()) as lane:
        bo = await lane.person("bo")
        await lane.write(bo, Urgency.PANIC, times=2)
        await lane.mouth.until_said("bo")

        before = await lane.store.run(states_then_taken_back)
        async with asyncio.timeout(5.0):
            while "sending" in (after := await lane.store.read(states)):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

        assert before[-1] == "sending"
        assert after == ["accepted", "cancelled"]
        assert lane.mouth.said == [("bo", 0)]


def states(tx: Tx) -> list[str]:
    """What has become of every letter."""
    return [str(state) for state in tx.connection.execute(select(DELIVERY.c.state).order_by(DELIVERY.c.id)).scalars()]


def states_then_taken_back(tx: Tx) -> list[str]:
    """What has become of every letter before all that has not left was taken back."""
    before = states(tx)
    [person] = set(tx.connection.execute(select(DELIVERY.c.person)).scalars())
    deliveries.cancel_for(tx, person)
    return before


async def test_a_first_alert_finds_a_way_past_connections_that_all_hang(tmp_path: Path) -> None:
    async with office(tmp_path, Limits(a_second=None)) as lane:
        for number in range(AT_ONCE + 10):
            await lane.write(await lane.person(f"silent {number}"), Urgency.NOTICE)
        bo = await lane.person("bo")
        await asyncio.sleep(0)

        await lane.write(bo, Urgency.PANIC_FIRST)

        await lane.mouth.until_said("bo", within=1.0)


async def test_a_lane_that_can_send_nothing_more_does_not_spin(tmp_path: Path) -> None:
    async with office(tmp_path, Limits(a_second=None)) as lane:
        for number in range(AT_ONCE + 10):
            await lane.write(await lane.person(f"silent {number}"), Urgency.NOTICE)
        await asyncio.sleep(0.2)
        looks = _count(lane)

        await asyncio.sleep(1.0)

        assert len(looks) < 25, len(looks)


async def test_a_stop_in_the_middle_of_taking_leaves_nothing_half_done(tmp_path: Path) -> None:
    async with office(tmp_path, Limits(a_second=None)) as lane:
        bo = await lane.person("bo")
        run, loop, told = lane.store.run, asyncio.get_running_loop(), threading.Event()

        def stop() -> None:
            lane.running.cancel()
            told.set()

        def taking(tx: Tx, work: Callable[[Tx], T]) -> T:
            loop.call_soon_threadsafe(stop)
            assert told.wait(5)
            return work(tx)

        async def stop_while(work: Callable[[Tx], T]) -> T:
            return await run(lambda tx: taking(tx, work))

        await run(lambda tx: queue_for_person(tx, bo, "responder", "responder.back", {}, Urgency.NOTICE))
        lane.store.run = stop_while  # type: ignore[method-assign]
        lane.lane.kick()
        await asyncio.wait([lane.running])
        lane.store.run = run  # type: ignore[method-assign]
        await lane.lane.stop()

        assert not await lane.store.run(lambda tx: deliveries.expired_leases(tx, tx.now + timedelta(days=1)))


class Attentive(Mouth):
    """A channel that notes which letters say that they may be a repeat."""

    async def deliver(self, address: str, letter: Letter) -> Receipt:
        """See `engine.letter.Channel`."""
        self.said.append((address, letter.maybe_repeat))
        return Receipt(str(letter.key))


def taken_for_lost(tx: Tx) -> bool:
    """Settle as unknown whatever is on its way, as others do when a worker is silent; gives whether anything was."""
    on_their_way = tx.connection.execute(select(DELIVERY.c.id, DELIVERY.c.attempt).where(DELIVERY.c.state == "sending"))
    return bool([deliveries.retry(tx, row.id, row.attempt, tx.now, "unknown", "lost") for row in on_their_way.all()])


async def test_who_stood_still_sends_nothing_that_has_been_taken_from_them_meanwhile(tmp_path: Path) -> None:
    async with office(tmp_path, Limits(a_second=None), Attentive()) as lane:
        bo, run, seconds = await lane.person("bo"), lane.store.run, [0.0]

        async def stand_still_once(work: Callable[[Tx], T]) -> T:
            done = await run(work)
            if not seconds[0] and await run(taken_for_lost):
                seconds[0] = 60.0
            return done

        lane.lane._seconds = lambda: seconds[0]
        lane.store.run = stand_still_once  # type: ignore[method-assign]
        await lane.write(bo, Urgency.PANIC_FIRST)
        async with asyncio.timeout(5.0):
            while await lane.store.read(states) != ["accepted"]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

        assert seconds == [60.0]
        assert lane.mouth.said == [("bo", True)]


async def test_who_stood_still_and_was_missed_by_nobody_goes_on(tmp_path: Path) -> None:
    async with office(tmp_path, Limits(a_second=None), Attentive()) as lane:
        bo, run, seconds = await lane.person("bo"), lane.store.run, [0.0]

        async def stand_still(work: Callable[[Tx], T]) -> T:
            done = await run(work)
            seconds[0] += 60.0
            return done

        lane.lane._seconds = lambda: seconds[0]
        lane.store.run = stand_still  # type: ignore[method-assign]
        await lane.write(bo, Urgency.PANIC_FIRST)
        await lane.mouth.until_said("bo")

        assert lane.mouth.said == [("bo", False)]


async def test_who_speaks_through_the_bot_of_another_worker_keeps_to_half_of_the_pace(tmp_path: Path) -> None:
    async with office(tmp_path, Limits(a_second=30), kind="postgresql") as lane:
        bo, other = await lane.person("bo"), uuid4()
        await lane.store.run(workers.begin)
        await lane.store.run(lambda tx: workers.begin(replace(tx, worker=other)))
        async with asyncio.timeout(5):
            while lane.lane.reach.among != 2:  # who was counting when the other began, counts again
                lane.lane._counted_until = 0.0
                lane.lane.kick()
                await asyncio.sleep(0.01)

        await lane.write(bo, Urgency.PANIC_FIRST)

        await lane.mouth.until_said("bo")
        assert lane.lane._pace.budget(time.monotonic() + 60, first_alert=True) == 16


async def test_of_several_who_is_not_answered_sends_a_first_alert_that_nobody_else_took(
    tmp_path: Path,
) -> None:
    async with office(tmp_path, Limits(a_second=None), kind="postgresql") as lane:
        bo, cleo, silent = [await lane.person(name) for name in ("bo", "cleo", "silent")]
        other = uuid4()
        await lane.store.run(workers.begin)
        await lane.store.run(lambda tx: workers.begin(replace(tx, worker=other)))
        await lane.write(silent, Urgency.NOTICE)
        async with asyncio.timeout(SUSPECT_AFTER + 5):
            while not lane.lane.reach.is_cut_off(time.monotonic()):
                lane.lane.kick()
                await asyncio.sleep(0.05)

        await lane.store.run(lambda tx: workers.seen(replace(tx, worker=other)))  # it does not lapse meanwhile
        await lane.write(cleo, Urgency.NOTICE)
        await lane.write(bo, Urgency.PANIC_FIRST)

        await lane.mouth.until_said("bo", within=HEAD_START.total_seconds() + 1)  # "silent" is on its way until later
        assert lane.mouth.said[0] == ("bo", 0)
        assert lane.lane.reach.among == 2


def _count(lane: Office) -> list[None]:
    """Grows with each transaction of the lane from here on."""
    looks: list[None] = []
    run = lane.store.run

    async def counted(work: Callable[[Tx], T]) -> T:
        looks.append(None)
        return await run(work)

    lane.store.run = counted  # type: ignore[method-assign]
    return looks


class Clumsy(Mouth):
    """A channel that cannot say what its buttons say."""

    def buttons(self, letter: Letter) -> tuple[str, ...]:
        """See `engine.letter.Buttoned`."""
        raise AttributeError("nobody thought of this")


async def test_an_alarm_whose_buttons_cannot_be_made_leaves_without_them(tmp_path: Path) -> None:
    async with office(tmp_path, Limits(), Clumsy()) as lane:
        bo = await lane.person("bo")

        await lane.write(bo, Urgency.PANIC_FIRST)

        await lane.mouth.until_said("bo")
        assert not lane.running.done()
