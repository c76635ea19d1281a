"""The keyring: where keys come from, which of them are here, and what is forgotten with one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from store.cipher import new_key
from store.custody import by_passphrase, by_shares, is_in_shares, is_under_passphrase
from store.database import Store, Tx
from store.key_files import KeyFile, key_id
from store.keyring import Keyring, plainly
from store.made_keys import key_file, under
from store.refusals import KeysRefused, Locked
from store.rotation import rotate
from store.sealing import begin_subject
from tests.databases import Hands

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PASSPHRASE = "five words of the dictionary"


def file_of(keyring: Keyring, use: str) -> KeyFile:
    """The newest file for this use."""
    return [one for one in keyring.files if one.use == use][-1]


@pytest.fixture
def parted(tmp_path: Path) -> tuple[Path, Path]:
    """Keys whose key-encryption key the system hands over: their folder, and where it hands over what."""
    keys, handed = tmp_path / "keys", tmp_path / "handed"
    made = Keyring.fresh(NOW)
    made.save(keys)
    handed.mkdir()
    name = file_of(made, "kek").name
    (keys / name).rename(handed / name)
    return keys, handed


def test_a_key_that_the_system_hands_over_is_one_of_ours(parted: tuple[Path, Path]) -> None:
    keys, handed = parted

    keyring = Keyring.load(keys, handed)

    assert not keyring.is_locked
    assert [one.use for one in keyring.files].count("kek") == 1
    assert Keyring.load(keys).is_locked
    assert Keyring.load(keys, handed / "not there").is_locked


def test_what_is_handed_over_may_be_readable_to_who_handed_it_over(parted: tuple[Path, Path]) -> None:
    keys, handed = parted
    for path in handed.iterdir():
        path.chmod(0o440)  # as systemd gives it where it sets an access list

    assert not Keyring.load(keys, handed).is_locked


def test_what_is_handed_over_goes_before_a_stub_of_it(tmp_path: Path) -> None:
    keys, handed = tmp_path / "keys", tmp_path / "handed"
    made = Keyring.fresh(NOW)
    made.save(keys)
    whole = file_of(made, "kek")
    handed.mkdir()
    whole.write(handed)
    (keys / whole.name).unlink()
    KeyFile("kek", whole.id, whole.created, whole.retire_after, by_passphrase(PASSPHRASE)(whole.fields["key"])).write(
        keys
    )

    assert Keyring.load(keys).is_locked
    assert not Keyring.load(keys, handed).is_locked


def test_a_key_that_is_handed_over_later_is_found_when_it_is_missed(parted: tuple[Path, Path]) -> None:
    keys, handed = parted
    keyring = Keyring.load(keys, handed)
    kek = new_key()
    late = key_file("kek", kek, {"key": kek}, NOW + timedelta(days=1))
    late.write(handed)

    assert keyring.kek(late.id) == kek


def test_a_repr_tells_which_keys_there_are_and_whether_we_are_locked() -> None:
    made = Keyring.fresh(NOW)
    name = made.kek_ids[0]
    locked = Keyring([one for one in made.files if one.use != "kek"] + [_closed(made)])
    kek = new_key()
    made.add(key_file("kek", kek, plainly(kek), NOW + timedelta(days=1)))

    assert repr(made) == f"<Keyring kek={name},{key_id(kek)}>"
    assert repr(locked) == f"<Keyring kek={name} locked>"


def _closed(made: Keyring) -> KeyFile:
    file = file_of(made, "kek")
    return KeyFile("kek", file.id, file.created, file.retire_after, by_passphrase(PASSPHRASE)(file.fields["key"]))


def test_a_key_that_is_dropped_opens_nothing_any_more(tmp_path: Path) -> None:
    made = Keyring.fresh(NOW)
    made.save(tmp_path / "keys")
    old = file_of(made, "kek")
    kek = new_key()
    made.add(key_file("kek", kek, plainly(kek), NOW + timedelta(days=1)))

    made.drop(old)
    made.drop(old)

    assert made.kek_ids == (key_id(kek),)
    assert not (tmp_path / "keys" / old.name).exists()
    with pytest.raises(Locked):
        made.kek(old.id)


def test_dropping_another_kind_of_file_takes_no_key_along() -> None:
    made = Keyring.fresh(NOW)
    kek = made.kek(made.kek_ids[0])
    other = KeyFile("handover", made.kek_ids[0], NOW, NOW.date(), {"wrapped": bytes(60)})

    made.drop(other)

    assert made.kek(made.kek_ids[0]) == kek


def test_keys_in_memory_are_written_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = Keyring.fresh(NOW)
    kek = new_key()

    made.add(key_file("kek", kek, plainly(kek), NOW))

    assert list(tmp_path.iterdir()) == []


def test_the_ingest_key_under_another_key_is_the_same_one() -> None:
    made = Keyring.fresh(NOW)
    held, before, kek = file_of(made, "ingest"), made.kek(made.kek_ids[0]), new_key()
    private = made.ingest_private(bytes.fromhex(held.id))

    after = under(held, before, kek)
    wrapped = after.fields["wrapped"]

    assert (after.use, after.id, after.fields["public"]) == ("ingest", held.id, held.fields["public"])
    assert wrapped[2:6].hex() == key_id(kek)
    made.add(after, key_file("kek", kek, plainly(kek), NOW))
    assert made.ingest_private(bytes.fromhex(held.id)) == private


def test_how_a_key_is_kept_is_told_from_its_file() -> None:
    kek, given = new_key(), list[KeyFile]()
    plain = key_file("kek", kek, plainly(kek), NOW)
    under = key_file("kek", kek, by_passphrase(PASSPHRASE)(kek), NOW)
    shared = key_file("kek", kek, by_shares(given.append, NOW)(kek), NOW)
    backup = key_file("sign", kek, {"key": kek, "salt": b"", "share": b""}, NOW)

    assert [is_under_passphrase(one) for one in (plain, under, shared, backup)] == [False, True, False, False]
    assert [is_in_shares(one) for one in (plain, under, shared, backup)] == [False, False, True, False]
    assert [(one.use, one.id) for one in given] == [("share", key_id(kek))]


def test_a_passphrase_of_twelve_characters_is_long_enough() -> None:
    assert by_passphrase("a" * 12)(new_key())
    with pytest.raises(KeysRefused):
        by_passphrase("a" * 11)


async def test_a_database_whose_key_is_gone_is_opened_locked_and_unlocked_when_it_comes_back(
    url: str, tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    Keyring.fresh(NOW).save(keys)
    await (await Store.open(url, Hands(), Keyring.load(keys))).close()
    gone = file_of(Keyring.load(keys), "kek")
    (keys / gone.name).unlink()
    alone = Keyring.load(keys)
    kek = new_key()
    key_file("kek", kek, plainly(kek), NOW + timedelta(days=1)).write(keys)
    beside_another = Keyring.load(keys)

    for keyring in (alone, beside_another):
        store = await Store.open(url, Hands(), keyring)
        assert store.vault.is_locked
        with pytest.raises(Locked):
            await store.run(lambda tx: begin_subject(tx, uuid4()))
        await store.close()
    gone.write(keys)
    store = await Store.open(url, Hands(), alone)
    unlocked = not store.vault.is_locked
    await store.close()

    assert unlocked


async def test_a_database_does_not_begin_without_a_key(url: str, tmp_path: Path) -> None:
    made = Keyring.fresh(NOW)

    with pytest.raises(KeysRefused, match="cannot begin without one"):
        await Store.open(url, Hands(), Keyring([one for one in made.files if one.use != "kek"]))


async def test_the_epochs_of_a_database_are_numbered_in_order(url: str) -> None:
    keyring = Keyring.fresh(NOW)
    clock = Hands()
    store = await Store.open(url, clock, keyring)
    first = keyring.kek_ids[0]
    clock.shown += timedelta(days=1)
    second = (await rotate(store, plainly)).now
    clock.shown += timedelta(days=1)
    third = (await rotate(store, plainly)).now

    def look(tx: Tx) -> tuple[list[tuple[str, datetime]], int, int, str | None]:
        data_keys = tx.vault.data_keys
        with data_keys.changing(tx.connection) as own:
            of_another = data_keys.count_of_another(own, third), data_keys.count_of_another(own, second)
            return data_keys.ended(own), *of_another, data_keys.epoch(own)

    ended, left, all_of_them, newest = await store.run(look)
    await store.close()

    assert [kek for kek, _ in ended] == [first, second]
    assert [at for _, at in ended] == sorted(at for _, at in ended)
    assert (left, all_of_them, newest) == (0, 1, third)  # the key of the instance itself
