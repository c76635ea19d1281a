"""Bars F6 and F8: nothing can be asked out of a defender's chat, and no text in it gives away what it is."""

import random
import re
import string
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from string import Formatter

import pytest

from bot.profile import COMMANDS
from bot.rendering import text_of
from config.covers import cover_names, wear
from config.lexicon import load_lexicon
from config.texts import CATALOGUE, LOCALE, Texts
from engine.letter import Letter, Words
from escalation.incident_words import Kind
from escalation.people import DefenderId, ResponderId, Role
from rehearsal.accounts import Chat
from rehearsal.phone import Phone
from store import addresses, people
from store.database import Tx
from tests.bars.conftest import Bar
from tests.bot.test_rendering import EVERY, letter
from tests.world import MORNING, World

TEXTS, LEXICON = Texts(), load_lexicon()
PLAIN_SPOKEN = {  # what consent is asked to: it must be understood by whoever gives it, and is swept like all else
    "defender.consent": "says plainly what will happen, before anything happens",
    "defender.people": "counts in it who will be told, by their part and never by name",
}
FILLED = {  # what may be filled into a text of a defender's chat: instants, times, zones, keys, signs and numbers, and
    # `other`, which is what the operator wants everybody told while alerting is degraded
    "due_at", "alarm_at", "until", "now", "times", "zone", "zones", "key_call", "key_help", "key_sign", "made", "words",
    "count", "at_once", "tiers", "people", "after", "other",
}  # fmt: skip
KEY = re.compile(r'^msgid "(defender\.[\w.]+)"$', re.MULTILINE)

REPORT, PLACE = "theyheldhernearQuayleBridge", (51.507222, -0.127584)
BO, CLEO, DARA = "Bozeman Tarkwith", "Cleopold Vimsey", "Darragh Oxenfold"
WORD, OTHER_WORD = "quillwort", "zarapito"
MARKERS = ("Bozeman", "Tarkwith", "Cleopold", "Vimsey", "Darragh", "Oxenfold", REPORT, "51.507", "0.127", WORD)
QUIET = ("invited", "resting", "active", "overdue", "paused", "left")
OPEN = ("called", "held", "missed", "forced")


def keys() -> list[str]:
    """Every text that is for defenders."""
    return KEY.findall((LOCALE / "en" / CATALOGUE).read_text(encoding="utf-8"))


def is_plain_spoken(key: str) -> bool:
    """Whether it is one of those that are kept out, or a part of one."""
    return any(key == name or key.startswith(f"{name}.") for name in PLAIN_SPOKEN)


def shown(say: Callable[..., str], language: str, days: int) -> Iterator[tuple[str, str]]:
    """Every text of a defender's chat, filled, with its key: letters as they are sent on several days, and the rest."""
    for day in range(0, days, 29):
        at = (MORNING + timedelta(days=day, hours=3 * day)).isoformat()
        for template, words in EVERY:
            if not is_plain_spoken(template):
                filled: dict[str, Words] = {name: at if name in ("due_at", "now") and word else word
                                            for name, word in words.items()}  # fmt: skip
                yield template, text_of(letter(template, filled, language=language), say)
                again: Letter = letter(template, filled, language=language, maybe_repeat=True)
                yield template, text_of(again, say)
    for key in keys():
        if not is_plain_spoken(key):
            yield key, "".join(text for text, _, _, _ in Formatter().parse(TEXTS.forms(language, key)[0]))


def test_f8_no_text_of_a_defenders_chat_says_what_it_is(bar: Bar) -> None:
    days, read, hits = bar.size(30, 366), 0, []
    for cover in cover_names():
        for language in TEXTS.languages:
            for key, text in shown(wear(cover, TEXTS).say, language, days):
                read += 1
                hits += [(cover, language, key, word) for word in LEXICON.hits(language, text)]

    assert hits == []
    assert read > 1000
    bar.holds(
        "no word of the lexicon in any text of a defender's chat, in six languages and every cover",
        f"0 in {read:,} texts; {len(PLAIN_SPOKEN)} texts of consent kept out by name",
    )


def test_f8_no_text_of_a_defenders_chat_has_a_place_for_a_name() -> None:
    left = {name for key in keys() for language in TEXTS.languages for form in TEXTS.forms(language, key)
            for _, name, _, _ in Formatter().parse(form) if name is not None}  # fmt: skip

    assert left <= FILLED


def test_f8_the_lexicon_would_have_found_the_texts_of_consent_in_every_language() -> None:
    words: dict[str, Words] = {
        "times": ["09:00"], "zone": "America/Bogota", "at_once": 2,
        "tiers": [{"role": role.value, "people": 2, "after": 60.0} for role in Role],
    }  # fmt: skip

    for language in TEXTS.languages:
        assert LEXICON.hits(language, text_of(letter("defender.consent", words, language=language), TEXTS.say))


# F6


async def enrolled(world: World, name: str) -> Phone:
    """A defender of this name whose contacts, colleagues and coordinator have the names that must not show."""
    phone = await world.defender(name, safe_word=WORD, watched=name not in ("resting", "held", "called", "forced"))

    def place(tx: Tx) -> None:
        for tier, who in (("contacts", BO), ("colleagues", CLEO)):
            people.place_in_tier(tx, DefenderId(world.ids[name]), tier, ResponderId(world.ids[who]))

    await world.store.run(place)
    return phone


async def invited(world: World, name: str) -> Phone:
    """Somebody who has not answered anything yet."""
    phone = world.stage.add_phone(name, badge="defender")
    world.phones[name] = phone

    def invite(tx: Tx) -> DefenderId:
        person = people.add_defender(tx, name, language="en", zone="UTC", profile="standard", chain="default")
        addresses.add(tx, person, "defender", "telegram", str(phone.id), verified=True)
        return person

    world.ids[name] = await world.store.run(invite)
    phone.start(world.defenders_bot)
    return phone


async def brought_about(world: World, states: Sequence[str]) -> dict[str, Phone]:
    """One defender in each state, with everything that must not show having happened."""
    first = await world.defender("first", watched=False)
    for name, tier in ((BO, "contacts"), (CLEO, "colleagues")):
        await world.responder(name, of="first", tier=tier)
    await world.responder(DARA, Role.COORDINATOR, tier=None)
    phones = {name: await (invited if name == "invited" else enrolled)(world, name) for name in states}
    await (_open(world, phones) if "called" in states else _quiet(world, phones))
    await world.later(hours=1, minutes=10)
    first.read(world.defenders_bot)
    return phones


async def _quiet(world: World, phones: dict[str, Phone]) -> None:
    phones["paused"].type(world.defenders_bot, f"/pause 2d {WORD}")
    await world.store.run(lambda tx: people.change_defender(tx, DefenderId(world.ids["left"]), state="left"))


async def _open(world: World, phones: dict[str, Phone]) -> None:
    """Incidents of every kind; one is held by Bo, who has told what he found and where."""
    bot, them, bo = world.defenders_bot, world.responders_bot, world.phones[BO]
    open_one = world.engine.happenings.open
    for name, kind in (("missed", Kind.MISSED), ("forced", Kind.DURESS)):
        whose = DefenderId(world.ids[name])
        await world.store.run(partial(open_one, defender_id=whose, kind=kind, opened_by=f"{kind}:{whose}"))
    phones["called"].share_place(bot, *PLACE)
    for name in ("called", "held"):
        phones[name].type(bot, "sos")
        await world.settle()
    bo.press(them, "On it")
    await world.settle()
    bo.press(them, "Tell what you found")
    await world.settle()
    bo.type(them, REPORT)
    await world.settle()


def said_in(chat: Chat) -> Iterator[str]:
    """Everything that the bot did in a chat, in the order of doing."""
    yield from (call.said.decode() for call in chat.calls)
    yield from (answer.text for answer in chat.answers)
    yield from (post.text for post in chat.posts.values() if post.from_bot)


class Fumbling:
    """Whatever somebody may try who holds the phone of a defender."""

    COMMANDS = (
        *COMMANDS, "start", "ok", "panic", "sos", "open", "away", "back", "close", "who", "status", "incident", "list",
        "responders", "admin", "debug", "settings", "cancel", "stop", "whoami", "chain", "journal", "show",
    )  # fmt: skip
    ARGUMENTS = (
        "", "on", "off", "1h", "2d", "2d 9", "9:00 21:00", "Lima", "Springfield", "fr", OTHER_WORD, "{name}", "%s", "*",
        "' or 1=1 --", "\u202eabc", "x" * 3000, "\N{FACE WITH MEDICAL MASK}" * 40, "0", "-1h", "999999d",
    )  # fmt: skip
    WORDS = ("who has it", "where is Bo", "are they coming", "hello", OTHER_WORD, "help me please", "👍", ".", "sos")
    DATA = (
        "now",
        "agree",
        "language:fr",
        "language:tlh",
        "zone:America/Lima",
        "zone:../etc",
        "place:other",
        "tap:x",
        "a",
    )

    def __init__(self, world: World, chance: random.Random) -> None:
        """Nothing is tried yet."""
        self._bot = world.defenders_bot
        self._chance = chance
        self._world = world

    def try_something(self, phone: Phone) -> None:
        """One command, press or edit, or something sent."""
        pick = self._chance.random()
        if pick < 0.45:
            name, slash = self._chance.choice(self.COMMANDS), self._chance.choice(("/", "/", "/", "//", "／"))
            phone.type(self._bot, f"{slash}{name} {self._chance.choice(self.ARGUMENTS)}".strip())
        elif pick < 0.75:
            self._press(phone)
        elif pick < 0.85:
            own = [post.id for post in self.chat(phone).newest() if not post.from_bot]
            if own:
                phone.edit(self._bot, self._chance.choice(own), self._chance.choice(self.WORDS + self.ARGUMENTS[1:]))
        elif pick < 0.95:
            phone.type(self._bot, self._chance.choice(self.WORDS))
        else:
            self._chance.choice(
                (
                    lambda: phone.share_place(self._bot, 1.5, 2.5),
                    lambda: phone.photo(self._bot, b"p", self._chance.choice(("", "/status", "who is it"))),
                    lambda: phone.voice(self._bot, b"v"),
                )
            )()

    def _press(self, phone: Phone) -> None:
        ours = [post for post in self.chat(phone).newest() if post.from_bot]
        if not ours:
            return
        there = [button.data for post in ours for row in post.rows for button in row if button.data]
        junk = "".join(self._chance.choices(string.ascii_letters + string.digits, k=44))
        data = self._chance.choice((*self.DATA, *there[:12], *there[:12], junk))
        phone.press_data(self._bot, self._chance.choice(ours).id, data)

    def chat(self, phone: Phone) -> Chat:
        """The chat of this phone with the defenders' bot."""
        chat = self._world.stage.messenger.chat_of(self._bot, phone.person)
        assert chat is not None
        return chat


@pytest.mark.parametrize("states", [QUIET, OPEN], ids=["while_nothing_is_wrong", "while_an_incident_is_open"])
async def test_f6_nothing_can_be_asked_out_of_a_defenders_chat(states: Sequence[str], tmp_path: Path, bar: Bar) -> None:
    tries, chance = bar.size(120, 5_000), random.Random(6)
    async with World(tmp_path) as world:
        phones = await brought_about(world, states)
        fumbling = Fumbling(world, chance)
        for number in range(tries):
            fumbling.try_something(phones[states[number % len(states)]])
            if number % 40 == 39:
                await world.settle(within=60)
            if number % 1000 == 999:
                await world.later(minutes=2)
        await world.settle(within=60)
        said = {name: list(said_in(fumbling.chat(phone))) for name, phone in phones.items()}
        world.phones.clear()

    told = [(name, text) for name, texts in said.items() for text in texts]
    assert [(name, text) for name, text in told if _markers_in(text)] == []
    assert all(len(texts) > tries // len(states) // 4 for texts in said.values())
    bar.holds(
        "10,000 commands, presses and edits in every state: no responder, place, report or code in the answers",
        f"0 of {len(MARKERS)} markers in {len(told):,} answers to {tries:,} tries in {len(states)} states",
    )


def test_f6_a_marker_in_an_answer_would_have_been_found() -> None:
    assert _markers_in(f"{BO} has it") == ["Bozeman", "Tarkwith"]
    assert _markers_in("Noted.") == []


def _markers_in(text: str) -> Sequence[str]:
    return [marker for marker in MARKERS if marker.lower() in text.lower()]
