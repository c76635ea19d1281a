"""From orders of the heart to deliveries: who is told what, by which channel, how urgently, and whether it may be lost.

Alarms are delivered at least once and every repeat is numbered; notices at most once. A person whom no channel reaches
is given back to the caller, so that the heart can pass them over in the same transaction.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

from escalation import watch_words
from escalation.incident_state import Incident, Phase
from escalation.incident_words import (
    AllClear,
    Answer,
    Ask,
    AskApproval,
    AskSecond,
    Effect,
    PassOn,
    TellDisputed,
    TellEndOfChain,
    TellHeld,
    TellLapsed,
)
from escalation.people import DefenderId, ResponderId
from store import addresses, deliveries
from store.database import Tx
from store.records import Address

from .letter import Operation, Words
from .naming import name_of
from .planning import overseers
from .queueing import chat_of, queue_for_incident, queue_for_person, ways_to
from .urgency import Urgency, of_alarm


def announce(tx: Tx, incident: Incident, effect: Effect, press: str | None = None) -> list[ResponderId]:
    """Queue what `effect` of `incident` says; gives those of the people called whom no channel reaches.

    `press` is the button press that an Answer answers, None when it came as a text."""
    match effect:
        case Ask() as ask:
            return _call(tx, incident, "responder.alarm", ask.people, {}, tier=ask.tier, held=ask.held)
        case TellEndOfChain(number, called):
            return _call(tx, incident, "responder.end_of_chain", called, {"round": number}, tier="end", held=False)
        case AskApproval(number, step, tier, until, to):
            words: dict[str, Words] = {"round": number, "step": step, "tier": tier, "until": until.isoformat()}
            _tell(tx, incident, to, "responder.approval", words, alarm=True)
        case TellHeld(holder, until, to):
            held: dict[str, Words] = {"holder_name": name_of(holder), "until": until.isoformat()}
            _tell(tx, incident, to, "responder.held", held)
        case TellLapsed(to):
            _tell(tx, incident, (to,), "responder.lapsed", {}, alarm=True)
        case AskSecond(number, by, outcome, to):
            proposal: dict[str, Words] = {"number": number, "by_name": name_of(by), "outcome": outcome.value}
            _tell(tx, incident, to, "responder.second", proposal, alarm=True)
        case TellDisputed(by, to):
            _tell(tx, incident, to, "responder.disputed", {"by_name": name_of(by)}, alarm=True)
        case AllClear(outcome, by, to):
            names: list[Words] = [name_of(person) for person in by]
            _tell(tx, incident, to, "responder.all_clear", {"outcome": outcome.value, "by_names": names}, alarm=True)
        case Answer() as answer:
            _answer(tx, incident, answer, press)
        case PassOn():
            pass  # what is passed on is known to the caller only: see `pass_on`
    return []


def can_be_asked(tx: Tx, people_asked: Iterable[ResponderId]) -> bool:
    """Whether any of these people has a channel that works."""
    return any(addresses.of_person(tx, person) for person in people_asked)


def pass_on(tx: Tx, incident: Incident, effect: PassOn, text: str | None = None) -> None:
    """Queue news for those who were called; `text` is what a responder reported."""
    by = name_of(effect.by) if effect.by else None
    words: dict[str, Words] = {"news": effect.news.value, "by_name": by, "text": text}
    _tell(tx, incident, effect.to, "responder.news", words, alarm=True)


def hand_along(tx: Tx, incident: Incident, to: Iterable[ResponderId], attachment: UUID) -> None:
    """Queue something that the defender sent for everybody in `to`; what it is, is read when the letter is composed."""
    _tell(tx, incident, to, "responder.attachment", {"attachment": str(attachment)}, alarm=True)


def tell_responder(
    tx: Tx,
    person: ResponderId,
    template: str,
    words: dict[str, Words],
    *,
    urgency: Urgency = Urgency.NOTICE,
    dedupe: str | None = None,
) -> bool:
    """Queue a notice that belongs to no incident; False when no channel reaches the person."""
    return queue_for_person(tx, person, "responder", template, words, urgency, dedupe=dedupe)


def tell_coordinators(tx: Tx, what: str, *, once: str | None = None, **words: Words) -> None:
    """Queue a word of trouble for everyone who watches over the calling; the same `once` is told once only."""
    for person in dict.fromkeys(person for _, person in overseers(tx)):
        dedupe = f"trouble:{once}:{person}" if once else None
        tell_responder(tx, person, "responder.trouble", {"what": what, **words}, dedupe=dedupe)


def tell_defender(
    tx: Tx,
    person: DefenderId,
    template: str,
    words: dict[str, Words],
    *,
    urgency: Urgency = Urgency.REPLY,
    dedupe: str | None = None,
) -> bool:
    """Queue something for a defender; False when their chat is gone."""
    return queue_for_person(tx, person, "defender", template, words, urgency, dedupe=dedupe)


def announce_watch(tx: Tx, defender: DefenderId, watch: UUID, effect: watch_words.Effect) -> None:
    """Queue what a watch says to its defender."""
    match effect:
        case watch_words.Remind(number, due_at):
            words: dict[str, Words] = {"number": number, "due_at": due_at.isoformat()}
            key = f"remind:{watch}:{due_at.isoformat()}:{number}"
            tell_defender(tx, defender, "defender.reminder", words, urgency=Urgency.NOTICE, dedupe=key)
        case watch_words.AskOnceMore(due_at, alarm_at):
            words = {"due_at": due_at.isoformat(), "alarm_at": alarm_at.isoformat()}
            tell_defender(tx, defender, "defender.asked_once_more", words, urgency=Urgency.DRILL)
        case watch_words.Moved(due_at, last):
            tell_defender(tx, defender, "defender.later_moved", {"due_at": due_at.isoformat(), "last": last})
        case watch_words.NotMoved(due_at):
            tell_defender(tx, defender, "defender.later_not_moved", {"due_at": due_at.isoformat()})
        case watch_words.PauseEnded(due_at):
            tell_defender(tx, defender, "defender.pause_ended", {"due_at": due_at.isoformat()})
        case watch_words.Missed() | watch_words.Counted() | watch_words.PauseBegan():
            pass  # a miss opens an incident; a good word and a wrong one look alike, so neither is answered here


def refresh(
    tx: Tx,
    incident: Incident,
    but: Collection[ResponderId] = (),
    only: UUID | None = None,
    within: timedelta = timedelta(),
) -> None:
    """Have the newest alarm of this incident in each chat brought up to date, except for the people in `but`.

    `only`: nobody's but this person's. `within`: what changes meanwhile is shown by the same edit."""
    for person, channel, address_id, message_id in deliveries.shown_alarms(tx, incident.id):
        way = addresses.address(tx, address_id)
        if way is not None and way.channel == channel and person not in but and only in (None, person):
            words: dict[str, Words] = {"times": _times(incident, person), "held": incident.phase is Phase.HELD}
            queue_for_incident(
                tx,
                incident,
                way,
                "responder.alarm",
                words,
                urgency=Urgency.UPKEEP,
                alarm=False,
                operation=Operation.EDIT,
                message_id=message_id,
                within=within,
            )


def tidy(tx: Tx, incident: Incident, way: Address, message_ids: Iterable[str]) -> None:
    """Have older alarms of a chat deleted, since a newer one has arrived there."""
    for message_id in message_ids:
        queue_for_incident(
            tx,
            incident,
            way,
            "delete",
            {},
            urgency=Urgency.UPKEEP,
            alarm=False,
            operation=Operation.DELETE,
            message_id=message_id,
        )


def _call(
    tx: Tx,
    incident: Incident,
    template: str,
    called: Iterable[tuple[ResponderId, int]],
    words: dict[str, Words],
    *,
    tier: str,
    held: bool,
) -> list[ResponderId]:
    """Call people; an earlier call of theirs that has not left yet is replaced, not queued behind."""
    unreached: list[ResponderId] = []
    for person, times in called:
        ways = ways_to(tx, incident, person)
        if not ways:
            unreached.append(person)
            continue
        if times > 1:
            deliveries.cancel_calls(tx, incident.id, person)
        urgency = of_alarm(incident.kind, first=times == 1, held=held)
        content: dict[str, Words] = {**words, "times": times, "held": held}
        queue_for_incident(
            tx, incident, ways[0], template, content, urgency=urgency, alarm=True, tier=tier, number=times
        )
    return unreached


def _tell(
    tx: Tx,
    incident: Incident,
    to: Iterable[ResponderId],
    template: str,
    words: dict[str, Words],
    *,
    alarm: bool = False,
) -> None:
    urgency = of_alarm(incident.kind, first=False, held=incident.phase is Phase.HELD)
    for person in to:
        ways = addresses.of_person(tx, person)
        if ways:
            queue_for_incident(tx, incident, ways[0], template, words, urgency=urgency, alarm=alarm)


def _answer(tx: Tx, incident: Incident, answer: Answer, press: str | None) -> None:
    words: dict[str, Words] = {
        "truth": answer.truth.value,
        "holder_name": name_of(answer.holder) if answer.holder else None,
        "since": answer.since.isoformat() if answer.since else None,
        "until": answer.until.isoformat() if answer.until else None,
    }
    way = chat_of(tx, answer.to)
    if way is not None:
        operation = Operation.ANSWER if press else Operation.SEND
        queue_for_incident(
            tx,
            incident,
            way,
            "responder.answer",
            words,
            urgency=Urgency.REPLY,
            alarm=False,
            operation=operation,
            message_id=press,
        )


def _times(incident: Incident, person: UUID) -> int:
    return next((call.times for call in incident.calls if call.person == person), 1)
