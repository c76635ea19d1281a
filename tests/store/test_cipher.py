"""A seal says what it was made with, and is opened with that: AES-GCM-SIV, or AES-GCM where there is nothing else."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV

from store.cipher import GCM, SIV, VERSION, unseal
from store.refusals import SealBroken

KEY, NONCE = bytes(range(32)), bytes(12)


@pytest.mark.parametrize(("algorithm", "cipher", "other"), [(SIV, AESGCMSIV, GCM), (GCM, AESGCM, SIV)])
def test_a_seal_is_opened_with_what_it_was_made_with_and_with_nothing_else(
    algorithm: int, cipher: type[AESGCM] | type[AESGCMSIV], other: int
) -> None:
    beginning = bytes([VERSION, algorithm])
    sealed = beginning + NONCE + cipher(KEY).encrypt(NONCE, b"Ana", beginning + b"here")

    assert unseal(KEY, sealed, b"here") == b"Ana"
    with pytest.raises(SealBroken):
        unseal(KEY, bytes([VERSION, other]) + sealed[2:], b"here")
