"""Buttons and spoken checks."""

revision = "sealed_6"
down_revision = "sealed_5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema one step on."""
