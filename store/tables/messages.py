"""What came in and what must go out: the inbox, the deliveries, and each try of one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Uuid
from sqlmodel import Field, SQLModel

from store.columns import RowNumber, UtcTime

from .table import COUNTS_UP, check, index_where, one_of, table_of


class Inbox(SQLModel, table=True):
    """One update of a messenger. `raw` is sealed to the ingest key, and gone once it was handled; `chat` is the blind
    index of the sender's address, None when nobody could tell whose it is, or nobody needs to any more."""

    __tablename__ = "inbox"
    __table_args__ = (
        check("inbox_state", one_of("state", ("waiting", "done", "aside"))),
        check("inbox_settled", "(state = 'waiting') = (settled_at is null)"),
        check("inbox_aside_why", "state <> 'aside' or why is not null"),
        check("inbox_whose", "chat is not null or state <> 'waiting'"),
        check("inbox_raw", "(raw is null) = (state = 'done')"),
        Index("inbox_once", "source", "update_id", unique=True),
        index_where("inbox_waiting", "state = 'waiting'", "urgent", "id"),
        index_where("inbox_in_hand", "worker is not null", "worker"),
        index_where("inbox_settled_at", "settled_at is not null", "settled_at"),
        COUNTS_UP,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowNumber)
    source: str
    update_id: int = Field(sa_type=BigInteger)
    chat: str | None
    raw: bytes | None
    urgent: bool
    state: str
    tries: int
    why: str | None
    received_at: datetime = Field(sa_type=UtcTime)
    settled_at: datetime | None = Field(sa_type=UtcTime)
    worker: UUID | None = Field(default=None, sa_type=Uuid)


class Delivery(SQLModel, table=True):
    """Something that must be said. `turn` is its place among what its incident had pending: who has the lowest turn of
    a class leaves first, so that no incident waits behind all of another. `withdrawn` when it was cancelled in the
    middle of a try: it will not be tried again.

    `content` is what is said, sealed and bound to `cell`, as is `shown_as`, the messenger's id of a call that it took.
    `message` and `dedupe` are blind indexes: of the message that it made or is about, and of what is said once only."""

    __tablename__ = "delivery"
    __table_args__ = (
        ForeignKeyConstraint(
            ["person", "side"], ["person.id", "person.side"], name="delivery_person_fkey", ondelete="CASCADE"
        ),
        check("delivery_state", one_of("state", ("pending", "sending", "accepted", "failed", "expired", "cancelled"))),
        check("delivery_operation", one_of("operation", ("send", "edit", "delete", "answer"))),
        check("delivery_names_message", "operation = 'send' or message is not null"),
        check("delivery_leased", "(state = 'sending') = (lease_until is not null)"),
        check("delivery_sending_is_a_try", "state not in ('sending', 'accepted', 'failed') or attempt > 0"),
        check("delivery_alarm_never_expires", "not alarm or expires_at is null"),
        check("delivery_call_has_incident", "tier is null or incident is not null"),
        index_where("delivery_dedupe", "dedupe is not null", "dedupe", unique=True),
        index_where(
            "delivery_called_once",
            "alarm",
            *("incident", "tier", "round", "person", "channel", "operation"),
            unique=True,
        ),
        index_where("delivery_queue", "state = 'pending'", "lane", "urgency", "turn", "id"),
        index_where("delivery_leases", "state = 'sending'", "lease_until"),
        index_where("delivery_in_hand", "worker is not null", "worker"),
        Index("delivery_of_incident", "incident", "state"),
        index_where("delivery_of_person", "state = 'pending'", "person", "urgency", "not_before"),
        index_where("delivery_edits", "state = 'pending' and operation = 'edit'", "address_id", "message"),
        COUNTS_UP,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowNumber)
    cell: UUID = Field(sa_type=Uuid)
    person: UUID = Field(sa_type=Uuid)
    side: str
    channel: str
    lane: str
    address_id: int = Field(sa_type=RowNumber, foreign_key="address.id", ondelete="CASCADE")
    operation: str
    content: bytes
    urgency: int
    turn: int
    alarm: bool
    incident: UUID | None = Field(sa_type=Uuid, foreign_key="incident.id", ondelete="CASCADE")
    tier: str | None
    round: int
    message: str | None
    not_before: datetime = Field(sa_type=UtcTime)
    expires_at: datetime | None = Field(sa_type=UtcTime)
    dedupe: str | None
    state: str
    attempt: int
    maybe_repeat: bool
    withdrawn: bool
    lease_until: datetime | None = Field(sa_type=UtcTime)
    shown_as: bytes | None
    created_at: datetime = Field(sa_type=UtcTime)
    worker: UUID | None = Field(default=None, sa_type=Uuid)


class Attempt(SQLModel, table=True):
    """One try of a delivery, and what became of it."""

    __tablename__ = "attempt"
    __table_args__ = (
        check("attempt_outcome", one_of("outcome", ("accepted", "temp", "perm", "unknown"))),
        check("attempt_finished", "(finished_at is null) = (outcome is null)"),
        Index("attempt_started", "started_at"),
    )

    delivery: int = Field(primary_key=True, sa_type=RowNumber, foreign_key="delivery.id", ondelete="CASCADE")
    n: int = Field(primary_key=True)
    started_at: datetime = Field(sa_type=UtcTime)
    finished_at: datetime | None = Field(sa_type=UtcTime)
    outcome: str | None
    detail: str | None


INBOX = table_of(Inbox)
DELIVERY = table_of(Delivery)
ATTEMPT = table_of(Attempt)
