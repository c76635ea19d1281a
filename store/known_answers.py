"""Known answers: the ciphers of this machine are tried before anything is trusted to them.

AES-256-GCM-SIV: RFC 8452, appendix C.2. HPKE over the hybrid of ML-KEM-768 and X25519: an answer of our own, made with
cryptography 50.0.2, for there are no published ones; what opens it today opens tomorrow what is sealed today.
"""

from base64 import b64decode
from functools import cache

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite

from .refusals import KeysRefused

SIV_KEY, SIV_NONCE = bytes([1, *[0] * 31]), bytes([3, *[0] * 11])
SIV_PLAIN = bytes([1, *[0] * 7])
SIV_SEALED = bytes.fromhex("c2ef328e5c71c83b843122130f7364b761e0b97427e3df28")

HPKE_PRIVATE = bytes(range(96))  # ML-KEM seed and X25519 key
HPKE_INFO, HPKE_PLAIN = b"known answer", b"tocsin"
HPKE_SEALED = b64decode("""
+uxNl+g4ogciVfudDCIdY6ydsf+HMcpSjZtd0cjqShrIIjxunq5BqQZlrwAYJPLhMQyA4tG2YRtZS/tHTtf6i++8AcQChcv1xAvzhcYMvNr7Wl/U
zHCLt3Q3J9xLwF34CiSfUTfK8hdh6FFErp/RAPkXI1XxDxvq+IfAP4WzxtTuL7pkAVPO82y5wp9FyXucBMQ+FarElnaUN6LnFQTeizI4ydKlEMD2
eVxam1C5742OzGPSwYwCVzkwZsmdGzPs8FzToIy8P1mdZk+rZ7A6wW+7bN45Dstd/m0nAYhle9K18VwyU2eiHst/ab28jKT/KGc6ol1Mm9OSZwN1
58p8bLdMIAg5LxTbsSo4otZ8d8XYw7D5iCdL2giECReOARTqCkilqRb+YeMZsoWCq2mbEhAn7C5g4nDmtdUg9pI54+n1tvy77UVPQHeiRSg8N9tY
CI5/LpIzwYpfsnVqk/kTCiS7cbl4SnjwhQBMei4e5itqKWKu7PXg2MPQKJnQ8V7QqzjDNYYdRXasBaPkUYcjIc+Bsih6C6DSaTq9EEHevsvuA6FB
zvZsF7a34QHekZ/TCGgeD7z5vcQBpFN5Vbk+FVpO1W4OoQ/rk8ayx2cnCLf1w4N48LfhuMNQZaTwwGw2poVwkYNMfgHkY92W19x+0F7keFNGLmEC
HCvt6nIcllN9Nt96m70D0oQ2FZNIaLJoBqs++Bmw1Xm414aVtweEpNeQF8OReys3vm1KZenRpB3+VzL6Gskc3AzyBQbSUyg8lp4CiKdSctn2VBVI
aJn+cElVDBik1aKzClDs+r3i81UIby0pSrmFp+ZhYn8uSFl0TRYabHRjkLVN+kZD1YadcKSHYBxQmulfPTNZRWjksheJ/hDxP1Rn2z2C/s3BoM8u
jzl38y7qqUpQn6NsVVr3qIm3qqdKEpWXq7gpBRXdvMFd7YNGIMB11U4IK+9WhEafCeqAYyA35n38+UOzCElKfzeYjenSSf9/VNKb85g2pa3ShIGI
ZpKIVe5WCE7PVy2Qj6EyJ+KKbUbwPomnMxXnuKVO8hiklXvhhd2mAsI8M1hGI0mDH9awyJvwsZN4SsM2yAcW7xy3HOzGTj2I5e1eAVnUm7POiDhx
ilpPfuTRMV+jnT1ZD6F2a2Nw4oEwgCnTmAZtUaDfjSttQ+QUJFhjp7zSZ3NFoFq6ckt4A3EXOSlcjdbN1RXFB4Aft3ys6M1wGzvCrd1noeMbvu2T
4fzPuoIPJCCJHzUBXU8FA+I0DILZulyp2u21eFDiPxlEPBQ0T5R6nh7AxXE/XvchhUGVdJP9S08AXAEVfh3ed04F/ShF0pT1ZUgsanbRAeJh8UtZ
Yf2DjhgewXD8bmUUy1AX9VjV2D+3pR2j2e4y3+D2kz5G6GoblERWlxL0v2kj68/jmbIV1YV67maij22GR9OszK4Jbmiwmgq17vzBuKsJe5nbaNxC
EE9p0cL1N9nwBqmmdr/M1tY1NFtlPF7p21vZD06GAnIQh17Hhn6EhwyJ1MAGk1ycsMw=
""")


@cache
def prove_ciphers() -> None:
    """Raises KeysRefused when a cipher gives another answer than it must. Takes under 10 ms, and is done once."""
    try:
        siv = AESGCMSIV(SIV_KEY).encrypt(SIV_NONCE, SIV_PLAIN, None) == SIV_SEALED
    except UnsupportedAlgorithm:
        siv = True  # then AES-GCM stands in, whose seals say so
    if not siv or _hpke_opens(HPKE_INFO) != HPKE_PLAIN or _hpke_opens(b"another") is not None:
        raise KeysRefused("The cryptographic library of this machine gives wrong answers: install Tocsin's own anew.")


def _hpke_opens(info: bytes) -> bytes | None:
    key = MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(HPKE_PRIVATE[:64]), X25519PrivateKey.from_private_bytes(HPKE_PRIVATE[64:])
    )
    try:
        return Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM).decrypt(HPKE_SEALED, key, info=info)
    except InvalidTag:
        return None
