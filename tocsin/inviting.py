"""Invitations: a code that is used once, within 72 hours, by the person and on the side that it was made for.

128 random bits and more, written in Crockford's base32 in groups of four, so that it can be read out over a phone.
Only a MAC of it is kept: what was printed once cannot be printed again, but a new one can be made.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from store.discreet import Discreet

if TYPE_CHECKING:
    from store.database import Tx

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
GROUPS, GROUP = 7, 4  # 28 letters of 5 bits: 140 bits, which a link of at most 64 letters holds (Bot API, deep linking)
VALID_FOR = timedelta(hours=72)


@dataclass(frozen=True, slots=True, repr=False)
class Invitation(Discreet):
    """What is handed to the invited person. `link` is None when the bot's name could not be asked for."""

    code: str
    expires_at: datetime
    link: str | None


class LeadsTo(NamedTuple):
    """Which bot somebody is invited to: its username, None where it could not be asked for, and what it is named."""

    username: str | None
    bot: int | None = None


NOWHERE = LeadsTo(None)


def new_code() -> str:
    """A code that nobody can guess."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))


def invite(tx: "Tx", side: str, person: UUID, bot: LeadsTo | None) -> Invitation:
    """A new invitation for `person` in place of any earlier one, to this bot of their side; None is the first.

    Whoever followed the earlier one and was not confirmed is shut out."""
    from engine import enrolment
    from store import invitations, journal

    code, expires_at, to = new_code(), tx.now + VALID_FOR, bot or NOWHERE
    enrolment.call_off(tx, side, person)
    invitations.new(tx, side, person, code, expires_at, to.bot)
    journal.write(tx, "invited", actor=person, side=side)
    return Invitation(code, expires_at, f"https://t.me/{to.username}?start={code}" if to.username else None)
