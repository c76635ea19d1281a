"""What comes from the defender while a call for help is open, and how often those who were called are told of it.

* Everything counts and is kept; only messages are few. The first `AT_ONCE` in a `SPELL` are told at once.
* What comes beyond that waits for the next repeat of the call, whose text shows the newest of it, or, where no repeat
  comes so soon, for one message every `TOLD_EVERY`, about the weightiest of what waits.
* With the calls themselves, repeated every two minutes, that makes no more than eight messages to anybody in ten.
* A forced check-in is none of this: it is told at once, each time.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from .incident_state import Incident, Phase, audience, tells_at
from .incident_words import Effect, PassOn
from .news import News

AT_ONCE, SPELL = 2, timedelta(minutes=10)
BY_WEIGHT = (News.SENT, News.CHECKED_IN, News.CALLED_AGAIN)  # the last one is told where several wait

Decision = tuple[Incident, tuple[Effect, ...]]


def heard_from_defender(incident: Incident, news: News, now: datetime) -> Decision:
    """The defender did something: tell of it now, or remember to. `news` is one of BY_WEIGHT."""
    spell = tuple(at for at in incident.told_at_once if at > now - SPELL)
    if len(spell) < AT_ONCE:
        told = replace(incident, told_at=now, told_at_once=(*spell, now))
        return told, _pass_on(told, news)
    waiting = news if incident.untold is None else max(news, incident.untold, key=BY_WEIGHT.index)
    return tell_what_waits(replace(incident, untold=waiting), now)


def tell_what_waits(incident: Incident, now: datetime) -> Decision:
    """Tell of what was not told at once, when its time has come; a repeat that is due itself tells of it instead."""
    due = tells_at(incident)
    if incident.untold is None or due is None or due > now or _is_about_to_repeat(incident, now):
        return incident, ()
    return replace(incident, told_at=now, untold=None), _pass_on(incident, incident.untold)


def _is_about_to_repeat(incident: Incident, now: datetime) -> bool:
    """Whether the call is to be repeated now, and only the bell has not rung yet."""
    return incident.phase is Phase.CALLING and incident.repeat_at is not None and incident.repeat_at <= now


def told_by_repeat(incident: Incident, now: datetime, called: Collection[object]) -> Decision:
    """The call is repeated, and shows what waits to all who were `called`; the others who know of it are told."""
    told = replace(incident, told_at=now, untold=None)
    return told, () if incident.untold is None else _pass_on(incident, incident.untold, called)


def _pass_on(incident: Incident, news: News, but: Collection[object] = ()) -> tuple[Effect, ...]:
    to = tuple(person for person in audience(incident) if person not in but)
    return (PassOn(news, to),) if to else ()
