"""People and messages as the store's tests need them."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from escalation.incident import open_incident
from escalation.incident_state import Incident
from escalation.incident_words import Kind
from escalation.ladder import Plan, Step
from escalation.people import DefenderId, IncidentId, ResponderId, Role
from store import addresses, incidents, people
from store.database import Tx
from store.records import NewDelivery

MINUTE = timedelta(minutes=1)
LANE = "responder:telegram"


def ana(tx: Tx) -> DefenderId:
    """Ana, who agreed to everything."""
    person = people.add_defender(tx, "Ana", language="es", zone="America/Bogota", profile="standard", chain="default")
    people.change_defender(tx, person, state="active", consented_at=tx.now)
    return person


def responder(tx: Tx, name: str = "Bo", role: Role = Role.CONTACT, chat: str | None = None) -> ResponderId:
    """A responder who agreed and can be reached by telegram."""
    person = people.add_responder(tx, name, role, language="en")
    people.change_responder(tx, person, state="active", consented_at=tx.now)
    addresses.add(tx, person, "responder", "telegram", chat or f"chat of {name}", verified=True)
    return person


def plan_of(*tier: ResponderId) -> Plan:
    """One tier, called at once."""
    step = Step("contacts", Role.CONTACT, timedelta(), tier)
    return Plan((step,), (), 2 * MINUTE, 15 * MINUTE, 2, 30 * MINUTE, 30 * MINUTE)


def call_for_help(tx: Tx, defender: DefenderId, *tier: ResponderId, cause: str | None = None) -> Incident:
    """An open panic of this defender."""
    opened, _ = open_incident(IncidentId(uuid4()), defender, Kind.PANIC, plan_of(*tier), tx.now)
    assert incidents.insert(tx, opened, cause or f"panic:{opened.id}", None)
    return opened


def call(tx: Tx, person: ResponderId, incident: UUID | None = None, **other: object) -> NewDelivery:
    """A first call to this person, with anything else instead."""
    way = addresses.of_person(tx, person)[0]
    plain = NewDelivery(
        person=person,
        side=way.side,
        channel=way.channel,
        address_id=way.id,
        operation="send",
        template="responder.alarm",
        words={"times": 1, "held": False},
        urgency=0,
        alarm=incident is not None,
        incident=incident,
        tier="contacts" if incident else None,
        round=1,
        message_id=None,
        not_before=tx.now,
        expires_at=None,
        dedupe=None,
    )
    return replace(plain, **other)  # type: ignore[arg-type]  # the tests' own words
