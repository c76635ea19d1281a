"""Key files: what they hold comes back, and whatever is not exactly so is refused in one sentence."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store.custody import by_passphrase, by_shares, with_passphrase, with_share
from store.key_files import KeyFile, parse, read, read_folder
from store.keyring import Keyring
from store.refusals import KeysRefused, Locked

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PASSPHRASE = "five words of the dictionary"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the keys of an instance."""
    Keyring.fresh(NOW).save(tmp_path / "keys")
    return tmp_path / "keys"


def one(folder: Path, use: str) -> Path:
    """The key file for this use."""
    return next(folder.glob(f"{use}-*.key"))


def rewrite(path: Path, old: str, new: str) -> None:
    """Change a key file, as a slip of the hand would."""
    text = path.read_text(encoding="ascii")
    assert old in text
    path.chmod(0o600)
    path.write_text(text.replace(old, new, 1), encoding="ascii")
    path.chmod(0o400)


def test_keys_that_were_saved_are_the_same_when_loaded(folder: Path) -> None:
    first, again = Keyring.load(folder), Keyring.load(folder)

    assert first.subkey("index") == again.subkey("index")
    assert first.kek(first.kek_ids[0]) == again.kek(first.kek_ids[0])
    assert first.ingest_public == again.ingest_public
    assert not again.is_locked


def test_every_purpose_has_a_key_of_its_own(folder: Path) -> None:
    keyring = Keyring.load(folder)

    assert len({keyring.subkey(purpose) for purpose in ("index", "token", "pepper", "log")}) == 4


def test_the_folder_and_the_files_are_for_their_owner_alone(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o400}


def test_a_repr_shows_no_secret(folder: Path) -> None:
    keyring = Keyring.load(folder)
    shown = repr(keyring) + repr(keyring.files) + str(keyring.files)
    secrets = [value for file in keyring.files for value in file.fields.values()]

    assert len(secrets) == 7
    assert not any(secret.hex() in shown or repr(secret) in shown for secret in secrets)


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o420, 0o402, 0o410, 0o401])
def test_a_file_that_others_may_read_is_refused(folder: Path, mode: int) -> None:
    one(folder, "root").chmod(mode)

    with pytest.raises(KeysRefused, match=r"Others may look into the key file .*: run `chmod 400 "):
        Keyring.load(folder)


def test_a_folder_that_others_may_look_into_is_refused(folder: Path) -> None:
    folder.chmod(0o750)

    with pytest.raises(KeysRefused, match="Others may look into the key folder"):
        Keyring.load(folder)


def test_a_file_of_another_owner_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)

    with pytest.raises(KeysRefused, match="belongs to another user"):
        Keyring.load(folder)


def test_what_the_system_hands_over_may_be_owned_by_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)

    assert read(one(folder, "kek"), ours=False).use == "kek"


def test_a_link_is_not_followed(folder: Path) -> None:
    path = one(folder, "kek")
    path.rename(folder / "elsewhere")
    path.symlink_to(folder / "elsewhere")

    with pytest.raises(KeysRefused, match="cannot be read"):
        Keyring.load(folder)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("tocsin-key v1", "tocsin-key v2", "does not begin with"),
        ("use: kek", "use: kek\nnote: hello", "a field too many"),
        ("use: kek", "use: kek\nuse: kek", "is there twice"),
        ("use: kek", "use: cake", "nobody knows what it is for"),
        ("use: kek", "use: root", "check does not fit"),
        ("2026-03-02T08", "2026-03-02T09", "check does not fit"),
        ("retire-after: 2026", "retire-after: 2036", "check does not fit"),
        ("created: ", "created:", "not a field"),
        ("retire-after: 2026-04-01\n", "", "too many or too few"),
        ("=\n", "\n", "not base64url"),
    ],
)
def test_a_file_that_was_changed_is_refused(folder: Path, old: str, new: str, says: str) -> None:
    rewrite(one(folder, "kek"), old, new)

    with pytest.raises(KeysRefused, match=says):
        Keyring.load(folder)


def test_every_changed_letter_of_a_plain_key_is_noticed(folder: Path) -> None:
    text = one(folder, "kek").read_text(encoding="ascii")

    for place, letter in enumerate(text):
        with pytest.raises(ValueError, match=r".+"):
            parse(text[:place] + ("B" if letter == "A" else "A") + text[place + 1 :])


def test_a_key_that_is_there_twice_is_refused(folder: Path) -> None:
    path = one(folder, "kek")
    (folder / "copy.key").write_bytes(path.read_bytes())
    (folder / "copy.key").chmod(0o400)

    with pytest.raises(KeysRefused, match="Two key files hold the kek key"):
        read_folder(folder)


@pytest.mark.parametrize("use", ["root", "sign", "ingest"])
def test_a_key_that_is_missing_is_named_with_what_to_do(folder: Path, use: str) -> None:
    one(folder, use).unlink()

    with pytest.raises(KeysRefused, match=f"The {use} key .* is missing: run `tocsin keys new`"):
        Keyring.load(folder)


def test_no_folder_names_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(KeysRefused, match="tocsin keys new"):
        Keyring.load(tmp_path / "nowhere")


def test_a_passphrase_opens_what_it_closed_and_no_other_does(tmp_path: Path) -> None:
    made = Keyring.fresh(NOW, by_passphrase(PASSPHRASE))
    made.save(tmp_path / "keys")
    loaded = Keyring.load(tmp_path / "keys")
    file = next(file for file in loaded.files if file.use == "kek")

    with pytest.raises(Locked):
        loaded.kek(file.id)
    with pytest.raises(KeysRefused, match="not the passphrase"):
        with_passphrase(file, PASSPHRASE + "!")
    loaded.unlock(with_passphrase(file, PASSPHRASE))

    assert not loaded.is_locked
    assert loaded.kek(file.id) == made.kek(file.id)


def test_a_passphrase_that_was_typed_in_another_encoding_opens_what_it_closed(tmp_path: Path) -> None:
    typed = b"une phrase tr\xe8s longue, en latin-1".decode("utf-8", "surrogateescape")
    made = Keyring.fresh(NOW, by_passphrase(typed))
    made.save(tmp_path / "keys")
    loaded = Keyring.load(tmp_path / "keys")
    file = next(file for file in loaded.files if file.use == "kek")

    loaded.unlock(with_passphrase(file, typed))

    assert not loaded.is_locked


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(KeysRefused, match="at least 12"):
        by_passphrase("hunter2")


def test_two_shares_make_the_key_and_one_alone_makes_nothing(tmp_path: Path) -> None:
    given: list[KeyFile] = []
    made = Keyring.fresh(NOW, by_shares(given.append, NOW))
    made.save(tmp_path / "keys")
    loaded = Keyring.load(tmp_path / "keys")
    file = next(file for file in loaded.files if file.use == "kek")
    elsewhere = given[0].fields["key"]

    assert loaded.is_locked
    assert made.kek(file.id) not in (file.fields["share"], elsewhere)
    for wrong in (bytes(32), elsewhere[:-1], elsewhere[::-1]):
        with pytest.raises(KeysRefused, match="does not belong"):
            with_share(file, wrong)
    loaded.unlock(with_share(file, elsewhere))
    assert loaded.kek(file.id) == made.kek(file.id)


def test_a_key_of_another_instance_unlocks_nothing(tmp_path: Path) -> None:
    Keyring.fresh(NOW, by_passphrase(PASSPHRASE)).save(tmp_path / "keys")
    loaded, other = Keyring.load(tmp_path / "keys"), Keyring.fresh(NOW)

    with pytest.raises(KeysRefused, match="opens none of the keys"):
        loaded.unlock(other.kek(other.kek_ids[0]))

    assert loaded.is_locked


def test_a_key_lasts_for_a_time_that_its_file_says(folder: Path) -> None:
    said = {file.use: file.retire_after - file.created.date() for file in Keyring.load(folder).files}

    assert said["kek"] == timedelta(days=30)
    assert said["root"] == timedelta(days=365)
