"""The states and events of which the table is made: one of each kind, reached as they are reached in life."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from . import incident as incident_machine
from . import incident_words as said
from . import lowering as lowering_machine
from . import watch as watch_machine
from . import watch_words as noted
from .incident import Incident
from .incident_state import next_step_due
from .incident_words import Kind, Outcome
from .ladder import Chain, Ladder, Pace, Slips, Tier, plan
from .lowering import Lowering, Verdict, Want, Wish
from .people import DefenderId, IncidentId, LoweringId, ResponderId, Role, WatchId
from .routine import Daily
from .watch import Watch

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR, MINUTE, INSTANT = timedelta(hours=1), timedelta(minutes=1), timedelta(microseconds=1)
ANA = DefenderId(UUID(int=1))
BO, CLEO, DARA, EVE, GIL, COORDINATOR, MAX = (ResponderId(UUID(int=number)) for number in range(2, 9))

PACE = Pace(reminders=(-HOUR, 10 * MINUTE), grace=30 * MINUTE)
SILENT = replace(PACE, slips=Slips.SILENT)
CHAIN = Chain(
    (
        Tier("contacts", Role.CONTACT, (BO, GIL)),
        Tier("colleagues", Role.COLLEAGUE, (CLEO,)),
        Tier("lawyers", Role.LAWYER, (DARA,)),
        Tier("partners", Role.PARTNER, (EVE,), approval=True),
    )
)
LADDER = Ladder((timedelta(), HOUR, 2 * HOUR, 3 * HOUR))
PLAN = plan(LADDER, CHAIN, ((Role.COORDINATOR, COORDINATOR),))


@dataclass(frozen=True, slots=True)
class WatchCase:
    """A watch at a moment. `base` is the state that this one grew out of."""

    watch: Watch
    now: datetime
    base: str | None = None


@dataclass(frozen=True, slots=True)
class IncidentCase:
    """An incident at a moment, the last one of the tier that was called last, and the state that it grew out of."""

    incident: Incident
    now: datetime
    newest: ResponderId
    base: str | None = None


@dataclass(frozen=True, slots=True)
class LoweringCase:
    """Something that was asked for with a code."""

    lowering: Lowering


def _watch(after: timedelta, *events: noted.Event, base: str | None = None) -> WatchCase:
    watch = watch_machine.begin(WatchId(UUID(int=1)), ANA, Daily((time(12),), "UTC"), PACE, START)
    watch = _watch_until(watch, START + after)
    for event in events:
        watch, _ = watch_machine.decide(watch, event, START + after)
    return WatchCase(watch, START + after, base)


def _watch_until(watch: Watch, now: datetime) -> Watch:
    while (wake := watch_machine.wakes_at(watch)) is not None and wake <= now:
        watch, _ = watch_machine.decide(watch, noted.TimePassed(), wake)
    return watch


def _incident(
    after: timedelta, *events: tuple[timedelta, said.Event], newest: ResponderId, base: str | None = None
) -> IncidentCase:
    incident, _ = incident_machine.open_incident(IncidentId(UUID(int=1)), ANA, Kind.MISSED, PLAN, START)
    for when, event in ((timedelta(), said.OutOfReach(GIL)), *events):
        incident = _incident_until(incident, START + when)
        incident, _ = incident_machine.decide(incident, event, START + when)
    return IncidentCase(_incident_until(incident, START + after), START + after, newest, base)


def _incident_until(incident: Incident, now: datetime) -> Incident:
    while (wake := incident_machine.wakes_at(incident)) is not None and wake <= now:
        incident, _ = incident_machine.decide(incident, said.TimePassed(), wake)
    return incident


WATCHES = {
    "waiting": _watch(HOUR),
    "waiting, a row tapped and not proved": _watch(
        22 * HOUR, noted.PaceChanged(SILENT), noted.Tapped(), base="waiting"
    ),
    "overdue": _watch(24 * HOUR),
    "paused": _watch(HOUR, noted.Paused(2 * HOUR)),
    "resting": _watch(HOUR, noted.Stopped()),
}

BEYOND = "calling, beyond the first tier"
PUT_OFF = [(timedelta(minutes=minute), said.Reported(BO)) for minute in (128, 140)]
INCIDENTS = {
    "calling, the first tier": _incident(MINUTE, newest=BO),
    BEYOND: _incident(61 * MINUTE, newest=CLEO),
    "calling, approval asked": _incident(181 * MINUTE, newest=DARA, base=BEYOND),
    "calling, an end proposed": _incident(
        61 * MINUTE, (61 * MINUTE, said.Closed(BO, Outcome.SAFE)), newest=CLEO, base=BEYOND
    ),
    "calling, the chain ended": _incident(241 * MINUTE, newest=EVE, base=BEYOND),
    "held": _incident(66 * MINUTE, (61 * MINUTE, said.TookIt(BO)), newest=CLEO),
    "held, the next tier put off": _incident(
        145 * MINUTE, (115 * MINUTE, said.TookIt(BO)), *PUT_OFF, newest=CLEO, base="held"
    ),
    "closed": _incident(MINUTE, (MINUTE, said.Closed(BO, Outcome.SAFE)), newest=BO),
}


def _lowering(want: Want, verdict: Verdict, *, told: bool = False) -> LoweringCase:
    asked = lowering_machine.begin(LoweringId(UUID(int=1)), ANA, Wish(want), verdict, 24 * HOUR, START)
    if told:
        asked, _ = lowering_machine.decide(asked, lowering_machine.TimePassed(), asked.looked_at)
    return LoweringCase(asked)


LOWERINGS = {
    "a check-in, good code": _lowering(Want.SIGN, Verdict.GOOD),
    "a check-in, forced code": _lowering(Want.SIGN, Verdict.FORCED),
    "a check-in, wrong code": _lowering(Want.SIGN, Verdict.WRONG),
    "asked, good code": _lowering(Want.PAUSE, Verdict.GOOD),
    "asked, forced code": _lowering(Want.PAUSE, Verdict.FORCED),
    "asked, wrong code": _lowering(Want.PAUSE, Verdict.WRONG),
    "waiting, good code": _lowering(Want.PAUSE, Verdict.GOOD, told=True),
    "waiting, forced code": _lowering(Want.PAUSE, Verdict.FORCED, told=True),
    "waiting, wrong code": _lowering(Want.PAUSE, Verdict.WRONG, told=True),
}


def lowering_events(case: LoweringCase) -> Iterator[tuple[str, Lowering, lowering_machine.Event, datetime]]:
    """Everything that can happen: what to call it, the lowering just before, the event, and when."""
    lowering = case.lowering
    if lowering.phase is lowering_machine.Phase.ASKED:
        yield "the answer has left", lowering, lowering_machine.TimePassed(), lowering.looked_at
    else:
        yield "the wait is over", lowering, lowering_machine.TimePassed(), lowering.begins_at
    if lowering.wish.want is not Want.SIGN:
        yield "it is taken back", lowering, lowering_machine.TakenBack(), START


def watch_events(case: WatchCase) -> Iterator[tuple[str, Watch, noted.Event, datetime]]:
    """Everything that can happen: what to call it, the watch just before, the event, and when."""
    watch, now = case.watch, case.now

    def bell(name: str, at: datetime) -> tuple[str, Watch, noted.Event, datetime]:
        return name, _watch_until(watch, at - INSTANT), noted.TimePassed(), at

    def event(name: str, event: noted.Event) -> tuple[str, Watch, noted.Event, datetime]:
        return name, watch, event, now

    if watch.due_at is not None and watch.alarm_at is not None:
        yield bell("a reminder's time comes", watch.due_at + watch.pace.reminders[watch.reminded])
        if now < watch.due_at:
            yield bell("the due time comes", watch.due_at)
        yield bell("the grace is over", watch.alarm_at)
    elif watch.paused_until is not None:
        yield bell("the pause is over", watch.paused_until)
    if watch.owed is not None and watch.owed.due_at is not None and watch.owed.alarm_at is not None:
        reminded_of, _ = watch_machine.decide(watch, noted.PaceChanged(PACE), now)
        at = watch.owed.due_at + PACE.reminders[watch.owed.reminded]
        yield "a reminder of what is owed is due, where slips are reminded of", reminded_of, noted.TimePassed(), at
        yield bell("the grace of what is owed is over", watch.owed.alarm_at)
    early = max(now, watch.rule.counts_from(watch.due_at)) if watch.due_at is not None else now
    if early > now:
        yield "the defender checks in, from half way on", watch, noted.CheckedIn(), early
    yield event("the defender checks in", noted.CheckedIn())
    yield "a row is tapped", watch, noted.Tapped(), early
    yield event("it was good, or forced", noted.Proved(now))
    yield event("asks for more time", noted.Extended(10 * MINUTE))
    yield event("asks for a pause", noted.Paused(3 * HOUR))
    yield event("ends the pause", noted.Resumed())
    yield event("agrees on other times", noted.Rescheduled(Daily((time(18),), "UTC")))
    yield event("the risk profile changes", noted.PaceChanged(Pace((), HOUR)))
    yield event("we ourselves were away for long", noted.ServiceReturned(2 * HOUR))
    yield event("the defender leaves", noted.Stopped())


def incident_events(case: IncidentCase) -> Iterator[tuple[str, Incident, said.Event, datetime]]:
    """Everything that can happen: what to call it, the incident just before, the event, and when."""
    incident, newest = case.incident, case.newest

    def event(name: str, event: said.Event) -> tuple[str, Incident, said.Event, datetime]:
        return name, incident, event, case.now

    for name, at in _bells(incident):
        yield name, _incident_until(incident, at - INSTANT), said.TimePassed(), at
    if incident.holder is not None:
        yield event('the holder presses "on it"', said.TookIt(incident.holder))
        yield event("the holder reports", said.Reported(incident.holder))
        yield event('the holder presses "cannot"', said.Declined(incident.holder))
    yield event('somebody presses "on it"', said.TookIt(newest))
    yield event('"seen"', said.Saw(newest))
    yield event("a link in a mail says so", said.WroteByMail(newest, cannot=True))
    yield event("reports", said.Reported(newest))
    yield event("says how it ended", said.Closed(newest, Outcome.SAFE))
    yield event("agrees to the end proposed", said.Confirmed(newest, incident.proposals))
    yield event("disagrees", said.Disputed(newest, incident.proposals))
    yield event("agrees by an old button", said.Confirmed(newest, incident.proposals - 1))
    yield event('in the newest tier the last one presses "cannot"', said.Declined(newest))
    yield event("in the newest tier the last one is out of reach", said.OutOfReach(newest))
    yield event("somebody can be reached again", said.BackInReach(GIL))
    yield event("somebody becomes a coordinator", said.CoordinatorJoined(MAX))
    yield event("no coordinator can be asked", said.NobodyToApprove())
    yield event("a coordinator approves", said.Approved(COORDINATOR, incident.round, incident.reached))
    yield event("the defender checks in", said.DefenderCheckedIn())
    yield event("checks in while a covert call is open", said.DefenderCheckedIn(beside_covert=True))
    yield event("checks in with a forced code", said.DefenderCheckedIn(forced=True))
    yield event("is silent at the next due time too", said.DefenderStillSilent())
    yield event("calls for help again", said.DefenderCalledAgain())
    yield event("sends a text, a place or a picture", said.DefenderSent())
    yield event("a stranger presses anything", said.TookIt(MAX))


def _bells(incident: Incident) -> Iterator[tuple[str, datetime]]:
    step = next_step_due(incident)
    if incident.holder is None and incident.repeat_at is not None:
        yield "a repeat is due", incident.repeat_at
    if incident.held_until is not None and (step is None or incident.held_until <= step):
        yield "the hold goes quiet", incident.held_until
    elif step is not None and incident.holder is not None:
        yield "the next tier can be put off no longer", step
    elif step is not None and incident.approval_asked:
        yield "no approval comes in time", step
    elif step is not None and incident.reached == len(incident.plan.steps):
        yield "the round is over", step
    elif step is not None:
        yield "the next tier's time comes", step
