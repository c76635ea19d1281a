"""From the end of a grace to the first alert, on an idle system, the pace limits on."""

import time
from datetime import datetime, timedelta

from engine.clock import SystemClock

from .driving import Run, enrol_naively, first_in, lost_and_doubled, until
from .figures import Figures, Row, Spread, span
from .instance import DEFENDERS, Instance, chat_of, contact_of, make, soon
from .messenger import Messenger
from .processes import Process

EVERY = 0.253  # seconds between two deadlines: never in step with anything that ticks
WITHIN = 30.0  # seconds after the last
A_MOMENT = timedelta(seconds=1)  # until the bell is set
BEGINS_IN = 3.0  # seconds, for the plain design


async def deadline(run: Run) -> list[Row]:
    """One deadline after the other, nothing else going on."""
    count = run.size.deadlines
    async with Messenger() as messenger:
        floors = await run.floors(messenger)
        instance = await make(run.folder / "deadline", count)
        async with run.tocsin(messenger, instance) as process:
            begin = soon(count)
            alarms = [begin + timedelta(seconds=EVERY * number) for number in range(count)]
            await miss(messenger, instance, alarms)
            ours = await _heard(messenger, process, alarms)
        messenger.forget()
        async with run.naive(messenger, "deadline") as process:
            begin = SystemClock().now() + timedelta(seconds=BEGINS_IN)
            late = [BEGINS_IN + EVERY * number for number in range(count)]
            await enrol_naively(process, range(count), late)
            naive = await _heard(messenger, process, [begin + timedelta(seconds=one - BEGINS_IN) for one in late])
    least = floors.timer.median + floors.commit.median + floors.post.median
    floor = Figures(
        f"a timer ({span(floors.timer.median)}, max {span(floors.timer.at(1))}), a commit and a post: {span(least)}",
        cpu=floors.commit_cpu + floors.post_cpu,
    )
    return [Row("deadline", f"deadline to first alert, idle, {count} times", ours, floor, naive)]


async def _heard(messenger: Messenger, process: Process, alarms: list[datetime]) -> Figures:
    clock, before = SystemClock(), process.cpu
    chats = [contact_of(number) for number in range(len(alarms))]
    left = (alarms[-1] - clock.now()).total_seconds()
    await until(lambda: all(first_in(messenger, chat) for chat in chats), left + WITHIN)
    used = (process.cpu - before) / len(alarms)
    offset = monotonic_to_wall()
    heard = [(first, at) for chat, at in zip(chats, alarms, strict=True) if (first := first_in(messenger, chat))]
    took = Spread.of(first.at + offset - at.timestamp() for first, at in heard)
    lost, doubled = lost_and_doubled(messenger, chats)
    return Figures(took.shown(), lost, doubled, used)


async def miss(messenger: Messenger, instance: Instance, alarms: list[datetime]) -> None:
    """Have people miss their check-ins at these instants.

    That another process wrote is noticed within 5 s; a word of somebody's has the bell set at once."""
    await instance.miss_at(alarms)
    assert SystemClock().now() + A_MOMENT < min(alarms), "the machine is too slow for so many"  # noqa: S101 - else they would be late before they begin
    messenger.types(DEFENDERS, chat_of(0), "/help")


def monotonic_to_wall() -> float:
    """What to add to a monotonic moment of this process to have the seconds since 1970."""
    return SystemClock().now().timestamp() - time.monotonic()
