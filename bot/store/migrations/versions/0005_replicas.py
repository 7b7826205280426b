"""Several processes serve one bot: which of them live, and which updates are parts of one album."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns and the table."""
    op.add_column("updates", sa.Column("chat_id", sa.BigInteger(), nullable=True))
    op.add_column("updates", sa.Column("album", sa.String(), nullable=True))
    op.create_index("ix_updates_chat_id", "updates", ["chat_id"])
    op.create_table(
        "replicas",
        sa.Column("bot", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("bot", "name"),
    )
