"""What stands in defenders' chats, until it is swept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Uuid
from sqlmodel import Field, SQLModel

from store.columns import UtcTime

from .table import check, index_where, one_of, table_of


class ChatMessage(SQLModel, table=True):
    """One message of a defender's chat, theirs or ours. `content` says which, sealed; `mark` tells it apart from others
    without naming it. `carries_keys` when the keys under the chat hang on it. One that could
    not be deleted is a count and nothing more."""

    __tablename__ = "chat_message"
    __table_args__ = (
        check("chat_message_state", one_of("state", ("standing", "undeletable", "reported"))),
        check("chat_message_standing_is_known", "(state = 'standing') = (content is not null)"),
        Index("chat_message_once", "defender", "mark", unique=True),
        index_where("chat_message_due", "state = 'standing'", "delete_at"),
    )

    id: UUID = Field(primary_key=True, sa_type=Uuid)
    defender: UUID = Field(sa_type=Uuid, foreign_key="defender.id", ondelete="CASCADE")
    mark: str
    content: bytes | None
    carries_keys: bool
    sent_at: datetime = Field(sa_type=UtcTime)
    delete_at: datetime = Field(sa_type=UtcTime)
    state: str


class ChatTick(SQLModel, table=True):
    """That a defender wants one neutral sign when somebody has taken an incident, and since when."""

    __tablename__ = "chat_tick"

    defender: UUID = Field(primary_key=True, sa_type=Uuid, foreign_key="defender.id", ondelete="CASCADE")
    since: datetime = Field(sa_type=UtcTime)


CHAT_MESSAGE = table_of(ChatMessage)
CHAT_TICK = table_of(ChatTick)
