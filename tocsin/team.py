"""Enrolling the team of the demo: added as an operator would, led by their own phones through the real bots, and
confirmed as a coordinator does who has read the four words with each of them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from config.texts import Texts
from engine import enrolment
from engine.engine import Engine
from engine.happenings import Happenings
from rehearsal import BotAccount, Phone
from responders.wording import Say, language_name
from store import people, spoken_checks
from store.database import Tx

from .inviting import invite
from .troupe import CODE, MEMBERS, SAFE_WORD, ZONE, Troupe

CITY = "Bogotá"
PROFILE, CHAIN = "high", "default"
FIRST_CHECK_IN = timedelta(minutes=2)  # after the start; whole minutes, so up to one more
ANSWER_WITHIN = 30.0  # real seconds for each answer of a bot, on a slow machine


async def enrol(troupe: Troupe, engine: Engine, languages: Sequence[str]) -> datetime:
    """Invite everybody, have them follow their links and confirm them; gives when Ana's first check-in is due.

    Raises AssertionError when a bot does not answer, LookupError when it offers no button that is looked for."""
    say = (await asyncio.to_thread(Texts)).say
    invited = await engine.store.run(_add_everybody)
    clock = troupe.stage.clock
    due_at = (clock.now() + FIRST_CHECK_IN + timedelta(minutes=1)).replace(second=0, microsecond=0)
    await asyncio.gather(
        *(
            _enrol_responder(phone, troupe.responders, invited[phone.name], member.language, languages, say)
            for phone, member in zip(troupe.others, MEMBERS, strict=True)
        )
    )
    await _enrol_ana(troupe.ana, troupe.defenders, invited["Ana"], due_at, say)
    await engine.store.run(lambda tx: _confirm_everybody(tx, engine.happenings))
    engine.changed()
    everybody = [(troupe.ana, troupe.defenders), *((phone, troupe.responders) for phone in troupe.others)]
    await asyncio.gather(*(_answer(phone, bot) for phone, bot in everybody))
    return due_at


def _confirm_everybody(tx: Tx, happenings: Happenings) -> None:
    for check in spoken_checks.waiting(tx):
        who = people.defender(tx, check.person) or people.responder(tx, check.person)
        if who is not None:
            enrolment.confirm(tx, happenings, who)


def _add_everybody(tx: Tx) -> dict[str, str]:
    """The codes of the invitations, by name."""
    ana = people.add_defender(tx, "Ana", language="en", zone="UTC", profile=PROFILE, chain=CHAIN)
    codes = {"Ana": invite(tx, "defender", ana, None).code}
    for member in MEMBERS:
        person = people.add_responder(tx, member.name, member.role, language="en", zone=ZONE)
        if member.tier is not None:
            people.place_in_tier(tx, ana, member.tier, person)
        codes[member.name] = invite(tx, "responder", person, None).code
    return codes


async def _enrol_responder(
    phone: Phone, bot: BotAccount, code: str, language: str, languages: Sequence[str], say: Say
) -> None:
    phone.start(bot, code)
    await _answer(phone, bot)
    if language in languages and language != "en":
        phone.press(bot, language_name(language))
        await _answer(phone, bot)
    speaks = language if language in languages else "en"
    phone.press(bot, say(speaks, "responder.button.agree"))
    await _answer(phone, bot)


async def _enrol_ana(phone: Phone, bot: BotAccount, code: str, due_at: datetime, say: Say) -> None:
    phone.start(bot, code)
    await _answer(phone, bot)
    phone.press(bot, "language:en")
    await _answer(phone, bot)
    phone.type(bot, CITY)
    await _answer(phone, bot)
    phone.press(bot, f"zone:{ZONE}")
    await _answer(phone, bot)
    phone.type(bot, f"{due_at.astimezone(ZoneInfo(ZONE)):%H:%M}")
    await _answer(phone, bot)
    phone.type(bot, SAFE_WORD)
    await _answer(phone, bot)
    for sign in (*CODE, *CODE):
        phone.press(bot, sign)
        await _answer(phone, bot)
    agree = say("en", "defender.button.agree")
    while not any(agree == label for one in phone.heard(bot) for row in one.buttons for label, _ in row):
        await _answer(phone, bot)
    phone.press(bot, agree)
    await phone.expect(bot, say("en", "defender.check", words=""), within=ANSWER_WITHIN)
    phone.read(bot)


async def _answer(phone: Phone, bot: BotAccount) -> None:
    """Wait until the bot has said the next thing."""
    await phone.expect(bot, "", within=ANSWER_WITHIN)
