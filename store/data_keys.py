"""Where the wrapped data keys are, one for each person, and which key-encryption key and ingest key are in force.

SQLite: a file of its own beside the database, with a rollback journal and `secure_delete`, for in a write-ahead log
copies of a deleted key would linger. The two files cannot commit as one: a key is written before whatever is sealed
under it, and deleted before the rows of its person. PostgreSQL: two tables, in the transaction at hand.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Self
from uuid import UUID

from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select, update

from . import sqlite
from .discreet import Discreet
from .refusals import KeysRefused
from .tables.keys import DATA_KEY, INGEST_KEY, KEY_EPOCH, KEYS

SETTINGS = {**sqlite.SETTINGS, "journal_mode": ("DELETE", "delete")}
BESIDE = "-keys.sqlite"

FIND = select(DATA_KEY.c.wrapped).where(DATA_KEY.c.subject == bindparam("whose"))
FIND_SOME = select(DATA_KEY.c.subject, DATA_KEY.c.wrapped).where(
    DATA_KEY.c.subject.in_(bindparam("whose", expanding=True))
)
PUT = insert(DATA_KEY)
REMOVE = delete(DATA_KEY).where(DATA_KEY.c.subject == bindparam("whose"))
WHICH = select(KEY_EPOCH.c.kek).order_by(KEY_EPOCH.c.n.desc()).limit(1)
NEWEST = select(KEY_EPOCH.c.n, KEY_EPOCH.c.root).order_by(KEY_EPOCH.c.n.desc()).limit(1)
NEWEST_INGEST = select(INGEST_KEY).order_by(INGEST_KEY.c.n.desc()).limit(1)
OF_ANOTHER = (
    select(DATA_KEY.c.subject, DATA_KEY.c.wrapped)
    .where(DATA_KEY.c.kek != bindparam("current"))
    .order_by(DATA_KEY.c.subject)
)
REWRAP = (
    update(DATA_KEY)
    .where(DATA_KEY.c.subject == bindparam("whose"))
    .values(kek=bindparam("by"), wrapped=bindparam("as"))
)


def path_beside(database: Path) -> Path:
    """The file of the data keys of a SQLite database."""
    return database.with_name(database.stem + BESIDE)


@dataclass(frozen=True, slots=True, repr=False)
class IngestKey(Discreet):
    """An ingest key that was put in force: its public half, and whatever proves that it was by us."""

    n: int
    public: bytes
    proof: str
    began_at: datetime


@dataclass(frozen=True, slots=True)
class DataKeys:
    """The table of data keys. `connection` is the transaction at hand; where the keys have a file, it is not used."""

    writing: Engine | None = None
    reading: Engine | None = None

    @classmethod
    def in_file(cls, path: Path) -> Self:
        """The keys in a file of their own, which is made where there is none. Raises StoreRefused."""
        sqlite.prepare_file(path)
        keys = cls(
            sqlite.engine_for(path, read_only=False, settings=SETTINGS),
            sqlite.engine_for(path, read_only=True, settings=SETTINGS),
        )
        with keys.changing(None) as own:
            KEYS.create_all(own)
        return keys

    @classmethod
    def in_transaction(cls) -> Self:
        """The keys in two tables of the database itself."""
        return cls()

    @property
    def have_a_file(self) -> bool:
        """Whether a change of theirs commits by itself, before the transaction at hand."""
        return self.writing is not None

    def close(self) -> None:
        """Let go of the file."""
        for engine in (self.writing, self.reading):
            if engine is not None:
                engine.dispose()

    @contextmanager
    def changing(self, connection: Connection | None) -> Iterator[Connection]:
        """Where to write keys; what has a file is committed at the end of the block."""
        with _at(self.writing, connection) as own:
            yield own

    def find(self, connection: Connection, subject: UUID) -> bytes | None:
        """The wrapped data key of a person; None when they have none."""
        with _at(self.reading, connection) as own:
            wrapped: bytes | None = own.execute(FIND, {"whose": subject}).scalar()
        return wrapped

    def find_some(self, connection: Connection, subjects: Sequence[UUID]) -> list[tuple[UUID, bytes]]:
        """The wrapped data keys of those of these people who have one."""
        with _at(self.reading, connection) as own:
            return [(row.subject, row.wrapped) for row in own.execute(FIND_SOME, {"whose": subjects})]

    def put(self, own: Connection, subject: UUID, kek: str, wrapped: bytes, now: datetime) -> None:
        """Keep the data key of a person who has none."""
        own.execute(PUT, {"subject": subject, "kek": kek, "wrapped": wrapped, "made_at": now})

    def remove(self, connection: Connection, subject: UUID) -> bytes | None:
        """Delete a data key; gives what it was, wrapped, or None when there was none."""
        with self.changing(connection) as own:
            wrapped: bytes | None = own.execute(FIND, {"whose": subject}).scalar()
            own.execute(REMOVE, {"whose": subject})
        return wrapped

    def in_force(self, connection: Connection) -> str | None:
        """The id of the key-encryption key in force, as `epoch`, for who changes nothing."""
        with _at(self.reading, connection) as own:
            return self.epoch(own)

    def epoch(self, own: Connection) -> str | None:
        """The id of the key-encryption key in force; None before the first."""
        kek: str | None = own.execute(WHICH).scalar()
        return kek

    def begin_epoch(self, own: Connection, kek: str, root: str, now: datetime) -> None:
        """From now on `kek` is in force."""
        last = own.execute(NEWEST).first()
        own.execute(insert(KEY_EPOCH), {"n": last.n + 1 if last else 1, "kek": kek, "root": root, "began_at": now})

    def ended(self, own: Connection) -> list[tuple[str, datetime]]:
        """The epochs that are over, as (id of the key-encryption key, when the next one began), the oldest first."""
        rows = own.execute(select(KEY_EPOCH.c.kek, KEY_EPOCH.c.began_at).order_by(KEY_EPOCH.c.n)).all()
        return [(one.kek, after.began_at) for one, after in pairwise(rows)]

    def ingest_in_force(self, connection: Connection) -> IngestKey | None:
        """The ingest key that was put in force last, for who changes nothing; None before the first."""
        with _at(self.reading, connection) as own:
            row = own.execute(NEWEST_INGEST).first()
        return None if row is None else IngestKey(*row)

    def begin_ingest(self, own: Connection, public: bytes, proof: str, now: datetime) -> None:
        """From now on what comes in is sealed to this key."""
        last = own.execute(NEWEST_INGEST).first()
        row = {"n": last.n + 1 if last else 1, "public": public, "proof": proof, "began_at": now}
        own.execute(insert(INGEST_KEY), row)

    def ingest_ended(self, own: Connection) -> list[tuple[bytes, datetime]]:
        """The ingest keys that are in force no more, as (public half, when the next one began), the oldest first."""
        rows = own.execute(select(INGEST_KEY.c.public, INGEST_KEY.c.began_at).order_by(INGEST_KEY.c.n)).all()
        return [(one.public, after.began_at) for one, after in pairwise(rows)]

    def insist_on_root(self, own: Connection, root: str) -> None:
        """Raises KeysRefused when the database was begun with another root key: it would know nobody any more."""
        last = own.execute(NEWEST).first()
        if last is not None and last.root != root:
            raise KeysRefused(
                f"This database belongs to other keys (root {last.root}, and these are {root}): name their folder in"
                " TOCSIN_KEYS."
            )

    def of_another(self, own: Connection, kek: str, most: int, after: UUID | None = None) -> list[tuple[UUID, bytes]]:
        """Data keys that are not wrapped by `kek`, as (whose, wrapped), those that come next `after` somebody, held
        until the block ends."""
        chosen = OF_ANOTHER if after is None else OF_ANOTHER.where(DATA_KEY.c.subject > after)
        rows = own.execute(chosen.limit(most).with_for_update(), {"current": kek})
        return [(row.subject, row.wrapped) for row in rows]

    def count_of_another(self, own: Connection, kek: str) -> int:
        """How many data keys are not wrapped by `kek`."""
        found: int = own.execute(select(func.count()).where(DATA_KEY.c.kek != kek)).scalar_one()
        return found

    def rewrap(self, own: Connection, subject: UUID, kek: str, wrapped: bytes) -> None:
        """Put the same data key, wrapped by another, in the place of what was there."""
        own.execute(REWRAP, {"whose": subject, "by": kek, "as": wrapped})

    def whose(self, connection: Connection) -> set[UUID]:
        """Everybody who has a data key, for who changes nothing."""
        with _at(self.reading, connection) as own:
            return set(own.execute(select(DATA_KEY.c.subject)).scalars())

    def subjects(self, own: Connection) -> dict[UUID, datetime]:
        """Everybody who has a data key, with when it was made."""
        return {row.subject: row.made_at for row in own.execute(select(DATA_KEY.c.subject, DATA_KEY.c.made_at))}


@contextmanager
def _at(engine: Engine | None, connection: Connection | None) -> Iterator[Connection]:
    if engine is not None:
        with engine.begin() as own:
            yield own
    else:
        assert connection is not None  # noqa: S101 - without a file there is a transaction
        yield connection
