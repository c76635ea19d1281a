"""How long we wait before whom: the ladders of a risk profile, and the plan that an incident takes with it.

A *chain* says who is called, tier after tier. A *ladder* says when. Put together they make a *plan*, and the plan is
copied into the incident when it opens, so that nobody's edit can derail a running alarm.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from .people import ResponderId, Role


class ChainRefused(ValueError):
    """The chain cannot protect anybody; the message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class ChainTier:
    """One group of a chain before anybody is in it, as the settings name it.

    `who` is "own" for the people whom a coordinator placed in it for one defender, and "shared" for everybody active
    in `role`. `approval`: a coordinator lets it be called, or a time-out does."""

    name: str
    role: Role
    who: Literal["own", "shared"]
    approval: bool = False


@dataclass(frozen=True, slots=True)
class Tier:
    """One group of a chain, called together. `people` may be empty: such a tier is passed at once."""

    name: str
    role: Role
    people: tuple[ResponderId, ...] = ()
    approval: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """The tiers of one defender in the order in which they are added."""

    tiers: tuple[Tier, ...]

    def check(self) -> None:
        """Raises ChainRefused when nobody would be asked first."""
        if not self.tiers or not self.tiers[0].people:
            raise ChainRefused(
                "The first tier of this chain has nobody in it: add a person there, or nobody is asked first."
            )


class Slips(StrEnum):
    """What follows on the phone from a check-in that was given and not right: it is reminded of as if there had been
    none, or nothing shows, and the alarm comes."""

    REMIND = "remind"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Pace:
    """The defender's side of a ladder.

    `reminders` are offsets from the due time in rising order; negative ones come before it.
    `grace` is how long after the due time the alarm is raised."""

    reminders: tuple[timedelta, ...]
    grace: timedelta
    slips: Slips = Slips.REMIND


@dataclass(frozen=True, slots=True)
class Ladder:
    """The responders' side: when which tier is added to the call, counted from the opening of the incident.

    `tiers` holds one offset for each tier of a chain in rising order; the first is called at once. `overseers` are
    pairs of (role, offset). All waits are above zero, but for `approval_within`: zero there asks nobody's approval."""

    tiers: tuple[timedelta, ...]
    overseers: tuple[tuple[Role, timedelta], ...] = ()
    repeat_every: timedelta = timedelta(minutes=2)
    hold_for: timedelta = timedelta(minutes=15)
    holds_in_a_row: int = 2
    approval_within: timedelta = timedelta(minutes=30)
    round_after: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Profile:
    """The ladders of one level of risk. `one_tap` lets a check-in be a button instead of the safe word.

    `lowering_waits` is how long what leaves somebody less watched waits before it takes effect."""

    name: str
    pace: Pace
    missed: Ladder
    panic: Ladder
    duress: Ladder
    drill: Ladder
    one_tap: bool = False
    lowering_waits: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Step:
    """One tier (or overseer) of a plan, with the people who were in it when the incident opened."""

    tier: str
    role: Role
    after: timedelta
    people: tuple[ResponderId, ...]
    approval: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that an incident needs to know to the end of its days.

    `steps` come in rising order of `after`; `coordinators` are told when the chain ends and asked for approvals."""

    steps: tuple[Step, ...]
    coordinators: tuple[ResponderId, ...]
    repeat_every: timedelta
    hold_for: timedelta
    holds_in_a_row: int
    approval_within: timedelta
    round_after: timedelta

    @property
    def longest_delay(self) -> timedelta:
        """By how much acknowledgements, together, may put off the next tier."""
        return self.hold_for * self.holds_in_a_row


def plan(ladder: Ladder, chain: Chain, overseers: Iterable[tuple[Role, ResponderId]]) -> Plan:
    """Join when (`ladder`) and who (`chain`, and pairs of (role, person) of those on duty) for one incident.

    A chain with more tiers than the ladder has offsets gets the surplus tiers at the last offset."""
    on_duty = tuple(dict.fromkeys(overseers))
    asks_approval = ladder.approval_within > timedelta()
    last = ladder.tiers[-1] if ladder.tiers else timedelta()
    offsets = ladder.tiers + (last,) * max(0, len(chain.tiers) - len(ladder.tiers))
    steps = [
        Step(tier.name, tier.role, after, tier.people, tier.approval and asks_approval)
        for tier, after in zip(chain.tiers, offsets, strict=False)
    ]
    steps += [
        Step(role.value, role, after, tuple(person for its_role, person in on_duty if its_role is role))
        for role, after in ladder.overseers
    ]
    steps.sort(key=lambda step: step.after)
    return Plan(
        steps=tuple(steps),
        coordinators=tuple(person for role, person in on_duty if role is Role.COORDINATOR),
        repeat_every=ladder.repeat_every,
        hold_for=ladder.hold_for,
        holds_in_a_row=ladder.holds_in_a_row,
        approval_within=ladder.approval_within,
        round_after=ladder.round_after,
    )
