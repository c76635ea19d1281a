"""Bars A: a stolen disk, with or without its backups, tells nobody who anybody is or what befell them."""

import asyncio
import base64
import random
import re
import shutil
import struct
import subprocess
import sys
import zlib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import LargeBinary

from store.data_keys import DataKeys
from store.database import Store
from store.keyring import Keyring
from store.padding import RAW_BUCKETS
from store.refusals import KeysRefused
from store.sealing import SealBroken, opened
from store.tables import METADATA
from store.tables.keys import KEYS
from store.vault import Vault
from tests.bars.aftermath import CLASSIFIED, COLUMNS, Aftermath, cells_of, of_class
from tests.bars.conftest import Bar, sized
from tests.bars.lived import MARKERS, Mail, Planted, PlantedWorld, everything_written, in_files, lived
from tests.bars.markers import found_in
from tests.bars.thief import everything_in, guesses_of
from tests.databases import START, Hands
from tests.keys import KEYRING

KEYRING_VAULT = Vault(KEYRING, DataKeys.in_transaction())
CLASSES = {"operating", "routable", "sealed", "verify_only"}
ONE_HASH = re.compile(r"\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}", re.ASCII)
WORD = re.compile(r"[\w.:+$/=,-]{0,200}", re.ASCII)


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    """A whole life of a service, on SQLite."""
    folder = tmp_path_factory.mktemp("stolen")
    with everything_written(folder):
        return asyncio.run(_live(folder, sized(12, 1000)))


async def _live(folder: Path, many: int) -> Aftermath:
    planted, mail = Planted(), Mail()
    async with PlantedWorld(folder, more_channels={"responder:mail": mail}) as world:
        found = await lived(world, planted, many)
        while_it_ran = in_files(folder, planted)
    return Aftermath(folder, planted, while_it_ran, found, mail.taken)


def test_a1_no_file_of_the_service_holds_anything_of_anybodys(bar: Bar, aftermath: Aftermath) -> None:
    planted = aftermath.planted
    assert len(planted.of_people) == MARKERS
    assert len(planted.nonces) >= 12
    assert len(planted.buttons) >= 3
    assert aftermath.mails
    assert aftermath.while_it_ran == []
    assert in_files(aftermath.folder, aftermath.planted) == []

    files = [path for path in aftermath.folder.rglob("*") if path.is_file()]
    assert {"tocsin.db", "tocsin-keys.sqlite", "log"} <= {path.name for path in files}
    size = sum(path.stat().st_size for path in files)
    bar.holds(
        "the database, its logs, scratch files and the service's log hold 0 of 40 markers, in any encoding",
        f"0 of {MARKERS}, nor any of {len(planted.invitations)} invitations, {len(planted.buttons)} buttons and"
        f" {len(planted.nonces)} signs of a grid, after {len(aftermath.incidents)} incidents by chat and mail, in"
        f" {len(files)} files ({size // 1024:,} KiB), while it ran and after",
    )


def test_a1_the_search_would_have_found_them(tmp_path: Path, aftermath: Aftermath) -> None:
    planted = aftermath.planted
    for position, marker in enumerate(planted.all):
        written = [marker.encode(), marker.encode("utf-16-le"), base64.b64encode(b"x" + marker.encode()),
                   zlib.compress(b"before " + marker.encode()), marker.encode().hex().encode()]  # fmt: skip
        (tmp_path / str(position)).write_bytes(b"\0\1" + written[position % len(written)] + b"\xff")

    assert {marker for _, marker in in_files(tmp_path, planted)} == set(planted.all)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a1_the_search_would_have_found_a_place_that_is_kept_as_a_number(order: str, aftermath: Aftermath) -> None:
    for latitude, longitude in aftermath.planted.places:
        kept = b"\1" + struct.pack(f"{order}2d", latitude, longitude)

        assert found_in(kept, aftermath.planted.all) == [repr(latitude), repr(longitude)]


def test_a1_the_search_would_have_found_a_button_that_is_kept_as_its_bytes(aftermath: Aftermath) -> None:
    for token in aftermath.planted.buttons:
        raw = base64.urlsafe_b64decode(f"{token[1:]}=")

        assert found_in(b"\1" + raw[:16] + b"\2", aftermath.planted.all) == [token]
        assert found_in(b"\1" + raw[16:] + b"\2", aftermath.planted.all) == [token]
    for nonce in aftermath.planted.nonces:
        assert found_in(base64.urlsafe_b64decode(nonce), aftermath.planted.all) == [nonce]


def test_a3_what_is_sealed_has_one_of_few_lengths(bar: Bar, aftermath: Aftermath) -> None:
    lengths: dict[tuple[str, str], set[int]] = defaultdict(set)
    for table, row in aftermath.rows():
        for column in of_class(table, "routable", "sealed"):
            if row[column] is not None:
                lengths[table.name, column].add(len(row[column]))
    raw = {len(KEYRING_VAULT.seal_raw(bytes(size), b"x")) for size in range(0, RAW_BUCKETS[2], 997)}

    assert {place: found for place, found in lengths.items() if len(found) > 4} == {}
    assert len(lengths) >= 9
    assert len(raw) <= 4
    bar.holds(
        "at most 4 lengths of what is sealed, in any column",
        f"{max(map(len, lengths.values()))} at most, in {len(lengths)} columns",
    )


def test_a4_nothing_that_is_sealed_opens_in_another_place(bar: Bar, aftermath: Aftermath) -> None:
    swaps, chance = bar.size(10_000, 10_000), random.Random(4)
    cells = list(cells_of(aftermath))
    by_column = defaultdict(list)
    for place in cells:
        by_column[place[1].table, place[1].column].append(place)

    async def swap() -> tuple[int, int]:
        refused = 0
        store = await Store.open(f"sqlite:///{aftermath.folder / 'tocsin.db'}", Hands(), KEYRING)
        try:

            def work(tx: Any) -> tuple[int, int]:
                nonlocal refused
                for subject, cell, sealed in cells:
                    opened(tx, subject, cell, sealed)
                for number in range(swaps):
                    (subject, cell, own) = one = chance.choice(cells)
                    among = by_column[cell.table, cell.column] if number % 2 else cells
                    other = chance.choice([place for place in among if place is not one] or cells)
                    if other[2] == own:
                        continue
                    try:
                        opened(tx, subject, cell, other[2])
                    except SealBroken:
                        refused += 1
                return len(cells), refused

            return await store.read(work)
        finally:
            await store.close()

    sealed, refused = asyncio.run(swap())

    assert sealed > 100
    assert refused == swaps
    bar.holds(
        "10,000 swaps of what is sealed between any two places are all refused",
        f"{refused:,} of {swaps:,} refused, among {sealed} places in {len(by_column)} columns; Fernet took all of them",
    )


def test_a4_a_cipher_without_context_takes_every_swap() -> None:
    cipher = Fernet(Fernet.generate_key())
    rows = {number: cipher.encrypt(f"row {number}".encode()) for number in range(100)}

    swapped = {number: cipher.decrypt(rows[99 - number]) for number in rows}

    assert swapped[0] == b"row 99"


def test_a5_every_column_is_classified_and_stored_as_it_says(bar: Bar, aftermath: Aftermath) -> None:
    written = {(table, column) for table, columns in CLASSIFIED.items() for column in columns}
    assert written == set(COLUMNS)
    assert {kept for columns in CLASSIFIED.values() for kept in columns.values()} <= CLASSES
    for (name, column), described in COLUMNS.items():
        if CLASSIFIED[name][column] in ("routable", "sealed"):
            assert isinstance(described.type, LargeBinary), f"{name}.{column} should be sealed"

    seen: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for kept in (METADATA, KEYS):
        for table, row in aftermath.rows(kept):
            for column, value in row.items():
                kind = CLASSIFIED[table.name][column]
                if value is not None:
                    assert _fits(kind, table.name, column, value), f"{table.name}.{column} is not {kind}"
                    seen[kind].add((table.name, column))

    assert {("defender", "card"), ("delivery", "content"), ("incident", "body"), ("address", "address")} <= seen[
        "routable"
    ]
    sealed = len(seen["routable"] | seen["sealed"])
    bar.holds(
        "every column is classified; what should be sealed is, in every row",
        f"{len(COLUMNS)} columns of {len(CLASSIFIED)} tables, {sealed} of them seen sealed",
    )


def test_a6_without_the_keys_there_is_nothing_to_read(bar: Bar, aftermath: Aftermath, tmp_path: Path) -> None:
    stolen = tmp_path / "stolen"
    stolen.mkdir()
    for path in aftermath.databases:
        shutil.copy(path, stolen / path.name)
    values = list(everything_in(stolen))

    with pytest.raises(KeysRefused):
        asyncio.run(Store.open(f"sqlite:///{stolen / 'tocsin.db'}", Hands(), Keyring.fresh(START)))
    listing = subprocess.run(
        [sys.executable, "-m", "tocsin", "defender", "list"], capture_output=True, text=True, timeout=60, check=False,
        env={"PATH": "", "TOCSIN_DATA": str(stolen), "TOCSIN_DATABASE": f"sqlite:///{stolen / 'tocsin.db'}"},
    )  # fmt: skip
    assert listing.returncode == 1, listing.stderr
    assert found_in((listing.stdout + listing.stderr).encode(), aftermath.planted.all) == []

    assert [hit for value in values for hit in found_in(value, aftermath.planted.all)] == []
    guesses = {guess for chat in aftermath.planted.chats for guess in guesses_of(chat)}
    blinds = {value for value in values if re.fullmatch(rb"[0-9a-f]{32}", value)}
    assert blinds
    assert guesses & blinds == set()
    known = len(aftermath.planted.chats)
    bar.holds(
        "with all files and no key: our tools refuse, an extractor finds nothing, and no index tells a known chat",
        f"0 of {MARKERS} markers in {len(values):,} values; 0 of {len(guesses)} guesses of {known} known chats among"
        f" {len(blinds)} indexes",
    )


def test_a6_an_index_made_under_other_keys_is_another(aftermath: Aftermath) -> None:
    chat = aftermath.planted.chats[0]
    other = Vault(Keyring.fresh(START), DataKeys.in_transaction())

    assert KEYRING_VAULT.blind("telegram:defender", chat) == KEYRING_VAULT.blind("telegram:defender", chat)
    assert KEYRING_VAULT.blind("telegram:defender", chat) != other.blind("telegram:defender", chat)
    assert KEYRING_VAULT.blind("telegram:defender", chat) != KEYRING_VAULT.blind("telegram:responder", chat)


def _fits(kind: str, table: str, column: str, value: object) -> bool:
    """Whether a stored value is of its class."""
    if kind == "routable":
        return isinstance(value, bytes) and value[0] == 1 and value[1] in (1, 2)
    if kind == "sealed":
        return isinstance(value, bytes) and value[0] == 1
    if (table, column) == ("code", "hashed"):
        return isinstance(value, str) and all(map(ONE_HASH.fullmatch, value.split("\n")))
    if isinstance(value, str) and (table, column) not in IN_THE_OPEN:
        return WORD.fullmatch(value) is not None
    return True


IN_THE_OPEN = {("journal", "plain"), ("journal_checkpoint", "note")}  # what is about nobody, and what others hold too
