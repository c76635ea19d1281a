"""The shape of ladders.toml, table by table, and what each value must be by itself.

What two values say to each other is in `ladder_faults.py`, so that a fault in one hides no fault in the other.
"""

from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt
from pydantic_core import PydanticCustomError

from .duration import Later, Offset, Wait

MOST_HOLDS_IN_A_ROW = 10  # more would let one person keep the next tier away for hours


def _strictly_rising(offsets: tuple[timedelta, ...]) -> tuple[timedelta, ...]:
    if any(later <= earlier for earlier, later in pairwise(offsets)):
        raise PydanticCustomError("order", "put these in rising order, each one once.")
    return offsets


def _rising(offsets: tuple[timedelta, ...]) -> tuple[timedelta, ...]:
    if any(later < earlier for earlier, later in pairwise(offsets)):
        raise PydanticCustomError("order", "put these in rising order: no tier is called before the one above it.")
    return offsets


def _not_empty(entries: object) -> object:
    if entries in ([], {}):
        raise PydanticCustomError("empty", "name at least one here, for without it nobody is asked.")
    return entries


def _somebody(who: object) -> object:
    if who not in ("own", "shared"):
        raise PydanticCustomError(
            "nobody",
            'this names nobody: write "own" for the people placed in this tier for each defender, '
            'or "shared" for everybody of its role.',
        )
    return who


class Table(BaseModel):
    """A table of the file: nothing unknown in it, and no value of it in an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class OverseersTable(Table):
    """When those who stand over the chain are called; who is left out is not."""

    coordinator: Later | None = None
    lead: Later | None = None
    director: Later | None = None


class LadderTable(Table):
    """When which tier is called, and how often."""

    tiers: Annotated[tuple[Later, ...], AfterValidator(_rising), BeforeValidator(_not_empty)]
    overseers: OverseersTable = OverseersTable()
    repeat_every: Wait
    hold_for: Wait
    holds_in_a_row: Annotated[StrictInt, Field(ge=1, le=MOST_HOLDS_IN_A_ROW)]
    approval_within: Later
    round_after: Wait


class ProfileTable(Table):
    """One level of risk. What it says of a panic, duress or a drill goes before what the file says for all."""

    reminders: Annotated[tuple[Offset, ...], AfterValidator(_strictly_rising)]
    grace: Wait
    one_tap: StrictBool = False
    slips: Literal["remind", "silent"] = "remind"
    lowering_waits: Wait = timedelta(hours=24)
    missed: LadderTable
    panic: LadderTable | None = None
    duress: LadderTable | None = None
    drill: LadderTable | None = None


class TierTable(Table):
    """One tier of a chain."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
    role: Literal["contact", "colleague", "lawyer", "partner"]
    who: Annotated[Literal["own", "shared"], BeforeValidator(_somebody)]
    approval: StrictBool = False


def _chain(tiers: tuple[TierTable, ...]) -> tuple[TierTable, ...]:
    if len({tier.name for tier in tiers}) < len(tiers):
        raise PydanticCustomError("names", "give each tier a name of its own.")
    if tiers[0].approval:
        raise PydanticCustomError("approval", "take the approval off the first tier, or nobody is asked at once.")
    return tiers


class LaddersTable(Table):
    """The whole file."""

    panic: LadderTable
    duress: LadderTable
    drill: LadderTable
    profiles: Annotated[dict[str, ProfileTable], BeforeValidator(_not_empty)]
    chains: Annotated[
        dict[str, Annotated[tuple[TierTable, ...], AfterValidator(_chain), BeforeValidator(_not_empty)]],
        BeforeValidator(_not_empty),
    ]
