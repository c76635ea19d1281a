"""Cards: who somebody is and how far a conversation with them has come, sealed under their own key.

What the database has to ask for (a state, a role) stands beside the card. A card whose seal is broken reads as a blank
one, so that somebody who can no longer be named is called and watched over all the same; it is never written over.
"""

from collections.abc import Mapping
from datetime import time
from typing import Any
from uuid import UUID

from .database import Tx
from .records import Words
from .sealing import Cell, Erased, SealBroken, opened, seal

Card = dict[str, Any]

BLANK: Mapping[str, Any] = {"name": "?", "language": "en", "zone": "UTC", "dialogue_state": None, "dialogue_data": {}}
BLANK_OF: Mapping[str, Mapping[str, Any]] = {
    "defender": {**BLANK, "profile": "", "chain": "", "times": ()},
    "responder": BLANK,
}


def seal_card(tx: Tx, side: str, person: UUID, card: Card) -> bytes:
    """The card as it is kept."""
    content: dict[str, Words] = dict(card)
    if "times" in card:
        content["times"] = [wall_time.isoformat() for wall_time in card["times"]]
    return seal(tx, person, _cell(side, person), content)


def open_card(tx: Tx, side: str, person: UUID, sealed: bytes) -> Card:
    """The card that was sealed. Raises SealBroken, Erased or Locked."""
    content = opened(tx, person, _cell(side, person), sealed)
    if not isinstance(content, dict):
        raise SealBroken("This is no card.")
    card: Card = {**BLANK_OF[side], **content}
    if "times" in card:
        card["times"] = tuple(map(time.fromisoformat, card["times"]))
    return card


def read_card(tx: Tx, side: str, person: UUID, sealed: bytes) -> Card | None:
    """The card that was sealed, a blank one where its seal is broken; None when the person was erased.

    Raises Locked."""
    try:
        return open_card(tx, side, person, sealed)
    except SealBroken:
        return dict(BLANK_OF[side])
    except Erased:
        return None


def _cell(side: str, person: UUID) -> Cell:
    return Cell(side, "card", person)
