"""What `doctor` looks at: each check gives findings, a sentence each, and never stops the others."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
from pydantic import SecretStr

from config.bot_tokens import Bot
from config.settings import Settings
from engine.clock import Clock
from engine.planning import Book
from escalation.people import Role
from store import people, spoken_checks
from store.database import Tx

from .bot_names import BotFacts, NotKnown, OutOfReach, ask_who
from .chain_faults import check_all
from .folder import open_to_others
from .keys import load_keys
from .opening import open_store, read_book
from .refusing import Refused
from .unlocking import insist_unlocked, unlock_for_command

CLOCK_MAY_DIFFER = timedelta(seconds=30)
LEAST_FREE_BYTES = 200 * 1024 * 1024
HEARTBEAT_TIMEOUT = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `said` is what is so, or what is wrong and what to do; a `doubt` is no fault."""

    check: str
    ok: bool
    said: str
    doubt: bool = False


Check = Callable[[], Awaitable[list[Finding]]]


def all_checks(settings: Settings, clock: Clock) -> list[tuple[str, Check]]:
    """Pairs of (what is looked at, how), in the order in which they are shown."""

    async def bots() -> list[Finding]:
        return [finding async for finding in _bots(settings, clock)]

    return [
        ("data folder", lambda: asyncio.to_thread(_folder, settings)),
        ("disk", lambda: asyncio.to_thread(_disk, settings)),
        ("keys", lambda: asyncio.to_thread(_keys, settings, clock)),
        ("ladders", lambda: asyncio.to_thread(_ladders, settings)),
        ("cover", lambda: asyncio.to_thread(_cover, settings)),
        ("database", lambda: _database(settings, clock)),
        ("bots", bots),
        ("heartbeat", lambda: _heartbeat(settings.heartbeat_url)),
        ("other instance", lambda: _other_instance(settings.peer_url)),
        ("trials", lambda: _trials(settings)),
    ]


def _folder(settings: Settings) -> list[Finding]:
    folder = settings.data
    if not folder.is_dir():
        return [Finding("data folder", False, f"There is none at {folder}: run `tocsin init`, or set TOCSIN_DATA.")]
    if open_to_others(folder):
        return [Finding("data folder", False, f"Others on this machine can look into it: run `chmod 700 {folder}`.")]
    return [Finding("data folder", True, f"{folder}, for its owner alone.")]


def _disk(settings: Settings) -> list[Finding]:
    nearest = next((folder for folder in (settings.data, *settings.data.parents) if folder.is_dir()), settings.data)
    free = shutil.disk_usage(nearest).free
    said = f"{free // 1024**2} MB are free."
    if free < LEAST_FREE_BYTES:
        return [Finding("disk", False, f"{said} Make room: an alarm that cannot be written down cannot be raised.")]
    return [Finding("disk", True, said)]


def _keys(settings: Settings, clock: Clock) -> list[Finding]:
    from .key_checks import look_at_backups, look_at_keys

    if not settings.data.is_dir():
        return [Finding("keys", False, "Not looked at, for there is no data folder.")]
    return [*look_at_keys(settings, clock.now()), *look_at_backups(settings)]


def _cover(settings: Settings) -> list[Finding]:
    from config.texts import Texts

    from .covering import read_cover

    try:
        covered = read_cover(settings, Texts())
    except (Refused, ValueError) as refusal:
        return [Finding("cover", False, line) for line in str(refusal).splitlines()]
    name = covered.say(settings.language, "defender.profile.name")
    return [Finding("cover", True, f"The defenders' bot calls itself “{name}”.")]


def _ladders(settings: Settings) -> list[Finding]:
    try:
        book = read_book(settings)
    except Refused as refusal:
        return [Finding("ladders", False, line) for line in refusal.format_message().splitlines()]
    profiles, chains = ", ".join(book.profiles), ", ".join(book.chains)
    return [Finding("ladders", True, f"Profiles {profiles}; chains {chains}.")]


async def _database(settings: Settings, clock: Clock) -> list[Finding]:
    if not settings.data.is_dir():
        return [Finding("database", False, "Not looked at, for there is no data folder.")]
    try:
        keyring = load_keys(settings)
        await unlock_for_command(keyring, settings)
        async with open_store(settings, clock, keyring) as store:
            insist_unlocked(keyring)
            findings = [Finding("database", True, "It opens, and its schema is the one that we know.")]
            findings.append(await store.read(lambda tx: _journal(tx, settings)))
            try:
                book: Book = read_book(settings)
            except Refused:
                return findings
            checked = await store.read(lambda tx: check_all(tx, book))
            waiting = await store.read(_wait_for_the_words)
    except Refused as refusal:
        return [Finding("database", False, refusal.format_message())]
    faults = [fault for one in checked for fault in one.faults]
    doubts = [doubt for one in checked for doubt in one.doubts]
    findings += [Finding("chains", False, fault) for fault in faults]
    findings += [Finding("chains", True, doubt, doubt=True) for doubt in doubts]
    findings += [Finding("four words", True, said, doubt=True) for said in waiting]
    if not checked:
        findings.append(
            Finding("chains", True, "There is no defender yet: `tocsin defender add` adds one.", doubt=True)
        )
    elif not faults:
        findings.append(Finding("chains", True, f"Each of {len(checked)} would reach somebody."))
    return findings


def _journal(tx: Tx, settings: Settings) -> Finding:
    """Whether anybody outside keeps checkpoints."""
    active = [one for one in people.responders(tx) if one.role is Role.PARTNER and one.state == "active"]
    partners = len(active) if settings.checkpoint_partners else 0
    if not partners and settings.checkpoint_drop is None:
        said = (
            "Nobody outside keeps its checkpoints: against whoever has this machine it shows nothing (docs/journal.md)."
        )
        return Finding("journal", True, said, doubt=True)
    folder = " A folder gets them too." if settings.checkpoint_drop else ""
    return Finding("journal", True, f"Partner organisations that keep its checkpoints: {partners}.{folder}")


def _wait_for_the_words(tx: Tx) -> list[str]:
    """A sentence for everybody who has followed an invitation and was not confirmed yet."""
    waiting = [(check.side, people.name(tx, check.person)) for check in spoken_checks.waiting(tx)]
    return [f"{name} waits for the spoken check: `tocsin {side} confirm {name!r}`." for side, name in waiting if name]


async def _bots(settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    known: list[BotFacts] = []
    given: list[tuple[str, Bot | None]] = []
    for side in ("defender", "responder"):
        given += [(side, bot) for bot in settings.bots(side)] or [(side, None)]
    for side, bot in given:
        several, variable = len(settings.bots(side)) > 1, f"TOCSIN_{side.upper()}_BOT_TOKEN"
        check = f"{side}s' bot {bot.number}" if bot is not None and several else f"{side}s' bot"
        if bot is None:
            yield Finding(check, False, f"It has no token: make a bot with BotFather and set {variable}.")
            continue
        try:
            facts = await ask_who(bot.token, settings.telegram_api)
        except NotKnown:
            yield Finding(check, False, f"The messenger does not know its token: copy it from BotFather to {variable}.")
        except OutOfReach as failure:
            yield Finding(
                check, False, f"The messenger does not answer ({failure}): check the network and TOCSIN_TELEGRAM_API."
            )
        else:
            known.append(facts)
            yield Finding(check, True, f"@{facts.username} answers.")
    if len({facts.id for facts in known}) < len(known):
        yield Finding("two bots", False, "Both tokens are of the same bot: make a second one for the responders.")
    for facts in known[:1]:
        yield _clock(facts, clock)


def _clock(facts: BotFacts, clock: Clock) -> Finding:
    if facts.messenger_time is None:
        return Finding("clock", True, "The messenger's answer had no date to compare with.", doubt=True)
    difference = abs(clock.now() - facts.messenger_time)
    if difference > CLOCK_MAY_DIFFER:
        seconds = round(difference.total_seconds())
        return Finding("clock", False, f"This machine's clock is {seconds} s off the messenger's: switch on time sync.")
    return Finding("clock", True, "It agrees with the messenger's.")


async def _heartbeat(url: SecretStr | None) -> list[Finding]:
    if url is None:
        said = "Nobody outside watches over us: set TOCSIN_HEARTBEAT_URL to the address of an outside watch."
        return [Finding("heartbeat", True, said, doubt=True)]
    try:
        status = await _status(url)
    except OutOfReach as failure:
        said = f"The outside watch does not answer ({failure}): check TOCSIN_HEARTBEAT_URL."
        return [Finding("heartbeat", False, said)]
    if status >= 400:
        return [Finding("heartbeat", False, f"The outside watch answers {status}: check TOCSIN_HEARTBEAT_URL.")]
    return [Finding("heartbeat", True, "The outside watch takes our sign of life.")]


async def _other_instance(url: SecretStr | None) -> list[Finding]:
    if url is None:
        return []
    try:
        status = await _status(url)
    except OutOfReach as failure:
        return [Finding("other instance", False, f"It does not answer ({failure}): check TOCSIN_PEER_URL.")]
    if status == 503:
        return [Finding("other instance", True, "It answers, and is not well.", doubt=True)]
    if status != 200:
        return [Finding("other instance", False, f"It answers {status}: TOCSIN_PEER_URL should end in /well.")]
    return [Finding("other instance", True, "It answers, and is well.")]


async def _trials(settings: Settings) -> list[Finding]:
    if settings.trial_chat is None or not settings.bots("responder"):
        return []
    token = settings.bots("responder")[0].token.get_secret_value()
    chat = settings.trial_chat.get_secret_value()
    try:
        status = await _status(SecretStr(f"{settings.telegram_api}/bot{token}/getChat?chat_id={chat}"))
    except OutOfReach as failure:
        return [Finding("trials", False, f"The messenger does not answer ({failure}).")]
    if status != 200:
        said = (
            "The responders' bot knows no such chat: open it from that account, press Start, check TOCSIN_TRIAL_CHAT."
        )
        return [Finding("trials", False, said)]
    return [Finding("trials", True, "The responders' bot knows the chat that they go to.")]


async def _status(url: SecretStr) -> int:
    """What is answered there, as a number. Raises OutOfReach."""
    try:
        timeout = aiohttp.ClientTimeout(total=HEARTBEAT_TIMEOUT)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url.get_secret_value()) as answer:
            return answer.status
    except (aiohttp.ClientError, TimeoutError, OSError) as failure:
        raise OutOfReach(type(failure).__name__) from None
