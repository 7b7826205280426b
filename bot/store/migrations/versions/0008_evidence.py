"""What the scorer knew of each crop, who approved a correction and why one waits; records, shadows, differences."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add what corrections teach with, and what a version must keep up with."""
    for table in ("crops", "corrections"):
        op.add_column(table, sa.Column("features", sa.LargeBinary()))
        op.add_column(table, sa.Column("edition", sa.String()))
    op.add_column("crops", sa.Column("after", sa.SmallInteger()))
    op.add_column("corrections", sa.Column("approved_by", sa.BigInteger()))
    # Until now a correction whose label is what was said of it was one of a picture that was refused.
    op.add_column("corrections", sa.Column("was_read", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("corrections", sa.Column("is_held_back", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("corrections", sa.Column("reason", sa.String()))
    op.add_column("corrections", sa.Column("sheet", sa.BigInteger()))
    op.add_column("corrections", sa.Column("sheet_place", sa.SmallInteger()))
    op.create_index("ix_corrections_sheet", "corrections", ["sheet"])
    op.execute(sa.text("UPDATE corrections SET was_read = (label IS NULL OR label <> said)"))
    op.create_table(
        "records",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("right", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "shadows",
        sa.Column("version", sa.String(), primary_key=True),
        sa.Column("served", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("crops", sa.BigInteger(), nullable=False),
        sa.Column("differed", sa.BigInteger(), nullable=False),
        sa.Column("missed", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.String()),
    )
    op.create_table(
        "differences",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("reading_id", _ID, sa.ForeignKey("readings.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("said", sa.SmallInteger(), nullable=False),
        sa.Column("instead", sa.SmallInteger(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("is_better", sa.Boolean()),
        sa.UniqueConstraint("version", "reading_id", "place"),
        sqlite_autoincrement=True,
    )
