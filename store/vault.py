"""The vault: what the store asks of the keys. One for each open store.

A person's fields are sealed under a data key of their own, and that is wrapped by the key-encryption key: without the
wrapped key nothing of theirs can be read any more, wherever copies of it are.

    wrapped := version ‖ algorithm ‖ kek id[4] ‖ version of the data key[2] ‖ nonce[12] ‖ ciphertext[32] ‖ tag[16]
"""

import hashlib
import hmac
import time
import weakref
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from threading import Lock
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Connection

from . import ingest
from .binding import bound
from .cipher import new_key, seal, unseal
from .data_keys import DataKeys
from .key_files import key_id
from .keyring import Keyring
from .known_answers import prove_ciphers
from .refusals import Erased, KeysRefused, Locked, SealBroken

HOUSE = UUID(int=0)  # the instance itself, for what is sealed and is no one person's
KEPT_FOR = 60.0  # seconds that a data key stays in memory, so that an erased one is gone soon
MOST_KEPT = 16_384  # data keys in memory at a time
TAG_BYTES = 16
HEADER_BYTES = 6
DATA_KEY_VERSION = (1).to_bytes(2, "big")


class Vault:
    """Seals, opens, blinds and signs. Safe to use from several threads."""

    def __init__(self, keyring: Keyring, data_keys: DataKeys) -> None:
        """Raises KeysRefused when the ciphers of this machine do not work as they should."""
        prove_ciphers()
        self.keyring, self.data_keys = keyring, data_keys
        self._lock = Lock()
        self._known: OrderedDict[UUID, tuple[bytes, float]] = OrderedDict()
        self._fresh: dict[UUID, weakref.ref[object]] = {}  # the transaction in which it was made

    @property
    def is_locked(self) -> bool:
        """Whether nothing sealed can be opened yet."""
        return self.keyring.is_locked

    def blind(self, kind: str, value: str) -> str:
        """What stands for `value` where it must be found again: 32 hexadecimal digits, equal for equal values only.

        Nobody can tell the value from it, or try values, without the index key."""
        return hmac.digest(self.keyring.subkey("index"), bound(kind, value), "sha256")[:TAG_BYTES].hex()

    def pseudonym(self, kind: str, value: bytes) -> str:
        """What stands for `value` in whatever of the journal leaves the house: 32 hexadecimal digits."""
        return hmac.digest(self.keyring.subkey("log"), bound(kind, value), "sha256")[:TAG_BYTES].hex()

    def mac(self, purpose: str, *parts: bytes) -> bytes:
        """16 bytes that only we can give for these parts, for this purpose."""
        return hmac.digest(self.keyring.subkey("token"), bound(purpose, *parts), "sha256")[:TAG_BYTES]

    def peppered(self, subject: UUID, code: str) -> bytes:
        """What goes into Argon2id for a person's code: whoever has the hash needs the pepper to try codes."""
        return hmac.digest(self.keyring.subkey("pepper"), bound(code, subject.bytes), "sha256")

    def seal_raw(self, raw: bytes, context: bytes, to: bytes | None = None) -> bytes:
        """`raw` sealed to an ingest key; works while we are locked. `to` is what `sealed_to` gave for the database that
        will hold it; without, the newest that is here is taken."""
        public = to or self.keyring.ingest_public
        return ingest.seal_to(public, bytes.fromhex(key_id(public)), raw, context)

    def sealed_to(self, connection: Connection) -> bytes:
        """The public half of the ingest key in force in this database. It is asked anew in each transaction: who has
        not heard of a change for weeks, in another folder or standing still, seals to no key that is gone."""
        said = self.data_keys.ingest_in_force(connection)
        if said is None or not hmac.compare_digest(said.proof.encode(), self._proof_of(said.public)):
            return self.keyring.ingest_public
        return said.public

    def begin_ingest(self, own: Connection, public: bytes, now: datetime) -> None:
        """Put an ingest key in force."""
        self.data_keys.begin_ingest(own, public, self._proof_of(public).decode(), now)

    def _proof_of(self, public: bytes) -> bytes:
        return self.blind("ingest", public.hex()).encode()

    def open_raw(self, sealed: bytes, context: bytes, key: ingest.Key | None = None) -> bytes:
        """What was sealed by `seal_raw` in the same context. Raises Locked or SealBroken.

        `key` is what `ingest_key` gave for it, for who opens many."""
        return ingest.open_with(key or self.ingest_key(sealed), sealed, context)

    def ingest_key(self, sealed: bytes, connection: Connection | None = None) -> ingest.Key:
        """The key to which this was sealed, in the database of `connection`. Raises Locked or SealBroken."""
        with self._of_one_row(connection):
            return ingest.unfolded(self.keyring.ingest_private(ingest.key_of(sealed)))

    def sign(self, message: bytes) -> bytes:
        """Our Ed25519 signature, 64 bytes; works while we are locked."""
        return self.keyring.sign.sign(message)

    @property
    def public_key(self) -> bytes:
        """Whom our signatures are from: 32 bytes."""
        return self.keyring.sign.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def begin(self, connection: Connection, subject: UUID, now: datetime) -> None:
        """Make the data key of a person who has none. Raises Locked."""
        key = new_key()
        with self.data_keys.changing(connection) as own:
            kek_id = self.data_keys.epoch(own)
            if kek_id is None:
                raise Locked("The first key-encryption key was not here yet.")
            self.data_keys.put(own, subject, kek_id, wrap(self.keyring.kek(kek_id), kek_id, subject, key), now)
        until = time.monotonic() + KEPT_FOR
        with self._lock:
            self._known.pop(subject, None)
            if self.data_keys.have_a_file:
                self._keep(subject, key, until)  # it is committed already, whatever becomes of the transaction
            else:
                self._fresh[subject] = weakref.ref(connection.get_transaction() or connection)

    def data_key(self, connection: Connection, subject: UUID) -> bytes:
        """The data key of a person. Raises Erased, Locked, or SealBroken when it was altered as it was kept."""
        moment = time.monotonic()
        with self._lock:
            held = self._known.get(subject)
        if held is not None and held[1] > moment:
            return held[0]
        wrapped = self.data_keys.find(connection, subject)
        if wrapped is None:
            raise Erased("There is no data key for this person.")
        with self._of_one_row(connection):
            key = unwrap(self.keyring, subject, wrapped)
        self._remember(connection, subject, key, moment)
        return key

    def know(self, connection: Connection, subjects: Iterable[UUID]) -> None:
        """Have the data keys of these people at hand, by one statement. Whose key does not open is left as it is.

        Raises Locked."""
        moment = time.monotonic()
        with self._lock:
            unknown = [one for one in subjects if one not in self._known or self._known[one][1] <= moment]
        for subject, wrapped in self.data_keys.find_some(connection, unknown) if unknown else ():
            with suppress(SealBroken), self._of_one_row(connection):
                self._remember(connection, subject, unwrap(self.keyring, subject, wrapped), moment)

    @contextmanager
    def _of_one_row(self, connection: Connection | None = None) -> Iterator[None]:
        """A key that is not here although we are not locked is one that nobody waits for: its row was altered.

        Another machine may have put a key in force that has yet to reach us; so the database is asked before."""
        try:
            yield
        except Locked:
            if connection is not None and (in_force := self.data_keys.in_force(connection)) is not None:
                self.keyring.need(in_force, key_id(self.sealed_to(connection)))
            if self.is_locked:
                raise
            raise SealBroken("This asks for a key that nobody has made, or for one that is gone.") from None

    def erase(self, connection: Connection, subject: UUID) -> bytes:
        """Delete a data key for ever; gives the SHA-256 of what it was, wrapped. Raises Erased when there is none."""
        wrapped = self.data_keys.remove(connection, subject)
        self.forget(subject)
        if wrapped is None:
            raise Erased("There is no data key for this person.")
        return hashlib.sha256(wrapped).digest()

    def forget(self, subject: UUID | None = None) -> None:
        """Drop a data key from memory, or all of them."""
        with self._lock:
            if subject is None:
                self._known.clear()
            else:
                self._known.pop(subject, None)

    def settle(self, connection: Connection, now: datetime) -> None:
        """See that these keys belong to this database, begin its first epochs, and make the instance's own data key.

        Raises KeysRefused."""
        with self.data_keys.changing(connection) as own:
            self.data_keys.insist_on_root(own, self.keyring.root_id)
            kek_id = self.data_keys.epoch(own)
            if kek_id is None:
                if not self.keyring.kek_ids:
                    raise KeysRefused("The key-encryption key is missing, and a database cannot begin without one.")
                kek_id = self.keyring.kek_ids[-1]
                self.data_keys.begin_epoch(own, kek_id, self.keyring.root_id, now)
        self._settle_ingest(connection, now)
        self.keyring.need(kek_id, key_id(self.sealed_to(connection)))
        if self.is_locked:
            self.keyring.look_again()
        if not self.is_locked and self.data_keys.find(connection, HOUSE) is None:
            self.begin(connection, HOUSE, now)

    def _settle_ingest(self, connection: Connection, now: datetime) -> None:
        """Put the newest ingest key of the folder in force where none is; or where the one that is has gone, and ours
        was made after it: then the keys of this database were put back from before."""
        said, newest = self.data_keys.ingest_in_force(connection), self.keyring.newest_ingest
        if said is not None:
            here = self.keyring.has_ingest(key_id(said.public))
            if here or newest.created <= said.began_at:
                return
        with self.data_keys.changing(connection) as own:
            self.begin_ingest(own, newest.fields["public"], now)

    def _remember(self, connection: Connection, subject: UUID, key: bytes, moment: float) -> None:
        """A key is looked up each time by the transaction that made it, which may not commit; another one that finds it
        has seen that it did."""
        with self._lock:
            if subject in self._fresh:
                if self._fresh[subject]() is (connection.get_transaction() or connection):
                    return
                del self._fresh[subject]
            self._keep(subject, key, moment + KEPT_FOR)

    def _keep(self, subject: UUID, key: bytes, until: float) -> None:
        self._known[subject] = (key, until)
        self._known.move_to_end(subject)
        while len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)


def wrap(kek: bytes, kek_id: str, subject: UUID, key: bytes) -> bytes:
    """A data key as it is kept."""
    return seal(kek, key, _of(subject), header=bytes.fromhex(kek_id) + DATA_KEY_VERSION)


def unwrap(keyring: Keyring, subject: UUID, wrapped: bytes) -> bytes:
    """The data key that was wrapped. Raises Locked, or SealBroken when it is another person's or was altered."""
    return unseal(keyring.kek(wrapped[2:6].hex()), wrapped, _of(subject), HEADER_BYTES)


def _of(subject: UUID) -> bytes:
    return bound("tocsin/data-key/v1", subject.bytes)
