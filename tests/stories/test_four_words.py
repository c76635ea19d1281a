"""Four words, read aloud: whoever followed an invitation counts for nobody until their voice was recognised."""

from datetime import timedelta

from config.check_words import load_check_words
from config.lexicon import load_lexicon
from config.panic import load_panic_words
from config.texts import Texts
from engine import enrolment
from escalation.people import Role
from rehearsal import Phone
from store import invitations, people, spoken_checks
from store.database import Tx
from tests.world import World

SAY = Texts().say
LIFE = timedelta(hours=72)


async def invited(world: World, name: str, code: str = "GOOD", role: Role = Role.CONTACT) -> None:
    """Somebody who stands in Ana's first tier, with an invitation."""

    def invite(tx: Tx) -> None:
        person = people.add_responder(tx, name, role, language="en")
        people.place_in_tier(tx, world.ids["Ana"], "contacts", person)
        invitations.new(tx, "responder", person, code, tx.now + LIFE)
        world.ids[name] = person

    await world.store.run(invite)


async def followed(world: World, name: str, code: str = "GOOD") -> Phone:
    """The same person's phone, after they followed the link and agreed."""
    phone = world.stage.add_phone(name)
    world.phones[name] = phone
    phone.start(world.responders_bot, code)
    await phone.expect(world.responders_bot, "You were asked to be")
    phone.press(world.responders_bot, "I agree")
    await phone.expect(world.responders_bot, "by voice")
    phone.read(world.responders_bot)
    return phone


async def state_of(world: World, name: str) -> str:
    record = await world.store.run(lambda tx: people.responder(tx, world.ids[name]))
    assert record is not None
    return record.state


async def words_of(world: World, name: str) -> tuple[int, ...]:
    check = await world.store.read(lambda tx: spoken_checks.of_person(tx, world.ids[name]))
    assert check is not None
    return check.numbers


def test_the_words_are_easily_told_apart() -> None:
    words = load_check_words()

    assert len(set(words)) == 256
    assert all(word.isascii() and word.isalpha() and word.islower() and 2 < len(word) < 10 for word in words)
    assert len({word[:4] for word in words}) > 240


def test_the_words_say_nothing_about_the_work() -> None:
    words = load_check_words()
    calls = {word for spoken in load_panic_words().values() for word in spoken}

    assert [load_lexicon().hits(language, " ".join(words)) for language in Texts().languages] == [[]] * 6
    assert not calls & set(words)


async def test_whoever_was_not_recognised_is_not_called(world: World) -> None:
    await world.defender("Ana")
    await world.responder("Cleo")
    await invited(world, "Bo")
    bo = await followed(world, "Bo")

    world.phones["Ana"].type(world.defenders_bot, "sos")
    await world.phones["Cleo"].expect(world.responders_bot, "CALL FOR HELP")
    await world.settle()

    assert bo.read(world.responders_bot) == []
    world.phones["Ana"].read(world.defenders_bot)


async def test_whoever_agreed_and_was_recognised_counts(world: World) -> None:
    await world.defender("Ana")
    await invited(world, "Bo")
    bo = await followed(world, "Bo")
    assert await state_of(world, "Bo") == "enrolling"

    await world.confirm("Bo")
    await bo.expect(world.responders_bot, SAY("en", "responder.active"))

    assert await state_of(world, "Bo") == "active"


async def test_recognised_first_and_agreed_after_is_as_good(world: World) -> None:
    await world.defender("Ana")
    await invited(world, "Bo")
    bo = world.stage.add_phone("Bo")
    world.phones["Bo"] = bo
    bo.start(world.responders_bot, "GOOD")
    await bo.expect(world.responders_bot, "You were asked to be")

    await world.confirm("Bo")
    bo.press(world.responders_bot, "I agree")

    await bo.expect(world.responders_bot, SAY("en", "responder.active"))
    await world.settle()
    bo.read(world.responders_bot)


async def test_the_words_can_be_asked_for_again_and_nothing_else_can(world: World) -> None:
    await world.defender("Ana")
    await invited(world, "Bo")
    bo = await followed(world, "Bo")
    known = load_check_words()
    words = " ".join(known[number] for number in await words_of(world, "Bo"))

    for text in ("/start", "/open", "hello"):
        bo.type(world.responders_bot, text)
        shown = await bo.expect(world.responders_bot, "by voice")
        assert words in shown.text


async def test_the_message_with_the_code_does_not_stay_in_the_chat(world: World) -> None:
    await world.defender("Ana")
    await invited(world, "Bo")
    bo = await followed(world, "Bo")
    await world.settle()

    codes = [message for message in bo.chat(world.responders_bot) if "GOOD" in message.text]

    assert [message.deleted for message in codes] == [True]


async def test_a_caught_invitation_shows_other_words_and_its_thief_is_shut_out(world: World) -> None:
    await world.defender("Ana")
    await invited(world, "Bo")
    thief = await followed(world, "Max", "GOOD")
    words = await words_of(world, "Bo")

    def again(tx: Tx) -> None:
        enrolment.call_off(tx, "responder", world.ids["Bo"])
        invitations.new(tx, "responder", world.ids["Bo"], "OTHER", tx.now + LIFE)

    await world.store.run(again)
    thief.type(world.responders_bot, "/start")
    await thief.expect(world.responders_bot, SAY("en", "responder.stranger"))
    bo = await followed(world, "Bo", "OTHER")

    assert await words_of(world, "Bo") != words
    await world.confirm("Bo")
    await bo.expect(world.responders_bot, SAY("en", "responder.active"))


async def test_whoever_is_invited_once_more_is_recognised_once_more(world: World) -> None:
    await world.defender("Ana")
    await world.responder("Bo")
    await world.store.run(lambda tx: invitations.new(tx, "responder", world.ids["Bo"], "AGAIN", tx.now + LIFE))

    other = world.stage.add_phone("Bo's new phone")
    world.phones["new"] = other
    other.start(world.responders_bot, "AGAIN")
    await other.expect(world.responders_bot, "You were asked to be")

    assert await state_of(world, "Bo") != "active"


async def test_after_three_days_an_invitation_that_nobody_confirmed_is_over(world: World) -> None:
    await world.defender("Ana")
    await world.responder("Dara", Role.COORDINATOR, tier=None)
    await invited(world, "Bo")
    bo = await followed(world, "Bo")
    await world.phones["Dara"].expect(world.responders_bot, "Bo has followed the invitation")

    world.clock.advance(LIFE - timedelta(seconds=5))
    assert await world.store.run(enrolment.call_off_late) == 0
    world.clock.advance(timedelta(seconds=5))
    assert await world.store.run(enrolment.call_off_late) == 1
    world.engine.changed()

    await world.phones["Dara"].expect(world.responders_bot, "within three days")
    assert await state_of(world, "Bo") == "invited"
    bo.type(world.responders_bot, "hello")
    await bo.expect(world.responders_bot, SAY("en", "responder.stranger"))
    await world.settle()
    for name in ("Ana", "Dara"):
        for at in (world.defenders_bot, world.responders_bot):
            world.phones[name].read(at)


async def test_a_call_for_help_of_somebody_who_was_not_recognised_is_heard_and_keeps_them(world: World) -> None:
    await world.responder("Dara", Role.COORDINATOR, tier=None)

    def invite(tx: Tx) -> None:
        person = people.add_defender(tx, "Ana", language="en", zone="UTC", profile="standard", chain="default")
        invitations.new(tx, "defender", person, "GOOD", tx.now + LIFE)
        world.ids["Ana"] = person

    await world.store.run(invite)
    ana = world.stage.add_phone("Ana")
    world.phones["Ana"] = ana
    ana.start(world.defenders_bot, "GOOD")
    await world.settle()

    ana.type(world.defenders_bot, "sos")
    await world.phones["Dara"].expect(world.responders_bot, "CALL FOR HELP: Ana")
    world.clock.advance(4 * LIFE)

    assert await world.store.run(enrolment.call_off_late) == 0
    await world.settle()
    for phone in (ana, world.phones["Dara"]):
        for at in (world.defenders_bot, world.responders_bot):
            phone.read(at)
