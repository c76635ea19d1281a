"""One-time tokens on the way out, and the buttons that carried them on the way back in.

The tokens of a letter are made in the transaction that leases it, so that whatever arrives can be pressed: a try of
which nobody knows whether it arrived keeps its own, and the next try has others."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from store import presses
from store.database import Tx
from store.presses import Pressed
from store.records import DeliveryRow

from .letter import Buttoned, Channel, Letter, Operation

CHANGES_A_MESSAGE = (Operation.EDIT, Operation.DELETE)


def with_tokens(tx: Tx, channel: Channel, row: DeliveryRow, letter: Letter) -> Letter:
    """The letter with a token for each of its buttons that acts."""
    says = channel.buttons(letter) if isinstance(channel, Buttoned) else ()
    tokens: Mapping[str, str] = presses.new(tx, row.person, row.id, row.attempt, says) if says else {}
    return replace(letter, tokens=tokens) if tokens else letter


def outdate(tx: Tx, row: DeliveryRow) -> None:
    """`row` was taken: if it changed a message, what that had for buttons is over."""
    if row.side == "responder" and row.operation in CHANGES_A_MESSAGE:
        presses.outdate(tx, row)


def pressed_by(tx: Tx, person: UUID, carried: str | None) -> Pressed | None:
    """The button of ours that `person` pressed; None for what is none, or is somebody else's."""
    found = presses.look(tx, carried) if carried is not None else None
    return found if found is not None and found.person == person else None
