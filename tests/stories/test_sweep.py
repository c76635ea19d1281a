"""The sweep: a defender's chat is emptied, of their messages and of ours, whatever happens to them or to us."""

from datetime import timedelta

import pytest

from escalation.people import DefenderId, Role
from rehearsal import wire
from rehearsal.messages import Post
from store import people
from store.chat_messages import STANDS_FOR
from tests.world import World

HOURS = STANDS_FOR.total_seconds() / 3600
PHOTO, CAPTION = b"a picture", "sos"


def standing(world: World, name: str = "Ana") -> list[Post]:
    """What stands in a defender's chat, newest first."""
    chat = world.stage.messenger.chat_of(world.defenders_bot, world.phones[name].person)
    assert chat is not None
    return chat.newest()


async def test_what_both_sides_wrote_stands_for_half_a_day_and_no_longer(world: World) -> None:
    ana = await world.defender(watched=False)
    ana.type(world.defenders_bot, "/times")
    ana.photo(world.defenders_bot, PHOTO)
    await world.settle()
    before = len(standing(world))

    await world.later(hours=HOURS, minutes=-11)
    just_before = len(standing(world))
    await world.later(minutes=21)
    await world.later(minutes=10)

    assert before == just_before >= 4
    assert [post.text for post in standing(world)] == ["Ready when you are."]
    ana.read(world.defenders_bot)


async def test_a_call_for_help_leaves_the_chat_at_once_and_its_picture_is_handed_on_minutes_later(world: World) -> None:
    ana = await world.defender(watched=False)
    bo = await world.responder("Bo")
    cleo = await world.responder("Cleo", Role.COLLEAGUE, tier="colleagues")
    message = ana.photo(world.defenders_bot, PHOTO, CAPTION)
    await world.settle()
    at_once = [post.id for post in standing(world)]

    await world.later(minutes=6)

    assert message not in at_once
    for phone in (bo, cleo):
        assert [one.data for one in phone.chat(world.responders_bot) if one.file] == [PHOTO]
    for phone in (ana, bo, cleo):
        for bot in (world.defenders_bot, world.responders_bot):
            phone.read(bot)


@pytest.mark.parametrize("caption", ["maple", "mapel", "/ok maple", "/ok", "sos"])
async def test_whatever_stands_under_a_picture_the_message_goes_at_once(world: World, caption: str) -> None:
    ana = await world.defender(watched=False)

    message = ana.photo(world.defenders_bot, PHOTO, caption)
    await world.settle()

    assert message not in [post.id for post in standing(world)]
    ana.read(world.defenders_bot)


async def test_an_update_that_nobody_can_read_goes_too(world: World) -> None:
    ana = await world.defender(watched=False)
    world.stage.forwarded_from_hidden_user(ana, world.defenders_bot)
    await world.settle()

    await world.later(hours=HOURS, minutes=10)

    assert [post for post in standing(world) if not post.from_bot] == []
    ana.read(world.defenders_bot)


async def test_a_call_for_help_that_nobody_can_decode_leaves_the_chat_at_once(world: World) -> None:
    ana, bo = await world.defender(watched=False), await world.responder("Bo")
    messenger, bot = world.stage.messenger, world.defenders_bot
    chat = messenger.begin(bot, ana.person)
    post = messenger.post(chat, from_bot=False, text="sos")
    post.origin = {"type": "hidden_user", "date": wire.stamp(post.sent_at)}  # nameless, as some are

    bot.updates.put("message", wire.message(post, chat), chat.id)
    await world.settle()

    assert not post.visible
    await bo.expect(world.responders_bot, "CALL FOR HELP")
    ana.read(bot)


async def test_the_keys_are_under_the_chat_before_and_after_every_sweep(world: World) -> None:
    ana = await world.defender(watched=False)
    ana.type(world.defenders_bot, "/help")
    await world.settle()

    for _ in range(12):
        await world.later(hours=HOURS / 3)
        assert any("Now" in label for label in ana.keyboard(world.defenders_bot))
    assert len(standing(world)) <= 2
    ana.read(world.defenders_bot)


async def test_who_has_left_gets_no_keys_and_no_word(world: World) -> None:
    ana = await world.defender(watched=False)
    ana.type(world.defenders_bot, "/times")
    await world.settle()
    await world.store.run(lambda tx: people.change_defender(tx, DefenderId(world.ids["Ana"]), state="left"))
    ana.read(world.defenders_bot)

    await world.later(hours=HOURS, minutes=20)

    assert ana.unheard(world.defenders_bot) == []


async def test_a_sweep_that_fails_is_made_again(world: World) -> None:
    ana = await world.defender(watched=False)
    ana.type(world.defenders_bot, "hello")
    await world.settle()
    trouble = world.stage.faults.fail(world.defenders_bot, 502, method="deleteMessages")

    await world.later(hours=HOURS, minutes=10)
    failed = len(standing(world))
    trouble.end()
    await world.later(minutes=40)

    assert failed > 1
    assert [post.text for post in standing(world)] == ["Ready when you are."]
    ana.read(world.defenders_bot)


async def test_one_message_that_cannot_be_deleted_keeps_no_other_and_is_told_of(world: World) -> None:
    ana = await world.defender(watched=False)
    dara = await world.responder("Dara", Role.COORDINATOR, tier=None)
    ana.type(world.defenders_bot, "/times")
    ana.photo(world.defenders_bot, PHOTO)
    await world.settle()
    for post in standing(world)[:1]:
        post.sent_at -= timedelta(hours=48)  # the messenger counts otherwise than we do

    await world.later(hours=HOURS, minutes=10)
    await world.later(minutes=40)

    assert [post.text for post in standing(world) if post.text != "Ready when you are."] == ["Noted."]
    (told,) = [message.text for message in dara.unheard(world.responders_bot) if "48" in message.text]
    assert "in time: 1." in told
    ana.read(world.defenders_bot)
    dara.read(world.responders_bot)


async def test_a_defender_who_blocked_us_is_counted_in_the_end_and_stops_nobody_elses_sweep(world: World) -> None:
    ana, max_ = await world.defender(watched=False), await world.defender("Max", watched=False)
    dara = await world.responder("Dara", Role.COORDINATOR, tier=None)
    for phone in (ana, max_):
        phone.type(world.defenders_bot, "/times")
    await world.settle()
    ana.block(world.defenders_bot)
    await world.settle()

    await world.later(hours=HOURS, minutes=10)
    await world.later(minutes=10)
    of_max = [post.text for post in standing(world, "Max")]
    await world.later(hours=40)

    assert all("Your times" not in text for text in of_max)
    assert any("could not be deleted in time: 4" in message.text for message in dara.unheard(world.responders_bot))
    for phone in (ana, max_, dara):
        for bot in (world.defenders_bot, world.responders_bot):
            phone.read(bot)


async def test_nothing_that_happens_makes_the_sweep_come_earlier(world: World) -> None:
    ana = await world.defender(watched=False)
    bo = await world.responder("Bo")
    ana.type(world.defenders_bot, "/times")
    await world.settle()
    before = {post.id for post in standing(world)}

    ana.type(world.defenders_bot, "sos")
    await world.later(hours=HOURS / 2)

    assert before <= {post.id for post in standing(world)}
    for phone in (ana, bo):
        for bot in (world.defenders_bot, world.responders_bot):
            phone.read(bot)


async def test_what_is_too_old_to_be_deleted_says_nothing_any_more(world: World) -> None:
    ana = await world.defender(watched=False)
    ana.type(world.defenders_bot, "/help")
    await world.settle()

    await world.close_service()
    await world.open_service_after(hours=60)

    texts = {post.text for post in standing(world) if post.from_bot}
    assert texts <= {"Noted.", "Ready when you are."}
    ana.read(world.defenders_bot)
