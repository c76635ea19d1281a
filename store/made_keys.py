"""The files of keys: how each is made, and how the key in one is wrapped by the key-encryption key.

What a locked machine needs stands open: to seal what comes in, to know whose chat it comes from, and to name nobody in
the log. All else is wrapped: data keys, the private half of what comes in, and of what hangs from the root the pepper
of codes and the key of buttons.

    root      index and log open; pepper[32] ‖ token[32] wrapped, bound to the two and to the id
    ingest    public half open; private half wrapped, bound to the public one
    handover  a key-encryption key, wrapped by the one before it

A file of an older form holds the root key itself, from which the four are derived; `under` brings it into this one.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from . import ingest
from .binding import bound
from .cipher import KEY_BYTES, seal, unseal
from .key_files import KeyFile, key_id

LASTS = {"kek": timedelta(days=30), "share": timedelta(days=30)}
LASTS_ELSE = timedelta(days=365)
OPEN, CLOSED = ("index", "log"), ("pepper", "token")  # what hangs from the root
KEK_ID_BYTES = 4


def key_file(use: str, named_by: bytes, fields: Mapping[str, bytes], now: datetime) -> KeyFile:
    """The file of a key that is made now; its id is that of `named_by`."""
    moment = now.astimezone(UTC).replace(microsecond=0)
    return KeyFile(use, key_id(named_by), moment, (moment + LASTS.get(use, LASTS_ELSE)).date(), fields)


def root_file(root: bytes, kek: bytes, now: datetime) -> KeyFile:
    """The file of what hangs from a root key, which itself is kept nowhere."""
    return under(key_file("root", root, {"key": root}, now), None, kek)


def ingest_file(kek: bytes, now: datetime) -> KeyFile:
    """The file of a new key for what comes in."""
    private = ingest.new_private()
    public = ingest.public_of(private)
    return key_file("ingest", public, {"public": public, "wrapped": _wrapped(kek, private, _of_ingest(public))}, now)


def handover(before: bytes, kek: bytes, now: datetime) -> KeyFile:
    """The file by which those who hold the key `before` come to hold `kek`."""
    return key_file("handover", kek, {"wrapped": _wrapped(before, kek, _of_handover(key_id(kek)))}, now)


def wrapped_by(file: KeyFile) -> str | None:
    """The id of the key-encryption key by which the key of `file` is wrapped; None where it stands open."""
    wrapped = file.fields.get("wrapped")
    return None if wrapped is None else wrapped[2 : 2 + KEK_ID_BYTES].hex()


def under(file: KeyFile, before: bytes | None, kek: bytes) -> KeyFile:
    """The file of an ingest or root key that `kek` wraps from now on; `before` has wrapped it, None where nothing has.

    Raises SealBroken when it was altered."""
    if file.use == "ingest":
        private, public = unwrapped(file, before or b""), file.fields["public"]
        fields = {"public": public, "wrapped": _wrapped(kek, private, _of_ingest(public))}
    else:
        keys = of_root(file, before)
        opened = {purpose: keys[purpose] for purpose in OPEN}
        closed = b"".join(keys[purpose] for purpose in CLOSED)
        fields = {**opened, "wrapped": _wrapped(kek, closed, _of_root(file.id, opened))}
    return KeyFile(file.use, file.id, file.created, file.retire_after, fields)


def unwrapped(file: KeyFile, kek: bytes) -> bytes:
    """The key that is wrapped in the file of an ingest key or a handover. Raises SealBroken when it was altered."""
    belongs_to = _of_ingest(file.fields["public"]) if file.use == "ingest" else _of_handover(file.id)
    return unseal(kek, file.fields["wrapped"], belongs_to, KEK_ID_BYTES)


def of_root(file: KeyFile, kek: bytes | None) -> dict[str, bytes]:
    """What hangs from the root: by purpose, the keys that stand open in its file, and the others where `kek` is given.

    Raises SealBroken when it was altered."""
    if "key" in file.fields:
        return {purpose: _derived(file.fields["key"], purpose) for purpose in OPEN + CLOSED}
    opened = {purpose: file.fields[purpose] for purpose in OPEN}
    if kek is None:
        return opened
    closed = unseal(kek, file.fields["wrapped"], _of_root(file.id, opened), KEK_ID_BYTES)
    return {**opened, **{one: closed[n * KEY_BYTES : (n + 1) * KEY_BYTES] for n, one in enumerate(CLOSED)}}


def _derived(root: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"tocsin/{purpose}/v1".encode()).derive(root)


def _wrapped(kek: bytes, key: bytes, belongs_to: bytes) -> bytes:
    return seal(kek, key, belongs_to, header=bytes.fromhex(key_id(kek)))


def _of_ingest(public: bytes) -> bytes:
    return bound("tocsin/ingest-key/v1", public)


def _of_handover(name: str) -> bytes:
    return bound("tocsin/handover/v1", name)


def _of_root(name: str, opened: Mapping[str, bytes]) -> bytes:
    return bound("tocsin/root-key/v1", name, *(opened[purpose] for purpose in OPEN))
