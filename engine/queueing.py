"""Into the outbox: one row for each thing to be said, written in the transaction that decided it."""

from datetime import datetime, timedelta
from uuid import UUID

from escalation.incident_state import Incident
from escalation.people import ResponderId
from store import addresses, deliveries, people
from store.database import Tx
from store.records import Address, NewDelivery

from .letter import Operation, Words
from .urgency import Urgency

CHAT = "telegram"  # the channel in which people can press and write
NOTICE_LIFE = timedelta(hours=2)  # a notice that could not be sent for so long is no longer worth sending
CROWD = 12  # replies to one person that wait
CROWD_EVERY = timedelta(seconds=0.25)  # between two more of them; four a second, of the thirty that a bot has
DELETE_LIFE = timedelta(hours=47)  # a bot can delete for 48 hours (Bot API, deleteMessage)


def ways_to(tx: Tx, incident: Incident, person: ResponderId) -> tuple[Address, ...]:
    """The person's usable addresses, best first; none while they are away and the chain has its first round."""
    responder = people.responder(tx, person)
    if responder is None or responder.state != "active":
        return ()
    if responder.away_until is not None and responder.away_until > tx.now and incident.round == 1:
        return ()
    return addresses.of_person(tx, person)


def chat_of(tx: Tx, person: UUID) -> Address | None:
    """The person's chat with the bot, None when they have none that works."""
    return next((way for way in addresses.of_person(tx, person) if way.channel == CHAT), None)


def queue_for_incident(
    tx: Tx,
    incident: Incident,
    way: Address,
    template: str,
    words: dict[str, Words],
    *,
    urgency: Urgency,
    alarm: bool,
    tier: str | None = None,
    number: int = 0,
    operation: Operation = Operation.SEND,
    message_id: str | None = None,
    within: timedelta = timedelta(),
) -> None:
    """Queue one letter about `incident` for the address `way`, to leave when `within` is over; `number` is which call
    of this person it is."""
    deliveries.put(
        tx,
        NewDelivery(
            person=way.person,
            side=way.side,
            channel=way.channel,
            address_id=way.id,
            operation=operation.value,
            template=template,
            words=words,
            urgency=urgency,
            alarm=alarm,
            incident=incident.id,
            tier=tier,
            round=number,
            message_id=message_id,
            not_before=tx.now + within,
            expires_at=None if alarm else tx.now + NOTICE_LIFE,
            dedupe=None,
        ),
    )


def queue_for_person(
    tx: Tx,
    person: UUID,
    side: str,
    template: str,
    words: dict[str, Words],
    urgency: Urgency,
    *,
    operation: Operation = Operation.SEND,
    message_id: str | None = None,
    dedupe: str | None = None,
) -> bool:
    """Queue one notice for a person; False when no channel reaches them.

    A word `incident` names what the notice is about, and the letter will show how that stands. What belongs into the
    chat (an answer to a press, an edit, a deletion, a reply) goes to the chat, and to nowhere else. Who has a crowd of
    replies waiting gets the others slower, and what says the same as those not at all: their part of the pace is no
    larger than anybody's."""
    way = chat_of(tx, person) if urgency == Urgency.REPLY or operation != Operation.SEND else None
    way = way or next(iter(addresses.of_person(tx, person)), None)
    if way is None:
        return False
    not_before = _place(tx, person) if urgency == Urgency.REPLY else tx.now
    if not_before > tx.now and operation is Operation.SEND and not words:
        return True
    deliveries.put(
        tx,
        NewDelivery(
            person=person,
            side=side,
            channel=way.channel,
            address_id=way.id,
            operation=operation.value,
            template=template,
            words=words,
            urgency=urgency,
            alarm=False,
            incident=_about(words),
            tier=None,
            round=0,
            message_id=message_id,
            not_before=not_before,
            expires_at=not_before + (DELETE_LIFE if operation is Operation.DELETE else NOTICE_LIFE),
            dedupe=dedupe,
        ),
    )
    return True


def say_farewell(tx: Tx, chat: Address, template: str, press: str) -> None:
    """Queue the answer to the press by which somebody left, whose address is forgotten already: none is needed."""
    deliveries.put(
        tx,
        NewDelivery(
            person=chat.person,
            side=chat.side,
            channel=chat.channel,
            address_id=chat.id,
            operation=Operation.ANSWER.value,
            template=template,
            words={},
            urgency=Urgency.REPLY,
            alarm=False,
            incident=None,
            tier=None,
            round=0,
            message_id=press,
            not_before=tx.now,
            expires_at=tx.now + NOTICE_LIFE,
            dedupe=None,
        ),
    )


def _place(tx: Tx, person: UUID) -> datetime:
    """When one more reply to this person may leave: now, or after the crowd of those that wait already."""
    count, last = deliveries.waiting_for(tx, person, Urgency.REPLY, CROWD)
    return tx.now if count < CROWD or last is None else max(tx.now, last + CROWD_EVERY)


def _about(words: dict[str, Words]) -> UUID | None:
    incident = words.get("incident")
    return UUID(incident) if isinstance(incident, str) else None
