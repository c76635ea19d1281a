"""Sealing: what was sealed comes back in its own cell, and nowhere else, and not without its key."""

import os
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import cipher, known_answers
from store.binding import bound
from store.database import Store, Tx
from store.keyring import Keyring
from store.orphans import sweep_orphans
from store.padding import FIELD_BUCKETS, RAW_BUCKETS, pad, unpad
from store.records import Words
from store.refusals import Erased, KeysRefused, SealBroken
from store.rotation import KEPT_FOR, look_after, rotate
from store.sealing import HOUSE, Cell, begin_subject, erase_subject, opened, seal
from tests.databases import START, Hands
from tests.keys import KEYRING
from tests.store.made import ana

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


async def begun(store: Store) -> UUID:
    """Somebody with a data key."""
    subject = uuid4()
    await store.run(lambda tx: begin_subject(tx, subject))
    return subject


async def test_what_was_sealed_comes_back_whatever_it_is(store: Store) -> None:
    subject = await begun(store)
    cell = Cell("defender", "card", subject)
    said: Words = {"name": "Áña 日本 \x00", "times": [1, None, True], "no": ""}

    sealed = await store.run(lambda tx: seal(tx, subject, cell, said))

    assert await store.read(lambda tx: opened(tx, subject, cell, sealed)) == said
    store.vault.forget()
    assert await store.read(lambda tx: opened(tx, subject, cell, sealed)) == said


async def test_a_seal_opens_in_its_own_cell_only(store: Store) -> None:
    subject, other = await begun(store), await begun(store)
    cell = Cell("defender", "card", subject)
    sealed = await store.run(lambda tx: seal(tx, subject, cell, "Ana"))
    elsewhere = [
        (other, cell),
        (subject, Cell("responder", "card", subject)),
        (subject, Cell("defender", "note", subject)),
        (subject, Cell("defender", "card", other)),
        (subject, Cell("defendercard", "", subject)),
    ]

    for whose, where in elsewhere:
        with pytest.raises(SealBroken):
            await store.read(partial(opened, subject=whose, cell=where, sealed=sealed))


async def test_every_flipped_bit_and_every_cut_is_noticed(store: Store) -> None:
    subject = await begun(store)
    cell = Cell("defender", "card", subject)
    sealed = await store.run(lambda tx: seal(tx, subject, cell, "Ana"))
    flipped = [sealed[:n] + bytes([sealed[n] ^ 1 << n % 8]) + sealed[n + 1 :] for n in range(len(sealed))]

    def refuses(tx: Tx) -> None:
        for wrong in [*flipped, *(sealed[:n] for n in range(len(sealed))), sealed + b"\0"]:
            with pytest.raises(SealBroken):
                opened(tx, subject, cell, wrong)

    await store.read(refuses)


async def test_who_has_no_key_can_have_nothing_sealed(store: Store) -> None:
    with pytest.raises(Erased):
        await store.run(lambda tx: seal(tx, uuid4(), Cell("defender", "card", 1), "Ana"))


async def test_nothing_opens_once_the_key_is_erased(store: Store) -> None:
    subject = await begun(store)
    cell = Cell("defender", "card", subject)
    sealed = await store.run(lambda tx: seal(tx, subject, cell, "Ana"))

    digest = await store.run(lambda tx: erase_subject(tx, subject))

    assert len(digest) == 32
    with pytest.raises(Erased):
        await store.read(lambda tx: opened(tx, subject, cell, sealed))
    with pytest.raises(Erased):
        await store.run(lambda tx: erase_subject(tx, subject))


async def test_a_key_whose_transaction_failed_is_not_taken_for_kept(store: Store) -> None:
    subject = uuid4()
    cell = Cell("defender", "card", subject)

    def fails(tx: Tx) -> None:
        begin_subject(tx, subject)
        seal(tx, subject, cell, "Ana")
        raise LookupError

    with pytest.raises(LookupError):
        await store.run(fails)

    def kept(tx: Tx) -> bool:
        return tx.vault.data_keys.find(tx.connection, subject) is not None

    def seals(tx: Tx) -> bool:
        try:
            seal(tx, subject, cell, "Ana")
        except Erased:
            return False
        return True

    assert await store.run(seals) == await store.read(kept)


async def test_what_is_nobodys_is_sealed_under_a_key_of_the_instance(store: Store) -> None:
    cell = Cell("journal", "detail", 1)
    sealed = await store.run(lambda tx: seal(tx, HOUSE, cell, "began"))

    assert await store.read(lambda tx: opened(tx, HOUSE, cell, sealed)) == "began"


async def test_who_only_reads_makes_no_key_of_the_instance(store: Store) -> None:
    await store.run(lambda tx: erase_subject(tx, HOUSE))

    with pytest.raises(Erased):
        await store.read(lambda tx: opened(tx, HOUSE, Cell("journal", "detail", 1), bytes(64)))


async def test_a_key_of_nobody_is_swept_when_the_database_is_opened(tmp_path: Path) -> None:
    clock = Hands()
    store = await Store.open(f"sqlite:///{tmp_path / 'a.sqlite'}", clock, KEYRING)
    nobody = await begun(store)
    clock.shown += KEPT_FOR
    person = await store.run(ana)
    clock.shown += KEPT_FOR
    younger = await begun(store)

    swept = await store.run(lambda tx: sweep_orphans(tx.connection, tx.vault.data_keys))

    def who(tx: Tx) -> set[UUID]:
        with tx.vault.data_keys.changing(tx.connection) as own:
            return set(tx.vault.data_keys.subjects(own)) - {HOUSE}

    assert swept == 1
    assert nobody not in await store.run(who)
    assert await store.run(who) == {person, younger}
    await store.close()


async def test_a_database_is_not_opened_with_the_keys_of_another(url: str) -> None:
    await (await Store.open(url, Hands(), KEYRING)).close()

    with pytest.raises(KeysRefused, match="belongs to other keys"):
        await Store.open(url, Hands(), Keyring.fresh(START))


async def test_an_old_key_is_destroyed_when_no_backup_needs_it(url: str, tmp_path: Path) -> None:
    Keyring.fresh(START).save(tmp_path / "keys")
    clock = Hands()
    store = await Store.open(url, clock, Keyring.load(tmp_path / "keys"))
    rotated = await rotate(store, lambda kek: {"key": kek})
    old = tmp_path / "keys" / f"kek-{rotated.before}.key"

    clock.shown += KEPT_FOR
    assert await look_after(store) == 0
    assert old.exists()
    clock.shown += KEPT_FOR
    assert await look_after(store) == 2  # with the ingest key of its time
    await store.close()

    assert not old.exists()
    assert Keyring.load(tmp_path / "keys").kek_ids == (rotated.now,)


async def test_who_runs_comes_to_hold_a_new_key_without_being_told(url: str, tmp_path: Path) -> None:
    clock = Hands()
    made = Keyring.fresh(START)
    kept = {"salt": b"-" * 16, "wrapped": b"-" * 60}  # as under a passphrase that this test never gives
    made.save(tmp_path / "keys")
    store = await Store.open(url, clock, Keyring.load(tmp_path / "keys"))
    command = await Store.open(url, clock, Keyring.load(tmp_path / "keys"))
    subject = await begun(store)
    cell = Cell("defender", "card", subject)
    sealed = await store.run(lambda tx: seal(tx, subject, cell, "Ana"))

    await rotate(command, lambda kek: kept)
    store.vault.forget()
    name = await store.read(lambda tx: opened(tx, subject, cell, sealed))
    handed = list((tmp_path / "keys").glob("handover-*.key"))
    clock.shown += KEPT_FOR / 2
    await look_after(store)
    for one in (store, command):
        await one.close()

    assert name == "Ana"
    assert len(handed) == 1
    assert not list((tmp_path / "keys").glob("handover-*.key"))


def test_a_raw_update_opens_in_its_own_context_only() -> None:
    from store.data_keys import DataKeys
    from store.vault import Vault

    vault = Vault(KEYRING, DataKeys.in_transaction())
    sealed = vault.seal_raw(b"sos", b"inbox 1")

    assert vault.open_raw(sealed, b"inbox 1") == b"sos"
    of_nobody = sealed[:2] + b"none" + sealed[6:]
    wrongs = [(sealed, b"inbox 2"), *((wrong, b"inbox 1") for wrong in (sealed[:-1], sealed[:40], of_nobody, b""))]
    for wrong, context in wrongs:
        with pytest.raises(SealBroken):
            vault.open_raw(wrong, context)


@given(ANYTHING)
def test_padding_is_taken_off_again(content: object) -> None:
    written = repr(content).encode("utf-8", "surrogatepass")

    assert unpad(pad(written)) == written


@pytest.mark.parametrize("buckets", [FIELD_BUCKETS, RAW_BUCKETS])
def test_what_is_padded_has_one_of_four_lengths(buckets: tuple[int, ...]) -> None:
    lengths = {len(pad(bytes(size), buckets)) for size in range(0, buckets[-1] - 3, buckets[-1] // 997)}

    assert lengths <= set(buckets)
    assert len(buckets) == 4
    assert len(pad(bytes(buckets[-1]), buckets)) == 2 * buckets[-1]


@pytest.mark.parametrize("wrong", [b"", b"\0\0\0", b"\0\0\0\2a", b"\0\0\0\1ab", b"\0\0\0\1a\0\0x"])
def test_what_was_never_padded_is_refused(wrong: bytes) -> None:
    with pytest.raises(SealBroken):
        unpad(wrong)


@given(st.lists(st.text(max_size=4), max_size=4), st.lists(st.text(max_size=4), max_size=4))
def test_other_parts_are_never_bound_to_the_same(one: list[str], other: list[str]) -> None:
    assert (bound(*one) == bound(*other)) == (one == other)


def test_a_part_that_is_too_long_to_bind_is_refused() -> None:
    with pytest.raises(ValueError, match="65,535"):
        bound(bytes(65_536))


def test_where_siv_is_missing_the_seal_says_what_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    from cryptography.exceptions import UnsupportedAlgorithm

    class Missing:
        def __init__(self, key: bytes) -> None:
            raise UnsupportedAlgorithm("as on an old system")

    key = os.urandom(32)
    with_siv = cipher.seal(key, b"Ana", b"cell")
    monkeypatch.setattr(cipher, "AESGCMSIV", Missing)
    without = cipher.seal(key, b"Ana", b"cell")

    assert (with_siv[1], without[1]) == (cipher.SIV, cipher.GCM)
    assert cipher.unseal(key, without, b"cell") == b"Ana"
    with pytest.raises(SealBroken):
        cipher.unseal(key, without[:1] + bytes([cipher.SIV - 1]) + without[2:], b"cell")


def test_wrong_answers_of_the_library_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_answers, "SIV_SEALED", bytes(24))
    known_answers.prove_ciphers.cache_clear()
    with pytest.raises(KeysRefused, match="wrong answers"):
        known_answers.prove_ciphers()
    monkeypatch.undo()
    monkeypatch.setattr(known_answers, "HPKE_PLAIN", b"nothing")
    with pytest.raises(KeysRefused, match="wrong answers"):
        known_answers.prove_ciphers()
    monkeypatch.undo()

    known_answers.prove_ciphers()
