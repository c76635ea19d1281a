"""The journal: what happened and what was decided, in ids and words; nothing in it is ever changed.

What exactly happened is sealed under the data key of the person it is about, so that it goes when they are erased. What
stays readable is a time, opaque ids, a code that many events share, and a salted commitment to the rest: enough for the
tree over it (`store/leaves.py`, `store/checkpoints.py`) to go on without anybody's data.
"""

import json
import re
import secrets
from collections.abc import Mapping
from hmac import digest
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, bindparam, insert, or_, select

from .database import Tx
from .records import JournalEntry, Words
from .sealing import HOUSE, Cell, Erased, Locked, SealBroken, opened, seal
from .tables.journal import JOURNAL, Code

SALT_BYTES = 32
PLAIN_WORD = re.compile(  # an id, a hash, or a word without a long number in it, which would be a chat or a phone
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}|(?!.*[0-9]{7})[\w.:+-]{1,100}", re.ASCII
)
BUCKETS = (512, 2048, 16_384)  # bytes that a sealed content takes

CODES = {  # what everybody may see of an event; of any other it is only seen whether it is about an incident or a watch
    "opened": Code.OPENED,
    "all_clear": Code.ENDED,
    "accepted": Code.DELIVERED,
    "erased": Code.ERASED,
    **dict.fromkeys(("ask", "tell_end_of_chain", "ask_approval"), Code.CALLED),
    **dict.fromkeys(
        (
            "took_it", "declined", "saw", "reported", "closed", "confirmed", "disputed", "approved",
            "coordinator_joined", "runbook_ticked",
        ),
        Code.ANSWERED,
    ),
}  # fmt: skip
FOR_EVERYBODY = ("erase_begun", "erased")  # the certificate of an erasure is about nobody any more

WRITE = insert(JOURNAL).inline()  # nobody asks for the number
ENTRIES = select(JOURNAL)
OF_INCIDENT = ENTRIES.where(JOURNAL.c.incident == bindparam("about")).order_by(JOURNAL.c.id)
IN_THE_CLEAR = ENTRIES.where(
    JOURNAL.c.plain.is_not(None), or_(JOURNAL.c.defender == bindparam("whose"), JOURNAL.c.actor == bindparam("whose"))
).order_by(JOURNAL.c.id.desc())
NEWEST = ENTRIES.order_by(JOURNAL.c.id.desc()).limit(bindparam("most"))


def write(
    tx: Tx,
    event: str,
    *,
    incident: UUID | None = None,
    defender: UUID | None = None,
    actor: UUID | None = None,
    **detail: Words,
) -> None:
    """Write one entry, at the end of the transaction or of its part. `detail` holds ids and words, never a name, a
    place or a text of anybody's.

    Raises Locked when it is about somebody and cannot be sealed yet."""
    cell, salt = uuid4(), secrets.token_bytes(SALT_BYTES)
    about_nobody = event in FOR_EVERYBODY or (incident is None and defender is None and actor is None)
    content = canonical({"event": event, "detail": _ids_and_counts(detail) if about_nobody else detail})
    subject, sealed, plain = None, None, None
    if about_nobody:
        plain = _with_salt(content, salt)
    else:
        subject, sealed = _sealed(tx, (defender or actor, HOUSE), cell, _with_salt(content, salt))
    row = {
        "at": tx.now,
        "code": _code(event, incident, defender or actor, detail),
        "incident": incident,
        "defender": defender,
        "actor": actor,
        "subject": subject,
        "cell": cell,
        "commitment": commitment(salt, content),
        "sealed": sealed,
        "plain": plain,
    }
    tx.known.owe(WRITE, row)


def of_incident(tx: Tx, incident: UUID) -> list[JournalEntry]:
    """What is written of an incident, in the order of writing."""
    tx.known.write(tx.connection)
    return [_read(tx, row) for row in tx.connection.execute(OF_INCIDENT, {"about": incident})]


def in_the_clear(tx: Tx, person: UUID) -> list[JournalEntry]:
    """What is written of somebody that needs no key to be read, the last first: that they are, or were, erased."""
    tx.known.write(tx.connection)
    return [_read(tx, row) for row in tx.connection.execute(IN_THE_CLEAR, {"whose": person})]


def newest(tx: Tx, limit: int) -> list[JournalEntry]:
    """The last entries, the last first."""
    tx.known.write(tx.connection)
    return [_read(tx, row) for row in tx.connection.execute(NEWEST, {"most": limit})]


def canonical(content: Words) -> str:
    """The one way in which `content` is written, so that a hash over it can be made again."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def commitment(salt: bytes, content: str) -> bytes:
    """What binds an entry to its content without telling it: who has the salt can show that they belong together."""
    return digest(salt, content.encode("ascii"), "sha256")


def content_of(tx: Tx, row: Row[Any]) -> tuple[bytes, str]:
    """The salt and the content of a row of the journal.

    Raises Erased when the person is, Locked while we are, and SealBroken when it is not what was written."""
    if row.plain is not None:
        written: Words = row.plain
    else:
        written = opened(tx, row.subject, Cell("journal", "sealed", row.cell), row.sealed)
    try:
        salt, _, content = str(written).partition(" ")
        return bytes.fromhex(salt), content
    except ValueError:
        raise SealBroken("This is no content of an entry.") from None


def _with_salt(content: str, salt: bytes) -> str:
    return f"{salt.hex()} {content}"


def _sealed(tx: Tx, subjects: tuple[UUID | None, ...], cell: UUID, content: str) -> tuple[UUID, bytes]:
    """The content under the data key of the first of `subjects` who has one, and who that is."""
    for subject in filter(None, subjects[:-1]):
        try:
            return subject, seal(tx, subject, Cell("journal", "sealed", cell), content, BUCKETS)
        except (Erased, SealBroken):
            continue
    return HOUSE, seal(tx, HOUSE, Cell("journal", "sealed", cell), content, BUCKETS)


def _code(event: str, incident: UUID | None, person: UUID | None, detail: Mapping[str, Words]) -> Code:
    known = CODES.get(event)
    if known is not None and (incident is not None or known is Code.ERASED):
        return known
    if incident is not None:
        return Code.INCIDENT
    if person is None:
        return Code.SERVICE
    return Code.WATCH if "watch" in detail else Code.PERSON


def _read(tx: Tx, row: Row[Any]) -> JournalEntry:
    """The entry of a row. Of one that cannot be opened any more, its code is what is left of the event."""
    try:
        written = json.loads(content_of(tx, row)[1])
        event, detail = written["event"], written["detail"]
    except (Erased, Locked, SealBroken, ValueError, KeyError):
        event, detail = row.code, {}
    return JournalEntry(row.id, row.at, row.incident, row.defender, row.actor, event, detail)


def _ids_and_counts(value: Words) -> Words:
    """What may be kept in the clear; in place of anything else stands a question mark."""
    match value:
        case dict():
            return {name: _ids_and_counts(one) for name, one in value.items()}
        case list():
            return [_ids_and_counts(one) for one in value]
        case str():
            return value if PLAIN_WORD.fullmatch(value) else "?"
        case _:
            return value
