"""The vault: what is kept has the form that is written down, and a data key stays in memory for a minute at most.

The forms are computed here a second time, from the words that describe them: whoever changes one has to say how what
was sealed before is still to be read."""

import hashlib
import hmac
import os
import time
from datetime import UTC, datetime
from functools import partial
from typing import cast
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from sqlalchemy import Connection

from store import cipher, ingest, padding, vault
from store.data_keys import DataKeys
from store.database import Store, Tx
from store.keyring import Keyring
from store.refusals import Erased, Locked, SealBroken
from store.sealing import HOUSE, Cell, begin_subject, seal
from store.vault import Vault, unwrap, wrap
from tests.keys import KEYRING

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ANA, BO, CLEO = (UUID(int=n) for n in (1 << 120, 2, 3))
NOWHERE = cast("Connection", object())  # a transaction that nobody looks into


class Kept:
    """Data keys in memory, which remember who was looked for."""

    def __init__(self) -> None:
        """With Ana's, which was made long ago."""
        self.ana = os.urandom(32)
        self.rows: dict[UUID, bytes] = {}
        self.asked: list[UUID] = []
        self.add(ANA, self.ana)

    def add(self, whose: UUID, key: bytes) -> None:
        """Keep one more."""
        kek_id = KEYRING.kek_ids[-1]
        self.rows[whose] = wrap(KEYRING.kek(kek_id), kek_id, whose, key)

    def find(self, connection: Connection, subject: UUID) -> bytes | None:
        """What is kept of them."""
        assert connection is NOWHERE
        self.asked.append(subject)
        return self.rows.get(subject)


def said(*parts: bytes) -> bytes:
    """Each part, its length before it in two bytes."""
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


@pytest.fixture
def kept() -> Kept:
    """Data keys that were made long ago."""
    return Kept()


@pytest.fixture
def opened(kept: Kept) -> Vault:
    """A vault over them."""
    return Vault(KEYRING, cast("DataKeys", kept))


def test_each_purpose_has_its_own_key_and_what_is_made_with_it_has_its_form() -> None:
    made, key = Vault(KEYRING, DataKeys.in_transaction()), KEYRING.subkey

    assert made.blind("telegram:defender", "42") == (
        hmac.digest(key("index"), said(b"telegram:defender", b"42"), "sha256")[:16].hex()
    )
    assert made.pseudonym("journal", b"x") == (hmac.digest(key("log"), said(b"journal", b"x"), "sha256")[:16].hex())
    assert made.mac("press", b"a", b"") == hmac.digest(key("token"), said(b"press", b"a", b""), "sha256")[:16]
    assert made.peppered(ANA, "1,2") == hmac.digest(key("pepper"), said(b"1,2", ANA.bytes), "sha256")


def test_what_we_sign_others_can_check() -> None:
    made = Vault(KEYRING, DataKeys.in_transaction())

    Ed25519PublicKey.from_public_bytes(made.public_key).verify(made.sign(b"10 entries"), b"10 entries")


def test_a_wrapped_key_has_its_form() -> None:
    key, kek_id = os.urandom(32), KEYRING.kek_ids[-1]
    kek = KEYRING.kek(kek_id)

    wrapped = wrap(kek, kek_id, ANA, key)

    head, nonce, rest = wrapped[:8], wrapped[8:20], wrapped[20:]
    assert head == b"\1\1" + bytes.fromhex(kek_id) + b"\0\1"
    assert AESGCMSIV(kek).decrypt(nonce, rest, head + said(b"tocsin/data-key/v1", ANA.bytes)) == key
    assert len(rest) == 32 + 16


def test_a_wrapped_key_opens_for_its_own_person_only(kept: Kept) -> None:
    assert unwrap(KEYRING, ANA, kept.rows[ANA]) == kept.ana
    with pytest.raises(SealBroken):
        unwrap(KEYRING, BO, kept.rows[ANA])
    with pytest.raises(Locked):
        unwrap(Keyring.fresh(NOW), ANA, kept.rows[ANA])


async def test_a_sealed_field_has_its_form(store: Store) -> None:
    row = uuid4()
    await store.run(lambda tx: begin_subject(tx, ANA))

    sealed = await store.run(lambda tx: seal(tx, ANA, Cell("defender", "card", row), {"name": "Áña", "n": 1}))
    key = await store.read(partial(data_key, whose=ANA))

    bound = said(b"tocsin/field/v1", b"defender", b"card", str(row).encode(), ANA.bytes)
    padded = AESGCMSIV(key).decrypt(sealed[2:14], sealed[14:], sealed[:2] + bound)
    content = '{"name":"Áña","n":1}'.encode()
    assert sealed[:2] == b"\1\1"
    assert padded == (len(content).to_bytes(4, "big") + content).ljust(256, b"\0")
    with pytest.raises(InvalidTag):
        AESGCMSIV(key).decrypt(sealed[2:14], sealed[14:], sealed[:2])


async def test_a_field_can_be_given_its_own_lengths(store: Store) -> None:
    await store.run(lambda tx: begin_subject(tx, ANA))

    sealed = await store.run(lambda tx: seal(tx, ANA, Cell("journal", "sealed", 1), "short", (512, 2048)))

    assert len(sealed) == 2 + 12 + 512 + 16


def test_a_key_is_looked_for_once_in_a_minute(opened: Vault, kept: Kept) -> None:
    assert [opened.data_key(NOWHERE, ANA), opened.data_key(NOWHERE, ANA)] == [kept.ana, kept.ana]

    assert kept.asked == [ANA]
    assert time.monotonic() < opened._known[ANA][1] <= time.monotonic() + 60


def test_a_key_is_looked_for_again_when_its_minute_is_over(
    opened: Vault, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault, "KEPT_FOR", 0.0)

    assert [opened.data_key(NOWHERE, ANA), opened.data_key(NOWHERE, ANA)] == [kept.ana, kept.ana]

    assert kept.asked == [ANA, ANA]


def test_the_key_that_was_used_longest_ago_goes_first(
    opened: Vault, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault, "MOST_KEPT", 2)
    for whose in (BO, CLEO):
        kept.add(whose, os.urandom(32))

    for whose in (ANA, BO, CLEO):
        opened.data_key(NOWHERE, whose)

    assert list(opened._known) == [BO, CLEO]


def test_of_several_keys_one_can_be_dropped(opened: Vault, kept: Kept) -> None:
    kept.add(BO, os.urandom(32))
    for whose in (ANA, BO):
        opened.data_key(NOWHERE, whose)

    opened.forget(ANA)

    assert list(opened._known) == [BO]
    opened.forget()
    assert list(opened._known) == []


async def test_a_key_is_kept_in_memory_only_once_it_is_sure_to_be_on_disk(store: Store) -> None:
    """On PostgreSQL its transaction may still fail, and the key with it; a file of keys has committed."""

    def begin(tx: Tx) -> bool:
        begin_subject(tx, ANA)
        data_key(tx, ANA)
        return ANA in tx.vault._known

    assert await store.run(begin) is store.vault.data_keys.have_a_file

    await store.read(partial(data_key, whose=ANA))

    assert time.monotonic() < store.vault._known[ANA][1] <= time.monotonic() + 60
    assert ANA not in store.vault._fresh


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["postgresql"])
async def test_a_key_whose_transaction_failed_is_nobodys(store: Store) -> None:
    def begin_and_fail(tx: Tx) -> None:
        begin_subject(tx, ANA)
        data_key(tx, ANA)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.run(begin_and_fail)

    with pytest.raises(Erased):
        await store.read(partial(data_key, whose=ANA))


async def test_an_older_key_of_the_same_person_is_not_used_for_a_new_one(store: Store) -> None:
    store.vault._known[ANA] = (os.urandom(32), time.monotonic() + 60)

    await store.run(lambda tx: begin_subject(tx, ANA))
    sealed = await store.run(lambda tx: seal(tx, ANA, Cell("defender", "card", 1), "Ana"))

    wrapped = await store.read(lambda tx: tx.vault.data_keys.find(tx.connection, ANA))
    assert wrapped is not None
    key = unwrap(KEYRING, ANA, wrapped)
    bound = said(b"tocsin/field/v1", b"defender", b"card", b"1", ANA.bytes)
    assert AESGCMSIV(key).decrypt(sealed[2:14], sealed[14:], sealed[:2] + bound)


async def test_erasing_gives_the_hash_of_what_was_kept_and_leaves_nothing_in_memory(store: Store) -> None:
    for whose in (ANA, BO):
        await store.run(partial(begin_subject, subject=whose))
    for whose in (ANA, BO):
        await store.read(partial(data_key, whose=whose))
    wrapped = await store.read(lambda tx: tx.vault.data_keys.find(tx.connection, ANA))
    assert wrapped is not None

    digest = await store.run(lambda tx: tx.vault.erase(tx.connection, ANA))

    assert digest == hashlib.sha256(wrapped).digest()
    assert [whose for whose in store.vault._known if whose != HOUSE] == [BO]
    with pytest.raises(Erased):
        await store.read(partial(data_key, whose=ANA))


def data_key(tx: Tx, whose: UUID) -> bytes:
    """Their data key, as the vault gives it."""
    return tx.vault.data_key(tx.connection, whose)


async def test_the_key_of_the_instance_is_there_from_the_start(store: Store) -> None:
    assert await store.read(lambda tx: tx.vault.data_keys.find(tx.connection, HOUSE)) is not None


@pytest.mark.parametrize("wrong", [b"", b"\1\1", b"\1\1key!", b"\2\1key!and more", b"\1\2key!and more"])
def test_what_was_not_sealed_to_a_key_of_ours_has_no_key(wrong: bytes) -> None:
    with pytest.raises(SealBroken):
        ingest.key_of(wrong)


def test_what_was_sealed_to_a_key_of_ours_names_it() -> None:
    assert ingest.key_of(b"\1\1key!x") == b"key!"


def test_a_raw_update_has_one_of_the_lengths_of_raw_updates() -> None:
    private = ingest.new_private()
    sealed = ingest.seal_to(ingest.public_of(private), b"key!", b"sos", b"inbox 1")

    assert len(sealed) == 6 + 1120 + padding.RAW_BUCKETS[0] + 16  # an encapsulated key of 1,088 and 32 bytes, and a tag


@pytest.mark.parametrize("beginning", [b"\2\1", b"\0\1", b"\1\3", b"\1\0"])
def test_a_seal_of_another_version_or_kind_is_refused_before_it_is_tried(beginning: bytes) -> None:
    key = os.urandom(32)
    sealed = cipher.seal(key, b"Ana", b"cell")
    nonce = sealed[2:14]
    forged = beginning + nonce + AESGCMSIV(key).encrypt(nonce, b"Ana", beginning + b"cell")

    with pytest.raises(SealBroken):
        cipher.unseal(key, forged, b"cell")


def test_nothing_at_all_can_be_sealed() -> None:
    key = os.urandom(32)

    assert cipher.unseal(key, cipher.seal(key, b"", b""), b"") == b""
    assert padding.unpad(b"\0\0\0\0") == b""
    assert len(padding.pad(bytes(252))) == 256
