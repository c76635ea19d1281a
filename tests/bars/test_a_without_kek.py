"""A6 once more, for a thief of the whole machine, switched off: every file, the folder of keys and all backups, opened
even, but not the key-encryption key, which is under a passphrase, in two shares or elsewhere."""

import asyncio
import hmac
import secrets
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

import pyrage
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from escalation.people import DefenderId
from escalation.secrets import Code
from store import addresses, codes, deliveries, inbox, people, presses
from store.binding import bound
from store.cipher import new_key
from store.copies import take
from store.custody import by_passphrase, by_shares
from store.database import Store, Tx
from store.key_files import KeyFile, read_folder
from store.keyring import Keep, Keyring, plainly
from store.made_keys import key_file
from store.refusals import Locked
from store.words import hash_code, hash_word, parts_of_reading, word_matches
from tests.bars.conftest import Bar
from tests.bars.markers import found_in
from tests.bars.thief import everything_in
from tests.databases import START, Hands
from tests.store.made import call, call_for_help, responder
from tocsin.backups import seal_copies

CODE, WORD, SAYS, CHAT = (3, 1, 4, 9), "maple of the river", "took", "471100112233"
PURPOSES = ("index", "log", "pepper", "token")
KEPT = {
    "under a passphrase": by_passphrase("five words of the dictionary"),
    "in two shares": by_shares(lambda share: None, START),
    "elsewhere": plainly,
}


@dataclass(frozen=True, slots=True)
class Loot:
    """What the thief has, and what somebody knows who looks whether it helps."""

    folder: Path
    keys: Path
    person: UUID
    markers: tuple[str, ...]
    hashed_word: str
    hashed_code: str
    token: str
    expires_at: datetime
    pressed_by: UUID


def live(tx: Tx, name: str) -> tuple[UUID, str, str, str, UUID]:
    """Somebody with a code and a word, who called for help: a responder has a button, and a message waits."""
    person = people.add_defender(tx, name, language="es", zone="America/Bogota", profile="high", chain="default")
    word, code = (
        made(partial(tx.vault.peppered, person)) for made in (partial(hash_word, WORD), partial(hash_code, CODE))
    )
    people.change_defender(tx, person, state="active", consented_at=tx.now, safe_word=word)
    codes.save(tx, person, code)
    addresses.add(tx, person, "defender", "telegram", CHAT, verified=True)
    bo = responder(tx)
    incident = call_for_help(tx, DefenderId(person), bo)
    delivery = deliveries.put(tx, call(tx, bo, incident.id, words={"text": name}))
    assert delivery is not None
    [token] = presses.new(tx, bo, delivery, 1, [SAYS]).values()
    inbox.keep(tx, "defenders", 1, addresses.blind(tx, "defender", "telegram", CHAT), name.encode(), urgent=True)
    return person, word, code, token, bo


async def stolen(tmp_path: Path, keep: Keep, *, old_root: bool = False) -> Loot:
    """A whole machine, switched off: where its key-encryption key was in the clear, that file is elsewhere."""
    folder, keys, name = tmp_path / "stolen", tmp_path / "keys", f"Marker{secrets.token_hex(6)}"
    keyring = Keyring.fresh(START, keep)
    if old_root:
        root = new_key()
        rest = [one for one in keyring.files if one.use not in ("root", "kek")]
        kek = next(one for one in keyring.files if one.use == "kek")
        unlocked = keyring.kek(kek.id)
        keyring = Keyring([*rest, kek, key_file("root", root, {"key": root}, START)])
        keyring.unlock(unlocked)
    keyring.save(keys)
    await asyncio.to_thread(folder.mkdir)
    url = f"sqlite:///{folder / 'tocsin.db'}"
    store = await Store.open(url, Hands(), keyring)
    person, word, code, token, bo = await store.run(partial(live, name=name))
    copied = tmp_path / "copies"
    await asyncio.to_thread(copied.mkdir)
    copies = await take(url, copied)
    recipients = [pyrage.x25519.Identity.generate().to_public() for _ in range(2)]
    await asyncio.to_thread(seal_copies, copies, tmp_path / "backups", recipients, START)
    for scratch in (copies.main, copies.keys):
        scratch.with_name(f"{scratch.name}.headed").unlink()
    await store.close()
    for one in read_folder(keys):
        if one.use == "kek" and "key" in one.fields:
            (keys / one.name).unlink()
    ends = START + presses.VALID_FOR
    return Loot(tmp_path, keys, person, (name, WORD, CHAT, token), word, code, token, ends, bo)


def keys_of_a_thief(files: list[KeyFile]) -> Iterator[bytes]:
    """Every key that somebody may make of a folder of keys who knows our source."""
    yield bytes(32)
    for file in files:
        for value in file.fields.values():
            yield value
            yield from (value[start : start + 32] for start in range(0, min(len(value), 128) - 31, 2))
            if len(value) == 32:
                for purpose in PURPOSES:
                    yield HKDF(SHA256(), 32, salt=None, info=f"tocsin/{purpose}/v1".encode()).derive(value)


def opens_the_word(loot: Loot, key: bytes) -> bool:
    """Whether this is the pepper: the right word, and a part of the right code, are known by it."""

    def peppered(said: str) -> bytes:
        return hmac.digest(key, bound(said, loot.person.bytes), "sha256")

    part = parts_of_reading(CODE, Code(loot.hashed_code, loot.hashed_code), peppered)[0]
    return word_matches(WORD, loot.hashed_word, peppered) or part()


def makes_the_button(loot: Loot, key: bytes) -> bool:
    """Whether this is the key of buttons."""
    raw = urlsafe_b64decode(f"{loot.token[1:]}=")
    said = bound("press", raw[:16], loot.pressed_by.bytes, SAYS.encode(), loot.expires_at.isoformat().encode())
    return hmac.compare_digest(hmac.digest(key, said, "sha256")[:16], raw[16:])


def lying_in(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, as it is."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kept", KEPT)
async def test_a6_all_but_the_key_encryption_key_tries_no_code_makes_no_button_and_opens_nothing(
    bar: Bar, kept: str, tmp_path: Path
) -> None:
    loot = await stolen(tmp_path, KEPT[kept])
    keyring = Keyring.load(loot.keys)
    store = await Store.open(f"sqlite:///{tmp_path / 'stolen' / 'tocsin.db'}", Hands(), keyring)

    assert keyring.is_locked
    for work in (people.defenders, people.responders, partial(inbox.waiting, limit=1, urgent=True)):
        with pytest.raises(Locked):
            await store.read(work)
    for secret in (partial(store.vault.peppered, loot.person, WORD), partial(store.vault.mac, "press", b"")):
        with pytest.raises(Locked):
            secret()
    who = await store.read(lambda tx: addresses.person_at(tx, "defender", "telegram", CHAT))
    await store.close()

    tried = list(dict.fromkeys(keys_of_a_thief(read_folder(loot.keys))))
    by_hand = tried[:: max(1, len(tried) // bar.size(16, 400))]
    whole = [one for file in read_folder(loot.keys) for one in file.fields.values() if len(one) == 32]
    assert not any(opens_the_word(loot, key) for key in {*by_hand, *whole})
    assert not any(makes_the_button(loot, key) for key in tried)
    values = [value for place in ("stolen", "copies") for value in everything_in(tmp_path / place)]
    lying = lying_in(tmp_path)
    assert len([name for name in lying if name.endswith(".age")]) == 2
    assert [hit for value in (*values, *lying.values()) for hit in found_in(value, loot.markers)] == []
    assert who == loot.person  # what a locked machine must know can be tried: SECURITY.md says so
    bar.holds(
        "with all files, backups and key files but the key-encryption key: no code is tried, no button made",
        f"kept {kept}: {len(tried):,} keys that could be made of the folder fit no button, {len(by_hand)} of them no"
        f" code; 0 of {len(loot.markers)} markers in {len(values):,} values",
    )


async def test_a6_the_same_thief_opens_a_code_and_makes_a_button_where_the_root_lies_open(tmp_path: Path) -> None:
    loot = await stolen(tmp_path, plainly, old_root=True)
    root = next(one.fields["key"] for one in read_folder(loot.keys) if one.use == "root")
    tried = list(keys_of_a_thief(read_folder(loot.keys)))
    pepper = HKDF(SHA256(), 32, salt=None, info=b"tocsin/pepper/v1").derive(root)

    assert pepper in tried
    assert opens_the_word(loot, pepper)
    assert any(makes_the_button(loot, key) for key in tried)
