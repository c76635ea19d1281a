"""One-time tokens on the way out, and the buttons that carried them on the way back in.

The tokens of a letter are made in the transaction that leases it, so that whatever arrives can be pressed: a try of
which nobody knows whether it arrived keeps its own, and the next try has others."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from store import presses
from store.database import Tx, begins_again
from store.presses import Pressed
from store.records import DeliveryRow

from .letter import Buttoned, Channel, Letter, Operation
from .log import Log

log = Log("outbox")

CHANGES_A_MESSAGE = (Operation.EDIT, Operation.DELETE)


def says_of(channel: Buttoned, row: DeliveryRow, letter: Letter) -> tuple[str, ...]:
    """What the buttons of a letter say that act; none where they cannot be made, for an alarm without is better than
    none."""
    try:
        return channel.buttons(letter)
    except Exception as fault:  # the edge of one letter
        log.error("no_buttons", delivery=row.id, fault=fault)
        return ()


def with_tokens(tx: Tx, channel: Channel, letters: Sequence[tuple[DeliveryRow, Letter]]) -> list[Letter]:
    """The letters with a token for each of their buttons that acts."""
    if not isinstance(channel, Buttoned):
        return [letter for _, letter in letters]
    messages = [(row.person, row.id, row.attempt, says_of(channel, row, letter)) for row, letter in letters]
    if not any(says for *_, says in messages):
        return [letter for _, letter in letters]
    try:
        with tx.savepoint():
            made = presses.new_for_all(tx, messages)
    except Exception as fault:
        if begins_again(fault):
            raise
        log.error("no_buttons", delivery=letters[0][0].id, fault=fault)
        return [letter for _, letter in letters]
    pairs = zip(letters, made, strict=True)
    return [replace(letter, tokens=tokens) if tokens else letter for (_, letter), tokens in pairs]


def outdate(tx: Tx, row: DeliveryRow) -> None:
    """`row` was taken: if it changed a message, what that had for buttons is over."""
    if row.side == "responder" and row.operation in CHANGES_A_MESSAGE:
        presses.outdate(tx, row)


def pressed_by(tx: Tx, person: UUID, carried: str | None) -> Pressed | None:
    """The button of ours that `person` pressed; None for what is none, or is somebody else's."""
    found = presses.look(tx, carried) if carried is not None else None
    return found if found is not None and found.person == person else None
