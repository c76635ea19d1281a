"""Whether the messengers take what we send, also while there is nothing to be sent.

A message that was taken shows it. Where none was for a while, the messenger is asked who our bot is (Bot API, getMe):
with the same token, over the same line. It does not show that a chat can be written to; a trial does.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import SecretStr

from engine.log import Log
from engine.outbox import Lane
from store.discreet import Discreet
from store.marks import apart

from .bot_names import NotKnown, OutOfReach, ask_who

log = Log("proving")

EVERY = 30.0  # real seconds
LASTS = 90.0  # real seconds that what was taken, or answered, shows that the next will be
DOUBTED_AFTER = 300.0  # real seconds without either, before defenders are told of another way


@dataclass(slots=True, repr=False)
class Proof(Discreet):
    """Of one bot: its lane, and when its messenger last answered us. Before that, the start counts."""

    lane: Lane
    token: SecretStr
    answered_at: float = field(default_factory=time.monotonic)

    def age(self) -> float:
        """How long ago it was, in seconds."""
        return time.monotonic() - max(self.answered_at, self.lane.taken_at or 0.0)

    def is_needed(self) -> bool:
        """Whether nothing was taken of late that would show it anyhow."""
        return time.monotonic() - (self.lane.taken_at or 0.0) > EVERY


class Proofs:
    """Of all bots of one service, by the source of their updates."""

    def __init__(self, bots: Mapping[str, Proof], api: str) -> None:
        """Nobody is asked before `run`."""
        self._bots = bots
        self._api = api

    async def run(self, every: float = EVERY) -> None:
        """Look once in `every` seconds, until cancelled."""
        while True:
            for source, proof in self._bots.items():
                if proof.is_needed():
                    await self._ask(source, proof)
            await asyncio.sleep(every)

    async def _ask(self, source: str, proof: Proof) -> None:
        try:
            await ask_who(proof.token, self._api)
        except (NotKnown, OutOfReach) as failure:
            log.warning("messenger_not_proved", source=source, fault=failure)
        else:
            proof.answered_at = time.monotonic()

    def troubles(self) -> list[str]:
        """What is wrong, as words; empty while every messenger has shown lately that it takes what we send."""
        old = [source for source, proof in self._bots.items() if proof.age() > LASTS]
        return [f"nothing shows that {source} can be written to" for source in old]

    def is_in_doubt(self, source: str) -> bool:
        """Whether a messenger of `source`, of whichever of its bots, has refused for a while, or has not shown for a
        while that it takes."""
        proofs = [proof for name, proof in self._bots.items() if apart(name)[0] == source]
        return any(proof.age() > DOUBTED_AFTER or proof.lane.is_stuck() for proof in proofs)
