"""People: who they are, where they are reached, who is called for whom."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Uuid
from sqlmodel import Field, SQLModel

from escalation.people import Role
from store.columns import RowNumber, UtcTime

from .table import COUNTS_UP, check, index_where, one_of, table_of

SIDES = ("defender", "responder")


class Person(SQLModel, table=True):
    """Anybody at all. Everything that is theirs hangs from here. `number` is the order of adding."""

    __tablename__ = "person"
    __table_args__ = (
        check("person_side", one_of("side", SIDES)),
        Index("person_id_side", "id", "side", unique=True),
    )

    id: UUID = Field(primary_key=True, sa_type=Uuid)
    side: str
    number: int
    created_at: datetime = Field(sa_type=UtcTime)


class Defender(SQLModel, table=True):
    """A person at risk. Who they are is on the `card`, sealed; `safe_word` is a hash."""

    __tablename__ = "defender"
    __table_args__ = (
        check("defender_state", one_of("state", ("invited", "enrolling", "active", "left"))),
        index_where("defender_active", "state = 'active'", "id"),
        check("defender_active_agreed", "state <> 'active' or consented_at is not null"),
    )

    id: UUID = Field(primary_key=True, sa_type=Uuid, foreign_key="person.id", ondelete="CASCADE")
    state: str
    card: bytes
    safe_word: str | None
    consented_at: datetime | None = Field(sa_type=UtcTime)


class Responder(SQLModel, table=True):
    """A person who is called, or who watches over the calling. Who they are is on the `card`, sealed."""

    __tablename__ = "responder"
    __table_args__ = (
        check("responder_role", one_of("role", Role)),
        check("responder_state", one_of("state", ("invited", "enrolling", "active", "removed"))),
        check("responder_active_agreed", "state <> 'active' or consented_at is not null"),
        Index("responder_of_role", "role", "state"),
    )

    id: UUID = Field(primary_key=True, sa_type=Uuid, foreign_key="person.id", ondelete="CASCADE")
    role: str
    state: str
    card: bytes
    away_until: datetime | None = Field(sa_type=UtcTime)
    consented_at: datetime | None = Field(sa_type=UtcTime)


class TierPlace(SQLModel, table=True):
    """That a responder stands in a tier of a defender's own."""

    __tablename__ = "tier_place"
    __table_args__ = (Index("tier_place_responder", "responder"),)

    defender: UUID = Field(primary_key=True, sa_type=Uuid, foreign_key="defender.id", ondelete="CASCADE")
    tier: str = Field(primary_key=True)
    responder: UUID = Field(primary_key=True, sa_type=Uuid, foreign_key="responder.id", ondelete="CASCADE")
    position: int


class Address(SQLModel, table=True):
    """One way to reach a person: one for each channel, and nobody else's. `address` is sealed; `blind` finds it. `bot`
    is the number of the bot that reaches them there, None where it is the first of their side."""

    __tablename__ = "address"
    __table_args__ = (
        ForeignKeyConstraint(
            ["person", "side"], ["person.id", "person.side"], name="address_person_fkey", ondelete="CASCADE"
        ),
        Index("address_of_person", "person", "channel", unique=True),
        Index("address_is_one_persons", "side", "channel", "blind", unique=True),
        check("address_disabled_why", "(disabled_at is null) = (disabled_why is null)"),
        check("address_forgotten_is_disabled", "address is not null or disabled_at is not null"),
        check("address_is_found", "(address is null) = (blind is null)"),
        COUNTS_UP,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowNumber)
    person: UUID = Field(sa_type=Uuid)
    side: str
    channel: str
    address: bytes | None
    blind: str | None
    position: int
    verified_at: datetime | None = Field(sa_type=UtcTime)
    last_ok_at: datetime | None = Field(sa_type=UtcTime)
    disabled_at: datetime | None = Field(sa_type=UtcTime)
    disabled_why: str | None
    bot: int | None = Field(default=None, sa_type=BigInteger)


class Invitation(SQLModel, table=True):
    """A one-time code, as a hash, for one person. `bot` is the one that it leads to, None the first of their side."""

    __tablename__ = "invitation"
    __table_args__ = (
        ForeignKeyConstraint(
            ["person", "side"], ["person.id", "person.side"], name="invitation_person_fkey", ondelete="CASCADE"
        ),
        Index("invitation_of_person", "person", unique=True),
    )

    code_hash: str = Field(primary_key=True)
    side: str
    person: UUID = Field(sa_type=Uuid)
    expires_at: datetime = Field(sa_type=UtcTime)
    used_at: datetime | None = Field(sa_type=UtcTime)
    bot: int | None = Field(default=None, sa_type=BigInteger)


PERSON = table_of(Person)
DEFENDER = table_of(Defender)
RESPONDER = table_of(Responder)
TIER_PLACE = table_of(TierPlace)
ADDRESS = table_of(Address)
INVITATION = table_of(Invitation)
