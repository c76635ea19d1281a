"""What a keyring holds: which keys it needs, when it is locked, and when it looks into its folder again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store import ingest
from store.cipher import new_key
from store.key_files import KeyFile, key_id
from store.keyring import Keyring, plainly
from store.made_keys import handover, ingest_file, key_file, root_file, under
from store.refusals import KeysRefused, Locked

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def made() -> Keyring:
    return Keyring.fresh(NOW)


@pytest.fixture
def folder(made: Keyring, tmp_path: Path) -> Path:
    made.save(tmp_path / "keys")
    return tmp_path / "keys"


def of(keyring: Keyring, use: str) -> KeyFile:
    """The only file for this use."""
    [found] = [one for one in keyring.files if one.use == use]
    return found


def closed(kek: bytes, days: int = 0) -> KeyFile:
    """The file of a key-encryption key under a passphrase that no test here gives."""
    return key_file("kek", kek, {"salt": b"-" * 16, "wrapped": b"-" * 60}, NOW + days * DAY)


def plain(kek: bytes, days: int = 0) -> KeyFile:
    return key_file("kek", kek, plainly(kek), NOW + days * DAY)


def ingest_by(kek: bytes, days: int) -> KeyFile:
    """The file of a new ingest key, wrapped by this key-encryption key."""
    return ingest_file(kek, NOW + days * DAY)


@pytest.mark.parametrize("use", ["root", "sign", "ingest"])
def test_without_these_keys_there_is_no_keyring(made: Keyring, use: str) -> None:
    with pytest.raises(KeysRefused, match=f"^The {use} key of this instance is missing: run `tocsin keys new`"):
        Keyring([one for one in made.files if one.use != use])


@pytest.mark.parametrize("use", ["root", "sign"])
def test_of_two_roots_or_signatures_nobody_could_tell_which_is_ours(made: Keyring, use: str) -> None:
    with pytest.raises(KeysRefused, match=f"^There are two {use} keys: leave the one that belongs to this instance"):
        Keyring([*made.files, of(Keyring.fresh(NOW), use)])


def test_where_there_is_no_folder_it_is_said_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(KeysRefused, match=r"^There are no keys at .*: run `tocsin keys new`"):
        Keyring.load(tmp_path / "nowhere")


# Locked


def test_without_any_key_encryption_key_it_is_locked(made: Keyring) -> None:
    assert Keyring([one for one in made.files if one.use != "kek"]).is_locked


def test_the_newest_key_is_needed_unless_a_database_names_another(made: Keyring) -> None:
    newest = new_key()
    made.add(closed(newest, days=1))

    alone = made.is_locked
    made.need(of(Keyring([one for one in made.files if one.id != key_id(newest)]), "kek").id)
    named = made.is_locked
    made.need(key_id(newest))

    assert (alone, named, made.is_locked) == (True, False, True)
    made.unlock(newest)
    assert not made.is_locked


@pytest.mark.parametrize(("days", "locked"), [(1, True), (-1, False)])
def test_the_key_that_opens_what_comes_in_now_is_needed_too(made: Keyring, days: int, locked: bool) -> None:
    gone = new_key()

    made.add(ingest_by(gone, days), ingest_by(gone, -2))

    assert made.is_locked is locked


def test_locked_it_tells_who_writes_and_gives_neither_the_pepper_of_codes_nor_the_key_of_buttons(
    made: Keyring,
) -> None:
    locked = Keyring([one for one in made.files if one.use != "kek"])

    assert [locked.subkey(purpose) for purpose in ("index", "log")] == [made.subkey("index"), made.subkey("log")]
    for purpose in ("pepper", "token"):
        with pytest.raises(Locked):
            locked.subkey(purpose)
    locked.add(of(made, "kek"))
    assert [locked.subkey(purpose) for purpose in ("pepper", "token")] == [made.subkey("pepper"), made.subkey("token")]


def test_the_key_that_wraps_the_rest_of_the_root_is_needed_too(made: Keyring) -> None:
    gone, root = new_key(), of(made, "root")

    made.add(under(root, made.kek(made.kek_ids[0]), gone))
    locked = made.is_locked
    made.add(closed(gone, days=-1))
    made.unlock(gone)

    assert (locked, made.is_locked) == (True, False)


def test_the_ingest_key_that_a_database_names_is_needed_and_no_newer_one(made: Keyring) -> None:
    held, kek = of(made, "ingest"), made.kek_ids[0]
    made.add(ingest_by(new_key(), 1))

    newest = made.is_locked
    made.need(kek, held.id)
    named = made.is_locked
    made.need(kek, "00000000")

    assert (newest, named, made.is_locked) == (True, False, True)
    assert (made.has_ingest(held.id), made.has_ingest("00000000"), made.has_ingest(kek)) == (True, False, False)


def test_of_a_root_that_was_altered_no_key_is_taken(made: Keyring) -> None:
    root = of(made, "root")
    made.add(replace(root, fields={**root.fields, "index": bytes(32)}))

    with pytest.raises(KeysRefused, match=f"^The root key {root.id} was altered: put a copy of its file back"):
        made.subkey("pepper")


def test_a_root_as_it_was_once_gives_every_key_though_we_are_locked(made: Keyring) -> None:
    root = new_key()
    rest = [one for one in made.files if one.use not in ("kek", "root")]
    keyring = Keyring([*rest, key_file("root", root, {"key": root}, NOW)])

    same = Keyring([*rest, root_file(root, kek := new_key(), NOW), plain(kek)])

    for purpose in ("index", "log", "pepper", "token"):
        assert keyring.subkey(purpose) == same.subkey(purpose)
    assert keyring.is_locked


def test_the_files_of_keys_that_are_not_here_are_told_the_newest_first(made: Keyring) -> None:
    files = [closed(new_key(), days) for days in (1, 2)]
    made.add(*files)

    assert made.locked_files == (files[1], files[0])


def test_a_key_of_somebody_else_unlocks_nothing(made: Keyring) -> None:
    with pytest.raises(KeysRefused, match="opens none of the keys"):
        made.unlock(new_key())


def test_a_key_from_elsewhere_brings_those_that_it_hands_over(made: Keyring) -> None:
    first, second, unknown = new_key(), new_key(), new_key()
    made.add(closed(first, 1), closed(second, 2), handover(first, second, NOW), handover(unknown, new_key(), NOW))
    before = [one.id for one in made.locked_files]

    made.unlock(first)

    assert before == [key_id(second), key_id(first)]
    assert made.kek(key_id(second)) == second
    assert not made.is_locked


# Looking again


def test_what_is_here_is_not_looked_for_and_what_is_missed_is(made: Keyring, folder: Path) -> None:
    late, newer = plain(new_key(), 1), ingest_by(made.kek(made.kek_ids[0]), 1)
    for file in (late, newer):
        file.write(folder)

    made.kek(made.kek_ids[0])
    made.ingest_private(bytes.fromhex(of(made, "ingest").id))
    here = {one.id for one in made.files}
    found = made.ingest_private(bytes.fromhex(newer.id))

    assert not here & {late.id, newer.id}
    assert {late.id, newer.id} <= {one.id for one in made.files}
    assert ingest.public_of(found) == newer.fields["public"]
    assert made.kek(late.id) == late.fields["key"]


def test_a_folder_that_cannot_be_read_changes_nothing(made: Keyring, folder: Path) -> None:
    before = made.files
    (folder / "kek-00000000.key").write_text("nothing of ours")

    made.look_again()

    assert made.files == before
    assert not made.is_locked


def test_keys_in_memory_are_looked_for_nowhere(made: Keyring) -> None:
    before = made.files

    made.look_again()

    assert made.files == before
    with pytest.raises(Locked, match="The key-encryption key 00000000 is not here"):
        made.kek("00000000")
    with pytest.raises(Locked, match="The ingest key 00000000 is not here"):
        made.ingest_private(bytes(4))


# Adding and dropping


def test_what_is_added_is_written_where_there_is_a_folder(made: Keyring, folder: Path) -> None:
    file = plain(new_key(), 1)

    made.add(file)

    assert (folder / file.name).exists()
    assert made.kek(file.id) == file.fields["key"]


def test_dropping_tells_whether_it_was_in_the_folder(made: Keyring, folder: Path) -> None:
    old, handed_over = of(made, "kek"), handover(new_key(), new_key(), NOW)

    assert [made.drop(one) for one in (old, old, handed_over)] == [True, False, False]
    assert not (folder / old.name).exists()
    with pytest.raises(Locked):
        made.kek(old.id)


def test_dropping_a_key_in_memory_leaves_the_others(made: Keyring) -> None:
    first, second = of(made, "kek"), plain(new_key(), 1)
    made.add(second)

    dropped = made.drop(replace(second, use="handover"))
    still = made.kek(second.id)

    assert (dropped, still) == (False, second.fields["key"])
    assert made.drop(second) is False
    assert made.kek_ids == (first.id,)


def test_an_ingest_key_goes_on_opening_under_another_key(made: Keyring) -> None:
    held, before, kek = of(made, "ingest"), made.kek(made.kek_ids[0]), new_key()
    private = made.ingest_private(bytes.fromhex(held.id))

    made.add(plain(kek, 1), under(held, before, kek))

    assert made.ingest_private(bytes.fromhex(held.id)) == private
    assert made.wrapping(of(made, "ingest")) == kek
