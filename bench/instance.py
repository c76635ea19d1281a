"""An instance to be measured: a folder with keys, a database, people in it, and the environment of a service on it.

Everybody whom a case touches is enrolled as people are: with a data key of their own, a sealed card, a sealed address.
Each defender has one contact of their own; one coordinator is everybody's. Who is only counted, not touched, is a copy
of one of them under another id (`fill_up`): what it holds has the right length and does not open.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

from config.ladders import load_ladders
from engine.clock import SystemClock
from escalation import watch as watch_machine
from escalation.people import DefenderId, Role, WatchId
from escalation.routine import Daily
from store import addresses, alive, codes, people, watches
from store.data_keys import path_beside
from store.database import Store, Tx
from store.keyring import Keyring
from store.words import hash_code

T = TypeVar("T")

DEFENDERS, RESPONDERS = "100001:" + "d" * 35, "100002:" + "r" * 35
MEMORY = Path("/dev/shm")  # noqa: S108 - where a commit costs nothing, if the machine has such a place
COORDINATOR = 30_000_000
CODE = (2, 3, 5, 7)
BATCH = 100  # people in one transaction
HOUR = timedelta(hours=1)
TO_THE_BELL = timedelta(seconds=3)  # time enough to write the last one and have the bell set


def chat_of(number: int) -> int:
    """The chat of a defender, by number."""
    return 10_000_000 + number


def contact_of(number: int) -> int:
    """The chat of a defender's contact."""
    return 20_000_000 + number


def stranger(number: int) -> int:
    """The chat of somebody whom nobody knows."""
    return 40_000_000 + number


@dataclass(slots=True)
class Instance:
    """One folder. `ids` are the defenders' by number; `url` is where its database is, None for a file in the folder."""

    folder: Path
    keyring: Keyring
    ids: list[UUID] = field(default_factory=list)
    url: str | None = None

    @property
    def database(self) -> Path:
        """The file of the database."""
        return self.folder / "tocsin.sqlite"

    async def open(self) -> Store:
        """Its database, for this process."""
        return await Store.open(self.url or f"sqlite:///{self.database}", SystemClock().now, self.keyring)

    async def miss_at(self, alarms: Sequence[datetime], first: int = 0) -> None:
        """Give defenders from number `first` on a watch whose grace is over at these instants, all reminders given.

        Its due time was moved to a fraction of a second, as after an extension."""
        store = await self.open()
        for few in batched(list(enumerate(alarms, first))):
            await store.run(partial(self._watch, few))
        await store.close()

    def _watch(self, few: Iterable[tuple[int, datetime]], tx: Tx) -> None:
        pace = load_ladders(None).profiles["standard"].pace
        for number, alarm_at in few:
            due = alarm_at - pace.grace
            rule = Daily((due.time().replace(microsecond=0),), "UTC")
            watch = watch_machine.begin(WatchId(uuid4()), DefenderId(self.ids[number]), rule, pace, due - HOUR)
            overdue = replace(
                watch, phase=watch_machine.Phase.OVERDUE, due_at=due, first_due_at=due, alarm_at=alarm_at,
                reminded=len(pace.reminders),
            )  # fmt: skip
            watches.save(tx, overdue)


def environ_of(folder: Path, api: str, port: int) -> dict[str, str]:
    """The environment of a service on this folder, with both its bots at the messenger `api`."""
    return {
        "TOCSIN_DATA": str(folder),
        "TOCSIN_DEFENDER_BOT_TOKEN": DEFENDERS,
        "TOCSIN_RESPONDER_BOT_TOKEN": RESPONDERS,
        "TOCSIN_TELEGRAM_API": api,
        "TOCSIN_LISTEN": f"127.0.0.1:{port}",
    }


def batched(all_of_them: Sequence[T]) -> Iterator[Sequence[T]]:
    """A few at a time."""
    for start in range(0, len(all_of_them), BATCH):
        yield all_of_them[start : start + BATCH]


def soon(count: int) -> datetime:
    """An instant that is far enough away to give `count` people a watch that ends then."""
    return SystemClock().now() + TO_THE_BELL + timedelta(milliseconds=4 * count)


async def make(
    folder: Path, count: int, *, profile: str = "standard", codes_of: int = 0, watched: bool = False
) -> Instance:
    """An instance with `count` defenders, the first `codes_of` of them with a code; made in memory, and put in place.

    If `watched` they have a watch that is due in half a day."""
    keyring = Keyring.fresh(SystemClock().now())
    made = Instance(Path(tempfile.mkdtemp(dir=_quick())), keyring)
    try:
        await _fill(made, count, profile, watched=watched, codes_of=codes_of)
        shutil.copytree(made.folder, folder)
    finally:
        shutil.rmtree(made.folder)
    return Instance(folder, keyring, made.ids)


async def make_on_server(folder: Path, url: str, count: int) -> Instance:
    """An instance with `count` defenders in a database of a server; both that and `folder` are empty."""
    made = Instance(folder, Keyring.fresh(SystemClock().now()), url=url)
    await _fill(made, count, "standard", watched=False, codes_of=0)
    return made


async def _fill(made: Instance, count: int, profile: str, *, watched: bool, codes_of: int) -> None:
    made.keyring.save(made.folder / "keys")
    store = await made.open()
    await store.run(_coordinator)
    for few in batched(range(count)):
        made.ids += await store.run(partial(_enrol, few, profile, watched, codes_of))
    await store.run(lambda tx: alive.mark(tx, tx.now))
    await store.forget_deleted()
    await store.close()


def _quick() -> Path | None:
    return MEMORY if MEMORY.is_dir() else None


def _coordinator(tx: Tx) -> None:
    dara = people.add_responder(tx, "Dara", Role.COORDINATOR, language="en")
    people.change_responder(tx, dara, state="active", consented_at=tx.now)
    addresses.add(tx, dara, "responder", "telegram", str(COORDINATOR), verified=True)


def _enrol(few: Iterable[int], profile: str, watched: bool, codes_of: int, tx: Tx) -> list[UUID]:
    made: list[UUID] = []
    for number in few:
        ana = people.add_defender(tx, f"Ana {number}", language="en", zone="UTC", profile=profile, chain="default")
        people.change_defender(tx, ana, state="active", consented_at=tx.now)
        addresses.add(tx, ana, "defender", "telegram", str(chat_of(number)), verified=True)
        bo = people.add_responder(tx, f"Bo {number}", Role.CONTACT, language="en")
        people.change_responder(tx, bo, state="active", consented_at=tx.now)
        addresses.add(tx, bo, "responder", "telegram", str(contact_of(number)), verified=True)
        people.place_in_tier(tx, ana, "contacts", bo)
        if number < codes_of:
            codes.save(tx, ana, hash_code(CODE, partial(tx.vault.peppered, ana)))
        if watched:
            pace = load_ladders(None).profiles[profile].pace
            rule = Daily((_half_a_day_on(tx.now),), "UTC")
            watches.save(tx, watch_machine.begin(WatchId(uuid4()), ana, rule, pace, tx.now))
        made.append(ana)
    return made


def _half_a_day_on(now: datetime) -> time:
    return (now.astimezone(UTC) + timedelta(hours=12)).time().replace(microsecond=0)


def fill_up(instance: Instance, count: int) -> None:
    """Enrol copies of the first defender, with a watch due in half a day, until there are `count` defenders."""
    model = instance.ids[0].hex
    numbers = range(len(instance.ids), count)
    with _hasty(instance.database) as db:
        for table, changed in {
            "person": {"id": "made.id", "number": "10000000 + made.n"},
            "defender": {"id": "made.id"},
            "address": {"id": "NULL", "person": "made.id", "blind": "printf('%064x', made.n)"},
            "watch": {"id": "made.id", "defender": "made.id"},
        }.items():
            whose = {"address": "person", "watch": "defender"}.get(table, "id")
            _copy(db, table, changed, f"{whose} = '{model}'", numbers)
    with _hasty(path_beside(instance.database)) as db:
        _copy(db, "data_key", {"subject": "made.id"}, f"subject = '{model}'", numbers)


@contextmanager
def _hasty(path: Path) -> Iterator[sqlite3.Connection]:
    """A database that is written without any care for a crash; whoever opens it next chooses its settings anew."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -262144", "locking_mode = EXCLUSIVE"):
            db.execute(f"PRAGMA {setting}")
        db.execute("BEGIN IMMEDIATE")
        yield db
        db.execute("COMMIT")


def _copy(db: sqlite3.Connection, table: str, changed: dict[str, str], which: str, numbers: range) -> None:
    names = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(changed.get(name, f"m.{name}") for name in names)
    begin, end = numbers.start, numbers.stop
    if len(numbers):
        db.execute(
            f"WITH RECURSIVE made(n, id) AS (VALUES({begin}, printf('%032x', {begin}))"  # noqa: S608 - names of our own
            f" UNION ALL SELECT n + 1, printf('%032x', n + 1) FROM made WHERE n + 1 < {end})"
            f" INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM made, {table} m WHERE m.{which}"
        )
