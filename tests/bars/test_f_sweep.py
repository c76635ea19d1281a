"""Bar F7: a defender's chat is emptied while a bot still can, also after an outage of a day and a half; what a longer
one leaves behind is counted, and the coordinators hear how much."""

import asyncio
import random
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from escalation.people import Role
from rehearsal.messages import Post
from rehearsal.messenger import DELETABLE
from rehearsal.phone import Phone
from tests.bars.conftest import Bar
from tests.world import World

HOUR = timedelta(hours=1)
STANDS_AT_MOST = 12 * HOUR  # for what is younger than that the time has not come
REPORTED = re.compile(r"deleted in time: (\d+)\.")


def deeds(world: World, ana: Phone, chance: random.Random) -> None:
    """Something that Ana does with her phone."""
    bot = world.defenders_bot
    does: list[Callable[[], object]] = [
        lambda: ana.type(bot, "maple"),
        lambda: ana.type(bot, "the market was full"),
        lambda: ana.type(bot, "/times"),
        lambda: ana.type(bot, "/help"),
        lambda: ana.type(bot, "/zone Lima"),
        lambda: ana.photo(bot, b"a picture", "by the river"),
        lambda: ana.voice(bot, b"a voice"),
        lambda: ana.share_place(bot, 4.6, -74.1),
        lambda: ana.edit(bot, ana.type(bot, "one"), "two"),
        lambda: ana.press_key(bot, "How this works"),
    ]
    chance.choice(does)()


def posts(world: World) -> list[Post]:
    """Every message that ever stood in Ana's chat."""
    chat = world.stage.messenger.chat_of(world.defenders_bot, world.phones["Ana"].person)
    assert chat is not None
    return list(chat.posts.values())


async def pass_time(world: World, span: timedelta, step: timedelta, every: timedelta, chance: random.Random) -> None:
    """Let time go by in steps, with something of Ana's from time to time."""
    for number in range(span // step):
        if number % (every // step) == 0:
            deeds(world, world.phones["Ana"], chance)
        world.clock.advance(step)
        while world.engine.is_behind():  # noqa: ASYNC110
            await asyncio.sleep(0.002)
    await world.settle()


async def begin(folder: Path) -> World:
    """A service with Ana, and Dara who coordinates."""
    world = World(folder)
    await world.__aenter__()
    await world.defender(watched=False)
    await world.responder("Dara", Role.COORDINATOR, tier=None)
    return world


async def outage(world: World, span: timedelta) -> None:
    """The service is down; what Ana writes meanwhile is in the last day of it, for which the messenger keeps it."""
    await world.close_service()
    world.clock.advance(span - 20 * HOUR)
    world.phones["Ana"].type(world.defenders_bot, "are you there?")
    world.clock.advance(20 * HOUR)
    await world.open_service()
    await world.settle()


async def test_f7_after_an_outage_of_a_day_and_a_half_all_is_deleted_in_time(tmp_path: Path, bar: Bar) -> None:
    world, chance = await begin(tmp_path), random.Random(36)
    days, minutes = bar.size(3, 30), bar.size(20, 10)
    before = timedelta(days=days) / 2 - 18 * HOUR

    await pass_time(world, before, timedelta(minutes=minutes), 2 * HOUR, chance)
    await outage(world, 36 * HOUR)
    await pass_time(world, before, timedelta(minutes=minutes), 2 * HOUR, chance)
    now, all_of_them = world.clock.now(), posts(world)
    await world.__aexit__()

    older = [post for post in all_of_them if now - post.sent_at > STANDS_AT_MOST]
    stood = [(post.deleted_at or now) - post.sent_at for post in older]
    assert len(older) > 10 * days
    assert [post.text for post in older if post.visible] == []
    assert max(stood) < DELETABLE
    assert not any(REPORTED.search(message.text) for message in world.phones["Dara"].chat(world.responders_bot))
    bar.holds(
        "30 days with an outage of 36 h: every message deleted before 48 h",
        f"{len(older):,} messages in {days} days, the longest stood {max(stood) / HOUR:.1f} h",
    )


async def test_f7_what_was_said_and_whose_answer_was_lost_is_counted(tmp_path: Path, bar: Bar) -> None:
    world = await begin(tmp_path)
    ana, us = world.phones["Ana"], world.defenders_bot
    lost = world.stage.faults.cut_after(us, method="sendMessage", chat=ana, times=3)
    for text in ("/times", "/help", "/zone Lima"):
        ana.type(us, text)
        await world.settle()
    for _ in range(3):
        await world.later(hours=6)
    now, left = world.clock.now(), [post for post in posts(world) if post.visible]
    told = [message.text for message in world.phones["Dara"].chat(world.responders_bot)]
    await world.__aexit__()

    old = [post for post in left if now - post.sent_at > STANDS_AT_MOST]
    reported = [int(found[1]) for text in told if (found := REPORTED.search(text))]
    assert lost.hits == 3
    assert all(post.from_bot for post in old)
    assert sum(reported) == len(old) == 3
    bar.holds(
        "what was said, and whose answer was lost, is counted and told to the coordinators as well",
        f"{len(old)} stand, {sum(reported)} were reported",
    )


async def test_f7_after_an_outage_of_two_days_and_a_half_what_is_left_is_counted(tmp_path: Path, bar: Bar) -> None:
    world, chance = await begin(tmp_path), random.Random(60)
    days, minutes = bar.size(1, 10), bar.size(20, 10)

    await pass_time(world, timedelta(days=days), timedelta(minutes=minutes), 2 * HOUR, chance)
    standing = [post for post in posts(world) if post.visible]
    await outage(world, 60 * HOUR)
    await pass_time(world, 14 * HOUR, timedelta(minutes=minutes), 2 * HOUR, chance)
    now, left = world.clock.now(), [post for post in posts(world) if post.visible]
    told = [message.text for message in world.phones["Dara"].chat(world.responders_bot)]
    await world.__aexit__()

    old = [post for post in left if now - post.sent_at > STANDS_AT_MOST]
    reported = sum(int(found[1]) for text in told if (found := REPORTED.search(text)))
    assert old == standing
    assert reported == len(old) > 3
    assert any("in hours: 60" in text for text in told)
    bar.holds(
        "30 days with an outage of 36 h: every message deleted before 48 h",
        f"after 60 h, {len(old)} could not be and {reported} were reported",
    )
