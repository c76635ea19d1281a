"""What stands in defenders' chats, until it is swept."""

revision = "sealed_5"
down_revision = "sealed_4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema one step on."""
