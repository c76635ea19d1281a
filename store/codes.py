"""Codes and safe words: the hashes of those that show, and, sealed, what is true beneath them.

What lies beneath is written anew with every code and with every word, good or forced, in one length: no row tells
whether there is anything. It names the hashes that were chosen under force, and any others are true.
"""

from functools import partial
from uuid import UUID

from sqlalchemy import bindparam, select

from escalation.secrets import Code, Word, code_chosen

from . import people
from .database import Tx
from .records import DefenderRecord, Words
from .sealing import Cell, SealBroken, opened, seal
from .tables.lowerings import CODE
from .upsert import insert_or_change

THEIRS = "code"  # what a transaction knows of it
BUCKETS = (1024,)  # bytes; whatever there is fits, and so does nothing
OF = select(CODE.c.hashed, CODE.c.beneath).where(CODE.c.defender == bindparam("whose"))
HOLD_OF = OF.with_for_update()
PUT = insert_or_change(CODE, "defender")

Kept = tuple[str, bytes | None]


def has_one(tx: Tx, defender: UUID) -> bool:
    """Whether this defender has chosen a code."""
    return _kept(tx, defender) is not None


def of_defender(tx: Tx, defender: UUID) -> Code | None:
    """This defender's code, as `words.hash_code` gave it; None while they have chosen none. Where the seal is broken no
    code is the true one."""
    kept = _kept(tx, defender)
    if kept is None:
        return None
    shown, sealed = kept
    try:
        beneath = _beneath(tx, defender, sealed)
    except SealBroken:
        return Code(shown, None)
    return Code(shown, _text(beneath["true"]) if beneath["code"] == _name(shown) else shown)


def word_of(tx: Tx, who: DefenderRecord) -> Word | None:
    """This defender's safe word, as `words.hash_word` gave it; None while they have chosen none. Where the seal is
    broken it says that they are forced."""
    if who.safe_word is None:
        return None
    kept = _kept(tx, who.id)
    try:
        return Word(who.safe_word, kept is not None and _beneath(tx, who.id, kept[1])["word"] == who.safe_word)
    except SealBroken:
        return Word(who.safe_word, forced=True)


def save(tx: Tx, defender: UUID, hashed: str, *, forced: bool = False) -> None:
    """Keep the hashes of a code in place of any that showed before; `forced` when that one stays the true one."""
    _hold(tx, defender)
    code = code_chosen(of_defender(tx, defender), hashed, forced=forced)
    name = None if code.true == code.shown else _name(code.shown)
    _put(tx, defender, hashed, {**_known(tx, defender), "code": name, "true": code.true if name else None})


def save_word(tx: Tx, defender: UUID, hashed: str, *, forced: bool = False) -> None:
    """Keep the hash of a safe word in place of any before; `forced` when it says so from now on."""
    people.change_defender(tx, defender, safe_word=hashed)
    _hold(tx, defender)
    kept = _kept(tx, defender)
    if kept is not None:
        _put(tx, defender, kept[0], {**_known(tx, defender), "word": hashed if forced else None})


def _put(tx: Tx, defender: UUID, hashed: str, beneath: Words) -> None:
    sealed = seal(tx, defender, _cell(defender), beneath, BUCKETS)
    tx.connection.execute(PUT, {"defender": defender, "hashed": hashed, "beneath": sealed})
    tx.known.forget(THEIRS, defender)


def _kept(tx: Tx, defender: UUID) -> Kept | None:
    return tx.known.once(THEIRS, defender, partial(_read, tx, defender))


def _read(tx: Tx, defender: UUID) -> Kept | None:
    row = tx.connection.execute(OF, {"whose": defender}).first()
    return None if row is None else (row.hashed, row.beneath)


def _hold(tx: Tx, defender: UUID) -> None:
    """Nobody else changes it before we have, and what we know of it is what there is."""
    tx.connection.execute(HOLD_OF, {"whose": defender})
    tx.known.forget(THEIRS, defender)


def _known(tx: Tx, defender: UUID) -> dict[str, Words]:
    """What lies beneath now, for who is about to change a part of it."""
    kept = _kept(tx, defender)
    return _beneath(tx, defender, kept[1] if kept else None)


def _beneath(tx: Tx, defender: UUID, sealed: bytes | None) -> dict[str, Words]:
    content = opened(tx, defender, _cell(defender), sealed) if sealed is not None else {}
    found = content if isinstance(content, dict) else {}
    return {name: found.get(name) for name in ("code", "true", "word")}


def _name(hashed: str) -> str:
    """Which of all hashes it is: the last of them, for its salt is its own."""
    return hashed.split()[-1]


def _text(value: Words) -> str | None:
    return value if isinstance(value, str) else None


def _cell(defender: UUID) -> Cell:
    return Cell("code", "beneath", defender)
