"""Bar G9: what we compute is what others published, for everything that guards: trees, notes, seals, keys, signatures.

The vectors stand in known_answers.json, each with its source."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV, ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from store import ingest
from store.merkle import Peaks, Tree, leaf_hash, proves_consistency, proves_inclusion
from store.notes import Checkpoint, NoteRefused, VerifierKey, signed, text_of
from tests.bars.conftest import Bar

KNOWN: dict[str, Any] = json.loads((Path(__file__).parent / "known_answers.json").read_text(encoding="utf-8"))
MUST = "Published answers for trees, notes, AES-GCM-SIV, Ed25519, X25519 and HPKE: all are ours"

X25519_KEM, HYBRID_KEM = 0x0020, 0x647A  # RFC 9180, 7.1; draft-ietf-hpke-pq
HKDF_SHA256 = 1
AEADS = {1: (AESGCM, 16, AEAD.AES_128_GCM), 2: (AESGCM, 32, AEAD.AES_256_GCM)}
AEADS |= {3: (ChaCha20Poly1305, 32, AEAD.CHACHA20_POLY1305)}  # type: ignore[dict-item]  # the same in use


def raw(*written: str) -> list[bytes]:
    """Bytes from hexadecimal digits."""
    return [bytes.fromhex(one) for one in written]


def test_g9_trees_and_their_proofs_are_those_of_rfc_9162(bar: Bar) -> None:
    known = KNOWN["merkle"]
    leaves = [leaf_hash(one) for one in raw(*known["leaves"])]
    roots, tree, peaks = raw(*known["roots"]), Tree(leaves), Peaks()

    for size, root in enumerate(roots):
        assert tree.root(size) == peaks.root() == root
        peaks = peaks.with_leaf(leaves[size]) if size < len(leaves) else peaks
    for one in known["inclusion"]:
        proof, index, size = raw(*one["proof"]), one["index"], one["size"]
        assert tree.inclusion(index, size) == proof
        assert proves_inclusion(leaves[index], index, size, proof, roots[size])
    for one in known["consistency"]:
        proof, old, new = raw(*one["proof"]), one["old"], one["new"]
        assert tree.consistency(old, new) == proof
        assert proves_consistency(old, new, proof, roots[old], roots[new])

    found = len(roots) + len(known["inclusion"]) + len(known["consistency"])
    bar.holds(MUST, f"{found} of {found} of trees")


def test_g9_notes_are_those_of_the_reference_implementation(bar: Bar) -> None:
    known = KNOWN["notes"]
    key, private = VerifierKey.read(known["key"]), Ed25519PrivateKey.from_private_bytes(bytes.fromhex(known["seed"]))
    note = f"{known['text']}\n{known['signature']}"

    assert str(key) == known["key"]
    assert signed(known["text"], key, private.sign) == note
    assert text_of(note, [key]) == known["text"]
    assert str(Checkpoint.read(known["checkpoint"])) == known["checkpoint"]
    mangled = [known["key"][at:to] for at in range(len(known["key"])) for to in range(at + 1, len(known["key"]))]
    for wrong in [*known["not_keys"], *mangled]:
        with pytest.raises(NoteRefused):
            VerifierKey.read(wrong)

    bar.holds(MUST, f"{4 + len(mangled) + len(known['not_keys'])} of notes")


def test_g9_the_cipher_is_that_of_rfc_8452(bar: Bar) -> None:
    known = KNOWN["aes_gcm_siv"]["vectors"]

    for one in known:
        key, nonce, aad, message, sealed = raw(*(one[name] for name in ("key", "nonce", "aad", "message", "sealed")))
        if one["good"]:
            assert AESGCMSIV(key).decrypt(nonce, sealed, aad) == message
            assert not message or AESGCMSIV(key).encrypt(nonce, message, aad) == sealed
        else:
            with pytest.raises(InvalidTag):
                AESGCMSIV(key).decrypt(nonce, sealed, aad)

    bar.holds(MUST, f"{len(known)} of AES-GCM-SIV")


def test_g9_signatures_are_those_of_rfc_8032(bar: Bar) -> None:
    known = KNOWN["ed25519"]

    for one in known["signing"]:
        seed, public, message, signature = raw(*(one[name] for name in ("seed", "public", "message", "signature")))
        private = Ed25519PrivateKey.from_private_bytes(seed)
        assert private.public_key().public_bytes_raw() == public
        assert private.sign(message) == signature
    for one in known["verifying"]:
        public, message, signature = raw(one["public"], one["message"], one["signature"])
        key = Ed25519PublicKey.from_public_bytes(public)
        if one["good"]:
            key.verify(signature, message)
        else:
            with pytest.raises(InvalidSignature):
                key.verify(signature, message)

    bar.holds(MUST, f"{len(known['signing']) + len(known['verifying'])} of Ed25519")


def test_g9_the_exchange_is_that_of_rfc_7748(bar: Bar) -> None:
    known = KNOWN["x25519"]["vectors"]

    for one in known:
        private, public, shared = raw(one["private"], one["public"], one["shared"])
        ours, theirs = X25519PrivateKey.from_private_bytes(private), X25519PublicKey.from_public_bytes(public)
        if one["good"]:
            assert ours.exchange(theirs) == shared
        else:
            with pytest.raises(ValueError, match="shared key"):
                ours.exchange(theirs)

    bar.holds(MUST, f"{len(known)} of X25519")


def labelled(suite: bytes, label: str, content: bytes) -> bytes:
    """What goes into the derivations of HPKE (RFC 9180, section 4)."""
    return b"HPKE-v1" + suite + label.encode() + content


def extract(suite: bytes, salt: bytes, label: str, content: bytes) -> bytes:
    """LabeledExtract."""
    return HKDF.extract(SHA256(), salt or None, labelled(suite, label, content))


def expand(suite: bytes, key: bytes, label: str, info: bytes, length: int) -> bytes:
    """LabeledExpand."""
    return HKDFExpand(SHA256(), length, length.to_bytes(2, "big") + labelled(suite, label, info)).derive(key)


def shared_by_x25519(private: bytes, enc: bytes) -> bytes:
    """Decapsulation of DHKEM(X25519, HKDF-SHA256) (RFC 9180, section 4.1)."""
    ours = X25519PrivateKey.from_private_bytes(private)
    suite = b"KEM" + X25519_KEM.to_bytes(2, "big")
    exchanged = ours.exchange(X25519PublicKey.from_public_bytes(enc))
    context = enc + ours.public_key().public_bytes_raw()
    return expand(suite, extract(suite, b"", "eae_prk", exchanged), "shared_secret", context, 32)


def halves(seed: bytes) -> bytes:
    """The two private keys of the hybrid from its seed, one after the other, as the ingest key is kept."""
    return hashlib.shake_256(seed).digest(96)


def shared_by_hybrid(private: bytes, enc: bytes) -> bytes:
    """Decapsulation of the hybrid of ML-KEM-768 and X25519 (draft-connolly-cfrg-xwing-kem, section 5.4)."""
    both = halves(private)
    ours = X25519PrivateKey.from_private_bytes(both[64:])
    lattice = MLKEM768PrivateKey.from_seed_bytes(both[:64]).decapsulate(enc[:1088])
    exchanged = ours.exchange(X25519PublicKey.from_public_bytes(enc[1088:]))
    public = ours.public_key().public_bytes_raw()
    return hashlib.sha3_256(lattice + exchanged + enc[1088:] + public + b"\\.//^\\").digest()


def schedule(kem: int, aead: int, shared: bytes, info: bytes) -> tuple[bytes, bytes]:
    """The key and the first nonce (RFC 9180, section 5.1, base mode)."""
    suite = b"HPKE" + b"".join(number.to_bytes(2, "big") for number in (kem, HKDF_SHA256, aead))
    context = b"\0" + extract(suite, b"", "psk_id_hash", b"") + extract(suite, b"", "info_hash", info)
    secret = extract(suite, shared, "secret", b"")
    return expand(suite, secret, "key", context, AEADS[aead][1]), expand(suite, secret, "base_nonce", context, 12)


def test_g9_what_is_sealed_to_a_key_is_as_rfc_9180_says(bar: Bar) -> None:
    """The library hands out neither keys nor nonces and takes no associated data, so a few lines of our own are held
    against the published vectors, and then the library opens what they seal."""
    known = KNOWN["hpke"]["vectors"]

    for one in known:
        kem, aead, (cipher, _, named) = one["kem"], one["aead"], AEADS[one["aead"]]
        private, enc, info = raw(one["private"], one["enc"], one["info"])
        shared = (shared_by_x25519 if kem == X25519_KEM else shared_by_hybrid)(private, enc)
        key, nonce = schedule(kem, aead, shared, info)
        assert [shared, key, nonce] == raw(one["shared"], one["key"], one["nonce"])
        assert cipher(key).encrypt(nonce, *raw(one["message"], one["aad"])) == bytes.fromhex(one["sealed"])

        sealed = enc + cipher(key).encrypt(nonce, b"a call for help", None)
        if kem == X25519_KEM:
            suite = Suite(KEM.X25519, KDF.HKDF_SHA256, named)
            assert suite.decrypt(sealed, X25519PrivateKey.from_private_bytes(private), info) == b"a call for help"
        else:
            assert kem == HYBRID_KEM
            both = halves(private)
            assert ingest.public_of(both) == bytes.fromhex(one["public"])
            pair = MLKEM768X25519PrivateKey(
                MLKEM768PrivateKey.from_seed_bytes(both[:64]), X25519PrivateKey.from_private_bytes(both[64:])
            )
            suite = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, named)
            assert suite.decrypt(sealed, pair, info) == b"a call for help"
            MLKEM768PublicKey.from_public_bytes(bytes.fromhex(one["public"])[:1184])

    bar.holds(MUST, f"{len(known)} of HPKE")
