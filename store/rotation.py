"""Changing the key-encryption key while everything runs.

The new key is put into the folder first, so that every process can come to hold both. Then it is declared in force:
from that commit on new data keys are wrapped by it. Then the others are wrapped anew, in the folder and, a few at a
time, in the database; no data is touched. The old key stays until nobody can put back data keys from before, and until
it wraps nothing; then it is destroyed.

Whoever meets a key that they do not hold looks into the folder again. A rotation that was cut short anywhere leaves
every data key readable, and is done again from the start.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from . import postgres
from .cipher import new_key
from .database import Store, Tx
from .keyring import Keep, Keyring
from .made_keys import handover, key_file, under, wrapped_by
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


def put_into(keyring: Keyring, before: str, keep: Keep, tx: Tx) -> str:
    """Make the new key and put its files where everybody finds them; gives its id."""
    kek, old = new_key(), keyring.kek(before)
    newest = max(one.created for one in keyring.files if one.use == "kek")
    made_at = max(tx.now, newest + timedelta(seconds=1))  # the files count in whole seconds, and the newest is taken
    file = key_file("kek", kek, keep(kek), made_at)
    if "key" not in file.fields:  # who runs already cannot ask for a passphrase or a share
        keyring.add(handover(old, kek, tx.now))
    keyring.add(file)
    keyring.unlock(kek)
    return file.id


def bring_under(keyring: Keyring, kek_id: str) -> None:
    """Have this key-encryption key wrap what is wrapped in the folder by another one, and what stands open there only
    because it was made long ago. Each file is put in the place of the one before it, at once or not at all.

    Raises Locked, SealBroken or KeysRefused."""
    kek = keyring.kek(kek_id)
    for file in [one for one in keyring.files if one.use in ("ingest", "root") and wrapped_by(one) != kek_id]:
        before = None if wrapped_by(file) is None else keyring.wrapping(file)
        keyring.add(under(file, before, kek))


async def look_after(store: Store) -> int:
    """Take what others have put into the folder, and destroy old keys whose time is over; gives how many went."""
    store.vault.keyring.look_again()
    return await store.run(_destroy_old)


def _destroy_old(tx: Tx) -> int:
    keyring, keys = tx.vault.keyring, tx.vault.data_keys
    with keys.changing(tx.connection) as own:
        ended = dict(keys.ended(own))
        in_force = keys.epoch(own)
        if in_force is None or keys.count_of_another(own, in_force):
            return 0
    keyring.need(in_force)
    needed = {in_force, *(wrapped_by(one) for one in keyring.files if one.use in ("ingest", "root"))}  # if cut short
    over = [
        one
        for one in keyring.files
        if (one.use == "handover" and one.created + HANDED_OVER_WITHIN < tx.now)
        or (one.use == "kek" and one.id not in needed and ended.get(one.id, one.created) + KEPT_FOR < tx.now)
    ]
    return sum(keyring.drop(one) for one in over)  # what the system hands over is the operator's to take away


def _begin(tx: Tx, keep: Keep) -> tuple[str, str]:
    vault = tx.vault
    vault.keyring.subkey("pepper")  # what cannot be wrapped anew should be noticed before anything is made
    if tx.connection.dialect.name == "postgresql":
        postgres.take_turn(tx.connection, alone=True)  # nobody is in the middle of making a key under the old one
    with vault.data_keys.changing(tx.connection) as own:
        before = vault.data_keys.epoch(own)
    assert before is not None  # noqa: S101 - the first epoch begins when the database is opened
    kek_id = put_into(vault.keyring, before, keep, tx)
    with vault.data_keys.changing(tx.connection) as own:
        vault.data_keys.begin_epoch(own, kek_id, vault.keyring.root_id, tx.now)
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
