"""What stands in defenders' chats, until it is swept."""

revision = "sealed-5"
down_revision = "sealed-4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema one step on."""
