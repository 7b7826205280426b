"""When the next message may go out, for all replicas together."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "slots",
        sa.Column("bot", sa.String(), primary_key=True),
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("free_at_us", sa.BigInteger(), nullable=False),
    )
