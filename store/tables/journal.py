"""The journal, the tree over it, and its signed checkpoints.

Triggers of the migrations refuse every change to these, on both databases; only the queue before the tree is emptied,
and the one row moves on that says how far the tree has grown. No key ties an entry to what it speaks of: it goes on
when a person is erased, with an id that means nothing any more."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Boolean, Index, LargeBinary, Text, Uuid
from sqlmodel import Field, SQLModel

from store.columns import RowNumber, UtcTime

from .table import COUNTS_UP, check, one_of, table_of

GIVEN = {"autoincrement": False}  # a number that we choose


class Code(StrEnum):
    """What an entry is about, as everybody may see it. None tells an incident of one kind from one of another."""

    OPENED = "opened"
    CALLED = "called"
    DELIVERED = "delivered"
    ANSWERED = "answered"
    ENDED = "ended"
    INCIDENT = "incident"
    WATCH = "watch"
    PERSON = "person"
    ERASED = "erased"
    SERVICE = "service"


class Journal(SQLModel, table=True):
    """What happened, or was decided.

    What exactly is in `sealed`, under the data key of `subject`; or, if it is about nobody, in `plain`, which holds ids
    and counts only. `commitment` binds it with a salt; the seal is bound to `cell`."""

    __tablename__ = "journal"
    __table_args__ = (
        check("journal_code", one_of("code", Code)),
        check("journal_content", "(sealed is null) <> (plain is null)"),
        check("journal_subject", "(sealed is null) = (subject is null)"),
        Index("journal_of_incident", "incident", "id"),
        COUNTS_UP,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowNumber)
    at: datetime = Field(sa_type=UtcTime)
    code: str
    incident: UUID | None = Field(sa_type=Uuid)
    defender: UUID | None = Field(sa_type=Uuid)
    actor: UUID | None = Field(sa_type=Uuid)
    subject: UUID | None = Field(sa_type=Uuid)
    cell: UUID = Field(sa_type=Uuid)
    commitment: bytes = Field(sa_type=LargeBinary)
    sealed: bytes | None = Field(sa_type=LargeBinary)
    plain: str | None = Field(sa_type=Text)


class Waiting(SQLModel, table=True):
    """That an entry has no place in the tree yet. A trigger puts it here when it is written; only commits are seen, so
    that an entry which is committed late is placed late, and never passed over."""

    __tablename__ = "journal_waiting"

    entry: int = Field(primary_key=True, sa_type=RowNumber, sa_column_kwargs=GIVEN, foreign_key="journal.id")
    of_incident: bool = Field(sa_type=Boolean)


class Leaf(SQLModel, table=True):
    """The place of an entry in the tree, from 0 without gaps, and its hash there."""

    __tablename__ = "journal_leaf"
    __table_args__ = (Index("journal_leaf_entry", "entry", unique=True),)

    seq: int = Field(primary_key=True, sa_type=RowNumber, sa_column_kwargs=GIVEN)
    entry: int = Field(sa_type=RowNumber, foreign_key="journal.id")
    hash: bytes = Field(sa_type=LargeBinary)


class Checkpoint(SQLModel, table=True):
    """A signed note of how large the tree was, and of its root."""

    __tablename__ = "journal_checkpoint"

    size: int = Field(primary_key=True, sa_type=RowNumber, sa_column_kwargs=GIVEN)
    at: datetime = Field(sa_type=UtcTime)
    note: str = Field(sa_type=Text)


class Tree(SQLModel, table=True):
    """How far the tree has grown: one row, held by who lets it grow.

    `handed_size` and `handed_at` are of the last checkpoint that was handed to people outside."""

    __tablename__ = "journal_tree"
    __table_args__ = (check("journal_tree_one", "id = 1"),)

    id: int = Field(primary_key=True, sa_type=RowNumber, sa_column_kwargs=GIVEN)
    size: int = Field(sa_type=RowNumber)
    peaks: bytes = Field(sa_type=LargeBinary)
    handed_size: int = Field(sa_type=RowNumber)
    handed_at: datetime | None = Field(sa_type=UtcTime)


JOURNAL = table_of(Journal)
WAITING = table_of(Waiting)
LEAF = table_of(Leaf)
CHECKPOINT = table_of(Checkpoint)
TREE = table_of(Tree)
