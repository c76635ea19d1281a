"""What stands in defenders' chats, until it is swept."""

import sqlalchemy as sa
from alembic import op

revision = "sealed_5"
down_revision = "sealed_4"
branch_labels = None
depends_on = None

Instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema one step on."""
    op.create_table(
        "chat_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("defender", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("carries_keys", sa.Boolean(), nullable=False),
        sa.Column("sent_at", Instant, nullable=False),
        sa.Column("delete_at", Instant, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.CheckConstraint("(state = 'standing') = (content is not null)", name="chat_message_standing_is_known"),
        sa.CheckConstraint("state in ('standing', 'undeletable', 'reported')", name="chat_message_state"),
        sa.ForeignKeyConstraint(["defender"], ["defender.id"], name="chat_message_defender_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="chat_message_pkey"),
    )
    op.create_index(
        "chat_message_due",
        "chat_message",
        ["delete_at"],
        sqlite_where=sa.text("state = 'standing'"),
        postgresql_where=sa.text("state = 'standing'"),
    )
    op.create_index("chat_message_once", "chat_message", ["defender", "mark"], unique=True)

    op.create_table(
        "chat_tick",
        sa.Column("defender", sa.Uuid(), nullable=False),
        sa.Column("since", Instant, nullable=False),
        sa.ForeignKeyConstraint(["defender"], ["defender.id"], name="chat_tick_defender_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("defender", name="chat_tick_pkey"),
    )
