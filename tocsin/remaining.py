"""People whose data key is gone: rows are left of them that nobody can read, and that are removed by their id."""

from typing import TYPE_CHECKING
from uuid import UUID

import click

from .opening import Instance
from .refusing import Refused

if TYPE_CHECKING:
    from store.database import Tx

SHOWN = 5  # ids in one sentence


async def say_what_remains(instance: Instance, side: str) -> None:
    """Say on standard error of how many of a side rows without a key are left, and how to remove them, if there are."""
    from store import erasing

    left = await instance.store.read(lambda tx: erasing.without_key(tx, side))
    if not left:
        return
    more = ", …" if len(left) > SHOWN else ""
    click.echo(
        f"Without a data key, and so for nobody to read: {len(left)}. `tocsin {side} erase ID` removes what is left"
        f" of each ({', '.join(map(str, left[:SHOWN]))}{more}), if no backup of the data keys has it.",
        err=True,
    )


def insist_not_keyless(tx: "Tx", side: str, wanted: str) -> None:
    """Raises Refused, with what to do, when `wanted` is the id of somebody whose data key is gone."""
    if keyless(tx, side, wanted) is not None:
        raise Refused(
            f"The data key of this {side} is gone, so that nobody can read who it is: put it back from a backup of the"
            f" data keys, or remove what is left with `tocsin {side} erase {wanted.strip()}`."
        )


def keyless(tx: "Tx", side: str, wanted: str) -> UUID | None:
    """Whom `wanted` names by an id, when their data key is gone."""
    from store import erasing

    person = as_id(wanted)
    return person if person is not None and person in erasing.without_key(tx, side) else None


def as_id(wanted: str) -> UUID | None:
    """`wanted` as an id; None when it is none."""
    try:
        return UUID(wanted.strip())
    except ValueError:
        return None
