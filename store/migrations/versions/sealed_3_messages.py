"""What comes in and what goes out."""

import sqlalchemy as sa
from alembic import op

revision = "sealed_3"
down_revision = "sealed_2"
branch_labels = None
depends_on = None

Instant = sa.DateTime(timezone=True)
RowNumber = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema one step on."""
    op.create_table(
        "inbox",
        sa.Column("id", RowNumber, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("chat", sa.String(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("settled_at", Instant, nullable=True),
        sa.CheckConstraint("(state = 'waiting') = (settled_at is null)", name="inbox_settled"),
        sa.CheckConstraint("(raw is null) = (state = 'done')", name="inbox_raw"),
        sa.CheckConstraint("chat is not null or state <> 'waiting'", name="inbox_whose"),
        sa.CheckConstraint("state <> 'aside' or why is not null", name="inbox_aside_why"),
        sa.CheckConstraint("state in ('waiting', 'done', 'aside')", name="inbox_state"),
        sa.PrimaryKeyConstraint("id", name="inbox_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_index("inbox_once", "inbox", ["source", "update_id"], unique=True)
    op.create_index(
        "inbox_settled_at",
        "inbox",
        ["settled_at"],
        sqlite_where=sa.text("settled_at is not null"),
        postgresql_where=sa.text("settled_at is not null"),
    )
    op.create_index(
        "inbox_waiting",
        "inbox",
        ["urgent", "id"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )

    op.create_table(
        "delivery",
        sa.Column("id", RowNumber, nullable=False),
        sa.Column("cell", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("address_id", RowNumber, nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("alarm", sa.Boolean(), nullable=False),
        sa.Column("incident", sa.Uuid(), nullable=True),
        sa.Column("tier", sa.String(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("not_before", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=True),
        sa.Column("dedupe", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("maybe_repeat", sa.Boolean(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("lease_until", Instant, nullable=True),
        sa.Column("shown_as", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.CheckConstraint("(state = 'sending') = (lease_until is not null)", name="delivery_leased"),
        sa.CheckConstraint("operation = 'send' or message is not null", name="delivery_names_message"),
        sa.CheckConstraint("operation in ('send', 'edit', 'delete', 'answer')", name="delivery_operation"),
        sa.CheckConstraint(
            "state in ('pending', 'sending', 'accepted', 'failed', 'expired', 'cancelled')",
            name="delivery_state",
        ),
        sa.CheckConstraint(
            "state not in ('sending', 'accepted', 'failed') or attempt > 0",
            name="delivery_sending_is_a_try",
        ),
        sa.CheckConstraint("not alarm or expires_at is null", name="delivery_alarm_never_expires"),
        sa.CheckConstraint("tier is null or incident is not null", name="delivery_call_has_incident"),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="delivery_address_id_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name="delivery_incident_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["person", "side"],
            ["person.id", "person.side"],
            name="delivery_person_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="delivery_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "delivery_called_once",
        "delivery",
        ["incident", "tier", "round", "person", "channel", "operation"],
        unique=True,
        sqlite_where=sa.text("alarm"),
        postgresql_where=sa.text("alarm"),
    )
    op.create_index(
        "delivery_dedupe",
        "delivery",
        ["dedupe"],
        unique=True,
        sqlite_where=sa.text("dedupe is not null"),
        postgresql_where=sa.text("dedupe is not null"),
    )
    op.create_index(
        "delivery_edits",
        "delivery",
        ["address_id", "message"],
        sqlite_where=sa.text("state = 'pending' and operation = 'edit'"),
        postgresql_where=sa.text("state = 'pending' and operation = 'edit'"),
    )
    op.create_index(
        "delivery_leases",
        "delivery",
        ["lease_until"],
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index("delivery_of_incident", "delivery", ["incident", "state"])
    op.create_index(
        "delivery_of_person",
        "delivery",
        ["person", "urgency", "not_before"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "delivery_queue",
        "delivery",
        ["lane", "urgency", "turn", "id"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )

    op.create_table(
        "attempt",
        sa.Column("delivery", RowNumber, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("finished_at", Instant, nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.CheckConstraint("outcome in ('accepted', 'temp', 'perm', 'unknown')", name="attempt_outcome"),
        sa.CheckConstraint("(finished_at is null) = (outcome is null)", name="attempt_finished"),
        sa.ForeignKeyConstraint(["delivery"], ["delivery.id"], name="attempt_delivery_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("delivery", "n", name="attempt_pkey"),
    )
    op.create_index("attempt_started", "attempt", ["started_at"])
