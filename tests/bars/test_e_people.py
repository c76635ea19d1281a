"""Bars E4 and E6: one bad responder stops nobody, and an invitation is for one person."""

import json
import random
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from config.ladders import load_ladders
from engine.planning import ladder_for
from engine.splitting import RawUpdate
from engine.strangers import CODE_TRIES
from escalation import incident_words as said
from escalation.incident import Incident, Phase, decide, open_incident, wakes_at
from escalation.incident_words import Kind, Outcome
from escalation.ladder import Chain, Ladder, Tier, plan
from escalation.people import DefenderId, IncidentId, ResponderId, Role
from store import addresses, incidents, invitations, people
from store.database import Tx
from tests.bars.conftest import Bar
from tests.bars.malformed import originals
from tests.databases import START, Hands, fresh_store
from tests.store.made import ana, responder
from tests.world import World
from tocsin.inviting import ALPHABET, new_code

SEED = 20_261_122
HALF_AN_HOUR = timedelta(minutes=30)
THREE_DAYS = timedelta(hours=72)
SECOND = timedelta(seconds=1)
TRIES_AT_ONCE = 10_000  # in one transaction
SIDES = ("defender", "responder")
EVIL, BO, CLEO, DARA = (ResponderId(UUID(int=number)) for number in (1, 2, 3, 4))
INVITED = "An invitation lets in once, for 72 hours, on its side; guesses let in nobody and lock out nobody"
ANA, CALL = DefenderId(UUID(int=5)), IncidentId(UUID(int=6))


def presses_of(chance: random.Random, incident: Incident) -> said.Event:
    """Whatever the bad responder does next, but for closing what one alone may close: that is tried beside it."""
    may_close = not closes_alone(incident)
    number = incident.proposals
    acts: list[said.Event] = [said.TookIt(EVIL)] * 8
    acts += [said.Reported(EVIL)] * 4
    acts += [said.Saw(EVIL), said.Declined(EVIL), said.Confirmed(EVIL, number), said.Disputed(EVIL, number)]
    acts += [said.Approved(EVIL, 1, 1), said.WroteByMail(EVIL, True), said.WroteByMail(EVIL, False)]
    acts += [said.Closed(EVIL, chance.choice(list(Outcome)))] if may_close else []
    return chance.choice(acts)


def closes_alone(incident: Incident) -> bool:
    """What the design lets one person close: a missed check-in, while nobody beyond the first tier was called."""
    called = {call.person for call in incident.calls}
    return incident.kind is Kind.MISSED and incident.round == 1 and called <= {EVIL, BO}


def would_close(chance: random.Random, incident: Incident, now: datetime) -> bool:
    """Whether the bad responder could close it now, whatever they say of it."""
    return decide(incident, said.Closed(EVIL, chance.choice(list(Outcome))), now)[0].phase is Phase.CLOSED


def reached_at(chance: random.Random, ladder: Ladder, kind: Kind, closed: Counter[Kind]) -> dict[ResponderId, datetime]:
    """When Cleo and Dara were called first, while one of the first tier pressed without end and nobody else did."""
    tiers = (Tier("contacts", Role.CONTACT, (EVIL, BO)), Tier("colleagues", Role.COLLEAGUE, (CLEO,)))
    chain = Chain((*tiers, Tier("lawyers", Role.LAWYER, (DARA,))))
    incident, effects = open_incident(CALL, ANA, kind, plan(ladder, chain, ()), START)
    now, first = START, dict[ResponderId, datetime]()
    pause = chance.choice([30, 120, 600, 840, 1200])
    pressed_at = START
    while now < START + ladder.tiers[2] + 4 * HALF_AN_HOUR:
        for person, _ in (called for effect in effects if isinstance(effect, said.Ask) for called in effect.people):
            first.setdefault(person, now)
        assert incident.phase is not Phase.CLOSED
        assert would_close(chance, incident, now) == closes_alone(incident)
        closed[kind] += closes_alone(incident)
        wake = wakes_at(incident)
        assert wake is not None
        if wake <= pressed_at:
            now = max(now, wake)
            incident, effects = decide(incident, said.TimePassed(), now)
        else:
            now, pressed_at = pressed_at, pressed_at + timedelta(seconds=chance.uniform(0, 2 * pause))
            incident, effects = decide(incident, presses_of(chance, incident), now)
    return first


def test_e4_who_takes_every_call_for_ever_puts_no_tier_off_by_more_than_half_an_hour(bar: Bar) -> None:
    size, chance = bar.size(300, 10_000), random.Random(SEED)
    ladders = load_ladders(None)
    longest, closed = timedelta(), Counter[Kind]()
    for number in range(size):
        profile = list(ladders.profiles.values())[number % len(ladders.profiles)]
        kind = (Kind.PANIC, Kind.DURESS, Kind.MISSED)[number % 7 % 3]
        ladder = ladder_for(profile, kind)
        first = reached_at(chance, ladder, kind, closed)
        late = first[CLEO] - (START + ladder.tiers[1])
        longest = max(longest, late)
        assert late <= HALF_AN_HOUR
        assert first[DARA] - first[CLEO] <= ladder.tiers[2] - ladder.tiers[1] + HALF_AN_HOUR

    assert longest > timedelta(), "somebody who never holds anything puts nothing off, and shows nothing"
    assert set(closed) == {Kind.PANIC, Kind.DURESS, Kind.MISSED}
    assert closed[Kind.PANIC] == closed[Kind.DURESS] == 0 < closed[Kind.MISSED]
    bar.holds(
        "Who presses everything for ever in the first tier puts the next off by 30 minutes at most, and closes nothing "
        "but, by design, a missed check-in while nobody beyond that tier was called",
        f"{size:,} calls; longest {longest.total_seconds() / 60:.0f} min; 0 closed besides",
    )


async def test_e4_the_next_tier_hears_though_somebody_takes_it_again_and_again(tmp_path: Path, bar: Bar) -> None:
    async with World(tmp_path) as world:
        await world.defender("Ana", watched=False)
        bo, cleo = await world.responder("Bo"), await world.responder("Cleo", Role.COLLEAGUE, tier="colleagues")
        world.phones["Ana"].type(world.defenders_bot, "sos")
        await world.settle()
        waited = 0
        while not cleo.heard(world.responders_bot) or "CALL FOR HELP" not in cleo.heard(world.responders_bot)[-1].text:
            labels = [label for m in bo.heard(world.responders_bot) for row in m.buttons for label, _ in row]
            bo.press(world.responders_bot, next(one for one in reversed(labels) if "n it" in one))
            await world.later(minutes=1)
            waited += 1
            assert waited <= 5 + 30
        bo.press(world.responders_bot, "Close")
        await world.settle()
        bo.press(world.responders_bot, "Safe")
        await world.settle()
        [one] = await world.store.read(lambda tx: incidents.recent(tx, 9))
        assert one.phase != "closed"
    bar.holds("The second tier is called through the whole service, too", f"due after 5 min, called after {waited}")


@pytest.mark.parametrize("side", SIDES)
async def test_e6_an_invitation_is_used_once_in_time_and_by_its_side(side: str, tmp_path: Path, bar: Bar) -> None:
    other, clock = {"defender": "responder", "responder": "defender"}[side], Hands()
    async with fresh_store("sqlite", tmp_path, clock) as store:
        person: UUID = await store.run(ana) if side == "defender" else await store.run(responder)

        async def invited() -> str:
            code = new_code()
            await store.run(lambda tx: invitations.new(tx, side, person, code, tx.now + THREE_DAYS))
            return code

        async def lets_in(code: str, whom: str = side) -> UUID | None:
            return await store.run(lambda tx: invitations.redeem(tx, whom, code))

        code = await invited()
        assert await lets_in(code, other) is None
        clock.shown += THREE_DAYS - SECOND
        assert await lets_in(code) == person
        assert await lets_in(code) is None
        code = await invited()
        clock.shown += THREE_DAYS
        assert await lets_in(code) is None
        clock.shown += SECOND
        assert await lets_in(code) is None
    bar.holds(
        INVITED,
        "used twice, on the other side, at 72 h and 1 s after: 0; 1 s before: let in",
    )


async def test_e6_guessing_lets_in_nobody(tmp_path: Path, bar: Bar) -> None:
    size, chance = bar.size(5_000, 1_000_000), random.Random(SEED)
    async with fresh_store("sqlite", tmp_path) as store:
        bo, code = await store.run(responder), new_code()
        await store.run(lambda tx: invitations.new(tx, "responder", bo, code, tx.now + THREE_DAYS))

        def guess(tx: Tx, tries: int) -> int:
            return sum(invitations.redeem(tx, "responder", nearly(chance, code)) is not None for _ in range(tries))

        let_in = 0
        for start in range(0, size, TRIES_AT_ONCE):
            let_in += await store.run(partial(guess, tries=min(TRIES_AT_ONCE, size - start)))
        assert let_in == 0
        assert await store.run(lambda tx: invitations.redeem(tx, "responder", code)) == bo
    bar.holds(
        INVITED,
        f"{let_in} of {size:,} guesses",
    )


def nearly(chance: random.Random, code: str) -> str:
    """Another code, which begins as this one does."""
    kept = chance.randrange(len(code) // 2)
    return code[:kept] + "".join(chance.choices(ALPHABET, k=len(code) - kept))


async def test_e6_whoever_tries_codes_locks_nobody_else_out(tmp_path: Path, bar: Bar) -> None:
    chats = bar.size(4, 40)
    async with World(tmp_path) as world:
        code = new_code()

        def invite(tx: Tx) -> None:
            person = people.add_responder(tx, "Bo", Role.CONTACT, language="en")
            invitations.new(tx, "responder", person, code, tx.now + THREE_DAYS)

        await world.store.run(invite)
        guessers = [world.stage.add_phone(f"Max {number}") for number in range(chats)]
        for guesser in guessers:
            for _ in range(8):
                guesser.start(world.responders_bot, new_code())
        await world.settle()
        for guesser in guessers:  # five tries an hour are theirs; the right code is the ninth
            guesser.start(world.responders_bot, code)
        await world.settle()
        bo = world.stage.add_phone("Bo")
        bo.start(world.responders_bot, code)
        await bo.expect(world.responders_bot, "You were asked to be")
    bar.holds(
        INVITED,
        f"let in at once while {chats} others had used up their tries",
    )


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(("wrong", "lets_in"), [(CODE_TRIES - 1, True), (CODE_TRIES, False), (60, False)])
async def test_e6_five_tries_an_hour_are_five_in_one_batch_too(
    side: str, wrong: int, lets_in: bool, tmp_path: Path, bar: Bar
) -> None:
    async with World(tmp_path) as world:
        code, max_, others = new_code(), 700_000_001, 700_000_002

        def invite(tx: Tx) -> tuple[UUID, UUID]:
            persons = (invited(tx, side), invited(tx, side))
            for person, its in zip(persons, (code, theirs), strict=True):
                invitations.new(tx, side, person, its, tx.now + THREE_DAYS)
            return persons

        theirs = new_code()
        person, other = await world.store.run(invite)
        codes = [*((max_, new_code()) for _ in range(wrong)), (max_, code), (others, theirs)]
        await world.engine.intakes[f"{side}s"].keep([start(number, *one) for number, one in enumerate(codes, 900_000)])

        def at(tx: Tx, chat: int) -> UUID | None:
            return addresses.person_at(tx, side, "telegram", str(chat))

        assert await world.store.run(partial(at, chat=max_)) == (person if lets_in else None)
        assert await world.store.run(partial(at, chat=others)) == other
        bar.holds(INVITED, f"the right code after {wrong} others in one batch: {'let in' if lets_in else 'not tried'}")


def invited(tx: Tx, side: str) -> UUID:
    """Somebody new, who has not begun."""
    if side == "responder":
        return people.add_responder(tx, "Bo", Role.CONTACT, language="en")
    return people.add_defender(tx, "Ana", language="en", zone="UTC", profile="standard", chain="default")


def start(number: int, chat: int, code: str) -> RawUpdate:
    """Somebody follows a link with a code, as the messenger gives it."""
    update = {"update_id": number, **originals(chat, f"/start {code}")[0]}
    return RawUpdate(number, json.dumps(update).encode(), update)
