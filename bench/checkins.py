"""Check-ins: how many a second go the whole way from the messenger to the commit and the queued answer, how long one
takes at half that rate, and what it costs, by one tap and by a code.

The service paces what it says, so what is counted is the commit that holds both the sign and its answer; `inbox` keeps
when that was."""

import asyncio
import json
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from bot.grid import SIGNS
from store import journal
from store.words import NOBODYS, word_matches

from .deadline import monotonic_to_wall
from .driving import Run, enrol_naively, until
from .figures import Figures, Row, Spread, a_second, span
from .instance import CODE, DEFENDERS, Instance, chat_of, make
from .messenger import Messenger
from .processes import Process

WITHIN = 120.0  # seconds for all of a rush
HANDFUL = 0.02  # seconds between two handfuls at a steady rate
HASHES = 6  # that a row takes: four of the code that shows, two of the true one
TAP = "."  # what the button of a sign begins with
DONE = "SELECT update_id, settled_at FROM inbox WHERE state = 'done' AND source = 'defenders'"
ASKED = "SELECT id FROM lowering"
NAIVELY_DONE = "SELECT id, at FROM naive_happening WHERE kind = 'check-in'"


async def checkins(run: Run) -> list[Row]:
    """Check-ins by one tap: a rush, and then half of what it reached."""
    count = run.size.rush
    async with Messenger() as messenger:
        floors = await run.floors(messenger)
        instance = await make(run.folder / "checkins", count, profile="low", watched=True)
        async with run.tocsin(messenger, instance) as process:
            ours, steady = await _measured(run, messenger, process, instance.database, DONE, count)
        messenger.forget()
        async with run.naive(messenger, "checkins") as process:
            await enrol_naively(process, range(count), [86_400.0] * count)
            naive = await _measured(
                run, messenger, process, run.folder / "naive-checkins/naive.sqlite", NAIVELY_DONE, count
            )
    floor = Figures(f"{a_second(1 / floors.commit.median)} raw transactions", cpu=floors.commit_cpu)
    slow = Figures(f"one commit: {floors.commit.shown()}", cpu=floors.commit_cpu)
    return [
        Row("checkins", f"{count:,} check-ins by one tap, at full speed", ours, floor, naive[0]),
        Row("checkins", "check-in to commit and queued answer, at half that rate", steady, slow, naive[1]),
    ]


async def checkins_coded(run: Run) -> list[Row]:
    """Check-ins with a code: the key, four taps, and Argon2id; one after the other."""
    count = run.size.coded
    async with Messenger() as messenger:
        floors = await run.floors(messenger)
        instance = await make(run.folder / "coded", count, codes_of=count, watched=True)
        async with run.tocsin(messenger, instance, paced=False) as process:
            before = process.cpu
            took = [await _with_code(messenger, instance, number) for number in range(count)]
            await until(
                lambda: _how_many(instance.database, ASKED) == 0, WITHIN, every=0.1
            )  # what they say is decided later
            used = (process.cpu - before) / count
    hashes = HASHES * _argon2id()
    whole = Spread.of(one for one in took if one is not None)
    counted = await _checked_in(instance)
    ours = Figures(f"last tap to answer {whole.shown()}; Argon2id is {hashes / used:.0%} of the CPU", count - counted,
                   max(0, counted - count), used)  # fmt: skip
    floor = Figures(f"six Argon2id {span(hashes)}, five commits and posts", cpu=hashes + 5 * floors.commit_cpu)
    return [Row("checkins", f"{count} check-ins with a code: a key and four taps", ours, floor, Figures("has no code"))]


async def _measured(
    run: Run, messenger: Messenger, process: Process, database: Path, done: str, count: int
) -> tuple[Figures, Figures]:
    """At full speed, and at half of that."""
    naive = done == NAIVELY_DONE
    before, began = process.cpu, time.monotonic()
    for number in range(count):
        messenger.types(DEFENDERS, chat_of(number), "/ok")
    await until(lambda: _how_many(database, done) >= count, WITHIN, every=0.1)
    used = (process.cpu - before) / count
    offset, settled = monotonic_to_wall(), _settled(database, done)
    reached = len(settled) / max(1e-9, max(settled.values(), default=0.0) - offset - began)
    full = Figures(a_second(reached), count - len(settled), max(0, len(settled) - count), used, process.peak_memory)
    await until(lambda: not naive or sum(map(len, messenger.heard.values())) >= count, WITHIN)

    messenger.puts.clear()
    before, first = process.cpu, len(settled)
    sent = await _steadily(messenger, reached / 2, run.size.steady, count)
    await until(lambda: _how_many(database, done) >= first + sent, WITHIN, every=0.1)
    used = (process.cpu - before) / sent
    offset, settled = monotonic_to_wall(), _settled(database, done)
    if naive:  # its rows do not know their update; it handles them in order
        later = sorted(settled.values())[first:]
        took = Spread.of(at - offset - put for at, put in zip(later, sorted(messenger.puts.values()), strict=False))
    else:
        took = Spread.of(settled[one] - offset - put for one, put in messenger.puts.items() if one in settled)
    came = len(settled) - first
    half = Figures(f"{took.shown()} at {a_second(reached / 2)}", sent - came, max(0, came - sent), used)
    return full, half


async def _steadily(messenger: Messenger, a_second: float, seconds: float, people: int) -> int:
    """Have people check in at this rate for so long; gives how many did."""
    began, sent = time.monotonic(), 0
    while (passed := time.monotonic() - began) < seconds or sent == 0:
        while sent < passed * a_second or sent == 0:
            messenger.types(DEFENDERS, chat_of(sent % people), "/ok")
            sent += 1
        await asyncio.sleep(HANDFUL)
    return sent


def _how_many(database: Path, done: str) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as db:
        return int(db.execute(f"SELECT count(*) FROM ({done})").fetchone()[0])  # noqa: S608 - one of the two above


def _settled(database: Path, done: str) -> dict[int, float]:
    """When each was committed, in seconds since 1970."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as db:
        return {
            number: datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()
            for number, at in db.execute(done).fetchall()
        }


async def _with_code(messenger: Messenger, instance: Instance, number: int) -> float | None:
    """One check-in; gives the seconds from the last tap to its answer, None when none came."""
    chat = chat_of(number)
    messenger.types(DEFENDERS, chat, "/ok")
    put = 0.0
    for taps, sign in enumerate(CODE):
        if not await until(lambda taps=taps: len(messenger.heard.get(chat, ())) > taps, 10.0):  # type: ignore[misc]
            return None
        shown = messenger.heard[chat][-1]
        button = _buttons(shown.markup)[SIGNS[sign]]
        put = messenger.puts[messenger.presses(DEFENDERS, chat, button, shown.message_id)]
    if not await until(lambda: len(messenger.heard[chat]) > len(CODE), 10.0):
        return None
    return messenger.heard[chat][-1].at - put


def _buttons(markup: str) -> dict[str, str]:
    """What each button of a keyboard carries, by what stands on it."""
    rows = json.loads(markup)["inline_keyboard"]
    return {button["text"]: button["callback_data"] for row in rows for button in row}


async def _checked_in(instance: Instance) -> int:
    """How many codes have been taken, as the journal has it."""
    store = await instance.open()
    try:
        entries = await store.read(lambda tx: journal.newest(tx, 100_000))
    finally:
        await store.close()
    return sum(entry.event == "asked_with_code" for entry in entries)


def _argon2id() -> float:
    """Seconds that one hash takes on this machine."""
    began = time.process_time()
    for _ in range(5):
        word_matches("maple", NOBODYS, lambda _: b"pepper")
    return (time.process_time() - began) / 5
