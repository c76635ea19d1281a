"""Changing the key-encryption key, as the folder of keys sees it: nothing in it is ever lost, and what lay open in it
because it was made long ago is wrapped."""

from base64 import urlsafe_b64encode
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from store.cipher import new_key
from store.database import Store, Tx
from store.key_files import KeyFile, read
from store.keyring import Keyring, plainly
from store.made_keys import ingest_file, key_file, under, wrapped_by
from store.refusals import KeysRefused, Locked
from store.rotation import KEPT_FOR, look_after, rotate
from store.sealing import begin_subject
from tests.databases import START, Hands

SOMEBODY = [UUID(int=number) for number in range(1, 4)]


@pytest.fixture
def store(with_folder: Store) -> Store:
    """A store whose keys are in files."""
    return with_folder


def begin_all(tx: Tx) -> None:
    for subject in SOMEBODY:
        begin_subject(tx, subject)


def lying_in(folder: Path, use: str = "*") -> dict[str, bytes]:
    """The files for this use, or all, and what stands in them."""
    return {path.name: path.read_bytes() for path in folder.glob(f"{use}-*")}


def wrapped_in(folder: Path) -> set[str | None]:
    """By which key-encryption keys what is wrapped in the folder is wrapped."""
    return {wrapped_by(read(path)) for use in ("root", "ingest") for path in folder.glob(f"{use}-*")}


def root_in(store: Store) -> KeyFile:
    """The file of the root."""
    return next(one for one in store.vault.keyring.files if one.use == "root")


def with_an_old_root(folder: Path) -> bytes:
    """Have the folder hold the root as it was once, in the open; gives it."""
    root = new_key()
    for path in folder.glob("root-*"):
        path.unlink()
    key_file("root", root, {"key": root}, START).write(folder)
    return root


def secrets_of(folder: Path) -> dict[str, bytes]:
    """All that the folder gives to who has its key-encryption keys."""
    keyring = Keyring.load(folder)
    received = [one for one in keyring.files if one.use == "ingest" and one.created == START]
    return {
        **{purpose: keyring.subkey(purpose) for purpose in ("index", "log", "pepper", "token")},
        **{one.id: keyring.ingest_private(bytes.fromhex(one.id)) for one in received},
    }


async def test_a_root_that_lies_open_is_wrapped_when_the_key_is_changed(tmp_path: Path, folder: Path) -> None:
    root = with_an_old_root(folder)
    before = secrets_of(folder)
    store = await Store.open(f"sqlite:///{tmp_path / 'a.sqlite'}", Hands(), Keyring.load(folder))
    [(name, text)] = lying_in(folder, "root").items()

    rotated = await rotate(store, plainly)
    await store.close()

    assert urlsafe_b64encode(root) in text
    assert set(lying_in(folder, "root")) == {name}
    assert not any(urlsafe_b64encode(root) in one for one in lying_in(folder).values())
    assert secrets_of(folder) == before
    assert wrapped_in(folder) == {rotated.now}


@pytest.mark.parametrize("old", [True, False])
@pytest.mark.parametrize("files_written", range(5))
async def test_no_key_is_lost_wherever_a_change_is_cut_short_and_the_next_one_ends_it(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, files_written: int, old: bool
) -> None:
    if old:
        with_an_old_root(folder)
    before, url = secrets_of(folder), f"sqlite:///{tmp_path / 'a.sqlite'}"
    store = await Store.open(url, Hands(), Keyring.load(folder))
    await store.run(begin_all)
    written, left = KeyFile.write, [files_written]

    def dies(file: KeyFile, into: Path) -> Path:
        if not left[0]:
            raise KeysRefused("the disk is full")
        left[0] -= 1
        return written(file, into)

    with monkeypatch.context() as patch:
        patch.setattr(KeyFile, "write", dies)
        with suppress(KeysRefused):
            await rotate(store, plainly)
    await store.close()

    assert secrets_of(folder) == before
    again = await Store.open(url, Hands(), Keyring.load(folder))
    for subject in SOMEBODY:
        assert await again.read(lambda tx, subject=subject: tx.vault.data_key(tx.connection, subject))  # type: ignore[misc] # bound at once
    rotated = await rotate(again, plainly)
    await again.close()
    assert secrets_of(folder) == before
    assert wrapped_in(folder) == {rotated.now}


async def test_an_old_key_stays_as_long_as_the_rest_of_the_root_opens_by_it(
    store: Store, folder: Path, clock: Hands
) -> None:
    held = root_in(store)
    await rotate(store, plainly)
    store.vault.keyring.add(held)  # as where the change was cut short before it was wrapped anew

    clock.shown += 2 * KEPT_FOR

    assert await look_after(store) == 1  # the ingest key of its time
    assert len(lying_in(folder, "kek")) == 2


@pytest.mark.parametrize("is_altered", [True, False])
async def test_an_ingest_key_that_does_not_open_is_passed_over_and_kept_for_a_week(
    store: Store, folder: Path, clock: Hands, is_altered: bool
) -> None:
    keyring = store.vault.keyring
    file = ingest_file(new_key(), START)  # by a change that was cut short, whose key nobody has
    if is_altered:
        of_another = ingest_file(keyring.kek(keyring.kek_ids[0]), START).fields["wrapped"]
        file = replace(file, fields={**file.fields, "wrapped": of_another})
    keyring.add(file)

    rotated = await rotate(store, plainly)

    assert wrapped_by(root_in(store)) == rotated.now
    assert len(lying_in(folder, "ingest")) == 3
    assert (folder / file.name).read_text(encoding="ascii") == file.text()
    clock.shown += KEPT_FOR + timedelta(seconds=1)
    await look_after(store)
    assert len(lying_in(folder, "ingest")) == 1


async def test_the_newest_files_are_those_in_force_whatever_a_clock_said_before(store: Store) -> None:
    keyring = store.vault.keyring
    ahead = START + timedelta(minutes=5)
    keyring.add(ingest_file(keyring.kek(keyring.kek_ids[0]), ahead))

    rotated = await rotate(store, plainly)

    made = [one for one in keyring.files if one.created == ahead + timedelta(seconds=1)]
    assert [one.use for one in made] in (["kek", "ingest"], ["ingest", "kek"])
    assert rotated.now in {one.id for one in made}
    assert keyring.newest_ingest in made


async def test_who_cannot_wrap_the_rest_of_the_root_anew_makes_no_key(store: Store, folder: Path) -> None:
    keyring = store.vault.keyring
    held = root_in(store)
    before = set(lying_in(folder))
    keyring.add(under(held, keyring.kek(keyring.kek_ids[0]), new_key()))

    with pytest.raises(Locked):
        await rotate(store, plainly)

    assert set(lying_in(folder)) == before
