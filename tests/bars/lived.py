"""Much that happens to people, with a marker wherever something of theirs could be kept: what a thief finds afterwards.

Names, numbers of chats, addresses, places, texts, files and reports are random. Some people write and press on their
phones; the many calls for help that a test asks for go through the same transactions, without the typing."""

import logging
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import time, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.presses import TAP
from engine.acts import Sent, SentKind
from engine.letter import Letter, Receipt
from escalation import incident_words as said
from escalation.incident_state import Incident
from escalation.incident_words import Outcome
from escalation.people import IncidentId, ResponderId, Role
from rehearsal.accounts import BotAccount, Person
from rehearsal.phone import Phone
from store import incidents, invitations, people
from store.database import Tx
from tests.bars.markers import TOKEN, found_in, tokens_in
from tests.world import World
from tocsin.inviting import new_code

MARKERS = 40
ANA, MAX, BO, CLEO, DARA, ED = range(6)  # which of the names is whose
ZONE = "America/Bogota"
CODE = (3, 1, 4, 9)  # Ana's and Max's
LETTERS = "abcdefghjkmnpqrstvwxyz"


@dataclass
class Mail:
    """A channel that takes everything."""

    taken: int = 0

    async def deliver(self, address: str, letter: Letter) -> Receipt:
        self.taken += 1
        return Receipt(f"<{letter.key}@mail>")


class PlantedWorld(World):
    """A world in which every chat has a long random number."""

    def _phone(self, name: str, badge: str) -> Phone:
        person = Person(number(), name, "en", badge)
        self.stage.messenger.people[person.id] = person
        phone = Phone(self.stage.messenger, person)
        self.stage.phones[phone.id] = phone
        self.phones[name] = phone
        return phone


@dataclass
class Planted:
    """The markers, and where they were planted."""

    names: list[str] = field(default_factory=lambda: [word() for _ in range(6)])
    texts: list[str] = field(default_factory=lambda: [word() for _ in range(17)])
    places: list[tuple[float, float]] = field(default_factory=lambda: [place() for _ in range(4)])
    chats: list[str] = field(default_factory=list)
    invitations: list[str] = field(default_factory=lambda: [new_code() for _ in range(2)])
    buttons: set[str] = field(default_factory=set)
    nonces: set[str] = field(default_factory=set)

    @property
    def all(self) -> list[str]:
        """Every marker."""
        codes = [written for code in self.invitations for written in (code, code.replace("-", ""))]
        return [*self.of_people, *codes, *sorted(self.buttons), *sorted(self.nonces)]

    @property
    def of_people(self) -> list[str]:
        """Those that are somebody's: names, texts, places, chats and addresses."""
        degrees = [repr(degree) for where in self.places for degree in where]
        mail = [f"{self.names[number].lower()}@example.org" for number in (BO, CLEO, ED)]
        return [*self.names, *self.texts, *degrees, *self.chats, *mail]


def word() -> str:
    """Twelve random letters, one of them great."""
    return "".join(random.choices(LETTERS, k=12)).capitalize()


def number() -> int:
    """The number of a chat, as long as they come."""
    return random.randrange(10**14, 10**15)


def place() -> tuple[float, float]:
    """Somewhere."""
    return round(random.uniform(-4, 4), 12), round(random.uniform(-74, -70), 12)


def in_files(folder: Path, planted: Planted) -> list[tuple[str, str]]:
    """Which marker or token stands in which file below a folder."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            hits = [*found_in(content, planted.all), *tokens_in(content)]
            found += [(path.name, hit) for hit in hits]
    return found


@contextmanager
def everything_written(folder: Path) -> Iterator[None]:
    """Have whatever a process writes, its log at the finest and its scratch files, stay below a folder."""
    log, scratch = folder / "log", folder / "scratch"
    scratch.mkdir()
    handler = logging.FileHandler(log)
    root, before = logging.getLogger(), logging.getLogger().level
    ours = logging.getLogger("tocsin")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("TMPDIR", "SQLITE_TMPDIR"):
            patch.setenv(name, str(scratch))
        patch.setattr(tempfile, "tempdir", str(scratch))
        root.addHandler(handler)
        root.setLevel(logging.INFO)
        ours.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            root.removeHandler(handler)
            root.setLevel(before)
            handler.close()


def shown_by(phone: Phone, bot: BotAccount) -> set[str]:
    """What the buttons carry that a chat shows."""
    chat = phone._messenger.chat_of(bot, phone.person)
    posts = chat.posts.values() if chat is not None else ()
    return {button.data for post in posts for row in post.rows for button in row if button.data}


async def lived(world: World, planted: Planted, many: int) -> list[IncidentId]:
    """Much happens to Ana and Max with their phones, and `many` calls for help besides. Gives the incidents, oldest
    first."""
    us, them = world.defenders_bot, world.responders_bot
    ana, max_, bo, cleo, dara, ed = planted.names
    texts = iter(planted.texts)
    for name in (ana, max_):
        await world.defender(name, times=(time(9),), zone=ZONE, safe_word=next(texts), code=CODE)
    for name, role in ((bo, Role.CONTACT), (cleo, Role.CONTACT), (ed, Role.LAWYER)):
        await world.responder(name, role, tier="lawyers" if role is Role.LAWYER else "contacts", of=ana)
        await world.mailbox(name)
    await world.responder(dara, Role.COORDINATOR, tier=None)
    await world.store.run(lambda tx: people.place_in_tier(tx, world.ids[max_], "contacts", world.ids[bo]))
    planted.chats += [str(phone.id) for phone in world.phones.values()]
    ana_, bo_, cleo_, dara_ = (world.phones[name] for name in (ana, bo, cleo, dara))

    for name, code in zip((ed, dara), planted.invitations, strict=True):
        await world.store.run(partial(_invited, name=name, code=code))
    world.phones[ed].start(us, planted.invitations[0])
    ana_.type(us, "/ok")
    await world.settle(60)
    planted.nonces |= {data.removeprefix(TAP) for data in shown_by(ana_, us) if data.startswith(TAP)}
    await world.tap(ana, CODE[:2])
    planted.nonces |= {data.removeprefix(TAP) for data in shown_by(ana_, us) if data.startswith(TAP)}
    ana_.type(us, next(texts))
    world.phones[max_].type(us, f"/later 1h {next(texts)}")
    cleo_.block(them)
    ana_.type(us, f"/panic {next(texts)}")
    ana_.share_place(us, *planted.places[0])
    ana_.photo(us, next(texts).encode(), next(texts))
    ana_.document(us, b"...", f"{next(texts)}.pdf")
    await world.settle(60)
    planted.buttons |= {data for phone in (bo_, dara_) for data in shown_by(phone, them) if TOKEN.fullmatch(data)}
    bo_.press(them, "On it")
    await world.settle(60)
    bo_.press(them, "Tell what you found")
    await world.settle(60)
    bo_.type(them, next(texts))
    dara_.type(them, "/open")
    await world.later(minutes=3)
    for count in range(many):
        await world.store.run(partial(_one_more, world, planted, count))
        world.engine.changed()
        if count % 50 == 49:
            await world.settle(120)
    max_phone = world.phones[max_]
    max_phone.type(us, f"/panic {next(texts)}")
    max_phone.share_place(us, *planted.places[1])
    await world.later(minutes=2)
    found = await world.store.read(lambda tx: incidents.recent(tx, many + 5))
    return [one.id for one in reversed(found)]


def _invited(tx: Tx, name: str, code: str) -> None:
    """Somebody more, who has this invitation."""
    person = people.add_defender(tx, name, language="en", zone=ZONE, profile="standard", chain="default")
    invitations.new(tx, "defender", person, code, tx.now + timedelta(hours=72))


def _one_more(world: World, planted: Planted, count: int, tx: Tx) -> None:
    """A call for help with a text, a place and a file, which two people close after a report."""
    happenings = world.engine.happenings
    defender = people.defender(tx, world.ids[planted.names[MAX]])
    assert defender is not None
    text = planted.texts[count % len(planted.texts)]
    latitude, longitude = planted.places[count % len(planted.places)]
    sent = (
        Sent(SentKind.TEXT, text),
        Sent(SentKind.PLACE, latitude=latitude, longitude=longitude),
        Sent(SentKind.DOCUMENT, text, file_id=text, file_name=f"{text}.pdf"),
    )
    happenings.call_for_help(tx, defender, sent, f"panic:many:{count}")
    opened = incidents.open_of_defender(tx, defender.id)[-1]
    by = [ResponderId(world.ids[planted.names[number]]) for number in (BO, DARA)]
    now: Incident = happenings.to_incident(tx, opened, said.TookIt(by[0]))
    now = happenings.to_incident(tx, now, said.Reported(by[0]), text=text)
    now = happenings.to_incident(tx, now, said.Closed(by[0], Outcome.SAFE))
    happenings.to_incident(tx, now, said.Confirmed(by[1], now.proposals))
