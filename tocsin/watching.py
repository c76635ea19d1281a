"""The watch over ourselves, put together: the auditor, the proofs that messengers take what we send, trials, the sign
of life to somebody outside, and the other instance that we watch.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import SecretStr

from config.settings import Settings
from engine.auditor import Auditor
from engine.engine import Engine
from engine.trials import IN_TIME, Overheard, Trials

from .bots import OpenBot
from .peers import watch_peer
from .proving import Proof, Proofs
from .wellbeing import Wellbeing, give_signs_of_life


@dataclass(frozen=True, slots=True)
class Watching:
    """Everything that watches one service."""

    settings: Settings
    wellbeing: Wellbeing
    auditor: Auditor
    proofs: Proofs
    trials: Trials | None
    alarms: Overheard

    def try_at(self, chat: SecretStr, every: float, in_time: float = IN_TIME) -> Trials:
        """Trials at this chat, of which none is made yet."""
        return Trials(self.wellbeing.engine, self.alarms, chat, every, in_time)

    def begin(self, tasks: asyncio.TaskGroup) -> None:
        """Have all of it run until `tasks` end."""
        tasks.create_task(self.auditor.run(), name="audit")
        tasks.create_task(self.proofs.run(), name="prove that messengers take what we send")
        if self.trials is not None:
            tasks.create_task(self.trials.run(), name="try ourselves")
        if self.settings.heartbeat_url is not None:
            signs = give_signs_of_life(self.wellbeing, self.settings.heartbeat_url)
            tasks.create_task(signs, name="signs of life")
        if self.settings.peer_url is not None:
            tasks.create_task(
                watch_peer(self.wellbeing.engine, self.settings.peer_url), name="watch the other instance"
            )


def watch_over(engine: Engine, settings: Settings, bots: Sequence[OpenBot], alarms: Overheard) -> Watching:
    """Whatever watches `engine` and `bots`; `alarms` is the channel that alarms leave by."""
    by_name = {lane.name: lane for lane in engine.lanes}
    proofs = Proofs({bot.source: Proof(by_name[bot.lane], bot.token) for bot in bots}, settings.telegram_api)
    auditor = Auditor(
        engine.store,
        engine.metrics,
        is_ready=lambda: engine.unlocked.is_set() and engine.ready.is_set(),
        state=engine.state,
        changed=engine.changed,
    )
    every, chat = settings.trial_every.total_seconds(), settings.trial_chat
    trials = Trials(engine, alarms, chat, every) if chat is not None else None
    return Watching(settings, Wellbeing(engine, auditor, proofs, trials), auditor, proofs, trials, alarms)
