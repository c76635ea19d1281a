"""Watches and incidents, and when time was last kept."""

import sqlalchemy as sa
from alembic import op

revision = "sealed_2"
down_revision = "sealed_1"
branch_labels = None
depends_on = None

Instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema one step on."""
    op.create_table(
        "alive",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.CheckConstraint("id = 1", name="alive_is_one_row"),
        sa.PrimaryKeyConstraint("id", name="alive_pkey"),
    )

    op.create_table(
        "watch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("defender", sa.Uuid(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("due_at", Instant, nullable=True),
        sa.Column("wakes_at", Instant, nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("(phase = 'resting') = (wakes_at is null)", name="watch_only_rest_sleeps"),
        sa.CheckConstraint("(phase in ('waiting', 'overdue')) = (due_at is not null)", name="watch_due"),
        sa.CheckConstraint("phase in ('waiting', 'overdue', 'paused', 'resting')", name="watch_phase"),
        sa.ForeignKeyConstraint(["defender"], ["defender.id"], name="watch_defender_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="watch_pkey"),
    )
    op.create_index("watch_of_defender", "watch", ["defender"])
    op.create_index(
        "watch_wakes",
        "watch",
        ["wakes_at"],
        sqlite_where=sa.text("wakes_at is not null"),
        postgresql_where=sa.text("wakes_at is not null"),
    )

    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("defender", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("opened_at", Instant, nullable=False),
        sa.Column("wakes_at", Instant, nullable=True),
        sa.Column("holder", sa.Uuid(), nullable=True),
        sa.Column("held_until", Instant, nullable=True),
        sa.Column("closed_at", Instant, nullable=True),
        sa.Column("cause", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("(phase = 'closed') = (closed_at is not null)", name="incident_closed_at"),
        sa.CheckConstraint("(phase = 'closed') = (wakes_at is null)", name="incident_only_closed_sleeps"),
        sa.CheckConstraint("(phase = 'held') = (holder is not null)", name="incident_held_by"),
        sa.CheckConstraint("phase in ('calling', 'held', 'closed')", name="incident_phase"),
        sa.CheckConstraint("(holder is null) = (held_until is null)", name="incident_held_until"),
        sa.ForeignKeyConstraint(["defender"], ["defender.id"], name="incident_defender_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="incident_pkey"),
    )
    op.create_index(
        "incident_open_of",
        "incident",
        ["defender"],
        sqlite_where=sa.text("phase <> 'closed'"),
        postgresql_where=sa.text("phase <> 'closed'"),
    )
    op.create_index("incident_opened", "incident", ["opened_at"])
    op.create_index("incident_opened_by", "incident", ["opened_by"], unique=True)
    op.create_index("incident_reference", "incident", ["reference"], unique=True)
    op.create_index(
        "incident_wakes",
        "incident",
        ["wakes_at"],
        sqlite_where=sa.text("wakes_at is not null"),
        postgresql_where=sa.text("wakes_at is not null"),
    )

    op.create_table(
        "heard",
        sa.Column("incident", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name="heard_incident_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("incident", "person", name="heard_pkey"),
    )
    op.create_index("heard_by", "heard", ["person"])

    op.create_table(
        "tick",
        sa.Column("incident", sa.Uuid(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name="tick_incident_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("incident", "line", name="tick_pkey"),
    )

    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("defender", sa.Uuid(), nullable=False),
        sa.Column("incident", sa.Uuid(), nullable=True),
        sa.Column("tells_place", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["defender"], ["defender.id"], name="attachment_defender_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name="attachment_incident_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="attachment_pkey"),
    )
    op.create_index("attachment_of_defender", "attachment", ["defender", "at"])
    op.create_index("attachment_of_incident", "attachment", ["incident", "at"])
