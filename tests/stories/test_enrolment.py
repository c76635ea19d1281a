"""Ana follows her invitation, agrees, and checks in; and nobody who holds two phones can tell a right word from a wrong
one."""

from datetime import time, timedelta

from bot.keys import CALL, HELP, SIGN
from config.texts import Texts
from rehearsal import Phone
from store import invitations, people
from store.database import Tx
from tests.world import World

SAY = Texts().say


async def invite(world: World, name: str) -> Phone:
    """Somebody's phone, with an invitation under the code "GOOD"."""
    phone = world.stage.add_phone(name, badge="defender")
    world.phones[name] = phone

    def add(tx: Tx) -> None:
        person = people.add_defender(tx, name, language="en", zone="UTC", profile="standard", chain="default")
        invitations.new(tx, "defender", person, "GOOD", tx.now + timedelta(hours=72))
        world.ids[name] = person

    await world.store.run(add)
    return phone


async def test_an_invitation_is_followed_to_the_first_check_in(world: World) -> None:
    ana, at = await invite(world, "Ana"), world.defenders_bot
    await world.responder("Cleo")

    ana.start(at, "GOOD")
    await ana.expect(at, SAY("en", "defender.choose_language"))
    ana.press(at, "language:en")
    await ana.expect(at, "Where are you?")
    ana.type(at, "Bogotá")
    await ana.expect(at, "America/Bogota: the clocks there show 03:00")
    ana.press(at, "zone:America/Bogota")
    await ana.expect(at, "At which times")
    ana.type(at, "noon")
    await ana.expect(at, SAY("en", "defender.times_bad"))
    ana.type(at, "9:00 and 21:00")
    await ana.expect(at, SAY("en", "defender.ask_safe_word"))
    word = ana.type(at, "Blue heron")
    await ana.expect(at, "Choose four pictures")
    await world.tap("Ana", [0, 1, 2, 3, 0, 1, 2, 3])
    consent = await ana.expect(at, "Do you agree?")
    ana.press(at, "agree")
    check = await ana.expect(at, "Read these four words")
    await ana.expect(at, "These keys stay")
    words = await world.confirm("Ana")
    await ana.expect(at, "09:00 (Mon, Mar 2)")
    await world.settle()

    ana.read(at)

    assert words in check.text

    assert "1 personal contact, 30 minutes" in consent.text
    assert "Cleo" not in consent.text
    assert ana.keyboard(at) == [SAY("en", SIGN), SAY("en", HELP), SAY("en", CALL)]
    assert [message.deleted for message in ana.chat(at) if message.id == word] == [True]

    def enrolled(tx: Tx) -> None:
        record = people.defender(tx, world.ids["Ana"])
        assert record is not None
        assert (record.state, record.zone, record.times) == ("active", "America/Bogota", (time(9), time(21)))

    await world.store.run(enrolled)


async def test_a_call_in_the_middle_of_enrolment_is_heard_and_enrolment_goes_on(world: World) -> None:
    ana, at = await invite(world, "Ana"), world.defenders_bot
    await world.responder("Bo")
    ana.start(at, "GOOD")
    await ana.expect(at, SAY("en", "defender.choose_language"))

    ana.type(at, "AUXILIO!")

    await world.phones["Bo"].expect(world.responders_bot, "Ana")
    await ana.expect(at, SAY("en", "defender.noted"))
    ana.press(at, "language:en")
    await ana.expect(at, "Where are you?")


async def test_a_right_and_a_wrong_word_leave_the_same_chat_behind(world: World) -> None:
    at = world.defenders_bot
    ana, bea = await world.defender("Ana"), await world.defender("Bea")

    for text_of_ana, text_of_bea in (
        ("maple", "birch"),
        ("/ok maple", "/ok birch"),
        ("/pause 2d", "/pause 2d"),
        ("maple", "birch"),
        ("/times", "/times"),
        ("/word", "/word"),
        ("maple", "birch"),
        ("cedar", "cedar"),
        ("/leave", "/leave"),
        ("cedar", "birch"),
    ):
        ana.type(at, text_of_ana)
        bea.type(at, text_of_bea)
        await world.settle()

    assert ana.transcript(at) == bea.transcript(at)
    assert len(ana.transcript(at)) > 10
    ana.read(at)
    bea.read(at)


async def test_a_stranger_gets_one_reply_whatever_they_try(world: World) -> None:
    max_ = world.stage.add_phone("Max")
    world.phones["Max"] = max_

    max_.start(world.defenders_bot, "GUESS")
    await max_.expect(world.defenders_bot, "private notebook")
    max_.type(world.defenders_bot, "sos")
    await world.settle()

    assert len(max_.heard(world.defenders_bot)) == 1


async def test_who_has_left_comes_back_by_a_new_invitation(world: World) -> None:
    ana, at = await world.defender("Ana", watched=False), world.defenders_bot
    ana.type(at, "/leave maple")
    await world.settle()
    await world.later(seconds=2)
    await world.later(hours=25)
    ana.read(at)
    ana.type(at, "hello")
    await ana.expect(at, SAY("en", "defender.gone"))
    await world.store.run(
        lambda tx: invitations.new(tx, "defender", world.ids["Ana"], "BACK", tx.now + timedelta(hours=72))
    )

    ana.start(at, "BACK")

    await ana.expect(at, SAY("en", "defender.choose_language"))
    ana.press(at, "language:en")
    await ana.expect(at, "Where are you?")


async def test_a_responder_who_was_removed_comes_back_by_a_new_invitation(world: World) -> None:
    await world.defender("Ana")
    bo, at = await world.responder("Bo"), world.responders_bot
    bo.type(at, "/leave")
    await world.settle()
    bo.press(at, "Yes, step down")
    await world.settle()
    bo.read(at)
    await world.store.run(
        lambda tx: invitations.new(tx, "responder", world.ids["Bo"], "BACK", tx.now + timedelta(hours=72))
    )

    bo.start(at, "BACK")
    await bo.expect(at, "You were asked to be")
    bo.press(at, "I agree")
    await bo.expect(at, "by voice")
    await world.confirm("Bo")

    await bo.expect(at, SAY("en", "responder.active"))
    await world.settle()
    bo.read(at)
