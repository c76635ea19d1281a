"""The ladders of the risk profiles and the chains of tiers, read from a TOML file and checked before anyone needs them.

`ladders.toml` beside this file is the one that is used unless an instance names its own; it says how it is written.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pydantic import ValidationError

from escalation.ladder import ChainTier, Ladder, Pace, Profile, Slips
from escalation.people import Role

from .ladder_faults import faults_between_values, faults_of_values
from .ladder_tables import LaddersTable, LadderTable, ProfileTable

PACKAGED = Path(__file__).parent / "ladders.toml"


class LaddersRefused(ValueError):
    """The file cannot be used; `faults` are all the reasons, one sentence each, and the message has each on a line."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Ladders:
    """Profiles and chains by name, in the order of the file; neither is empty, and every ladder is long enough for
    every chain."""

    profiles: Mapping[str, Profile]
    chains: Mapping[str, tuple[ChainTier, ...]]


def load_ladders(path: Path | None = None) -> Ladders:
    """The ladders and chains of the file at `path`; None: of the one that comes with Tocsin.

    Raises LaddersRefused with everything that is wrong at once."""
    file = _read(path or PACKAGED)
    faults: list[str] = []
    try:
        table = LaddersTable.model_validate(file)
    except ValidationError as error:
        faults += faults_of_values(error)
        table = None
    faults += faults_between_values(file)
    if table is None or faults:
        raise LaddersRefused(*faults)
    return Ladders(
        profiles={name: _profile(name, profile, table) for name, profile in table.profiles.items()},
        chains={
            name: tuple(ChainTier(tier.name, Role(tier.role), tier.who, tier.approval) for tier in tiers)
            for name, tiers in table.chains.items()
        },
    )


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LaddersRefused(f"{path}: this file cannot be read; name another or leave the setting out.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LaddersRefused(f'{path}: this is not TOML ({error}); durations stand in quotes, as in "10m".') from error


def _profile(name: str, profile: ProfileTable, table: LaddersTable) -> Profile:
    return Profile(
        name=name,
        pace=Pace(profile.reminders, profile.grace, Slips(profile.slips)),
        missed=_ladder(profile.missed, opens_after=profile.grace),
        panic=_ladder(profile.panic or table.panic),
        duress=_ladder(profile.duress or table.duress),
        drill=_ladder(profile.drill or table.drill),
        one_tap=profile.one_tap,
        lowering_waits=profile.lowering_waits,
    )


def _ladder(table: LadderTable, opens_after: timedelta = timedelta()) -> Ladder:
    overseers = table.overseers
    offsets = (
        (Role.COORDINATOR, overseers.coordinator), (Role.LEAD, overseers.lead), (Role.DIRECTOR, overseers.director),
    )  # fmt: skip
    return Ladder(
        tiers=tuple(after - opens_after for after in table.tiers),
        overseers=tuple((role, after - opens_after) for role, after in offsets if after is not None),
        repeat_every=table.repeat_every,
        hold_for=table.hold_for,
        holds_in_a_row=table.holds_in_a_row,
        approval_within=table.approval_within,
        round_after=table.round_after,
    )
