"""What the store gives and takes: frozen values, no rows.

The heart's Watch and Incident are kept and given back as they are. Instants are aware and in UTC. `Words` is what JSON
can say. None of them shows a name, an address or a text, in whatever way it is printed, and none is ever pickled.
"""

from dataclasses import dataclass, field
from datetime import datetime, time
from typing import TypeAlias, TypedDict
from uuid import UUID

from escalation.people import DefenderId, IncidentId, ResponderId, Role

from .discreet import Discreet

Words: TypeAlias = "str | int | float | bool | list[Words] | dict[str, Words] | None"


@dataclass(frozen=True, slots=True, repr=False)
class InboxRow(Discreet):
    """One update of a messenger, as it came. `tries` counts the times that handling it has failed."""

    id: int
    source: str
    update_id: int
    chat: str = field(repr=False)
    raw: bytes = field(repr=False)
    urgent: bool
    tries: int
    received_at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class DefenderRecord(Discreet):
    """A defender. `state` is invited, enrolling, active or left; `safe_word` is a hash; `chain` names the settings'."""

    id: DefenderId
    name: str = field(repr=False)
    language: str
    zone: str = field(repr=False)
    state: str
    profile: str
    chain: str
    times: tuple[time, ...]
    safe_word: str | None = field(repr=False)
    dialogue_state: str | None
    dialogue_data: dict[str, Words] = field(repr=False)
    consented_at: datetime | None


@dataclass(frozen=True, slots=True, repr=False)
class ResponderRecord(Discreet):
    """A responder. `state` is invited, enrolling, active or removed."""

    id: ResponderId
    name: str = field(repr=False)
    language: str
    zone: str = field(repr=False)
    role: Role
    state: str
    away_until: datetime | None
    dialogue_state: str | None
    dialogue_data: dict[str, Words] = field(repr=False)
    consented_at: datetime | None


@dataclass(frozen=True, slots=True, repr=False)
class Address(Discreet):
    """One way to reach one person. `position` counts from 0, the best first. `address` is "" once it was forgotten.
    `bot` is the number of the bot that reaches them there, None for the first of their side: see `bots`."""

    id: int
    person: UUID
    side: str
    channel: str
    address: str = field(repr=False)
    position: int
    verified_at: datetime | None
    last_ok_at: datetime | None
    disabled_at: datetime | None
    disabled_why: str | None
    bot: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class NewDelivery(Discreet):
    """Something to be said. `urgency` is lowest first.

    `tier` and `round` make a call unlike any other: with an `alarm` and a `tier`, the same incident, tier, round,
    person, channel and operation is taken once. `dedupe` does so for anything. An alarm never expires."""

    person: UUID
    side: str
    channel: str
    address_id: int
    operation: str
    template: str = field(repr=False)
    words: dict[str, Words] = field(repr=False)
    urgency: int
    alarm: bool
    incident: UUID | None
    tier: str | None
    round: int
    message_id: str | None = field(repr=False)
    not_before: datetime
    expires_at: datetime | None
    dedupe: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class DeliveryRow(NewDelivery):
    """A delivery as it stands. `attempt` is the number of the last try, 0 before the first: the token of its settle.

    `state` is pending, sending, accepted, failed, expired or cancelled; `lane` is side and channel, "responder:mail".
    `maybe_repeat` when the outcome of an earlier try is unknown: it may have arrived. `template` is "" when its seal is
    broken: then it cannot be said. `dedupe` reads as its blind index."""

    id: int
    state: str
    attempt: int
    address: str = field(repr=False)
    created_at: datetime
    lane: str
    maybe_repeat: bool


@dataclass(frozen=True, slots=True, repr=False)
class AttachmentRow(Discreet):
    """Something a defender sent along. `file_id` is the messenger's; `incident` is None until one takes it up."""

    id: UUID
    defender: DefenderId
    incident: IncidentId | None
    kind: str
    text: str = field(repr=False)
    latitude: float | None = field(repr=False)
    longitude: float | None = field(repr=False)
    live: bool
    file_id: str | None = field(repr=False)
    file_name: str | None = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class JournalEntry(Discreet):
    """What happened or was decided, in ids and words."""

    id: int
    at: datetime
    incident: IncidentId | None
    defender: DefenderId | None
    actor: UUID | None
    event: str
    detail: dict[str, Words]


class DefenderChange(TypedDict, total=False):
    """What of a defender can be changed."""

    name: str
    language: str
    zone: str
    state: str
    profile: str
    chain: str
    times: tuple[time, ...]
    safe_word: str | None
    dialogue_state: str | None
    dialogue_data: dict[str, Words]
    consented_at: datetime | None


class ResponderChange(TypedDict, total=False):
    """What of a responder can be changed."""

    name: str
    language: str
    zone: str
    role: Role
    state: str
    away_until: datetime | None
    dialogue_state: str | None
    dialogue_data: dict[str, Words]
    consented_at: datetime | None
