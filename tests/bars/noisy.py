"""A whole story in a process of its own, with every logger of every library at its finest, for others to read.

`python -m tests.bars.noisy MODE FOLDER`: everything is planted with markers, control characters and all; what was
planted is written to FOLDER/planted.json. MODE is "once" (every channel fails once), "start" (no more than its
beginning), "everywhere" (every call to the outside and to the store fails once), "beginning" (no more than that of
this one) or "naive" (the beginning, with the log that Python has by itself).
"""

import asyncio
import json
import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

from bot.grid import SIGNS
from config.texts import Texts
from escalation.people import DefenderId, Role
from rehearsal.accounts import BotAccount
from rehearsal.faults import Fault
from rehearsal.phone import Phone
from responders.channels.mail import MailChannel
from responders.channels.mail_server import MailServer, Security
from store import incidents, invitations, journal, people
from store.database import Tx
from tests.bars.faults import Planted
from tests.bars.lived import PlantedWorld, place, word
from tests.bars.other_doors import try_other_doors
from tests.keys import KEYRING
from tests.responders.mail_server import FakeMailServer
from tests.world import TOKENS
from tocsin.log_hooks import watch_loop
from tocsin.logs import log_plainly

RAW = "\x1b[31m\u202e\r\n\x07\u2066\x85"  # ANSI, writing directions, breaks of a line
CODE = "K7Q2" + "ABCDEFGHJKMNPQRSTVWX0123"
METHODS = (
    "getUpdates", "sendMessage", "editMessageText", "deleteMessage", "deleteMessages", "answerCallbackQuery", "getFile",
    "sendPhoto", "sendDocument", "sendLocation", "sendVoice",
)  # fmt: skip
PICTURES = (0, 3, 5, 7)
WORN = ("sendmessage", "editmessagetext", "answercallbackquery")  # before the story
A_WHILE = 30.0  # seconds


@dataclass
class Play:
    """One story on its way."""

    world: PlantedWorld
    mail: FakeMailServer
    planted: list[str] = field(default_factory=list)
    faulty: Planted | None = None
    missed: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def text(self) -> str:
        """A fresh marker, with raw signs around it."""
        marker = word()
        self.planted.append(marker)
        return f"{RAW}{marker}{RAW}"

    def plain(self) -> str:
        """A fresh marker that can be a name or an address."""
        marker = word()
        self.planted.append(marker)
        return marker

    def met(self) -> set[str]:
        """The methods of the messenger that were called and failed."""
        return {fault.method for fault in self.faults if fault.hits and fault.method}

    async def press(self, phone: Phone, bot: BotAccount, label: str) -> None:
        """Somebody presses a button, as soon as it is there."""
        await self.do(lambda: phone.press(bot, label), label)

    async def do(self, act: Callable[[], object], label: str = "") -> None:
        """Somebody does something on their phone, as soon as there is what they want to press."""
        for _ in range(5):
            try:
                act()
                break
            except LookupError:
                await self.pass_time(seconds=20)
        else:
            self.missed.append(label)
        await self.calm()

    async def calm(self) -> None:
        """Let everything happen that is due; start the service again if it ended, as a supervisor does."""
        until = asyncio.get_running_loop().time() + A_WHILE
        while asyncio.get_running_loop().time() < until:
            await self._revive()
            try:
                await self.world.settle(within=2)
                return
            except AssertionError:
                continue

    async def pass_time(self, **span: float) -> None:
        """Push the clock, and let everything happen."""
        self.world.clock.advance(timedelta(**span))
        await self.calm()

    async def _revive(self) -> None:
        while self.world._running.done():
            fault = self.world._running.exception()
            if fault is not None:
                sys.excepthook(type(fault), fault, fault.__traceback__)
            self.world._running = asyncio.create_task(asyncio.sleep(0))
            try:
                await self.world.close_service()
                await self.world.open_service(ready=False)
            except OSError as again:
                sys.excepthook(type(again), again, again.__traceback__)
                self.world._running = asyncio.create_task(_fail())


async def _fail() -> None:
    raise OSError("it did not open")


def everything_fails_once(play: Play) -> None:
    """Every method of both bots fails in two ways, and every call of the store and of the outside once, with somebody's
    words in the fault."""
    world = play.world
    for bot in (world.defenders_bot, world.responders_bot):
        for method in METHODS:
            fail = world.stage.faults
            play.faults += [fail.fail(bot, 500, method=method, times=1), fail.cut_after(bot, method=method, times=1)]
    play.faulty = Planted(play.text)
    play.faulty.sow()


async def wear_out(play: Play, phone: Phone) -> None:
    """Somebody writes and taps until what fails once has failed: a question that is lost is not asked again, and the
    story goes on by its questions."""
    us = play.world.defenders_bot
    for _ in range(4):
        for text in ("/help", "/ok"):
            await play.do(partial(phone.type, us, text))
        for sign in PICTURES[:2]:
            with suppress(LookupError):
                phone.press(us, SIGNS[sign])
        await play.calm()
        left = [fault for fault in play.faults if fault.bot is us and fault.method in WORN and not fault.spent]
        if not left:
            return


async def enrol(play: Play, name: str, safe_word: str) -> None:
    """Somebody is invited, and follows the invitation to its end."""
    world, at = play.world, play.world.defenders_bot

    def invite(tx: Tx) -> None:
        person = people.add_defender(tx, name, language="en", zone="UTC", profile="high", chain="default")
        invitations.new(tx, "defender", person, CODE, tx.now + timedelta(hours=72))
        world.ids[name] = person

    phone = world._phone(name, "defender")
    await world.store.run(invite)
    await play.do(lambda: phone.start(at, CODE))
    await play.press(phone, at, "language:en")
    await play.do(lambda: phone.type(at, play.text()))
    await play.do(lambda: phone.type(at, "Bogotá"))
    await play.press(phone, at, "zone:America/Bogota")
    await play.do(lambda: phone.type(at, play.text()))
    await play.do(lambda: phone.type(at, "9:00"))
    await play.do(lambda: phone.type(at, safe_word))
    for sign in (*PICTURES, *PICTURES):
        await play.press(phone, at, SIGNS[sign])


async def agree(play: Play, name: str) -> None:
    """The last steps: consent, and the words that are compared by voice."""
    await play.press(play.world.phones[name], play.world.defenders_bot, "agree")
    await play.world.confirm(name)
    await play.calm()


async def story(play: Play, *, whole: bool) -> None:
    """Enrol, check in, miss, three tiers, acknowledge, close; call for help with everything; and strangers."""
    world, us, them = play.world, play.world.defenders_bot, play.world.responders_bot
    ana, bo, cleo, dara, ed, safe = (play.plain() for _ in range(6))
    await enrol(play, ana, safe)
    for name, role, tier in (
        (bo, Role.CONTACT, "contacts"), (cleo, Role.COLLEAGUE, "colleagues"), (ed, Role.LAWYER, None),
    ):  # fmt: skip
        await world.responder(name, role, tier=tier, of=ana)
        await world.mailbox(name)
    await world.responder(dara, Role.COORDINATOR, tier=None)
    await agree(play, ana)
    phone = world.phones[ana]
    strangers(play, us, them)
    for text in (safe, f"/ok {safe}", f"/ok {play.text()}", play.text(), f"/later 1h {play.text()}", "/nonsense"):
        await play.do(partial(phone.type, us, text))
    await play.do(lambda: phone.type(us, "/ok"))
    for sign in PICTURES:
        await play.press(phone, us, SIGNS[sign])
    if not whole:
        return
    play.mail.reply_to["RCPT"] = "450 try later"
    for _ in range(12):
        if await play.world.store.run(lambda tx: incidents.open_of_defender(tx, DefenderId(world.ids[ana]))):
            break
        await play.pass_time(hours=12)
    play.mail.reply_to.clear()
    for _ in range(3):
        await play.pass_time(minutes=15)
    await answer(play, bo, dara)
    world.phones[cleo].block(them)
    await play.do(lambda: phone.type(us, f"/panic {play.text()}"))
    where = place()
    play.planted += [repr(degrees) for degrees in where]
    await play.do(lambda: phone.share_place(us, *where))
    await play.do(lambda: phone.photo(us, play.text().encode(), play.text()))
    await play.do(lambda: phone.document(us, b"...", f"{play.plain()}.pdf", play.text()))
    await play.do(lambda: phone.voice(us, play.text().encode()))
    for _ in range(5):
        await play.pass_time(minutes=6)
    await answer(play, bo, dara)
    await play.do(lambda: phone.type(us, f"/leave {safe}"))
    await play.pass_time(days=2)


async def answer(play: Play, bo: str, dara: str) -> None:
    """Bo takes it, tells what he found and closes it, and Dara agrees."""
    world, them = play.world, play.world.responders_bot
    first, second = world.phones[bo], world.phones[dara]
    await play.press(first, them, "On it")
    await play.press(first, them, "Tell what you found")
    await play.do(lambda: first.type(them, play.text()))
    await play.do(lambda: first.type(them, f"/zone {play.text()}"))
    await play.press(first, them, "Close")
    await play.press(first, them, "Safe")
    await play.press(second, them, "Yes, close it")


def strangers(play: Play, *bots: BotAccount) -> None:
    """What nobody can read, and what somebody sends whom nobody knows."""
    stranger = play.world._phone(play.plain(), "stranger")
    for bot in bots:
        stranger.start(bot, play.plain())
        stranger.type(bot, play.text())
        play.world.stage.forwarded_from_hidden_user(stranger, bot)
        play.world.stage.raw_update(bot, {play.text(): {"who": play.text(), "chat": {"id": stranger.id}}})
        torn = f'{{"update_id": 9{bot.last_message_id}1, "message": {{"text": "{play.plain()}'
        play.world.stage.raw_bytes(bot, torn.encode() + b"\xff")


def listen_to_everything(mode: str) -> None:
    """Every logger at its finest; with our log, or with the one that Python has by itself."""
    if mode == "naive":
        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    else:
        log_plainly(logging.DEBUG, key=KEYRING.sign.private_bytes_raw())
        watch_loop(asyncio.get_running_loop())
    logging.getLogger().setLevel(logging.DEBUG)
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.setLevel(logging.DEBUG)
            logger.disabled = False


async def main(mode: str, folder: Path) -> dict[str, object]:
    """Play; gives what happened."""
    listen_to_everything(mode)
    mail = FakeMailServer()
    await mail.open()
    server = MailServer("127.0.0.1", mail.port, "rota@example.org", security=Security.NONE)
    world = PlantedWorld(folder)
    world.more_channels = {"responder:mail": MailChannel(server, Texts().say, world.clock)}
    play = Play(world, mail)
    async with world:
        if mode in ("everywhere", "beginning"):
            max_ = await world.defender(play.plain(), watched=False, code=PICTURES, safe_word=play.plain().lower())
            everything_fails_once(play)
            await wear_out(play, max_)
        else:
            for bot in (world.defenders_bot, world.responders_bot):
                for method in ("sendMessage", "getUpdates"):
                    play.faults.append(world.stage.faults.fail(bot, 502, method=method, times=1))
        await story(play, whole=mode in ("once", "everywhere"))
        if play.faulty is not None:
            await try_other_doors(world, play.plain, folder)
        await play.calm()
        play.planted += [str(phone.id) for phone in world.phones.values()] + [*TOKENS.values(), CODE]
        said = await what_happened(play)
    await mail.close()
    return said


async def what_happened(play: Play) -> dict[str, object]:
    """What was planted, what failed, and what happened all the same."""
    entries = await play.world.store.run(lambda tx: journal.newest(tx, 10_000))
    return {
        "planted": play.planted,
        "sites": sorted(play.faulty.store) if play.faulty else [],
        "outside": sorted(play.faulty.outside) if play.faulty else [],
        "methods": sorted(play.met()),
        "missed": play.missed,
        "events": sorted({entry.event for entry in entries}),
    }


if __name__ == "__main__":
    play_in = Path(sys.argv[2])
    told = asyncio.run(main(sys.argv[1], play_in), debug=True)
    (play_in / "planted.json").write_text(json.dumps(told), encoding="utf-8")
