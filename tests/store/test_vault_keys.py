"""Data keys that commit with everything else: when the vault remembers one, and whom it takes at their word."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast
from uuid import UUID

import pytest
from sqlalchemy import Connection

from store import vault
from store.cipher import new_key
from store.data_keys import DataKeys, IngestKey
from store.key_files import key_id
from store.keyring import Keyring, plainly
from store.made_keys import key_file
from store.refusals import KeysRefused, Locked, SealBroken
from store.vault import HOUSE, Vault, wrap

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ANA = UUID(int=1)


class Work:
    """A connection, in a transaction or in none."""

    def __init__(self, *, begun: bool = True) -> None:
        self.transaction = Work(begun=False) if begun else None

    def get_transaction(self) -> "Work | None":
        """The one at hand."""
        return self.transaction


class Table:
    """The two tables of the database itself, as far as the vault asks for them; nobody looks into them from nowhere."""

    have_a_file = False

    def __init__(self) -> None:
        self.rows: dict[UUID, bytes] = {}
        self.kek: str | None = None
        self.root: str | None = None
        self.found: list[UUID] = []
        self.ingest: list[IngestKey] = []

    @contextmanager
    def changing(self, connection: object) -> Iterator[object]:
        """Where to write."""
        assert isinstance(connection, Work)
        yield connection

    def find(self, connection: object, subject: UUID) -> bytes | None:
        """What is kept of somebody."""
        assert isinstance(connection, Work)
        self.found.append(subject)
        return self.rows.get(subject)

    def put(self, own: object, subject: UUID, kek: str, wrapped: bytes, now: datetime) -> None:
        """Keep it, of who has none."""
        assert isinstance(own, Work)
        assert (subject in self.rows, now) == (False, NOW)
        self.rows[subject] = wrapped

    def epoch(self, own: object) -> str | None:
        """Which key-encryption key is in force."""
        assert isinstance(own, Work)
        return self.kek

    in_force = epoch

    def ingest_in_force(self, connection: object) -> IngestKey | None:
        """To which key what comes in is sealed."""
        assert isinstance(connection, Work)
        return self.ingest[-1] if self.ingest else None

    def begin_ingest(self, own: object, public: bytes, proof: str, now: datetime) -> None:
        """Another key is in force for what comes in."""
        assert isinstance(own, Work)
        self.ingest.append(IngestKey(len(self.ingest) + 1, public, proof, now))

    def insist_on_root(self, own: object, root: str) -> None:
        """Raises KeysRefused for another one."""
        assert isinstance(own, Work)
        if self.root not in (None, root):
            raise KeysRefused("another root")

    def begin_epoch(self, own: object, kek: str, root: str, now: datetime) -> None:
        """Another key is in force."""
        assert isinstance(own, Work)
        assert now == NOW
        self.kek, self.root = kek, root


def opened(table: Table, keyring: Keyring) -> Vault:
    return Vault(keyring, cast("DataKeys", table))


def on(work: Work) -> Connection:
    return cast("Connection", work)


@pytest.fixture
def keyring() -> Keyring:
    return Keyring.fresh(NOW)


@pytest.fixture
def table(keyring: Keyring) -> Table:
    made = Table()
    made.kek = keyring.kek_ids[0]
    return made


@pytest.mark.parametrize("begun", [True, False])
def test_whoever_made_a_key_looks_for_it_each_time_and_another_remembers_it(
    table: Table, keyring: Keyring, begun: bool
) -> None:
    made, work, later = opened(table, keyring), Work(begun=begun), Work(begun=begun)
    made.begin(on(work), ANA, NOW)

    own = [made.data_key(on(work), ANA) for _ in range(2)]
    remembered = ANA in made._known
    others = [made.data_key(on(later), ANA) for _ in range(2)]

    assert not remembered
    assert table.found == [ANA] * 3
    assert len({*own, *others}) == 1
    assert ANA not in made._fresh


def test_a_key_is_remembered_until_its_minute_is_over_and_not_a_moment_more(
    table: Table, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = [100.0]
    monkeypatch.setattr(vault, "time", SimpleNamespace(monotonic=lambda: shown[0]))
    made, work = opened(table, keyring), Work()
    table.rows[ANA] = wrap(keyring.kek(keyring.kek_ids[0]), keyring.kek_ids[0], ANA, new_key())

    asked = []
    for shown[0] in (100.0, 159.9, 160.0, 219.9):
        made.data_key(on(work), ANA)
        asked.append(len(table.found))

    assert asked == [1, 1, 2, 2]


def of_another_key(table: Table) -> tuple[bytes, str]:
    """A key-encryption key that is not here, by which Ana's data key is wrapped."""
    kek = new_key()
    table.rows[ANA] = wrap(kek, key_id(kek), ANA, new_key())
    return kek, key_id(kek)


def test_a_row_that_asks_for_a_key_which_is_not_in_force_was_altered(table: Table, keyring: Keyring) -> None:
    made = opened(table, keyring)
    of_another_key(table)

    for table.kek in (keyring.kek_ids[0], None):
        with pytest.raises(SealBroken, match="nobody has made"):
            made.data_key(on(Work()), ANA)
        assert not made.is_locked


def test_a_row_that_asks_for_a_key_which_is_in_force_and_has_not_come_is_waited_for(
    table: Table, keyring: Keyring
) -> None:
    made = opened(table, keyring)
    kek, table.kek = of_another_key(table)

    with pytest.raises(Locked):
        made.data_key(on(Work()), ANA)
    locked = made.is_locked
    keyring.add(key_file("kek", kek, plainly(kek), NOW))

    assert locked
    assert not made.is_locked
    assert made.data_key(on(Work()), ANA)


def test_of_an_update_that_asks_for_a_key_which_nobody_made_no_table_is_asked(table: Table, keyring: Keyring) -> None:
    made = opened(table, keyring)
    sealed = made.seal_raw(b"sos", b"inbox 1")

    with pytest.raises(SealBroken, match="nobody has made"):
        made.open_raw(sealed[:2] + b"none" + sealed[6:], b"inbox 1")
    assert not made.is_locked


def test_a_database_begins_once(keyring: Keyring) -> None:
    table, work = Table(), Work()
    made = opened(table, keyring)

    made.settle(on(work), NOW)
    begun = dict(table.rows), table.kek, table.root, list(table.ingest)
    made.settle(on(work), NOW)

    assert list(table.rows) == [HOUSE]
    assert (dict(table.rows), table.kek, table.root, table.ingest) == begun
    assert begun[1:3] == (keyring.kek_ids[-1], keyring.root_id)
    assert [(one.n, one.public) for one in begun[3]] == [(1, keyring.ingest_public)]


def test_a_database_that_is_under_a_key_which_is_not_here_is_opened_locked_and_nothing_is_made(
    table: Table, keyring: Keyring
) -> None:
    made = opened(table, keyring)
    _, table.kek = of_another_key(table)

    made.settle(on(Work()), NOW)

    assert made.is_locked
    assert list(table.rows) == [ANA]


def test_neither_another_root_nor_no_key_at_all_begins_a_database(keyring: Keyring) -> None:
    other, empty = Table(), Table()
    other.kek, other.root = keyring.kek_ids[0], "other"

    with pytest.raises(KeysRefused, match="another root"):
        opened(other, keyring).settle(on(Work()), NOW)
    with pytest.raises(KeysRefused, match="cannot begin without one"):
        opened(empty, Keyring([one for one in keyring.files if one.use != "kek"])).settle(on(Work()), NOW)
    assert (other.rows, empty.rows) == ({}, {})


def test_nobody_has_a_key_made_before_there_is_one_to_wrap_it(keyring: Keyring) -> None:
    with pytest.raises(Locked, match="not here yet"):
        opened(Table(), keyring).begin(on(Work()), ANA, NOW)
