"""Several processes on one PostgreSQL: one is killed, stands still or is replaced, and every alarm goes out."""

import asyncio
import time
from pathlib import Path

import pytest

from bench.instance import DEFENDERS
from crashes.storms import Storm
from tests.machines.conftest import FULL, sized
from tests.machines.network import OURS, THEIRS, doors, network
from tests.machines.team import RECOVERED_WITHIN, Team, go_on, stand_still, team, until

STORM = Storm(missed=int(sized(24, 600)), panics=int(sized(4, 20)), late=3)
STOOD_STILL_FOR = sized(9, 60)  # seconds; longer than anything that belongs to somebody is theirs
WHOLE_STORM = sized(RECOVERED_WITHIN, 180)  # seconds; the messenger's pace is 30 a second
SENT_BY_THEN = 8 if not FULL else 200  # alarms that have come when the blow falls

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.real_time]


def nobody_is_told_twice_without_being_told_so(them: Team) -> None:
    """Each alarm has come, and at most once more with words that say so."""
    found = them.counted()

    assert found.lost == 0
    assert found.unmarked == 0
    assert max(them.repeats().values()) <= 1


async def recovered(them: Team) -> float:
    """Seconds until whoever called last is heard of; in a small storm until everything has come."""
    seconds = await them.until_last_came()
    rest = await them.until_came(within=WHOLE_STORM)
    await them.until_settled()
    return seconds if FULL else seconds + rest


async def test_one_is_killed_in_a_storm_and_the_others_go_on(tmp_path: Path) -> None:
    async with team(tmp_path, STORM, forked=not FULL) as them:
        polls = await them.start()
        await them.start()
        await them.begin_storm()
        await them.until_came(SENT_BY_THEN)

        polls.child.kill()
        them.call()
        seconds = await recovered(them)

        print(f"recovered after a kill: {seconds:.1f} s, {them.counted()}")
        assert seconds < RECOVERED_WITHIN
        nobody_is_told_twice_without_being_told_so(them)


async def test_one_stands_still_for_a_while_and_sends_nothing_stale_when_it_goes_on(tmp_path: Path) -> None:
    async with team(tmp_path, STORM, forked=not FULL) as them:
        polls = await them.start()
        await them.start()
        await them.begin_storm()
        await them.until_came(SENT_BY_THEN)

        stand_still(polls)
        stopped_at = time.monotonic()
        them.call()
        seconds = await recovered(them)
        before = them.counted()
        await asyncio.sleep(max(0.0, stopped_at + STOOD_STILL_FOR - time.monotonic()))
        go_on(polls)
        them.call()
        again = await them.until_last_came()
        await them.until_settled()

        print(f"recovered after a stop: {seconds:.1f} s, after going on: {again:.1f} s, {them.counted()}")
        assert max(seconds, again) < RECOVERED_WITHIN
        nobody_is_told_twice_without_being_told_so(them)
        assert them.counted().marked == before.marked
        assert polls.child.poll() is None


async def test_each_is_replaced_in_turn_while_a_storm_goes_on_and_nothing_is_said_twice(tmp_path: Path) -> None:
    async with team(tmp_path, STORM, forked=not FULL) as them:
        first, second = await them.start(), await them.start()
        await them.begin_storm()
        await them.until_came(SENT_BY_THEN)

        codes = [await first.end()]
        await them.start()
        codes.append(await second.end())
        them.call()
        await recovered(them)

        assert codes == [0, 0]
        assert them.counted().marked == 0
        nobody_is_told_twice_without_being_told_so(them)


async def test_two_share_a_storm_and_each_alarm_goes_out_once(tmp_path: Path) -> None:
    async with team(tmp_path, STORM, forked=not FULL) as them:
        await them.start()
        await them.start()

        await them.begin_storm()
        await them.until_came(within=WHOLE_STORM)
        them.call()
        await them.until_last_came()

        assert them.counted().marked == 0
        nobody_is_told_twice_without_being_told_so(them)
        assert [process.child.poll() for process in them.processes] == [None, None]
        await until(lambda: them.messenger.confirmed(DEFENDERS) >= max(them.messenger.puts))


async def test_one_is_cut_off_from_everything_and_the_others_go_on(tmp_path: Path) -> None:
    async with network() as cable, team(tmp_path, STORM, forked=not FULL) as them:
        messenger = them.messenger.url.removeprefix("http://").split(":")
        database, socket = them.url.split("?host=")
        async with doors((messenger[0], int(messenger[1])), f"{socket}/.s.PGSQL.5432") as (api, sql):
            host = f"{OURS}:{api}"
            url = database.replace("@/", f"@{OURS}:{sql}/")
            them.pages_at = THEIRS
            polls = await them.start(wrapped=cable.wrapped, api=f"http://{host}", url=url)
            them.pages_at = "127.0.0.1"
            await them.start()
            await them.begin_storm()
            await them.until_came(SENT_BY_THEN)

            cable.pull()
            them.call()
            seconds = await recovered(them)
            before = them.counted()
            cable.plug_in()
            them.call()
            again = await them.until_last_came()
            await them.until_settled()

            print(f"recovered after a cut: {seconds:.1f} s, after it was mended: {again:.1f} s, {them.counted()}")
            assert max(seconds, again) < RECOVERED_WITHIN
            nobody_is_told_twice_without_being_told_so(them)
            assert them.counted().marked == before.marked
            assert polls.child.pid
