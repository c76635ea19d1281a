"""Enrolling the team of the demo: added as an operator would, and led by their own phones through the real bots."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rehearsal import BotAccount, Phone
from responders.presses import Action, written
from store import people
from store.database import Store, Tx

from .inviting import invite
from .troupe import MEMBERS, SAFE_WORD, ZONE, Troupe

CITY = "Bogotá"
PROFILE, CHAIN = "high", "default"
FIRST_CHECK_IN = timedelta(minutes=2)  # after the start; whole minutes, so up to one more
ANSWER_WITHIN = 30.0  # real seconds for each answer of a bot, on a slow machine


async def enrol(troupe: Troupe, store: Store, languages: Sequence[str]) -> datetime:
    """Invite everybody and have them follow their links; gives when Ana's first check-in is due.

    Raises AssertionError when a bot does not answer, LookupError when it offers no button that is looked for."""
    invited = await store.run(_add_everybody)
    clock = troupe.stage.clock
    due_at = (clock.now() + FIRST_CHECK_IN + timedelta(minutes=1)).replace(second=0, microsecond=0)
    await asyncio.gather(
        *(
            _enrol_responder(phone, troupe.responders, invited[phone.name], member.language, languages)
            for phone, member in zip(troupe.others, MEMBERS, strict=True)
        )
    )
    await _enrol_ana(troupe.ana, troupe.defenders, invited["Ana"], due_at)
    return due_at


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


async def _enrol_responder(phone: Phone, bot: BotAccount, code: str, language: str, languages: Sequence[str]) -> None:
    phone.start(bot, code)
    await _answer(phone, bot)
    if language in languages and language != "en":
        phone.press(bot, written(Action.LANGUAGE, None, language))
        await _answer(phone, bot)
    phone.press(bot, written(Action.AGREE, None))
    await _answer(phone, bot)


async def _enrol_ana(phone: Phone, bot: BotAccount, code: str, due_at: datetime) -> None:
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
    phone.press(bot, "agree")
    await _answer(phone, bot)
    await _answer(phone, bot)


async def _answer(phone: Phone, bot: BotAccount) -> None:
    """Wait until the bot has said the next thing."""
    await phone.expect(bot, "", within=ANSWER_WITHIN)
