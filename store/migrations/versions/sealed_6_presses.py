"""Buttons and spoken checks."""

revision = "sealed-6"
down_revision = "sealed-5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema one step on."""
