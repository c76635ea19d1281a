"""What a defenders' door may note about a code: what was asked for with one, what is taken back, and a first one."""

from dataclasses import dataclass

from escalation.lowering import Verdict, Wish

from .discreet import Discreet


@dataclass(frozen=True, slots=True, repr=False)
class Asked(Discreet):
    """Something was asked for with a code or the safe word, which said `verdict`."""

    wish: Wish
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class KeptAsItIs:
    """/keep: whatever was asked for and has not begun is taken back."""


@dataclass(frozen=True, slots=True)
class EndedPause:
    """The pause was ended by hand, and any that was asked for."""


@dataclass(frozen=True, slots=True, repr=False)
class ChoseCode(Discreet):
    """A first code, already hashed."""

    hashed: str


CodedAct = Asked | KeptAsItIs | EndedPause | ChoseCode
