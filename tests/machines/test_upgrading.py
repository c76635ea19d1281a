"""A newer version is brought to one machine after the other, in the middle of a storm: nobody is stopped first."""

import asyncio
from pathlib import Path

import psycopg
import pytest

from crashes.storms import Storm
from tests.machines.newer import LATER, WAITS, newer_program
from tests.machines.team import Team, team, until

STORM = Storm(missed=24, panics=4, late=40)
SENT_BY_THEN = 8  # alarms that have come when the newer one begins

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.real_time]


def revision(them: Team) -> str:
    """The step at which the schema is."""
    with psycopg.connect(them.url, autocommit=True) as connection:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(found[0]) if found else ""


def colours(them: Team) -> int:
    """How many deliveries have what only the newer version knows."""
    with psycopg.connect(them.url, autocommit=True) as connection:
        found = connection.execute("SELECT count(colour) FROM delivery").fetchone()
        return int(found[0]) if found else 0


async def calls_and_is_heard(them: Team) -> None:
    """One more defender calls for help, and somebody hears it."""
    them.call()
    await them.until_last_came()


async def test_a_newer_version_migrates_while_an_older_one_works_and_then_each_replaces_the_other(
    tmp_path: Path,
) -> None:
    program = await asyncio.to_thread(newer_program, tmp_path / "newer")
    async with team(tmp_path, STORM) as them:
        stays, goes = await them.start(), await them.start()
        newer = await them.launch(program=program, run=WAITS)
        await until((newer.log.parent / "here").exists)
        await them.begin_storm()
        await them.until_came(SENT_BY_THEN)

        (newer.log.parent / "go").touch()
        while revision(them) != LATER:
            await calls_and_is_heard(them)
        codes = [await goes.end()]
        begins_again = await them.start()
        await calls_and_is_heard(them)
        await newer.ready()
        codes += [await stays.end(), await begins_again.end()]
        await calls_and_is_heard(them)
        await them.until_came()
        await them.until_settled()

        assert codes == [0, 0, 0]
        assert newer.child.poll() is None
        assert colours(them) >= len(them.calls)
        assert (them.counted().lost, them.counted().marked, them.counted().unmarked) == (0, 0, 0)
