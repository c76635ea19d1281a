"""The verifier that goes along with a bundle believes nothing that is not signed, hashed or proved.

The bundles are made here by hand, signed with a key of this test, so that each can be wrong in one thing only."""

import base64
import hashlib
import hmac
import json
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from store.merkle import Tree, leaf_hash
from tocsin.evidence.verify import checkpoint_of, note_in, text_of, verify

DASH = "\N{EM DASH}"
SIZE = 5
NAME = "tocsin.journal/test"
SIGNING, OTHERS = (Ed25519PrivateKey.from_private_bytes(bytes([one]) * 32) for one in (1, 2))


def key_of(private: Ed25519PrivateKey, name: str = NAME, kind: bytes = b"\x01") -> str:
    """The public key as it is handed on."""
    public = kind + private.public_key().public_bytes_raw()
    key_id = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    return f"{name}+{key_id.hex()}+{_text(public)}"


def signed(text: str, private: Ed25519PrivateKey = SIGNING, name: str = NAME) -> str:
    """The note of this text."""
    key_id = bytes.fromhex(key_of(private, name).split("+")[1])
    return f"{text}\n{DASH} {name} {_text(key_id + private.sign(text.encode()))}\n"


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def leaf(seq: int) -> str:
    """What stands in the tree at a place."""
    commitment = hmac.new(bytes([seq]), b"what happened", "sha256").hexdigest()
    return json.dumps({"seq": seq, "at": f"2026-03-02T08:0{seq}:00.000000Z", "commitment": commitment})


TREE = Tree([leaf_hash(leaf(seq).encode()) for seq in range(SIZE)])


def checkpoint(size: int, root: bytes | None = None, name: str = NAME) -> str:
    """The note that says how far the log was."""
    return signed(f"{name}\n{size}\n{_text(root or TREE.root(size))}\n")


def hexed(proof: Iterable[bytes]) -> list[str]:
    """As a bundle has a proof."""
    return [one.hex() for one in proof]


def content() -> dict[str, Any]:
    """What a bundle says that is as it should be: the places 1 to 3, the first of them with what happened."""
    entries: list[dict[str, Any]] = [
        {"leaf": leaf(seq), "salt": None, "content": None, "proof": hexed(TREE.inclusion(seq, SIZE))}
        for seq in (1, 2, 3)
    ]
    entries[0] |= {"salt": bytes([1]).hex(), "content": "what happened"}
    older = [{"note": checkpoint(size), "proof": hexed(TREE.consistency(size, SIZE))} for size in (2, 3)]
    return {"checkpoint": checkpoint(SIZE), "checkpoints": older, "entries": entries}


def bundle(folder: Path, says: dict[str, Any], kind: str = "tocsin-bundle v1", name: str = NAME) -> str:
    """A bundle of this content, with a manifest that fits."""
    files = {"bundle.json": json.dumps(says).encode(), "keys.txt": f"{key_of(SIGNING)}\n".encode()}
    lines = [f"{hashlib.sha256(one).hexdigest()}  {file}\n" for file, one in sorted(files.items())]
    files["manifest.txt"] = signed(f"{kind}\n{name}\n{''.join(lines)}").encode()
    path = folder / "bundle.zip"
    with zipfile.ZipFile(path, "w") as written:
        for file, one in files.items():
            written.writestr(file, one)
    return str(path)


def test_what_is_as_it_should_be_is_verified_and_said(tmp_path: Path) -> None:
    path = bundle(tmp_path, content())
    first, last = "2026-03-02T08:01:00.000000Z", "2026-03-02T08:03:00.000000Z"

    assert list(verify(path, key_of(SIGNING), [checkpoint(SIZE), checkpoint(2)])) == [
        f"3 of 5 entries of {NAME} are shown, 1 with their contents; all are in their places.",
        f"The first says {first}, the last {last}, by the clock of the machine that wrote them.",
        f"The key that signed is {key_of(SIGNING)}",
        "Checkpoints kept by others that agree: 2.",
    ]
    assert list(verify(path, None, []))[-1].startswith("Unanchored: ")


def test_a_bundle_without_entries_says_so(tmp_path: Path) -> None:
    said = list(verify(bundle(tmp_path, content() | {"entries": []}), None, []))

    assert said[0].startswith("0 of 5 entries")
    assert not any("first says" in one for one in said)


def moved(says: dict[str, Any]) -> None:
    """In another order."""
    says["entries"].reverse()


def twice(says: dict[str, Any]) -> None:
    """One of them twice."""
    says["entries"].append(says["entries"][-1])


def elsewhere(says: dict[str, Any]) -> None:
    """At the place of another."""
    says["entries"][1]["leaf"] = says["entries"][1]["leaf"].replace('"seq": 2', '"seq": 3')


def unproved(says: dict[str, Any]) -> None:
    """With less of a proof."""
    says["entries"][1]["proof"].pop()


def told_otherwise(says: dict[str, Any]) -> None:
    """With another content."""
    says["entries"][0]["content"] = "what did not happen"


def salted_otherwise(says: dict[str, Any]) -> None:
    """With another salt."""
    says["entries"][0]["salt"] = "02"


def grown_otherwise(says: dict[str, Any]) -> None:
    """From another beginning."""
    says["checkpoints"][0]["note"] = checkpoint(2, bytes(32))


def of_others(says: dict[str, Any]) -> None:
    """Signed by somebody else."""
    says["checkpoint"] = signed(f"{NAME}\n{SIZE}\n{_text(TREE.root(SIZE))}\n", OTHERS)


def of_another_log(says: dict[str, Any]) -> None:
    """Named otherwise."""
    says["checkpoint"] = checkpoint(SIZE, name="another")


def unlike_a_size(says: dict[str, Any]) -> None:
    """With a size that nobody writes so."""
    says["checkpoint"] = signed(f"{NAME}\n05\n{_text(TREE.root(SIZE))}\n")


@pytest.mark.parametrize(
    ("spoiled", "why"),
    [
        (moved, r"^The entries are not in their order\.$"),
        (twice, "not in their order"),
        (elsewhere, "is not in the log"),
        (unproved, "The entry 2 is not in the log"),
        (told_otherwise, "The content of the entry 1 is not what was committed"),
        (salted_otherwise, "The content of the entry 1 is not what was committed"),
        (grown_otherwise, "did not grow from its checkpoint of 2 entries"),
        (of_others, "The checkpoint of the bundle is not signed by the key"),
        (of_another_log, "The checkpoint of the bundle is of another log"),
        (unlike_a_size, "The checkpoint of the bundle is of another log"),
    ],
)
def test_one_thing_that_does_not_fit_is_enough(
    tmp_path: Path, spoiled: Callable[[dict[str, Any]], None], why: str
) -> None:
    says = content()
    spoiled(says)

    with pytest.raises(ValueError, match=why):
        list(verify(bundle(tmp_path, says), None, []))


def test_a_checkpoint_that_somebody_kept_must_be_one_of_those_proved(tmp_path: Path) -> None:
    path = bundle(tmp_path, content())

    for kept in (checkpoint(4), checkpoint(2, bytes(32)), checkpoint(SIZE, bytes(32))):
        with pytest.raises(ValueError, match="is not one that this bundle was proved from"):
            list(verify(path, None, [checkpoint(SIZE), kept]))


@pytest.mark.parametrize(("kind", "name"), [("tocsin-bundle v2", NAME), ("tocsin-bundle v1", "another")])
def test_a_manifest_of_something_else_is_none(tmp_path: Path, kind: str, name: str) -> None:
    with pytest.raises(ValueError, match=r"^The manifest is of something else\.$"):
        list(verify(bundle(tmp_path, content(), kind, name), None, []))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("more.txt", r"^A file of the bundle was changed, added or taken away\.$"),
        ("keys.txt", r"^A file is in the bundle twice\.$"),
    ],
)
def test_what_was_put_into_it_afterwards_is_noticed(tmp_path: Path, file: str, why: str) -> None:
    path = bundle(tmp_path, content())
    with zipfile.ZipFile(path, "a") as written:
        written.writestr(file, "")

    with pytest.raises(ValueError, match=why):
        list(verify(path, key_of(SIGNING), []))


def test_who_knows_the_key_is_not_talked_into_another(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="The manifest is not signed by the key"):
        list(verify(bundle(tmp_path, content()), key_of(OTHERS), []))


def test_a_key_that_is_not_what_it_says_is_refused() -> None:
    note, key = checkpoint(1), key_of(SIGNING)
    name, key_id, public = key.split("+", 2)
    short = base64.b64decode(public)[:-1]
    short_id = hashlib.sha256(name.encode() + b"\n" + short).digest()[:4].hex()

    for wrong in (
        f"{name}+{'0' * 8}+{public}",
        f"{name}x+{key_id}+{public}",
        key_of(SIGNING, kind=b"\x02"),
        f"{name}+{short_id}+{_text(short)}",
    ):
        with pytest.raises(ValueError, match=r"^The key is not well formed\.$"):
            text_of(note, wrong, "It")


def test_the_signature_of_the_key_is_found_among_others_and_must_be_good() -> None:
    text, key = f"{NAME}\n1\n{_text(TREE.root(1))}\n", key_of(SIGNING)
    others, ours = signed(text, OTHERS).splitlines()[-1], signed(text).splitlines()[-1]

    assert text_of(f"{text}\n{others}\n{ours}\n", key, "It") == text
    assert text_of(f"{text}\n{ours}\n{others}\n", key, "It") == text
    with pytest.raises(ValueError, match=r"It is not signed by the key tocsin.journal/test\."):
        text_of(f"{text}\n{others}\n", key, "It")
    with pytest.raises(ValueError, match="It is not well formed"):
        text_of(f"{text}\n{ours.replace(DASH, '-')}\n", key, "It")
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it is, nothing is given back
        text_of(f"{text.replace('1', '2', 1)}\n{ours}\n", key, "It")


def test_a_checkpoint_is_read_as_it_was_written() -> None:
    assert checkpoint_of(checkpoint(3), key_of(SIGNING), "It") == (NAME, 3, TREE.root(3))


@pytest.mark.parametrize("around", ["{}", "Kept for you:\n\n{}", "{}\nBo\n", "> mail\r\n{}"])
def test_a_checkpoint_is_found_in_the_mail_in_which_it_came(around: str) -> None:
    note = checkpoint(3)

    assert note_in(around.format(note)) == note
    assert note_in(around.format(note).replace("\n", "\r\n")) == note
    assert note_in(note.rstrip("\n")) == note


@pytest.mark.parametrize("text", ["", "a\n1\nb\n", "a\nb\nc\n\n\N{EM DASH} a b\n"])
def test_a_text_without_a_checkpoint_has_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"^There is no checkpoint in the file that was given as one\.$"):
        note_in(text)
