"""Which model versions are and were in service."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the pile of served versions."""
    op.create_table(
        "served",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("below", sa.BigInteger(), nullable=False, unique=True),
        sqlite_autoincrement=True,
    )
