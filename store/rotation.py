"""Changing the key-encryption key, and with it the ingest key, while everything runs.

The new keys are put into the folder first, so that every process can come to hold both. Then they are declared in
force: from that commit on new data keys are wrapped by the one, and what comes in is sealed to the other. Then the rest
is wrapped anew, in the folder and, a few at a time, in the database; no data is touched. The old keys stay until nobody
can put back data keys from before, until the one wraps nothing and nothing waits that is sealed to the other; then they
are destroyed.

Whoever meets a key that they do not hold looks into the folder again. A rotation that was cut short anywhere leaves
every data key readable, and is done again from the start.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from . import inbox, postgres
from .cipher import new_key
from .database import Store, Tx
from .key_files import KeyFile, key_id
from .keyring import Keep, Keyring
from .made_keys import handover, ingest_file, key_file, under, wrapped_by
from .refusals import Locked, SealBroken
from .vault import unwrap, wrap

AT_A_TIME = 200  # data keys in one transaction: some milliseconds, so that nobody waits
KEPT_FOR = timedelta(days=7)  # an old key-encryption key, while backups of data keys under it may be needed
HANDED_OVER_WITHIN = timedelta(minutes=15)  # every process looks into the folder each minute


@dataclass(frozen=True, slots=True)
class Rotated:
    """One change of the key-encryption key. `rewrapped` is how many data keys were under another; `left` is how many
    still are, for they do not open: the old key is kept for them."""

    before: str
    now: str
    rewrapped: int
    left: int = 0


async def rotate(store: Store, keep: Keep) -> Rotated:
    """Make a new key-encryption key and wrap every data key by it. `keep` says how its file keeps it.

    Raises Locked when the present one is not here, KeysRefused when a file cannot be written."""
    before, kek_id = await store.run(partial(_begin, keep=keep))
    await store.run(lambda tx: bring_under(tx.vault.keyring, kek_id))
    count = 0
    while done := await _once_through(store, kek_id):
        count += done
    return Rotated(before, kek_id, count, await store.run(partial(_left, kek_id=kek_id)))


async def _once_through(store: Store, kek_id: str) -> int:
    """Wrap what is under another key; gives how many were."""
    count, last = 0, None
    while True:
        done, last = await store.run(partial(_rewrap_some, kek_id=kek_id, after=last))
        count += done
        if last is None:
            return count


def put_into(keyring: Keyring, before: str, keep: Keep, tx: Tx) -> tuple[str, KeyFile]:
    """Make the new keys and put their files where everybody finds them; gives the id of the one, and the file of the
    other."""
    kek, old = new_key(), keyring.kek(before)
    newest = max(one.created for one in keyring.files if one.use in ("kek", "ingest"))
    made_at = max(tx.now, newest + timedelta(seconds=1))  # the files count in whole seconds, and the newest is taken
    file = key_file("kek", kek, keep(kek), made_at)
    if "key" not in file.fields:  # who runs already cannot ask for a passphrase or a share
        keyring.add(handover(old, kek, tx.now))
    keyring.add(file)
    keyring.unlock(kek)
    ingest = ingest_file(kek, made_at)
    keyring.add(ingest)
    return file.id, ingest


def bring_under(keyring: Keyring, kek_id: str) -> None:
    """Have this key-encryption key wrap what is wrapped in the folder by another one, and what stands open there only
    because it was made long ago. Each file is put in the place of the one before it, at once or not at all. An ingest
    key that does not open is passed over, and so is whatever was made by a change that was cut short.

    Raises Locked, SealBroken or KeysRefused."""
    kek = keyring.kek(kek_id)
    for root in [one for one in keyring.files if one.use == "root" and wrapped_by(one) != kek_id]:
        keyring.add(under(root, None if wrapped_by(root) is None else keyring.wrapping(root), kek))
    for ingest in [one for one in keyring.files if one.use == "ingest" and wrapped_by(one) != kek_id]:
        with suppress(Locked, SealBroken):
            keyring.add(under(ingest, keyring.wrapping(ingest), kek))


async def look_after(store: Store) -> int:
    """Take what others have put into the folder, and destroy old keys whose time is over; gives how many went."""
    store.vault.keyring.look_again()
    return await store.run(_destroy_old)


def _destroy_old(tx: Tx) -> int:
    keyring, keys = tx.vault.keyring, tx.vault.data_keys
    with keys.changing(tx.connection) as own:
        ended, ingest_ended = dict(keys.ended(own)), dict(keys.ingest_ended(own))
        in_force = keys.epoch(own)
        if in_force is None or keys.count_of_another(own, in_force):
            return 0
    sealed_to = tx.vault.sealed_to(tx.connection)
    keyring.need(in_force, key_id(sealed_to))
    unread = {key_id(sealed_to), *inbox.sealed_to(tx)}
    over = [
        one
        for one in keyring.files
        if (one.use == "handover" and one.created + HANDED_OVER_WITHIN < tx.now)
        or (one.use == "ingest" and one.id not in unread and _ended(one, ingest_ended) + KEPT_FOR < tx.now)
    ]
    stay = [one for one in keyring.files if one.use in ("ingest", "root") and one not in over]
    needed = {in_force, *map(wrapped_by, stay)}  # a rotation that was cut short ends in neither
    over += [
        one
        for one in keyring.files
        if one.use == "kek" and one.id not in needed and ended.get(one.id, one.created) + KEPT_FOR < tx.now
    ]
    return sum(keyring.drop(one) for one in over)  # what the system hands over is the operator's to take away


def _ended(ingest: KeyFile, ended: Mapping[bytes, datetime]) -> datetime:
    """When this ingest key was in force no more; when it was made where it never was."""
    return ended.get(ingest.fields["public"], ingest.created)


def _begin(tx: Tx, keep: Keep) -> tuple[str, str]:
    vault = tx.vault
    vault.keyring.subkey("pepper")  # what cannot be wrapped anew should be noticed before anything is made
    if tx.connection.dialect.name == "postgresql":
        postgres.take_turn(tx.connection, alone=True)  # nobody is in the middle of making a key under the old one
    with vault.data_keys.changing(tx.connection) as own:
        before = vault.data_keys.epoch(own)
    assert before is not None  # noqa: S101 - the first epoch begins when the database is opened
    kek_id, ingest = put_into(vault.keyring, before, keep, tx)
    with vault.data_keys.changing(tx.connection) as own:
        vault.data_keys.begin_epoch(own, kek_id, vault.keyring.root_id, tx.now)
        vault.begin_ingest(own, ingest.fields["public"], tx.now)
    return before, kek_id


def _rewrap_some(tx: Tx, kek_id: str, after: UUID | None) -> tuple[int, UUID | None]:
    """How many were wrapped anew, and who was the last that was looked at; None when there was nobody. One that was
    altered is passed over."""
    keyring, keys = tx.vault.keyring, tx.vault.data_keys
    count = 0
    with keys.changing(tx.connection) as own:
        some = keys.of_another(own, kek_id, AT_A_TIME, after)
        for subject, wrapped in some:
            with suppress(Locked, SealBroken):
                key = unwrap(keyring, subject, wrapped)
                keys.rewrap(own, subject, kek_id, wrap(keyring.kek(kek_id), kek_id, subject, key))
                count += 1
    return count, some[-1][0] if some else None


def _left(tx: Tx, kek_id: str) -> int:
    with tx.vault.data_keys.changing(tx.connection) as own:
        return tx.vault.data_keys.count_of_another(own, kek_id)
